"""Known sound in, the same sound at its time in the file: whatever the network and the sender do on the way."""

from __future__ import annotations

import audioop
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from G722 import G722 as Library  # noqa: N811
from hypothesis import given, settings
from hypothesis import strategies as st
from rtp_kit import FRAME, G722, PCMA, TELEPHONE_EVENT, Line, begun, is_in, mu_law, noise, packets

from telephony.media.codecs import TICKS_HZ
from telephony.media.g711 import A_LAW
from telephony.media.rtp import Packet
from telephony.ongoing import Event, Happened, Samples

_FRAME_S = FRAME / TICKS_HZ


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(begun(tmp_path))


def _events(line: Line, kind: Happened = Happened.LOST) -> list[Event]:
    return [e for e in line.call.events() if e.kind is kind]


def test_sound_lies_at_the_time_at_which_it_came_and_nothing_before(line: Line) -> None:
    sent = noise(3)
    sound = line.send(packets(sent), at_s=1.5).end()
    assert np.array_equal(sound, np.concatenate((np.zeros(12_000, np.int16), mu_law(sent))))
    assert line.call.events() == []


def test_a_law_is_kept_exactly(line: Line) -> None:
    sent = noise(2)
    sound = line.send(packets(sent, codec=PCMA), at_s=0).end()
    assert np.array_equal(sound, A_LAW[np.frombuffer(sent, np.uint8)])


def test_counters_wrap_in_the_middle_of_a_word(line: Line) -> None:
    sent = noise(4)
    sound = line.send(packets(sent, sequence=65_500, timestamp=2**32 - 7_000), at_s=0).end()
    assert np.array_equal(sound, mu_law(sent)) and line.call.events() == []


def test_packets_of_30_ms_are_as_good_as_any(line: Line) -> None:
    sent = noise(3)
    sound = line.send(packets(sent, frame=240), at_s=0, every_s=0.03).end()
    assert np.array_equal(sound, mu_law(sent))


@pytest.mark.parametrize("most_late_s", [0.02, 0.06, 0.11])
def test_jitter_and_packets_that_overtake_change_no_sample(line: Line, most_late_s: float) -> None:
    late, sent = random.Random(3), noise(10)
    for i, packet in enumerate(packets(sent)):
        line.at(packet, 1 + i * _FRAME_S + (late.uniform(0, most_late_s) if i else 0.0))
    assert is_in(mu_law(sent), line.end(), 1.0) and line.call.events() == []


def test_packets_that_come_twice_are_heard_once(line: Line) -> None:
    sent = noise(3)
    for i, packet in enumerate(packets(sent)):
        line.at(packet, i * _FRAME_S).at(packet, i * _FRAME_S + 0.001).at(packet, i * _FRAME_S + 0.3)
    assert np.array_equal(line.end()[:24_000], mu_law(sent)) and line.call.events() == []


@pytest.mark.parametrize(("share", "burst"), [(0.03, 1), (0.10, 1), (0.10, 4)])
def test_what_is_lost_is_silence_and_told_and_the_rest_stands_where_it_was(line: Line, share: float, burst: int) -> None:
    chance, sent = random.Random(5), noise(20)
    lost = {i + k for i in range(1, 990) if chance.random() < share / burst for k in range(burst)}
    for i, packet in enumerate(packets(sent)):
        if i not in lost:
            line.at(packet, i * _FRAME_S)
    expected = mu_law(sent).copy()
    for i in lost:
        expected[i * FRAME : (i + 1) * FRAME] = 0
    assert np.array_equal(line.end(), expected)
    told = [(round(event.at_s / _FRAME_S), round(event.lasts_s / _FRAME_S)) for event in _events(line)]
    ends = [at for at, _ in told[1:]] + [1_000]
    assert told == [(at, sum(at <= i < end for i in lost)) for (at, _), end in zip(told, ends, strict=True)]
    assert {at for at, _ in told} <= lost and sum(lasts for _, lasts in told) == len(lost)


