"""Recordings in; how right, how fast and with how much memory the product and its plain peer recognise them out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio

from asr.audio import Channels
from asr.pipeline import Options, transcribe
from asr.vocabulary import Vocabulary
from eval.cer import errors, found_terms, plain
from eval.cpu import cpu_s
from eval.recordings import NO_SPEECH, Recording
from models.whisper import Whisper

Recogniser = Callable[[Recording], tuple[str, ...]]
"""A recording in, the text of all of it or of each of its channels out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFigures:
    """What a measurement of recognition gives, over all recordings of a set."""

    who: str
    set: str
    audio_s: float
    wall_s: float  #: from file to text, without loading the model
    cpu_s: float  #: of all threads, and of processes that were started for it
    memory_bytes: int | None  #: the most above what the loaded models take; None where the system doesn't tell
    cer: float | None
    terms: float | None  #: share of the vocabulary's words that were written right
    invented: int  #: characters where nobody spoke

    @property
    def real_time_factor(self) -> float:
        """Seconds of audio that a second of work takes in."""
        return self.audio_s / max(self.wall_s, 1e-9)


def product(whisper: Whisper, vocabulary: Vocabulary | None) -> Recogniser:
    """Recognition as the product does it."""

    def recognise(recording: Recording) -> tuple[str, ...]:
        channels = Channels.SEPARATE if recording.separate else Channels.MIXED
        options = Options(vocabulary=vocabulary, channels=channels)
        with tempfile.TemporaryDirectory(prefix="madoguchi-") as folder:
            heard = transcribe(recording.path, whisper=whisper, options=options, work=Path(folder))
        if not recording.separate:
            return (heard.text,)
        return tuple("".join(s.text for s in heard.segments if s.channel == c) for c in range(len(recording.references)))

    return recognise


def peer(model: WhisperModel) -> Recogniser:
    """faster-whisper as its own documentation uses it."""

    def recognise(recording: Recording) -> tuple[str, ...]:
        tracks = (
            decode_audio(str(recording.path), split_stereo=True) if recording.separate else [decode_audio(str(recording.path))]
        )
        return tuple(
            "".join(s.text for s in model.transcribe(track, language="ja", beam_size=5, vad_filter=True)[0]) for track in tracks
        )

    return recognise


def measure_speech(who: str, recognise: Recogniser, recordings: Sequence[Recording], terms: Sequence[str]) -> list[SpeechFigures]:
    """Recognise the recordings, set by set; the shortest once before, since the first takes what is loaded only then."""
    recognise(min(recordings, key=lambda r: r.duration_s))
    sets = dict.fromkeys(r.set for r in recordings)
    return [_measured(who, recognise, name, [r for r in recordings if r.set == name], terms) for name in sets]


def overall(figures: Sequence[SpeechFigures]) -> float:
    """Seconds of work on the CPU for what was spoken: less than the clock's disturbed by what else the machine does."""
    return sum(f.cpu_s for f in figures if f.set != NO_SPEECH)


def _measured(who: str, recognise: Recogniser, name: str, recordings: Sequence[Recording], terms: Sequence[str]) -> SpeechFigures:
    wrong = characters = found = expected = invented = 0
    before_bytes, began, began_cpu = _reset_peak(), time.perf_counter(), _cpu_s()
    texts = [recognise(r) for r in recordings]
    wall_s, taken_s, peak_bytes = time.perf_counter() - began, _cpu_s() - began_cpu, _memory_bytes("VmHWM")
    for recording, heard in zip(recordings, texts, strict=True):
        for reference, text in zip(recording.references, heard, strict=True):
            if not reference:
                invented += len(plain(text))
                continue
            counts = (*errors(reference, text), *found_terms(reference, text, terms))
            wrong, characters, found, expected = (
                a + b for a, b in zip((wrong, characters, found, expected), counts, strict=True)
            )
    return SpeechFigures(
        who=who,
        set=name,
        audio_s=sum(r.duration_s for r in recordings),
        wall_s=wall_s,
        cpu_s=taken_s,
        memory_bytes=None if before_bytes is None or peak_bytes is None else max(0, peak_bytes - before_bytes),
        cer=wrong / characters if characters else None,
        terms=found / expected if expected else None,
        invented=invented,
    )


def _cpu_s() -> float:
    """Of this process, and of those that it has started: of the template too, whose decoding processes have ended."""
    return sum(os.times()[:4]) + sum(map(cpu_s, _children()))


def _children() -> list[str]:
    try:
        return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text("ascii").split()]
    except OSError:
        return []


def _reset_peak() -> int | None:
    """Have Linux count the peak anew (proc(5), clear_refs), and tell what is taken now."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return None
    return _memory_bytes("VmRSS")


def _memory_bytes(field: str) -> int | None:
    try:
        rows = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(row.split()[1]) * 1024 for row in rows if row.startswith(f"{field}:")), None)
