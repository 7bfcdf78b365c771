"""Media file in, how long it says it is out: tells a recording that breaks off from one that is whole."""

from __future__ import annotations

import struct
from typing import BinaryIO

_RIFF = (b"RIFF", b"RF64", b"BW64")
_MAGIC = (*_RIFF, b"fLaC", b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"FORM", b"caff", b"0&\xb2u")
UNKNOWN_BYTES = 0x7FFFFF00
"""A recorder that can't seek back writes 0 or a size near 2 or 4 GiB for what it doesn't know."""

_TRUSTED = frozenset({"flac", "mov", "matroska", "aiff", "caf", "asf", "avi"})
_LOOSE_TOLERANCE_S = {"matroska": 2.0}  # scripts that add a duration to a browser's recording use the wall clock
_TOLERANCE_S = 0.5


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


def _wav_duration_s(source: BinaryIO) -> float | None:
    """Data bytes by byte rate, both from the header (RIFF, and RF64 of EBU Tech 3306)."""
    source.seek(0)
    if source.read(12)[:4] not in _RIFF:
        return None
    byte_rate, long_bytes = 0, 0
    while len(chunk := source.read(8)) == 8:
        name, size_bytes = struct.unpack("<4sI", chunk)
        if name == b"data":
            real_bytes = long_bytes if size_bytes == 0xFFFFFFFF else size_bytes
            known = long_bytes or 0 < size_bytes < UNKNOWN_BYTES
            return real_bytes / byte_rate if known and byte_rate else None
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
    head = source.read(10)
    tag_bytes = 0
    if head.startswith(b"ID3") and len(head) == 10:
        tag_bytes = 10 + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    source.seek(tag_bytes)
    first_frame = source.read(4096)
    for name in (b"Xing", b"Info"):
        at = first_frame.find(name)
        if at >= 0:
            return bool(first_frame[at + 7 : at + 8] and first_frame[at + 7] & 1)
    return False