def test_losses_without_a_word_between_them_are_one(line: Line) -> None:
    for i, packet in enumerate(packets(noise(4))):
        if i not in (50, 51, 54, 57, 120):
            line.at(packet, i * _FRAME_S)
    line.end()
    assert [(round(e.at_s, 2), round(e.lasts_s, 2)) for e in _events(line)] == [(1.0, 0.08), (2.4, 0.02)]


def test_a_line_that_stays_bad_is_told_while_it_is(line: Line) -> None:
    for i, packet in enumerate(packets(noise(35))):
        if i % 2:
            line.at(packet, i * _FRAME_S)
    line.hear(34)
    on_the_way = _events(line)
    line.end()
    assert [(round(e.at_s, 2), round(e.lasts_s, 2)) for e in on_the_way] == [(at_s, 5.0) for at_s in (0.04, 10.04, 20.04)]
    assert len(_events(line)) == 4


def test_a_sender_that_says_nothing_in_pauses_lost_nothing(line: Line) -> None:
    sent = packets(noise(4))
    line.send(sent[:50], at_s=0)
    # the sequence goes on, the time has jumped
    later = [p._replace(timestamp=p.timestamp + 5 * TICKS_HZ) for p in sent[50:]]
    line.send(later, at_s=6)
    sound = line.end()
    assert is_in(mu_law(noise(4))[:8_000], sound, 0) and not sound[8_000:48_000].any()
    assert is_in(mu_law(noise(4))[8_000:], sound, 6)
    assert line.call.events() == []


def test_a_packet_lost_in_a_pause_is_no_loss_of_the_pause(line: Line) -> None:
    sent = packets(noise(4))
    line.send(sent[:50], at_s=0)
    line.send([p._replace(timestamp=p.timestamp + 5 * TICKS_HZ) for p in sent[51:]], at_s=6.02)
    line.end()
    assert _events(line) == [Event(kind=Happened.LOST, at_s=6.0, leg=0, lasts_s=0.02)]


def test_a_sender_whose_time_stands_still_in_pauses_is_heard_when_it_spoke(line: Line) -> None:
    sent = packets(noise(4))
    line.send(sent[:50], at_s=0).send(sent[50:], at_s=31)
    sound = line.end()
    assert is_in(mu_law(noise(4))[:8_000], sound, 0) and not sound[8_000 : 31 * 8_000].any()
    assert is_in(mu_law(noise(4))[8_000:], sound, 31)


@pytest.mark.parametrize("stall_s", [0.5, 2.0, 6.0])
def test_a_network_that_stalls_and_then_delivers_all_at_once_moves_nothing(line: Line, stall_s: float) -> None:
    sent = noise(10)
    for i, packet in enumerate(packets(sent)):
        at_s = i * _FRAME_S
        line.at(packet, at_s if not 1 <= at_s < 1 + stall_s else 0.99 + stall_s + i * 0.00001)
    assert np.array_equal(line.end(), mu_law(sent)) and line.call.events() == []


def test_a_sender_that_had_to_wait_and_catches_up_slowly_moves_nothing(line: Line) -> None:
    sent = noise(10)
    for i, packet in enumerate(packets(sent)):
        due_s = i * _FRAME_S
        caught_up_s = 4 + (i - 100) * _FRAME_S / 3  # it stood still from second 2 to 4, and is three times as fast then
        line.at(packet, due_s if due_s < 2 else max(due_s, caught_up_s))
    assert np.array_equal(line.end(), mu_law(sent)) and line.call.events() == []


def test_a_network_that_is_gone_for_a_while_is_one_loss(line: Line) -> None:
    sent = packets(noise(30))
    line.send(sent[:100], at_s=0).send(sent[1_000:], at_s=20)
    sound = line.end()
    assert is_in(mu_law(noise(30))[160_000:], sound, 20)
    assert _events(line) == [Event(kind=Happened.LOST, at_s=2.0, leg=0, lasts_s=18.0)]


