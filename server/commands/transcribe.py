"""`madoguchi transcribe`: recordings in, a transcript file for each out."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from asr.audio import Channels
from asr.export import Format, render
from asr.fillers import Level
from asr.language import Language
from asr.notation import Notation
from asr.pipeline import Options
from asr.pipeline import transcribe as transcribe_recording
from asr.recording import MOST_SPEAKERS
from asr.template import template
from asr.transcript import Transcript
from asr.vocabulary import Vocabulary, load_vocabulary
from asr.writing import Style
from core.audience import Audience
from core.errors import InvalidInput, MadoguchiError
from core.passing import Passing
from core.settings import Settings, load_settings
from models.whisper import Whisper, load_whisper
from server.commands.options import grouped
from server.parts import Parts

if TYPE_CHECKING:
    from models.speaker_encoder import SpeakerEncoder

DeviceChoice = Literal["auto", "cpu", "cuda"]
_MOST_ON_GPU = 4  #: recordings at once


@dataclass(frozen=True, kw_only=True)
class ExpectedOptions:
    """What is likely to be said."""

    vocabulary: Annotated[Path | None, typer.Option(metavar="ファイル", help="語彙の表(term,reading,kind)")] = None
    kb: Annotated[str | None, typer.Option(metavar="名前", help="録音が質問のとき、手がかりにする知識ベース")] = None

    def of(self, settings: Settings) -> tuple[Vocabulary | None, Language | None]:
        return load_vocabulary(self.vocabulary) if self.vocabulary else None, self._language(Parts(settings))

    def _language(self, parts: Parts) -> Language | None:
        if not self.kb:
            return None
        parts.repository.require(self.kb)
        return parts.knowledge.language(self.kb, Audience.RESIDENT)


@dataclass(frozen=True, kw_only=True)
class StyleOptions:
    """How the text is written."""

    style: Annotated[Level, typer.Option(help="verbatim=素起こし、clean=ケバ取り、formal=整文")] = Level.VERBATIM
    notation: Annotated[Notation, typer.Option(help="数字の書き方。official=公用文、as-heard=聞こえたまま")] = Notation.OFFICIAL


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """What recognises, and how thoroughly."""

    model: Annotated[str | None, typer.Option(metavar="名前", help="音声認識のモデル(省略すると設定のもの)")] = None
    device: Annotated[DeviceChoice | None, typer.Option(help="計算装置(省略すると設定のもの)")] = None
    thorough: Annotated[bool, typer.Option("--thorough", help="音の似た言葉との聞き違いも直す(会議など。2倍ほどの時間)")] = False


@grouped
def transcribe(
    audio: Annotated[list[Path], typer.Argument(metavar="録音", help="録音・録画(wav mp3 m4a flac ogg webm mp4)")],
    *,
    expected: ExpectedOptions,
    speakers: Annotated[str, typer.Option(metavar="人数|auto|off", help="話者の判別: 人数、auto(自動)、off(しない)")] = "off",
    channels: Annotated[Channels, typer.Option(help="mixed=全体を一つに、separate=左右を別々に")] = Channels.MIXED,
    written: StyleOptions,
    form: Annotated[Format, typer.Option("--format", help="書き出す形式")] = Format.JSON,
    out: Annotated[Path, typer.Option(metavar="フォルダ", help="書き出すフォルダ")] = Path(),
    using: ModelOptions,
) -> None:
    """録音を文字に起こして、ファイルごとに書き出します。読めないファイルがあっても、ほかのファイルは続けます。"""
    settings = load_settings()
    vocabulary, language = expected.of(settings)
    options = Options(
        vocabulary=vocabulary,
        language=language,
        thorough=using.thorough,
        speakers=_speakers(speakers),
        channels=channels,
        style=Style(level=written.style, notation=written.notation),
        longest_s=settings.max_recording_s,
    )
    _require_folder(out)
    template().get_ready()  # its imports are done while the model is loaded
    passing = Parts(settings).passing
    passing.sweep()
    batch = Batch(
        whisper=load_whisper(settings, name=using.model, device=using.device),
        options=options,
        form=form,
        targets=targets(audio, out, form),
        passing=passing,
        encoder=_encoder(settings, options),
    )
    if not batch.run():
        raise typer.Exit(1)


def targets(sources: list[Path], out: Path, form: Format) -> list[tuple[Path, Path]]:
    """Where each transcript goes: OUT/STEM.FORMAT, and with the whole name (and a number) where two would collide."""
    stems, taken = Counter(s.stem for s in sources), set[Path]()
    pairs = []
    for source in sources:
        base = source.stem if stems[source.stem] == 1 else source.name
        target, number = out / f"{base}.{form}", 2
        while target in taken:
            target, number = out / f"{base}-{number}.{form}", number + 1
        taken.add(target)
        pairs.append((source, target))
    return pairs


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The recordings of one call; they share the loaded models."""

    whisper: Whisper
    options: Options
    form: Format
    targets: list[tuple[Path, Path]]
    passing: Passing
    encoder: SpeakerEncoder | None = None
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, soft_wrap=True))
    _given_up: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> bool:
        """Transcribe all, one line each on standard error. False when any could not be done."""
        with self._progress() as bars:
            if self._at_once == 1:
                return False not in [self._one(source, target, bars) for source, target in self.targets]
            with ThreadPoolExecutor(self._at_once, thread_name_prefix="recording") as pool:
                try:
                    return False not in list(pool.map(lambda pair: self._one(pair[0], pair[1], bars), self.targets))
                except KeyboardInterrupt:
                    pool.shutdown(wait=False, cancel_futures=True)
                    self._given_up.set()
                    raise

    @property
    def _at_once(self) -> int:
        """A GPU waits for the decoding of files and the search for speech, which the CPU can do for several meanwhile."""
        return 1 if self.whisper.device.kind == "cpu" else min(_MOST_ON_GPU, len(self.targets))

    def _one(self, source: Path, target: Path, bars: Progress) -> bool:
        task = bars.add_task(source.name, total=None)

        def show(done_s: float, all_s: float) -> None:
            if self._given_up.is_set():
                raise KeyboardInterrupt
            bars.update(task, completed=done_s, total=all_s)

        try:
            with self.passing.folder() as work:
                transcript = transcribe_recording(
                    source, whisper=self.whisper, options=self.options, work=work, encoder=self.encoder, progress=show
                )
            _write(target, render(transcript, self.form, title=source.stem))
            self._say(_done(source, target, transcript), "green")
        except MadoguchiError as e:
            self._say(f"{source.name}: {e.message}", "red")
            return False
        finally:
            bars.refresh()  # its last state is seen, however short the recording was
            bars.remove_task(task)
        return True

    def _progress(self) -> Progress:
        """A bar for each recording, with the time left, where somebody can see it."""
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        remaining = (TextColumn("残り"), TimeRemainingColumn())
        return Progress(*columns, *remaining, console=self.console, transient=True, disable=not self.console.is_terminal)

    def _say(self, line: str, colour: str) -> None:
        self.console.print(line, style=colour, markup=False)


def _done(source: Path, target: Path, transcript: Transcript) -> str:
    length, took = f"{transcript.duration_s:,.1f}秒", f"{transcript.elapsed_s:,.1f}秒"
    note = "" if transcript.segments else "(発言は見つかりませんでした)"
    return f"{source.name}: {length}の音声を{took}で文字に起こしました{note} → {target}"


def _speakers(value: str) -> int | Literal["auto", "off"]:
    match value:
        case "auto" | "off":
            return value
    if value.isascii() and value.isdigit() and 1 <= int(value) <= MOST_SPEAKERS:
        return int(value)
    raise InvalidInput(f"--speakers には、人数(1〜{MOST_SPEAKERS})、auto、off のどれかを指定してください。")


def _encoder(settings: Settings, options: Options) -> SpeakerEncoder | None:
    if options.speakers == "off":
        return None
    from models.speaker_encoder import load_speaker_encoder

    return load_speaker_encoder(settings)


def _require_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise InvalidInput(f"書き出すフォルダ {out} を作れません。--out の場所を確認してください。") from None


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all: readers never see half a file."""
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError:
        raise InvalidInput(f"{target} に書き込めません。空き容量と権限を確認してください。") from None
    finally:
        part.unlink(missing_ok=True)
