"""Every setting of the product: one table, read from the environment and a TOML file.

Order: environment (`MADOGUCHI_NAME`) over the TOML file (`MADOGUCHI_CONFIG`, else `madoguchi.toml` in the home) over the
defaults. `docs/settings.md` is generated from this table and a test fails when the two differ.
"""

from __future__ import annotations

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, get_origin

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableSource

from core.errors import SettingsError
from core.logging import logger

CHECKOUT = Path(__file__).resolve().parent.parent
_log = logger("settings")
_NUMBER = Annotated[str, Field(pattern="[0-9０-９]")]  # one without a digit fits no call, and says so to nobody
_DAY_OF_THE_YEAR = "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class Zone(StrEnum):
    """Which channels a server offers: everything, only what residents reach, or only what staff reach."""

    ALL = "all"
    PUBLIC = "public"
    STAFF = "staff"


class Settings(BaseSettings):
    """Frozen settings. Build with `load_settings()`; raise `SettingsError` with one sentence when they can't be read."""

    model_config = SettingsConfigDict(env_prefix="MADOGUCHI_", frozen=True, extra="forbid", allow_inf_nan=False)

    home: Path = Field(CHECKOUT / "var", description="データを置くフォルダ(データベース、録音、モデル、索引)")
    database_url: str = Field("", description="データベースのURL。空のときは home の中の SQLite を使います")
    index_store: Literal["files", "postgres"] = Field(
        "files", description="索引の置き場所。files は home の中、postgres は database_url の PostgreSQL(pgvector が必要)です"
    )
    zone: Zone = Field(Zone.ALL, description="公開する範囲: all=すべて、public=住民向けだけ、staff=職員向けだけ")
    host: str = Field("127.0.0.1", description="待ち受けるアドレス")
    port: int = Field(8080, ge=0, le=65535, description="待ち受けるポート番号")

    city: str = Field("曽於市", description="市の名前(画面や音声で名乗る名前)")
    kb: str = Field("soo", pattern="^[^./][^/]*$", description="回答に使う知識ベースの名前")
    holidays: list[Annotated[str, Field(pattern=_DAY_OF_THE_YEAR)]] = Field(
        ["12-29", "12-30", "12-31", "01-01", "01-02", "01-03"],
        description="祝日のほかに閉庁する日(月-日)。初期値は年末年始",
    )

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="計算装置。auto は GPU があれば使います")
    gpu_precision: Literal["float16", "int8_float16"] = Field(
        "float16", description="GPU での音声認識の精度。int8_float16 は GPU のメモリを約半分にします"
    )
    threads: int = Field(0, ge=0, le=1024, description="計算に使うスレッド数。0 は CPU の数")
    asr_model: str = Field("whisper-base", description="音声認識のモデル(名前、hub の名前、またはフォルダ)")
    language_model: str = Field(
        "gemma-3-270m", description="聞き取った文の候補を選ぶ日本語の言語モデル。空なら使いません(取得していないときも使いません)"
    )
    asr_batch: int = Field(0, ge=0, description="音声認識が一度に計算する音声の数。0 は計算装置に合わせます(CPU は8、GPU は16)")
    asr_part_s: float = Field(
        120.0,
        ge=5,
        description="長い録音を区切る長さ(秒)。中断の後は、途中だった区切りだけをやり直します。GPU では10倍の長さで区切ります",
    )
    embedder: str = Field("multilingual-e5-small", description="文章検索のモデル(名前、hub の名前、またはフォルダ)")
    reranker: str = Field("", description="並べ直しに使う cross-encoder(空なら使いません。追加パッケージ transformers が必要)")
    adapt_hour: int = Field(
        2,
        ge=-1,
        le=23,
        description="知識ベースに合わせた学習を毎晩始める時(0〜23)。-1 は行いません。追加パッケージ transformers が必要",
    )
    adapt_minutes: float = Field(60.0, gt=0, description="毎晩の学習にかける最長の時間(分)")
    voice: Literal["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"] = Field(
        "jf_alpha", description="読み上げの声: jf_alpha jf_gongitsune jf_nezumi jf_tebukuro jm_kumo"
    )

    staff_password: SecretStr | None = Field(
        None, description="全員で使う職員用ページのパスワード。これも職員のアカウントもない間、職員用ページは開けません"
    )
    department_passwords: dict[str, SecretStr] = Field(
        {},
        description='課ごとのパスワード(JSON: {"税務課": "..."})。それで入ると、その課だけの項目(公開範囲 department)も見えます',
    )
    api_key: SecretStr | None = Field(
        None, description="プログラムが音声認識を使うときの鍵(Authorization: Bearer)。未設定の間、鍵では使えません"
    )
    dev_open_staff: bool = Field(False, description="開発用: パスワードなしで職員用ページを開きます。本番では使わないでください")
    alexa_skill_id: str = Field(
        "", description="Alexa スキルID。設定するまで、Alexa からの要求には応じません。ほかのスキルからの要求も断ります"
    )
    alexa_verify: bool = Field(True, description="Alexa の要求の署名を確かめます。false は開発用です")
    alexa_timeout_s: float = Field(6.0, gt=0, description="Alexa への回答を待つ最長時間(秒)。Alexa の上限は8秒です")
    wyoming_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Wyoming のスマートスピーカーと Home Assistant を待ち受けるポート番号(標準は10300)。"
        "0 なら待ち受けません。職員向けのゾーンでは開きません",
    )
    wyoming_host: str = Field(
        "127.0.0.1", description="Wyoming を待ち受けるアドレス。認証も暗号もないため、閉じたネットワークのものだけにします"
    )

    sip_host: str = Field("127.0.0.1", description="電話(SIP と RTP)を待ち受けるアドレス。madoguchi phone が使います")
    sip_port: int = Field(5060, ge=0, le=65535, description="SIP を UDP と TCP で待ち受けるポート番号")
    sip_tls_port: int = Field(5061, ge=0, le=65535, description="SIP を TLS で待ち受けるポート番号(sip_certificate があるとき)")
    sip_certificate: Path | None = Field(None, description="SIP の TLS の証明書(PEM、中間証明書を含む)")
    sip_key: Path | None = Field(None, description="その秘密鍵(PEM)")
    sip_authorities: Path | None = Field(
        None, description="電話交換機の証明書を発行した認証局(PEM)。設定すると、その証明書を示さない相手とは TLS で話しません"
    )
    sip_told_host: str = Field("", description="電話交換機に知らせる自分のアドレス。空のときは、交換機が使ったアドレスです")
    sip_networks: list[str] = Field(
        [],
        description="電話を受け付ける相手のネットワーク(例: 192.168.10.0/24)。音声も、ここからか、電話交換機が SDP で知らせた"
        "アドレスからだけ受けます。空のときは、同じ機械と私的アドレスだけです",
    )
    sip_passwords: dict[str, SecretStr] = Field(
        {}, description='電話機の名前とパスワード(JSON: {"301": "..."})。空のときは、電話機にパスワードを求めません'
    )
    sip_digests: list[Literal["SHA-256", "MD5"]] = Field(
        ["SHA-256", "MD5"], description="そのパスワードの確かめ方。SHA-256 を示されると応じない古い電話機には、MD5 だけにします"
    )
    sip_trusted: list[str] = Field(
        [],
        description="sip_passwords があっても、パスワードを求めない電話交換機のネットワーク。"
        "閉じた接続をつなぎ直すとき、接続してきたのとは別のアドレスへつなぐのは、ここだけです",
    )
    sip_keys_in_clear: bool = Field(
        False, description="音声の暗号鍵を、暗号化されていない SIP でも受け取ります(同じ室内の配線など、盗み見られない場合だけ)"
    )
    rtp_first_port: int = Field(16_384, ge=1_024, le=65_534, description="通話の音声を受けるポート番号の範囲の始め(偶数)")
    rtp_last_port: int = Field(17_383, ge=1_025, le=65_535, description="その終わり。通話1件に4つまで使います")
    phone_lines: dict[_NUMBER, str] = Field(
        {},
        description='市役所の電話番号と、その名前(JSON: {"0986761111": "市民課", "09867688*": "福祉課"})。'
        "どちらが市役所かと、通話記録での名前が、これで決まります",
    )
    unrecorded_numbers: list[_NUMBER] = Field(
        [],
        description="録音しない電話番号(相談窓口など)。その通話は、音声も記録も残しません。末尾の * はそこから先のすべてです",
    )
    max_calls: int = Field(100, gt=0, description="同時に録音する通話の数")
    call_silence_s: float = Field(
        120.0, gt=0, description="音声が何秒届かなければ、通話が終わったものとするか(保留中は数えません)"
    )
    max_call_s: float = Field(14_400.0, gt=0, description="1回の通話を録音する最大の長さ(秒)。初期値は4時間")

    max_upload_bytes: int = Field(2_000_000_000, gt=0, description="受け付ける録音ファイルの最大の大きさ(バイト)")
    max_recording_s: float = Field(
        43_200.0, gt=0, description="受け付ける録音の最大の長さ(秒)。初期値は12時間。1時間あたり約115MBを処理中に使います"
    )
    max_question_chars: int = Field(500, gt=0, description="受け付ける質問の最大の長さ(文字)")
    max_voice_question_s: float = Field(60.0, gt=0, description="受け付ける音声の質問の最大の長さ(秒)")
    minutes_template: Path | None = Field(
        None,
        description="議事録の Word のひな形(docx)。{{会議名}} {{発言}} などのところに書き込みます。なければ標準の形です。"
        "職員が画面で選んだひな形があれば、そちらを使います",
    )
    max_streams: int = Field(
        4, ge=0, description="同時に受け付ける生の音声認識(字幕など)の数。2コアの機械では4つまで。0 なら受け付けません"
    )
    max_live_calls: int = Field(
        2,
        ge=0,
        description="通話中に同時に文字にする通話の数(両側の声を別々に聞き取ります)。2コアの機械では2つまで。"
        "それより多い通話は、順番を待って文字になります。0 なら通話中には文字にしません",
    )
    call_days: int = Field(
        90,
        ge=0,
        le=36_500,
        description="通話の録音と記録を、取り込んだ日から何日残すか。過ぎると、保全中でなければ自動で消します。0 は消しません",
    )
    meeting_days: int = Field(
        0, ge=0, le=36_500, description="会議の録音と議事録を、送った日から何日残すか。0 は自動で消しません"
    )
    deleted_days: int = Field(
        14,
        ge=0,
        le=365,
        description="職員が削除した会議と通話の録音を、何日の間、元に戻せるか。過ぎると、完全に消えます。0 はすぐに消します",
    )
    record_log_years: int = Field(
        5,
        ge=0,
        le=100,
        description="通話記録を誰が聞き、読み、書き出し、直し、消したか(利用記録)を残す年数。0 は消しません",
    )
    session_minutes: int = Field(30, gt=0, description="住民との会話の流れを覚えておく時間(分)")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="記録の詳しさ")

    @field_validator("home", "sip_certificate", "sip_key", "sip_authorities", "minutes_template", mode="before")
    @classmethod
    def _default_for_nothing(cls, value: object, info: ValidationInfo) -> object:
        """A path that is set to nothing, as a form with empty lines does, is none: pydantic takes it for the current folder."""
        return cls.model_fields[info.field_name or ""].default if value == "" else value

    @property
    def sqlalchemy_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'madoguchi.db'}"

    @property
    def cpu_threads(self) -> int:
        return self.threads or len(os.sched_getaffinity(0))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _toml_file())