def test_another_form_in_the_middle_is_heard_without_a_gap(line: Line) -> None:
    sent, after = noise(2), noise(2, seed=2)
    line.send(packets(sent), at_s=0)
    line.send(packets(after, codec=PCMA, sequence=100, timestamp=16_000), at_s=2)
    assert np.array_equal(line.end(), np.concatenate((mu_law(sent), A_LAW[np.frombuffer(after, np.uint8)])))


def test_another_sender_is_heard_from_its_first_word(line: Line) -> None:
    line.send(packets(noise(2), ssrc=1), at_s=0)
    line.send(packets(noise(2, seed=2), ssrc=2, sequence=40_000, timestamp=12_345), at_s=2.5)
    sound = line.end()
    assert is_in(mu_law(noise(2)), sound, 0) and is_in(mu_law(noise(2, seed=2)), sound, 2.5)
    assert line.call.events() == []


def test_a_key_is_told_once_and_never_which(line: Line) -> None:
    sent = packets(noise(3))
    for i, packet in enumerate(sent):
        # its end is sent three times, all at one timestamp
        if 50 <= i < 60:
            digit = bytes([7, 0x80 if i > 56 else 0, 0, 0])
            line.at(Packet(TELEPHONE_EVENT.payload_type, i, 50 * FRAME, 7, digit), i * _FRAME_S)
        else:
            line.at(packet, i * _FRAME_S)
    sound = line.end()
    assert not sound[50 * FRAME : 60 * FRAME].any() and is_in(mu_law(noise(3))[60 * FRAME :], sound, 1.2)
    assert [(round(e.at_s, 2), e.leg) for e in _events(line, Happened.KEY)] == [(1.0, 0)]
    assert len(line.call.events()) == 1 and "7" not in (line.call.folder / "events.jsonl").read_text()


def test_a_key_under_a_number_of_its_own_interrupts_nobody(line: Line) -> None:
    line.send(packets(noise(3)), at_s=0)
    for i in range(8):
        line.at(Packet(TELEPHONE_EVENT.payload_type, i, 777, 99, b"\x05\x00\x00\x00"), 1 + i * _FRAME_S)
    assert np.array_equal(line.end(), mu_law(noise(3)))
    assert [e.kind for e in line.call.events()] == [Happened.KEY]


def test_after_a_hold_time_has_gone_on_and_nothing_was_lost(line: Line) -> None:
    sent = packets(noise(4))
    line.send(sent[:100], at_s=0).hear(2)
    line.epoch += 1
    line.send(sent[150:], at_s=60)
    sound = line.end()
    assert is_in(mu_law(noise(4))[150 * FRAME :], sound, 60) and not sound[16_000 : 60 * 8_000].any()
    assert line.call.events() == []


def test_who_listens_along_hears_silence_while_nothing_comes(line: Line) -> None:
    line.send(packets(noise(1)), at_s=0).hear(10)
    assert 9 * 8_000 <= len(line.sound) <= 10 * 8_000


def test_who_listens_along_hears_sound_at_most_half_a_second_late(line: Line) -> None:
    line.send(packets(noise(5)), at_s=0)
    for tenth in range(5, 50, 4):
        line.hear(tenth / 10)
        assert len(line.sound) >= (tenth / 10 - 0.5) * 8_000


@pytest.mark.parametrize("jump", [2**31 - 1, 2**31 + 5, 10**9, -(10**6)])
def test_a_sender_that_jumps_in_time_makes_no_file_of_gigabytes(line: Line, jump: int) -> None:
    sent = packets(noise(4))
    line.send(sent[:100], at_s=0)
    line.send([p._replace(timestamp=(p.timestamp + jump) % 2**32) for p in sent[100:]], at_s=2)
    sound = line.end()
    assert len(sound) <= 6.1 * 8_000 and is_in(mu_law(noise(4))[:16_000], sound, 0)
    assert is_in(mu_law(noise(4))[16_000:], sound, 2)


