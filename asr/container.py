"""Media file in, how long it says it is out: tells a recording that breaks off from one that is whole."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from asr.frames import tag_bytes

_RIFF = (b"RIFF", b"RF64", b"BW64")
_MAGIC = (*_RIFF, b"fLaC", b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"FORM", b"caff", b"0&\xb2u")
UNKNOWN_BYTES = 0x7FFFFF00
"""A recorder that can't seek back writes 0 or a size near 2 or 4 GiB for what it doesn't know."""

_TRUSTED = frozenset({"flac", "mov", "matroska", "aiff", "caf", "asf", "avi"})
_LOOSE_TOLERANCE_S = {"matroska": 2.0}  # scripts that add a duration to a browser's recording use the wall clock
_TOLERANCE_S = 0.5
_BLOCK_BYTES = 1 << 20
_LEAST_BEHIND_BYTES = 16  # a chunk, padded


def looks_like_media(source: BinaryIO) -> bool:
    """Whether the file starts as one of the common audio and video containers does."""
    source.seek(0)
    head = source.read(12)
    return head.startswith(_MAGIC) or head[4:8] == b"ftyp"


def declared_duration_s(source: BinaryIO, format_name: str, container_s: float | None) -> float | None:
    """The length that the file itself declares, or None where the decoder's figure is a guess from the size.

    Args:
        format_name: FFmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2".
        container_s: what FFmpeg takes for the length.
    """
    family = format_name.partition(",")[0]
    if family == "wav":
        return _wav_duration_s(source)
    if family == "mp3":
        return container_s if _has_frame_count(source) else None
    return container_s if family in _TRUSTED else None


def tolerance_s(format_name: str, declared_s: float) -> float:
    """How much shorter than declared a whole file may be: encoders pad, and round their headers."""
    most_s = _LOOSE_TOLERANCE_S.get(format_name.partition(",")[0], _TOLERANCE_S)
    return min(max(declared_s * 0.02, 0.1), most_s)


def outgrew_its_header(source: BinaryIO) -> bool:
    """Whether a WAV goes on behind the size in its header, and not with a chunk: its recorder ended before it wrote that anew."""
    wav = _wav(source)
    if wav is None or wav.data_bytes is None or not wav.byte_rate:
        return False
    file_bytes = source.seek(0, os.SEEK_END)
    end_bytes = wav.data_at + wav.data_bytes
    if file_bytes - end_bytes < max(wav.byte_rate, _LEAST_BEHIND_BYTES):
        return False
    chunks = (_is_chunk(source, at, file_bytes) for at in (end_bytes, end_bytes + wav.data_bytes % 2))
    return not any(chunks) and not _is_blank(source, end_bytes)


def _is_chunk(source: BinaryIO, at: int, file_bytes: int) -> bool:
    source.seek(at)
    name, size_bytes = struct.unpack("<4sI", source.read(8))
    return all(0x20 <= byte < 0x7F for byte in name) and at + 8 + size_bytes <= file_bytes


def _is_blank(source: BinaryIO, at: int) -> bool:
    """Whether nothing but zeros follows: room that was reserved, or silence, of which nothing is lost."""
    source.seek(at)
    return not any(block.strip(b"\0") for block in iter(lambda: source.read(_BLOCK_BYTES), b""))


def _wav_duration_s(source: BinaryIO) -> float | None:
    """Data bytes by byte rate, both from the header."""
    wav = _wav(source)
    return wav.data_bytes / wav.byte_rate if wav and wav.data_bytes is not None and wav.byte_rate else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wav:
    """What the header of a WAV file says (RIFF, and RF64 of EBU Tech 3306)."""

    data_at: int
    data_bytes: int | None  #: None where the recorder did not know
    byte_rate: int


def _wav(source: BinaryIO) -> _Wav | None:
    source.seek(0)
    if source.read(12)[:4] not in _RIFF:
        return None
    byte_rate, long_bytes = 0, 0
    while len(chunk := source.read(8)) == 8:
        name, size_bytes = struct.unpack("<4sI", chunk)
        if name == b"data":
            real_bytes = long_bytes if size_bytes == 0xFFFFFFFF else size_bytes
            known = long_bytes or 0 < size_bytes < UNKNOWN_BYTES
            return _Wav(data_at=source.tell(), data_bytes=real_bytes if known else None, byte_rate=byte_rate)
        body_at = source.tell()
        if name == b"fmt ":
            byte_rate = _unpack(source, 8, "<I")
        elif name == b"ds64":
            long_bytes = _unpack(source, 8, "<Q")
        source.seek(body_at + size_bytes + size_bytes % 2)
    return None


def _unpack(f: BinaryIO, skip_bytes: int, form: str) -> int:
    f.seek(skip_bytes, 1)
    raw = f.read(struct.calcsize(form))
    return int(struct.unpack(form, raw)[0]) if len(raw) == struct.calcsize(form) else 0


def _has_frame_count(source: BinaryIO) -> bool:
    """Whether an MP3 has a Xing or Info header with the number of its frames."""
    source.seek(0)
    source.seek(tag_bytes(source.read(16), 0))
    first_frame = source.read(4096)
    for name in (b"Xing", b"Info"):
        at = first_frame.find(name)
        if at >= 0:
            return bool(first_frame[at + 7 : at + 8] and first_frame[at + 7] & 1)
    return False
