"""Bytes in, the frames of MPEG audio and ADTS that begin in them out: files that are nothing but frames, one after another."""

from __future__ import annotations

from collections.abc import Iterator

HEADER_BYTES = 7
IN_A_ROW = 3  #: fewer frames may be chance

_KBITS_1 = {
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_KBITS_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def row(data: bytes, at: int) -> Iterator[int]:
    """Where frame after frame ends, as long as one follows another."""
    while length := frame_bytes(data, at):
        if (at := at + length) > len(data):
            return
        yield at


def frame_bytes(data: bytes, at: int = 0) -> int:
    """The length of the frame that begins there, or 0 where none does (ISO/IEC 11172-3, 2.4.1.3; ADTS: 13818-7, 6.2)."""
    if at + HEADER_BYTES > len(data) or data[at] != 0xFF or data[at + 1] < 0xE0:
        return 0
    second, third = data[at + 1], data[at + 2]
    if second & 0xF6 == 0xF0:
        return (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
    kbits, rate, padding = third >> 4, third >> 2 & 3, third >> 1 & 1
    if version == 1 or layer == 4 or not 0 < kbits < 15 or rate == 3:
        return 0
    bits = 1000 * (_KBITS_1[layer] if version == 3 else _KBITS_2)[kbits - 1]
    rate_hz = _RATES_HZ[version][rate]
    if layer == 1:
        return (12 * bits // rate_hz + padding) * 4
    return (144 if version == 3 or layer == 2 else 72) * bits // rate_hz + padding


def tag_bytes(data: bytes, at: int) -> int:
    """The length of the tag that begins there, or 0 where none does (ID3v2.4 section 3.1, APEv2, ID3v1)."""
    head = data[at : at + 16]
    if head.startswith(b"ID3") and len(head) >= 10:
        return 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    if head.startswith(b"APETAGEX") and len(head) == 16:
        return 32 + int.from_bytes(head[12:], "little")
    return 128 if head.startswith(b"TAG") else 0
