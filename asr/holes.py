"""A file in, what has gone from its middle out: pages whose numbers are missing, bytes between frames, fragments never reached.

FFmpeg reads on behind a damaged stretch, or takes it for the end, and says nothing of it.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from asr import frames

_BLOCK_BYTES = 1 << 20
_MOST_FRAME_BYTES = 1 << 13
_PAGE = struct.Struct("<4sxBqIIIB")  # RFC 3533, section 6: capture pattern, flags, position, stream, number, checksum, segments
_CHECKSUM = slice(22, 26)
_MOST_PAGE_BYTES = _PAGE.size + 255 + 255 * 255
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_FRAGMENT = re.compile(rb"moof.{4}mfhd", re.DOTALL)  # ISO/IEC 14496-12, 8.8.4
_USUAL_TIMES, _LEAST_BYTES = 2, 512  # what lies between packets: headers of pages, blocks and fragments


class Skips:
    """Bytes that were passed over between packets. A jump in time is a pause in the recording, unless the file jumps as well."""

    def __init__(self) -> None:
        self._end_bytes = 0
        self._skipped_bytes = 0  #: since sound was last heard
        self._usual_bytes = 0  #: the most that lay before sound that followed on in time
        self._heard = False

    def pass_over(self, at_bytes: int, size_bytes: int) -> None:
        """A packet of any track was read."""
        self._skipped_bytes += max(0, at_bytes - self._end_bytes)
        self._end_bytes = max(self._end_bytes, at_bytes + size_bytes)

    def fail(self, size_bytes: int) -> None:
        """A packet could not be decoded: what it holds is no sound."""
        self._skipped_bytes += size_bytes

    def hear(self, jumped: bool) -> bool:
        """Sound was heard. Says whether it jumped in time because something of the file is missing."""
        skipped_bytes, self._skipped_bytes = self._skipped_bytes, 0
        before, self._heard = self._heard, True
        if before and not jumped:
            self._usual_bytes = max(self._usual_bytes, skipped_bytes)
        return before and jumped and skipped_bytes > _USUAL_TIMES * self._usual_bytes + _LEAST_BYTES


def missing_share(source: BinaryIO, format_name: str, end_bytes: int) -> float:
    """How much is missing from the middle of a file, as a share of what was read of it; 0 where its container has no way to tell.

    Args:
        format_name: FFmpeg's name of the container.
        end_bytes: where the last packet that could be read ends.
    """
    source.seek(0)
    if format_name == "ogg":
        missing, whole = _pages(source)
    elif format_name in ("mp3", "aac"):
        missing, whole = _between_frames(source)
    elif format_name.startswith("mov") and end_bytes:
        missing, whole = _unread_fragments(source, end_bytes), end_bytes
    else:
        return 0.0
    return missing / whole if whole else 0.0


def _pages(source: BinaryIO) -> tuple[int, int]:
    """How many pages of an Ogg file are missing between the others, and how many there are.

    Who records a broadcast gets the headers, and then pages whose numbers began with it.
    """
    missing, whole = 0, 0
    last: dict[int, tuple[int, bool]] = {}  # by stream: the number, and whether there was sound
    for position, stream, number in _whole_pages(source):
        whole += 1
        before, sounded = last.get(stream, (number, False))
        missing += max(0, number - before - 1) if sounded else 0
        last[stream] = number, sounded or position > 0
    return missing, whole


def _whole_pages(source: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Position, stream and number of each page that another one follows and that is as it was written."""
    window = _Window(source, _MOST_PAGE_BYTES + 4)
    while window.fill():
        data, at = window.data, window.at
        if size_bytes := _page_bytes(data, at):
            _, _, position, stream, number, checksum, _ = _PAGE.unpack_from(data, at)
            if checksum == _checksum(data[at : at + size_bytes]):
                yield position, stream, number
            window.at += size_bytes
        else:
            following = data.find(b"OggS", at + 1)
            window.at = following if following > 0 else max(at + 1, len(data) - 3)


def _page_bytes(data: bytes, at: int) -> int:
    """The length of the page that begins there, or 0 where none does or something else follows it."""
    if not data.startswith(b"OggS", at) or len(data) - at < _PAGE.size:
        return 0
    lacing = data[at + _PAGE.size : at + _PAGE.size + data[at + _PAGE.size - 1]]
    size_bytes = _PAGE.size + len(lacing) + sum(lacing)
    return size_bytes if data[at + size_bytes : at + size_bytes + 4] in (b"OggS", b"") else 0


def _checksum(page: bytes) -> int:
    """CRC-32 with the bits of each byte the other way round than zlib has them, begun with 0."""
    blank = page[: _CHECKSUM.start] + bytes(4) + page[_CHECKSUM.stop :]
    mirrored = zlib.crc32(blank.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_REVERSED), "big")


def _between_frames(source: BinaryIO) -> tuple[int, int]:
    """How many bytes of an MP3 or ADTS file lie between frames and are no tags, and how many belong to frames."""
    missing, whole, since = 0, 0, 0
    window = _Window(source, frames.IN_A_ROW * _MOST_FRAME_BYTES)
    while window.fill():
        data, at = window.data, window.at
        ends = list(frames.row(data, at))
        if len(ends) >= frames.IN_A_ROW:
            missing, whole, since = missing + since, whole + ends[-1] - at, 0
            window.at = ends[-1]
        elif tag_bytes := frames.tag_bytes(data, at):
            window.at += tag_bytes
        else:
            following = data.find(b"\xff", at + 1)
            window.at = following if following > 0 else len(data)
            since += window.at - at
    return missing, whole


def _unread_fragments(source: BinaryIO, end_bytes: int) -> int:
    """How many bytes of fragments (ISO/IEC 14496-12, 8.8) are behind the last packet that could be read."""
    source.seek(end_bytes)
    overlap, at = b"", end_bytes
    while block := source.read(_BLOCK_BYTES):
        if found := _FRAGMENT.search(data := overlap + block):
            return source.seek(0, os.SEEK_END) - (at - len(overlap) + found.start())
        overlap, at = data[-12:], at + len(block)
    return 0


class _Window:
    """A file from where it stands to its end, in view from `at` on: `ahead_bytes` at least, as long as there are so many."""

    def __init__(self, source: BinaryIO, ahead_bytes: int) -> None:
        self.data, self.at = b"", 0
        self._source, self._ahead_bytes = source, ahead_bytes

    def fill(self) -> bool:
        """Have as much in view as there should be. False at the end."""
        if (ahead_bytes := len(self.data) - self.at) < self._ahead_bytes:
            self._source.seek(max(0, -ahead_bytes), os.SEEK_CUR)  # a tag may be longer than the view
            self.data, self.at = self.data[self.at :] + self._source.read(_BLOCK_BYTES), 0
        return bool(self.data[self.at : self.at + 1])