def test_a_sender_that_jumps_with_each_packet_stays_within_the_time_that_passed(line: Line) -> None:
    chance = random.Random(8)
    for i, packet in enumerate(packets(noise(10))):
        wild = packet._replace(sequence=chance.randrange(2**16), timestamp=chance.randrange(2**32), ssrc=chance.randrange(3))
        line.at(wild, i * _FRAME_S)
    assert len(line.end()) <= 12.1 * 8_000
    assert sum(e.lasts_s for e in _events(line)) <= 12.1


def test_a_sender_that_sends_faster_than_time_goes_fills_no_disk(line: Line) -> None:
    sent = packets(noise(60))
    line.send(sent, at_s=0, every_s=0.001)
    line.hear(3)
    assert line.call.sound(0).path.stat().st_size <= (3 + 2.1) * 16_000  # type: ignore[union-attr]


def test_a_sender_whose_time_never_moves_is_still_heard(line: Line) -> None:
    line.send([p._replace(timestamp=5) for p in packets(noise(3))], at_s=0)
    sound = line.end()
    assert np.count_nonzero(sound) > 0.9 * np.count_nonzero(mu_law(noise(3)))


def _tone(rate_hz: int, seconds: float) -> Samples:
    return (8_000 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.int16)


def _likeness(sound: Samples, known: Samples) -> float:
    """At the best of some lags: the filters of G.722 take 1.4 ms."""
    return max(float(np.corrcoef(sound[i : i + len(known)], known)[0, 1]) for i in range(60))


def test_a_change_to_a_higher_rate_is_resampled_to_the_file(line: Line) -> None:
    wide = Library(16_000, 64_000).encode(_tone(16_000, 2))
    line.send(packets(noise(1)), at_s=0)
    line.send(packets(wide, codec=G722, sequence=50, timestamp=8_000), at_s=1)
    line.send(packets(noise(1, seed=2), sequence=150, timestamp=24_000), at_s=3)
    sound = line.end()
    assert is_in(mu_law(noise(1)), sound, 0) and is_in(mu_law(noise(1, seed=2)), sound, 3)
    assert _likeness(sound[8_000:24_000], _tone(8_000, 1.9)) > 0.99


def test_a_change_to_a_lower_rate_is_resampled_to_the_file(line: Line) -> None:
    wide = Library(16_000, 64_000).encode(_tone(16_000, 2))
    line.send(packets(wide, codec=G722), at_s=0)
    line.send(packets(audioop.lin2ulaw(_tone(8_000, 2).tobytes(), 2), sequence=100, timestamp=16_000), at_s=2)
    sound = line.end()
    assert line.call.sound(0) is not None and len(sound) == 64_000
    assert _likeness(sound[:32_000], _tone(16_000, 1.9)) > 0.99
    assert _likeness(sound[32_000:], _tone(16_000, 1.9)) > 0.99


def test_packets_of_g722_are_decoded_as_one_stream(line: Line) -> None:
    known = np.random.default_rng(2).normal(0, 4_000, 48_000).astype(np.int16)
    wide = Library(16_000, 64_000).encode(known)
    sound = line.send(packets(wide, codec=G722), at_s=0).end()
    assert np.array_equal(sound, np.frombuffer(Library(16_000, 64_000).decode(wide), np.int16))


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_clock_that_is_off_moves_a_leg_by_20_ms_at_most(tmp_path: Path, ppm: int) -> None:
    line = Line(begun(tmp_path))
    count, step_s = 45_000, _FRAME_S * (1 + ppm / 1e6)
    delays = random.Random(6)
    quiet, loud = b"\xff" * FRAME, b"\x80" * FRAME
    for i in range(count):
        late_s = delays.expovariate(1 / 0.01)
        line.at(Packet(0, i % 2**16, (i * FRAME) % 2**32, 7, quiet if i % 500 else loud), i * step_s + late_s)
        if i % 5_000 == 4_999:
            line.hear(i * step_s)
    sound = line.end()
    heard_s = (np.flatnonzero(np.diff((sound != 0).astype(np.int8)) == 1) + 1) / TICKS_HZ
    spoken_s = np.arange(500, count, 500) * step_s
    assert np.abs(heard_s - spoken_s).max() < 0.0205
    assert line.call.events() == []


