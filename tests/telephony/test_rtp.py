"""Packets are read whatever comes, and counters that wrap go on."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from telephony.media.rtp import Packet, pack, parse, unwrapped

_PACKETS = st.builds(
    Packet,
    payload_type=st.integers(0, 63) | st.integers(96, 127),
    sequence=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=400),
)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    packet = parse(data)
    assert packet is None or len(packet.payload) <= len(data) - 12


@given(_PACKETS, st.booleans())
def test_what_is_sent_is_read(packet: Packet, marker: bool) -> None:
    assert parse(pack(packet, marker=marker)) == packet


@given(_PACKETS, st.lists(st.integers(0, 2**32 - 1), max_size=15), st.binary(max_size=40), st.integers(0, 255))
def test_sources_extensions_and_padding_are_no_sound(packet: Packet, sources: list[int], extension: bytes, padding: int) -> None:
    extension = extension[: len(extension) // 4 * 4]
    plain = pack(packet)
    first = plain[0] | 0x10 | len(sources) | (0x20 if padding else 0)
    head = bytes([first]) + plain[1:12] + b"".join(struct.pack(">I", s) for s in sources)
    head += struct.pack(">HH", 0xBEDE, len(extension) // 4) + extension
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    assert parse(head + packet.payload + tail) == packet


def test_rtcp_and_what_is_longer_inside_than_outside_are_no_packets() -> None:
    plain = pack(Packet(0, 1, 2, 3, b"1234"))
    assert parse(plain) is not None
    sender_report = struct.pack(">BBH", 0x80, 200, 6) + bytes(24)
    another_version = bytes([0x40]) + plain[1:]
    more_sources_than_bytes = bytes([0x8F]) + plain[1:]
    more_extension_than_bytes = bytes([0x90]) + plain[1:12] + b"\xbe\xde\x00\x09"
    more_padding_than_bytes = bytes([0xA0]) + plain[1:15] + b"\x09"
    no_padding_at_all = bytes([0xA0]) + plain[1:15] + b"\x00"
    for data in (
        sender_report,
        another_version,
        plain[:11],
        more_sources_than_bytes,
        more_extension_than_bytes,
        more_padding_than_bytes,
        no_padding_at_all,
    ):
        assert parse(data) is None


@given(st.integers(0, 2**40), st.integers(-(2**15), 2**15 - 1))
def test_a_counter_goes_on_where_it_wraps(near: int, step: int) -> None:
    assert unwrapped((near + step) % 2**16, near, 16) == near + step
