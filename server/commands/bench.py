"""`madoguchi bench retrieval`, `answers`, `asr` and `live`: what is measured, in; a table or JSON out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from asr.vocabulary import load_vocabulary
from core.errors import InvalidInput
from core.settings import CHECKOUT, Settings, load_settings
from eval.answers import AnswerFigures, Outcome, Reply, ask_all, figures_of, read_asked
from eval.live import measure_live, server_for, tracks
from eval.recordings import NO_SPEECH, Recording, make_recordings, read_manifest, speaker
from eval.speech import SpeechFigures, measure_speech, peer, product
from models.voice import load_voice
from models.whisper import Whisper, load_peer, load_whisper
from retrieval.benchmark import measure, read_questions
from server.commands.options import grouped
from server.commands.transcribe import ModelOptions
from server.parts import Parts

bench = typer.Typer(help="正しさと速さの測定", no_args_is_help=True)

QUESTIONS = CHECKOUT / "eval" / "data" / "soo_questions.csv"
TALKS = CHECKOUT / "eval" / "data" / "soo_talks.csv"
_WIDTH = 150  #: a terminal's own may be narrower than the table
_HEADS = ("認識", "種類", "音声 秒", "時間 秒", "CPU 秒", "実時間の倍", "メモリの増え MB", "CER %", "語彙 %", "無音での文字")
_OUTCOMES = {
    Outcome.TOLD: "正しく答えた",
    Outcome.OFFERED: "選択肢にある",
    Outcome.COUNTER: "窓口を案内",
    Outcome.ASTRAY: "選択肢にない",
    Outcome.WRONG: "誤って答えた",
}
_KINDS = {
    "old": "お年寄り",
    "young": "若い人",
    "foreign": "外国から来た人",
    "dialect": "方言",
    "hurry": "急いでいる人",
    "voice": "音声",
    "answerable": "答えのある質問 全体",
    "unanswerable": "答えのない質問 全体",
}
VOCABULARY = CHECKOUT / "samples" / "soo" / "vocabulary.csv"


@bench.callback()
def main() -> None:
    """正しさと速さの測定"""


@bench.command()
def retrieval(
    kb: Annotated[str, typer.Option("--kb", help="知識ベースの名前")] = "soo",
    questions: Annotated[Path, typer.Option(help="質問のCSV: id, text, manner, entries(正しい項目のid、なければ空)")] = QUESTIONS,
) -> None:
    """質問の一覧で検索を測り、結果をJSONで書きます。"""
    parts = Parts(load_settings())
    parts.repository.require(kb)
    figures = measure(parts.knowledge, kb, read_questions(questions))
    typer.echo(json.dumps(asdict(figures), ensure_ascii=False, indent=1))


@bench.command()
def answers(
    kb: Annotated[str, typer.Option("--kb", help="知識ベースの名前")] = "soo",
    questions: Annotated[
        list[Path] | None,
        typer.Option(
            help="質問のCSV: id, text, manner, entries(正しい項目のid)、あれば talk(同じ会話の名前)と tables(表の行など)"
        ),
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="質問ごとの結果も書く")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON で書く")] = False,
) -> None:
    """質問の一覧に実際に答え、正しく答えた数、誤って答えた数、窓口を案内した数などを書きます。誤りは1件ずつ示します。"""
    parts = Parts(load_settings())
    parts.repository.require(kb)
    replies = ask_all(parts.answerer, kb, read_asked(*(questions or (QUESTIONS, TALKS))))
    shown = replies if each else [reply for reply in replies if reply.outcome is Outcome.WRONG]
    figures = figures_of(replies)
    if as_json:
        listed = [asdict(reply) | {"asked": reply.asked.text, "id": reply.asked.id} for reply in shown]
        typer.echo(json.dumps({"figures": [asdict(f) for f in figures], "replies": listed}, ensure_ascii=False, indent=1))
    else:
        Console(width=_WIDTH).print(_answered(figures))
        for reply in shown:
            typer.echo(_line(reply))


@dataclass(frozen=True, kw_only=True)
class RecordingOptions:
    """What is recognised."""

    manifest: Annotated[
        Path | None, typer.Option(metavar="ファイル", help="録音の一覧(JSON Lines: audio, ref, 左右別なら ref_channels)")
    ] = None
    only: Annotated[str | None, typer.Option("--set", metavar="名前", help="一覧のうち、この set だけを測る")] = None
    vocabulary: Annotated[Path | None, typer.Option(metavar="ファイル", help="語彙の表(term,reading,kind)")] = None


@bench.command()
@grouped
def asr(
    *,
    heard: RecordingOptions,
    using: ModelOptions,
    batch: Annotated[str, typer.Option(metavar="数,数...", help="一度に計算する音声の数。並べると、それぞれで測る")] = "",
    beside_peer: Annotated[bool, typer.Option("--peer/--no-peer", help="同じモデルの標準の faster-whisper も測る")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="JSON で書く")] = False,
) -> None:
    """音声認識の速さ、メモリ、正しさを、標準の faster-whisper と並べて測ります。一覧がなければ、読み上げの声を使います。"""
    settings = load_settings()
    batches = _numbers(batch, "--batch")
    whisper = load_whisper(settings, name=using.model, device=using.device)
    listed = heard.vocabulary or (None if heard.manifest else VOCABULARY)
    vocabulary = load_vocabulary(listed) if listed else None
    terms = [t.term for t in vocabulary.terms] if vocabulary else []
    with _recordings(settings, heard) as recordings:
        figures: list[SpeechFigures] = []
        for size in batches or [0]:
            sized = replace(whisper, batch=size or whisper.batch)
            own = measure_speech("madoguchi", product(sized, vocabulary), recordings, terms)
            figures += [replace(f, who=_name(sized)) for f in own]  # named after it: a GPU may have failed meanwhile
        if beside_peer:
            plain = peer(load_peer(settings, name=using.model, device=using.device))
            figures += measure_speech("faster-whisper", plain, recordings, terms)
    if as_json:
        rows = [asdict(f) | {"real_time_factor": f.real_time_factor} for f in figures]
        typer.echo(json.dumps({"figures": rows, "threads": settings.cpu_threads}, ensure_ascii=False, indent=1))
    else:
        Console(width=_WIDTH).print(_table(figures, whisper.name, settings.cpu_threads))


@bench.command()
def live(
    manifest: Annotated[
        Path | None, typer.Option(metavar="ファイル", help="16 kHz の録音の一覧(JSON Lines: audio, ref)。省略すると読み上げの声")
    ] = None,
    only: Annotated[str | None, typer.Option("--set", metavar="名前", help="一覧のうち、この set だけを使う")] = None,
    speakers: Annotated[str, typer.Option(metavar="数,数...", help="同時に話す人の数。並べると、それぞれで測る")] = "1,4",
    longest: Annotated[int, typer.Option("--seconds", min=5, help="一人が話す長さ(秒)の上限")] = 120,
) -> None:
    """字幕の遅れを測ります。サーバーを起動し、録音を話す速さで送って、結果をJSONで書きます。"""
    settings = load_settings()
    with _recordings(settings, RecordingOptions(manifest=manifest, only=only)) as recordings:
        said = [r for r in recordings if r.set != NO_SPEECH and not r.separate]
        chosen = [tracks(said, count, longest) for count in _numbers(speakers, "--speakers")]
        with server_for(settings.home) as (url, headers, pid):
            figures = [asdict(measure_live(url, headers, pid, spoken)) for spoken in chosen]
    typer.echo(json.dumps({"figures": figures, "threads": settings.cpu_threads}, ensure_ascii=False, indent=1))


@contextmanager
def _recordings(settings: Settings, heard: RecordingOptions) -> Iterator[list[Recording]]:
    with tempfile.TemporaryDirectory(prefix="madoguchi-") as folder:
        if heard.manifest:
            found = read_manifest(heard.manifest, heard.only)
        else:
            made = make_recordings(speaker(load_voice(settings)), Path(folder))
            found = [r for r in made if heard.only in (None, r.set)]
        if not found:
            raise InvalidInput("測る録音がありません。--manifest の中身と --set の名前を確認してください。")
        yield found


def _numbers(given: str, option: str) -> list[int]:
    sizes = [size.strip() for size in given.split(",") if size.strip()]
    if not all(size.isascii() and size.isdigit() and int(size) > 0 for size in sizes):
        raise InvalidInput(f"{option} には 1,2,4 のように、1以上の数を書いてください。")
    return [int(size) for size in sizes]


def _name(whisper: Whisper) -> str:
    return f"madoguchi({whisper.device.kind} {whisper.device.compute_type}、{whisper.clips_at_once}件ずつ)"


def _answered(figures: list[AnswerFigures]) -> Table:
    table = Table(title="住民の質問への答え(件数)")
    for head in ("質問", "件数", *_OUTCOMES.values()):
        table.add_column(head, justify="left" if head == "質問" else "right")
    for f in figures:
        table.add_row(_KINDS.get(f.kind, f.kind), str(f.questions), *(str(getattr(f, outcome)) for outcome in _OUTCOMES))
    return table


def _line(reply: Reply) -> str:
    first, *_ = reply.text.splitlines()
    return f"{_OUTCOMES[reply.outcome]}\t{reply.asked.id}\t{reply.asked.text}\t{'、'.join(reply.given)}\t{first}"


def _table(figures: list[SpeechFigures], model: str, threads: int) -> Table:
    table = Table(title=f"モデル {model}、スレッド {threads}。モデルの読み込みは含みません")
    for head in _HEADS:
        table.add_column(head, justify="left" if head in ("認識", "種類") else "right")
    for f in figures:
        seconds = (f"{n:.1f}" for n in (f.audio_s, f.wall_s, f.cpu_s, f.real_time_factor))
        memory = "-" if f.memory_bytes is None else f"{f.memory_bytes / 1e6:,.0f}"
        shares = ("-" if n is None else f"{n * 100:.1f}" for n in (f.cer, f.terms))
        table.add_row(f.who, f.set, *seconds, memory, *shares, str(f.invented))
    return table
