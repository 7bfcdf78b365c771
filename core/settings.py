"""Every setting of the product: one table, read from the environment and a TOML file.

Order: environment (`MADOGUCHI_NAME`) over the TOML file (`MADOGUCHI_CONFIG`, else `madoguchi.toml` in the home) over the
defaults. `docs/settings.md` is generated from this table and a test fails when the two differ.
"""

from __future__ import annotations

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableSource

from core.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parent.parent


class Zone(StrEnum):
    """Which channels a server offers: everything, only what residents reach, or only what staff reach."""

    ALL = "all"
    PUBLIC = "public"
    STAFF = "staff"


class Settings(BaseSettings):
    """Frozen settings. Build with `load_settings()`; raise `SettingsError` with one sentence when they can't be read."""

    model_config = SettingsConfigDict(env_prefix="MADOGUCHI_", frozen=True, extra="forbid")

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
    holidays: list[str] = Field(
        ["12-29", "12-30", "12-31", "01-01", "01-02", "01-03"],
        description="祝日のほかに閉庁する日(月-日)。初期値は年末年始",
    )

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="計算装置。auto は GPU があれば使います")
    gpu_precision: Literal["float16", "int8_float16"] = Field(
        "float16", description="GPU での音声認識の精度。int8_float16 は GPU のメモリを約半分にします"
    )
    threads: int = Field(0, ge=0, description="計算に使うスレッド数。0 は CPU の数")
    asr_model: str = Field("whisper-base", description="音声認識のモデル(名前、hub の名前、またはフォルダ)")
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
    voice: str = Field("jf_alpha", description="読み上げの声: jf_alpha jf_gongitsune jf_nezumi jf_tebukuro jm_kumo")

    staff_password: SecretStr | None = Field(None, description="職員用ページのパスワード。未設定の間、職員用ページは開けません")
    department_passwords: dict[str, SecretStr] = Field(
        {},
        description='課ごとのパスワード(JSON: {"税務課": "..."})。それで入ると、その課だけの項目(公開範囲 department)も見えます',
    )
    api_key: SecretStr | None = Field(
        None, description="プログラムが音声認識を使うときの鍵(Authorization: Bearer)。未設定の間、鍵では使えません"
    )
    dev_open_staff: bool = Field(False, description="開発用: パスワードなしで職員用ページを開きます。本番では使わないでください")
    alexa_skill_id: str = Field("", description="Alexa スキルID。設定すると、ほかのスキルからの要求を断ります")
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

    max_upload_bytes: int = Field(2_000_000_000, gt=0, description="受け付ける録音ファイルの最大の大きさ(バイト)")
    max_recording_s: float = Field(
        43_200.0, gt=0, description="受け付ける録音の最大の長さ(秒)。初期値は12時間。1時間あたり約115MBを処理中に使います"
    )
    max_question_chars: int = Field(500, gt=0, description="受け付ける質問の最大の長さ(文字)")
    max_voice_question_s: float = Field(60.0, gt=0, description="受け付ける音声の質問の最大の長さ(秒)")
    minutes_template: Path | None = Field(
        None, description="議事録の Word のひな形(docx)。{{会議名}} {{発言}} などのところに書き込みます。なければ標準の形です"
    )
    max_streams: int = Field(
        4, ge=0, description="同時に受け付ける生の音声認識(字幕など)の数。2コアの機械では4つまで。0 なら受け付けません"
    )
    session_minutes: int = Field(30, gt=0, description="住民との会話の流れを覚えておく時間(分)")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="記録の詳しさ")

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
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as e:
        first = e.errors()[0]
        name = ".".join(str(p) for p in first["loc"])
        raise SettingsError(f"設定「{name}」の値が正しくありません。docs/settings.md を見て直してください。") from None
    except UnreadableSource:
        raise SettingsError('一覧の形の設定を読み取れません。["12-29", "12-30"] のように書いてください。') from None
    except tomllib.TOMLDecodeError:
        raise SettingsError(f"設定ファイル {_toml_file()} を読み取れません。TOML の書き方を確認してください。") from None