def _toml_file() -> Path:
    home = Path(os.environ.get("MADOGUCHI_HOME") or CHECKOUT / "var")
    return Path(os.environ.get("MADOGUCHI_CONFIG") or home / "madoguchi.toml")


def load_settings(**overrides: object) -> Settings:
    """Read the settings. `overrides` are those of the command line and win over everything.

    Raises:
        SettingsError: a value is unknown or of the wrong kind; the sentence names it.
    """
    _warn_of_unknown_names()
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as e:
        first = e.errors()[0]
        name = ".".join(str(p) for p in first["loc"])
        raise SettingsError(f"設定「{name}」の値が正しくありません。docs/settings.md を見て直してください。") from None
    except UnreadableSource as e:
        raise SettingsError(_unreadable(e)) from None
    except UnicodeDecodeError:
        raise SettingsError(f"設定ファイル {_toml_file()} の文字を読み取れません。UTF-8 で保存し直してください。") from None
    except tomllib.TOMLDecodeError:
        raise SettingsError(f"設定ファイル {_toml_file()} を読み取れません。TOML の書き方を確認してください。") from None


def _warn_of_unknown_names() -> None:
    """A name that is typed wrong would leave what it was for at its default, without a word: how long calls are kept, say. It is
    not refused: others set names with this prefix, too, as Kubernetes does for a service of this name."""
    prefix = Settings.model_config.get("env_prefix", "")
    known = {f"{prefix}{name}".upper() for name in Settings.model_fields} | {"MADOGUCHI_CONFIG"}
    for name in sorted(os.environ):
        if name.startswith(prefix) and name not in known:
            _log.warning("環境変数 %s という設定はありません。docs/settings.md で名前を確かめてください。", name)


def _unreadable(error: UnreadableSource) -> str:
    """Which setting is not in the form of JSON, and what that form looks like."""
    name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
    is_table = bool(name) and get_origin(Settings.model_fields[name].annotation) is dict
    form = '{"101": "市民課"}' if is_table else '["12-29", "12-30"]'
    return f"設定「{name}」を読み取れません。{form} のような形で書いてください。"