def test_a_clock_that_runs_ahead_costs_silence_and_no_beginning_of_a_word(line: Line) -> None:
    chance, word, silence, sent = random.Random(9), noise(0.06), b"\xff" * FRAME, b""
    words = 0
    while len(sent) < 120 * TICKS_HZ:
        sent += silence * chance.randrange(1, 5) + word
        words += 1
    sound = line.send(packets(sent), at_s=0, every_s=_FRAME_S * (1 - 1_000 / 1e6)).end()
    assert len(sound) < len(sent) - 5 * FRAME  # time was made up for
    assert sound.tobytes().count(mu_law(word).tobytes()) == words


def test_each_stream_of_g722_has_a_decoder_of_its_own(line: Line) -> None:
    known = np.random.default_rng(2).normal(0, 4_000, 16_000).astype(np.int16)
    wide = Library(16_000, 64_000).encode(known)
    line.send(packets(wide, codec=G722, ssrc=1), at_s=0)
    line.send(packets(wide, codec=G722, ssrc=2), at_s=2)
    decoded = np.frombuffer(Library(16_000, 64_000).decode(wide), np.int16)
    assert is_in(decoded, line.end(), 2, rate_hz=16_000)


def test_a_flood_of_keys_is_told_of_as_if_they_were_pressed(line: Line) -> None:
    for i in range(5_000):
        line.at(Packet(TELEPHONE_EVENT.payload_type, i, i, 9, b"\x05\x00\x00\x00"), i * 0.0005)
    line.end()
    assert len(_events(line, Happened.KEY)) <= 2.5 / 0.04 + 1


def test_a_clock_that_is_off_costs_a_loud_sender_20_ms_a_minute_at_most(line: Line) -> None:
    sent = noise(300)
    sound = line.send(packets(sent), at_s=0, every_s=_FRAME_S * (1 - 500 / 1e6)).end()
    cut = len(sent) - len(sound)
    assert 0 < cut <= 5 * FRAME
    assert mu_law(sent)[: 60 * TICKS_HZ].tobytes() in sound.tobytes()
    assert mu_law(sent)[-TICKS_HZ:].tobytes() in sound.tobytes()


_WILD = st.builds(
    Packet,
    payload_type=st.sampled_from([0, 8, 9, 101, 18]),
    sequence=st.integers(0, 2**16 - 1),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2),
    payload=st.binary(max_size=320),
)


@given(st.lists(st.tuples(_WILD, st.integers(0, 300)), max_size=120), st.booleans())
@settings(deadline=None, max_examples=60)
def test_no_packets_break_a_leg_or_make_it_longer_than_time(sent: list[tuple[Packet, int]], near: bool) -> None:
    with TemporaryDirectory() as folder:
        line, at_s = Line(begun(Path(folder))), 0.0
        for i, (wild, later_ms) in enumerate(sent):
            at_s += later_ms / 1_000
            nearly_right = wild._replace(sequence=i + wild.sequence % 5, timestamp=i * FRAME + wild.timestamp % 400)
            line.at(nearly_right if near else wild, at_s)
        line.end()
        stored = line.call.sound(0)
        assert stored is None or len(stored) / stored.rate_hz <= at_s + 2.25
        assert all(0 <= e.at_s <= at_s + 2.25 and e.lasts_s <= at_s + 2.25 for e in line.call.events())
