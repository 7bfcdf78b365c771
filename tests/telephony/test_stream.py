"""Packets of a stream come out in their order, and one sender's are never another's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rtp_kit import FRAME, PCMU, TELEPHONE_EVENT, meant, packets

from telephony.media.codecs import TICKS_HZ
from telephony.media.rtp import Packet
from telephony.media.stream import WAIT, Arrival, Ordered, Streams

_SOUND, _KEYS = meant(PCMU), meant(TELEPHONE_EVENT)


def _arrival(packet: Packet, at: int, epoch: int = 0) -> Arrival:
    return Arrival(packet, at, _KEYS if packet.payload_type == 101 else _SOUND, epoch)


def _sent(count: int, **how: int) -> list[Packet]:
    return packets(bytes(i % 256 for i in range(count) for _ in range(FRAME)), **how)


def _out(streams: Streams, now: int) -> list[Ordered]:
    return [packet for run in streams.ready(now) for packet in run.packets]


@given(
    st.lists(st.integers(0, WAIT - 1), min_size=1, max_size=60),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 59)),
)
def test_packets_that_overtook_each_other_and_came_twice_come_out_once_and_in_order(
    delays: list[int], sequence: int, timestamp: int, doubles: list[int]
) -> None:
    sent = _sent(len(delays), sequence=sequence, timestamp=timestamp)
    came = [_arrival(p, i * FRAME + delay) for i, (p, delay) in enumerate(zip(sent, delays, strict=True))]
    came += [came[i]._replace(at=came[i].at + 40) for i in doubles if i < len(came)]
    streams, out = Streams(), []
    for arrival in sorted(came, key=lambda a: a.at):
        out += _out(streams, arrival.at)
        streams.add(arrival)
    out += _out(streams, len(delays) * FRAME + 2 * WAIT)
    assert [p.payload for p in out] == [p.payload for p in sent]
    assert [p.sequence - out[0].sequence for p in out] == list(range(len(sent)))
    assert [p.timestamp - out[0].timestamp for p in out] == [i * FRAME for i in range(len(sent))]


def test_a_lost_packet_is_waited_for_and_then_no_longer() -> None:
    streams, sent = Streams(), _sent(10)
    for i in (0, 1, 2, 4, 5):
        streams.add(_arrival(sent[i], i * FRAME))
    assert [p.sequence for p in _out(streams, WAIT + 2 * FRAME)] == [0, 1, 2]
    assert [p.sequence for p in _out(streams, WAIT + 4 * FRAME)] == [4, 5]
    streams.add(_arrival(sent[3], WAIT + 5 * FRAME))
    assert _out(streams, 3 * WAIT) == []


def test_after_a_pause_the_first_packet_waits_for_those_that_tell_how_late_it_was() -> None:
    streams, sent = Streams(), _sent(10)
    streams.add(_arrival(sent[0], 0))
    assert [p.sequence for p in _out(streams, WAIT)] == [0]
    later = 2 * TICKS_HZ
    streams.add(_arrival(sent[1], later))
    assert _out(streams, later + WAIT // 2) == []
    streams.add(_arrival(sent[2], later + WAIT // 2))
    assert [p.sequence for p in _out(streams, later + WAIT)] == [1, 2]


def test_a_second_sender_is_heard_once_the_first_is_silent_and_nothing_of_it_is_lost() -> None:
    streams, one, two = Streams(), _sent(50, ssrc=1), _sent(50, ssrc=2, sequence=900)
    for i in range(10):
        streams.add(_arrival(one[i], i * FRAME))
    for i in range(10, 30):
        streams.add(_arrival(two[i - 10], i * FRAME))
    runs = streams.ready(30 * FRAME + WAIT)
    assert [run.anew for run in runs] == [True, True]
    assert [p.payload for p in runs[0].packets] == [p.payload for p in one[:10]]
    assert [p.payload for p in runs[1].packets] == [p.payload for p in two[:20]]


def test_a_second_sender_beside_the_first_is_not_heard() -> None:
    streams, one, two = Streams(), _sent(50, ssrc=1), _sent(50, ssrc=2)
    for i in range(50):
        streams.add(_arrival(one[i], i * FRAME))
        streams.add(_arrival(two[i], i * FRAME + 5))
    assert [p.payload for p in _out(streams, 50 * FRAME)] == [p.payload for p in one]
    streams.add(_arrival(two[49]._replace(sequence=50, payload=b"later"), 60 * FRAME))
    assert [p.payload for p in _out(streams, 70 * FRAME)] == [two[49].payload, b"later"]


def test_a_sender_that_counts_anew_goes_on_being_heard() -> None:
    streams, before, after = Streams(), _sent(20, sequence=30_000), _sent(40, sequence=65_500)[20:]
    after = [p._replace(sequence=i) for i, p in enumerate(after)]
    for i, packet in enumerate(before + after):
        streams.add(_arrival(packet, i * FRAME))
    out = _out(streams, 40 * FRAME + WAIT)
    assert [p.payload for p in out] == [p.payload for p in before + after]


def test_what_signalling_announced_begins_at_once() -> None:
    streams, one, two = Streams(), _sent(5, ssrc=1), _sent(5, ssrc=2)
    for i, packet in enumerate(one):
        streams.add(_arrival(packet, i * FRAME))
    for i, packet in enumerate(two):
        streams.add(_arrival(packet, (5 + i) * FRAME, epoch=1))
    assert [len(run.packets) for run in streams.ready(10 * FRAME + WAIT)] == [5, 5]


def test_keys_share_the_sequence_and_begin_no_stream() -> None:
    streams, sent = Streams(), _sent(10)
    streams.add(_arrival(sent[0]._replace(payload_type=101, ssrc=99), 0))
    for i in range(1, 10):
        packet = sent[i]._replace(payload_type=101) if i in (4, 5) else sent[i]
        streams.add(_arrival(packet, i * FRAME))
    out = _out(streams, 10 * FRAME)
    assert [p.sequence for p in out] == list(range(1, 10))
    assert [p.sequence for p in out if p.form is None] == [4, 5]


def test_a_flood_of_senders_keeps_nothing_of_them() -> None:
    streams, one = Streams(), _sent(1, ssrc=1)
    streams.add(_arrival(one[0], 0))
    for i in range(5_000):
        streams.add(_arrival(one[0]._replace(ssrc=2 + i), 1 + i // 100))
    runs = streams.ready(WAIT) + streams.ready(TICKS_HZ)
    assert [len(run.packets) for run in runs] == [1, 1]


def test_a_stream_that_gives_way_loses_nothing_whenever_its_packets_are_taken_to_have_come() -> None:
    """A process that stood still between two packets takes the second to be older than it is."""
    first, second = _sent(10), _sent(10, sequence=15)
    streams = Streams()
    for i, packet in enumerate(first):
        streams.add(_arrival(packet, 10_000 - (3_200 if i else 0) + i * FRAME))
    for i, packet in enumerate(second):
        streams.add(_arrival(packet, 14_000 + i * FRAME, epoch=1))
    assert [p.sequence for p in _out(streams, 20_000)] == [p.sequence for p in first + second]
