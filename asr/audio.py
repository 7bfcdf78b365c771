"""Any common audio or video file in, mono 16 kHz PCM on disk out: decoded apart and in blocks, never held whole."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from asr.errand import SAMPLE_RATE_HZ
from asr.sandbox import LONGEST_S, Decoded, Limits, decode_apart
from core.errors import UnreadableMedia

__all__ = ["LONGEST_S", "SAMPLE_RATE_HZ", "Channels", "Pcm", "Sound", "decode"]

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class Channels(StrEnum):
    """Whether the channels of a recording are one scene, or a person each."""

    MIXED = "mixed"
    SEPARATE = "separate"


class Sound(Protocol):
    """What can be read in stretches."""

    def read(self, start_s: float, end_s: float) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pcm:
    """A raw file of mono 16-bit little-endian samples at `SAMPLE_RATE_HZ`."""

    path: Path
    frames: int

    @property
    def duration_s(self) -> float:
        return self.frames / SAMPLE_RATE_HZ

    def read(self, start_s: float, end_s: float) -> npt.NDArray[np.float32]:
        """Samples in [-1, 1] of a stretch, cut to what there is. Only the stretch is brought into memory."""
        first = min(max(0, round(start_s * SAMPLE_RATE_HZ)), self.frames)
        last = min(max(first, round(end_s * SAMPLE_RATE_HZ)), self.frames)
        raw = np.fromfile(self.path, "<i2", count=last - first, offset=first * 2)
        return raw.astype(np.float32) / np.float32(32768)


def decode(
    source: Path,
    work: Path,
    *,
    channels: Channels = Channels.MIXED,
    progress: Callable[[float], None] | None = None,
    longest_s: float = LONGEST_S,
) -> tuple[Pcm, ...]:
    """Decode `source` into files under `work`: one for MIXED, one a channel for SEPARATE.

    The file is read by a process that can do nothing else (ADR 0011).

    Args:
        progress: called with the seconds decoded so far, twice a second; what it raises ends the decoding.
        longest_s: what is longer is refused as soon as that much is decoded.

    Raises:
        UnreadableMedia: missing, empty, not audio, without an audio track, of no length, too long, damaged, or breaking off;
            for SEPARATE, of more than two channels.
    """
    with _opened(source) as file:
        work.mkdir(parents=True, exist_ok=True)
        names = ["mixed.pcm"] if channels is Channels.MIXED else ["channel-0.pcm", "channel-1.pcm"]
        sinks = [work / f".{name}.part" for name in names]
        suffix = source.suffix if _SUFFIX.fullmatch(source.suffix) else ""
        try:
            decoded = _decode_into(sinks, file, suffix, Limits.of(longest_s), progress or _ignore)
            pcms = [Pcm(path=work / name, frames=decoded.frames) for name in names[: decoded.tracks]]
            for sink, pcm in zip(sinks, pcms, strict=False):
                sink.replace(pcm.path)
        finally:
            for sink in sinks:
                sink.unlink(missing_ok=True)
    return tuple(pcms)


def _decode_into(sinks: list[Path], source: BinaryIO, suffix: str, limits: Limits, progress: Callable[[float], None]) -> Decoded:
    with ExitStack() as opened:
        files = [opened.enter_context(sink.open("wb")) for sink in sinks]
        return decode_apart(source, files, suffix=suffix, limits=limits, progress=progress)


def _opened(source: Path) -> BinaryIO:
    """The file, once it is known that reading it will neither wait nor go on for ever."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for somebody to write
    except PermissionError:
        raise UnreadableMedia("ファイルを開く権限がありません。ファイルの権限を確認してください。") from None
    except (OSError, ValueError):  # ValueError: a name with a null byte
        raise UnreadableMedia("ファイルが見つかりません。名前と場所を確認してください。") from None
    try:
        _require_content(os.fstat(descriptor))
    except UnreadableMedia:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb", buffering=0)


def _require_content(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise UnreadableMedia("フォルダです。録音ファイルを指定してください。")
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableMedia("ふつうのファイルではありません。録音ファイルを指定してください。")
    if found.st_size == 0:
        raise UnreadableMedia(UnreadableMedia.empty)


def _ignore(_: float) -> None:
    return None
