"""RTP packets (RFC 3550): bytes in, a packet out, and counters that wrap made such that don't."""

from __future__ import annotations

import struct
from typing import NamedTuple

_HEADER = struct.Struct(">BBHII")
_EXTENSION = struct.Struct(">HH")
_VERSION = 2
_RTCP = range(192, 224)  #: where RTP has marker and payload type RTCP has its own type (RFC 5761, 4)

SEQUENCE_BITS, TIMESTAMP_BITS = 16, 32


class Packet(NamedTuple):
    """What a packet says."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | None:
    """None for what isn't RTP: short, of another version, RTCP, or longer inside than outside."""
    if len(data) < _HEADER.size:
        return None
    flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if flags >> 6 != _VERSION or kind in _RTCP:
        return None
    start, end = _HEADER.size, len(data)
    if flags & 0x3F:  # there is more than the plain header
        start, end = _bounds(data, flags)
        if start > end:
            return None
    return Packet(kind & 0x7F, sequence, timestamp, ssrc, data[start:end])


def _bounds(data: bytes, flags: int) -> tuple[int, int]:
    """Where the payload lies behind sources and extension and before the padding; it ends before it starts where they lie."""
    nowhere = (1, 0)
    start, end = _HEADER.size + 4 * (flags & 0x0F), len(data)
    if flags & 0x10:
        if start + _EXTENSION.size > end:
            return nowhere
        start += _EXTENSION.size + 4 * _EXTENSION.unpack_from(data, start)[1]
    if flags & 0x20:
        if data[-1] == 0:
            return nowhere
        end -= data[-1]
    return start, end


def pack(packet: Packet, *, marker: bool = False) -> bytes:
    """The packet as it is sent."""
    kind = packet.payload_type | (0x80 if marker else 0)
    sequence, timestamp = packet.sequence % (1 << SEQUENCE_BITS), packet.timestamp % (1 << TIMESTAMP_BITS)
    return _HEADER.pack(_VERSION << 6, kind, sequence, timestamp, packet.ssrc) + packet.payload


def unwrapped(value: int, near: int, bits: int) -> int:
    """The number that has `value` as its last bits and lies the nearest to another."""
    half = 1 << (bits - 1)
    return near - half + ((value - near + half) & ((1 << bits) - 1))
