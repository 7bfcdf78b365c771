"""A file that declares no length in, whether it ends inside its last unit out: a page, block, chunk or frame cut in two."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from asr import frames
from asr.container import UNKNOWN_BYTES

_BLOCK_HEADER_BYTES = 4  # a packet's place in a Matroska file is that of its block's header
_TAIL_BYTES = 1 << 16
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")


def stops_inside_its_last_unit(source: BinaryIO, format_name: str, declared_s: float | None, end_bytes: int) -> bool:
    """Whether the file was cut within the unit that its container is made of.

    Args:
        format_name: FFmpeg's name of the container.
        declared_s: the length that the file declares, if it does.
        end_bytes: where the last packet that could be read ends.
    """
    if format_name == "ogg":
        return _stops_inside_a_page(source)
    if format_name == "avi":
        return _stops_inside_a_chunk(source)
    if declared_s is not None:
        return False
    if format_name in ("mp3", "aac"):
        return _stops_inside_a_frame(source)
    return format_name.startswith("matroska") and _stops_inside_a_block(source, end_bytes + _BLOCK_HEADER_BYTES)


def _stops_inside_a_page(source: BinaryIO) -> bool:
    """Whether the last page of an Ogg file is incomplete (RFC 3533, section 6). Ogg declares no length."""
    size_bytes = _size_bytes(source)
    at = 0
    while at < size_bytes:
        source.seek(at)
        header = source.read(27)
        if not header.startswith(b"OggS"):
            return False  # something was appended, such as a tag: what came before is whole
        if len(header) < 27:
            return True
        lacing = source.read(header[26])
        at += 27 + header[26] + sum(lacing)
        if len(lacing) < header[26]:
            return True
    return at > size_bytes


def _stops_inside_a_block(source: BinaryIO, last_bytes: int) -> bool:
    """Whether a Matroska block that began after `last_bytes` is incomplete. A browser's recording declares no length.

    Args:
        last_bytes: where the last packet that could be read ends.
    """
    source.seek(last_bytes)
    tail = source.read(12)
    if not tail.startswith((b"\xa3", b"\xa0")):  # SimpleBlock, BlockGroup (RFC 9559, section 5.1.3)
        return False
    width = 9 - tail[1].bit_length() if len(tail) > 1 else 0
    if not 1 <= width <= len(tail) - 1:
        return True
    block_bytes = int.from_bytes(tail[1 : 1 + width], "big") - (1 << (7 * width))
    return last_bytes + 1 + width + block_bytes > _size_bytes(source)


def _stops_inside_a_chunk(source: BinaryIO) -> bool:
    """Whether the last RIFF chunk of an AVI file is incomplete; long files have several. FFmpeg only guesses a cut one."""
    size_bytes = _size_bytes(source)
    at = 0
    while at + 8 <= size_bytes:
        source.seek(at)
        name, chunk_bytes = struct.unpack("<4sI", source.read(8))
        if name != b"RIFF" or not 0 < chunk_bytes < UNKNOWN_BYTES:
            return False
        at += 8 + chunk_bytes
    return at > size_bytes


def _stops_inside_a_frame(source: BinaryIO) -> bool:
    """Whether the last frame of an MP3 or ADTS file is incomplete."""
    source.seek(max(0, _size_bytes(source) - _TAIL_BYTES))
    tail = source.read(_TAIL_BYTES)
    starts = (at for at in range(len(tail)) if tail[at] == 0xFF)
    ends = next((ends for at in starts if len(ends := list(frames.row(tail, at))) >= frames.IN_A_ROW), None)
    if ends is None:
        return False
    rest = tail[ends[-1] :]
    if len(rest) < frames.HEADER_BYTES:
        return rest.startswith(b"\xff")
    return frames.frame_bytes(rest) > len(rest) and not rest.startswith(_TAGS)


def _size_bytes(source: BinaryIO) -> int:
    return source.seek(0, os.SEEK_END)
