"""An open media file in, PCM in open sinks out: decoded by a limited process, which is ended when it stalls."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from asr.errand import SAMPLE_BYTES, Errand, Fault
from asr.template import Template, template
from core.errors import MadoguchiError, UnreadableMedia
from core.logging import logger

LONGEST_S = 12 * 3600.0

_MEMORY_BYTES = 1 << 30
_CPU_S, _CPU_SHARE = 20.0, 0.025  # to begin with, and of the longest length: ten times what it takes and more
_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.5
_LONGEST_LINE_BYTES = 4096
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
_log = logger("asr.sandbox")

_COPY_AGAIN = "元のファイルをコピーし直すか、録音し直してください。"
_SENTENCES = {
    Fault.UNREADABLE: UnreadableMedia.default,
    Fault.UNOPENED: f"ファイルが途中で切れているか壊れているため、開けません。{_COPY_AGAIN}",
    Fault.NO_AUDIO: "音声が入っていないファイルです。音声のある録音か録画を選んでください。",
    Fault.STRANGE: "対応していない形式の録音です。WAV、MP3、M4Aなどの一般的な形式で書き出し直してください。",
    Fault.CHANNELS: "チャンネルが三つ以上ある録音です。左右の二つだけを、ステレオの録音に書き出し直してください。",
    Fault.CUT: f"録音が途中で切れています{{how_far}}。{_COPY_AGAIN}",
    Fault.STOPS: f"録音が {{at}} 付近で途切れています。{_COPY_AGAIN}",
    Fault.DAMAGED: "ファイルが壊れていて、読み取れない部分があります。元のファイルをコピーし直してください。",
    Fault.NO_LENGTH: "音声の長さが0秒です。録音できているかを確認してください。",
    Fault.TOO_LONG: "録音が長すぎます(最長 {longest})。短く区切って、もう一度お試しください。",
    Fault.EXHAUSTED: (
        "ファイルが壊れているか特殊な形のため、決められた時間とメモリの中で読み取れませんでした。"
        "WAVかMP3に変換してから、もう一度お試しください。"
    ),
    Fault.FAILED: "ファイルが壊れているため、読み取れません。元のファイルをコピーし直すか、WAVかMP3に変換してください。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a recording may take to be decoded."""

    longest_s: float = LONGEST_S
    memory_bytes: int = _MEMORY_BYTES  #: of address space
    cpu_s: int = round(_CPU_S + _CPU_SHARE * LONGEST_S)
    patience_s: float = _PATIENCE_S  #: without a byte read or a packet decoded

    @classmethod
    def of(cls, longest_s: float) -> Limits:
        """For recordings up to a length: a short question may not take what a long meeting may."""
        return cls(longest_s=longest_s, cpu_s=round(_CPU_S + _CPU_SHARE * longest_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One line of the process. It may have been taken over, so nothing of it is believed before it is checked."""

    fault: Fault | None = None
    kind: str = ""  #: of the exception
    sealed: bool = True
    at_s: float = 0.0
    whole_s: float = 0.0
    frames: int = 0
    tracks: int = 0
    errno: int = 0

    @classmethod
    def of(cls, line: bytes) -> _Said:
        try:
            said = json.loads(line)
            kind = str(said.get("kind", ""))
            return cls(
                fault=Fault(said["fault"]) if "fault" in said else None,
                kind=kind if kind.isidentifier() else "",
                sealed=said.get("sealed", True) is True,
                at_s=float(int(said.get("at_s", 0))),  # int has neither NaN nor infinity
                whole_s=float(int(said.get("whole_s", 0))),
                frames=int(said.get("frames", 0)),
                tracks=int(said.get("tracks", 0)),
                errno=int(said.get("errno", 0)),
            )
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return cls(fault=Fault.FAILED, kind="babble")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What is in the sinks: the first `tracks` of them hold `frames` samples each."""

    frames: int
    tracks: int


def decode_apart(
    source: BinaryIO,
    sinks: Sequence[BinaryIO],
    *,
    suffix: str,
    limits: Limits,
    progress: Callable[[float], None],
    used: Template | None = None,
) -> Decoded:
    """Decode `source` into `sinks` in a process of its own.

    Args:
        used: what the process is forked from, if not the usual one.
        progress: called with the seconds decoded so far, at least twice a second. Where it raises, the process is ended.

    Raises:
        UnreadableMedia: with a sentence for each `Fault`.
        MadoguchiError: the process can't be run here.
        OSError: a sink could not be written.
    """
    errand = Errand(suffix=suffix, longest_s=limits.longest_s, memory_bytes=limits.memory_bytes, cpu_s=limits.cpu_s)
    with (used or template()).begin(errand, [source, *sinks]) as child:
        verdict = _verdict(child.said.fileno(), limits.patience_s, progress)
    if verdict is None:
        _log.warning("decoder_ended", extra={"exit": child.exit})
        if child.exit is None or child.exit > 0:
            raise MadoguchiError  # it could not even begin: that says nothing about the file
        verdict = _Said(fault=Fault.FAILED if -child.exit in _CRASHES else Fault.EXHAUSTED)
    if verdict.fault is not None:
        raise _unreadable(verdict, verdict.fault, limits)
    if not _is_written(verdict, sinks):
        raise UnreadableMedia(_SENTENCES[Fault.FAILED])
    return Decoded(frames=verdict.frames, tracks=verdict.tracks)


def _verdict(said: int, patience_s: float, progress: Callable[[float], None]) -> _Said | None:
    """The last word of the process, or None where it was ended before it: by a limit, by itself, or for doing nothing."""
    at_s = 0.0
    heard_s = time.monotonic()
    for lines in _lines(said):
        for line in lines:
            heard_s = time.monotonic()
            if line.fault is not None or line.frames:
                return line
            if not line.sealed:
                _log.warning("decoder_not_sealed")
            at_s = line.at_s
        progress(at_s)
        if time.monotonic() - heard_s > patience_s:
            _log.warning("decoder_stalled")
            return None
    return None


def _lines(pipe: int) -> Iterator[list[_Said]]:
    """What the process has said since the last look, often nothing, until it ends or says what is no line."""
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    rest = b""
    while len(rest) <= _LONGEST_LINE_BYTES:
        if not waiting.poll(_LOOK_EVERY_S * 1000):
            yield []
            continue
        said = os.read(pipe, _LONGEST_LINE_BYTES)
        if not said:
            return
        *whole, rest = (rest + said).split(b"\n")
        yield [_Said.of(line) for line in whole]


def _unreadable(said: _Said, fault: Fault, limits: Limits) -> Exception:
    if fault is Fault.DISK:
        return OSError(said.errno, os.strerror(said.errno))
    if fault is Fault.FAILED:
        _log.warning("decoder_failed", extra={"kind": said.kind})
    at, whole = clock(said.at_s), clock(said.whole_s)
    how_far = f"(全体 {whole} のうち {at} まで)" if at != whole else ""
    return UnreadableMedia(_SENTENCES[fault].format(at=at, how_far=how_far, longest=clock(limits.longest_s)))


def _is_written(said: _Said, sinks: Sequence[BinaryIO]) -> bool:
    """Whether the sinks hold what the process says. A file may have made it say anything."""
    written = {os.fstat(sink.fileno()).st_size for sink in sinks[: said.tracks]}
    return 1 <= said.tracks <= len(sinks) and written == {said.frames * SAMPLE_BYTES}


def clock(seconds: float) -> str:
    """Minutes and seconds for people: 1:02:03 or 2:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
