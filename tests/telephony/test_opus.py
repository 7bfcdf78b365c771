"""Opus as phones send it: kept at its own time, whatever the sender leaves out, loses or breaks."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from rtp_kit import OPUS, PCMU, WIDE_EVENT, Line, begun, is_in, mu_law, noise, packets

from telephony.media.opus import OpusDecoder, length
from telephony.media.rtp import Packet
from telephony.ongoing import Event, Happened, Samples
from tests.asr.test_sandbox import decoders

_HZ, _FILE_HZ = 48_000, 16_000
_FRAME_S = 0.02


def _encoded(sound: Samples, ms: float = 20, layout: str = "mono", **options: str) -> list[bytes]:
    """Sound at 48 kHz as libopus packs it."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format, codec.time_base = _HZ, layout, "s16", Fraction(1, _HZ)
    codec.options = {"frame_duration": str(ms), "application": "voip", **options}
    channels, size = 2 if layout == "stereo" else 1, round(_HZ * ms / 1000)
    made = []
    for at in range(0, len(sound) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(np.repeat(sound[at : at + size], channels)[None], "s16", layout)
        frame.sample_rate, frame.pts = _HZ, at
        made += [bytes(packet) for packet in codec.encode(frame)]
    return made


def _beeps(seconds: float) -> Samples:
    """A tone of 100 ms at the beginning of each second."""
    t = np.arange(round(seconds * _HZ)) / _HZ
    return (8_000 * np.sin(2 * np.pi * 1_000 * t) * (t % 1 < 0.1)).astype(np.int16)


def _beginnings_s(sound: Samples) -> list[float]:
    """When the tones begin that are heard."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 2_000) / _FILE_HZ
    return [float(at) for at, before in zip(loud, [-1.0, *loud], strict=False) if at - before > 0.5]


def _sent(
    payloads: Sequence[bytes], *, sequence: int = 0, timestamp: int = 0, ssrc: int = 7, every_s: float = _FRAME_S
) -> list[Packet]:
    step = round(every_s * _HZ)
    return [
        Packet(OPUS.payload_type, (sequence + i) % 2**16, (timestamp + i * step) % 2**32, ssrc, payload)
        for i, payload in enumerate(payloads)
    ]


def _lost(line: Line) -> list[Event]:
    return [e for e in line.call.events() if e.kind is Happened.LOST]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(begun(tmp_path))


@pytest.mark.parametrize("ms", [2.5, 5, 10, 20, 40, 60, 80, 100, 120])
@pytest.mark.parametrize(("layout", "bit_rate"), [("mono", "12000"), ("mono", "24000"), ("stereo", "96000")])
def test_packets_of_every_length_and_bandwidth_stand_at_their_time(line: Line, ms: float, layout: str, bit_rate: str) -> None:
    payloads = _encoded(_beeps(3.6), ms, layout, b=bit_rate)
    assert {length(p) for p in payloads} == {round(ms * 16)}
    sound = line.send(_sent(payloads, every_s=ms / 1000), at_s=0.5, every_s=ms / 1000).end()
    assert len(sound) == round((0.5 + len(payloads) * ms / 1000) * _FILE_HZ)
    assert _beginnings_s(sound) == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.015)  # the encoder looks ahead for a moment
    assert line.call.events() == []


def test_counters_wrap_in_the_middle_of_a_word(line: Line) -> None:
    sound = line.send(_sent(_encoded(_beeps(4)), sequence=65_450, timestamp=2**32 - 100_001), at_s=0).end()
    assert _beginnings_s(sound) == pytest.approx([0, 1, 2, 3], abs=0.015) and line.call.events() == []


def test_what_is_lost_is_silence_and_told_and_the_rest_stands_where_it_was(line: Line) -> None:
    sent = _sent(_encoded(_beeps(4)))
    for i, packet in enumerate(sent):
        if not 45 <= i < 60:  # from 0.9 to 1.2 s, and a tone with it
            line.at(packet, i * _FRAME_S)
    sound = line.end()
    assert not sound[round(0.9 * _FILE_HZ) : round(1.2 * _FILE_HZ)].any()
    assert _beginnings_s(sound) == pytest.approx([0, 2, 3], abs=0.015)
    assert [(e.at_s, e.lasts_s) for e in _lost(line)] == [(pytest.approx(0.9), pytest.approx(0.3))]


def test_a_sender_that_is_silent_sends_little_or_nothing_and_nothing_is_lost(line: Line) -> None:
    """DTX (RFC 7587, 3.1.3): empty frames now and then, and gaps in time without any in the sequence."""
    payloads = _encoded(_beeps(4))
    sequence = 0
    for i, payload in enumerate(payloads):
        if i % 50 < 8:
            sent = payload
        elif i % 20 == 0:
            sent = payload[:1]  # the head alone
        else:
            continue
        line.at(Packet(OPUS.payload_type, sequence, i * 960, 7, sent), i * _FRAME_S)
        sequence += 1
    assert _beginnings_s(line.end()) == pytest.approx([0, 1, 2, 3], abs=0.015)
    assert line.call.events() == []


def test_broken_packets_are_silence_and_told_and_harm_nothing(line: Line) -> None:
    chance = random.Random(8)
    payloads = _encoded(_beeps(6))
    broken = [b"\xff" * 100, b"\x03\xff", b"\x03", b"\x7b\x3f", b"\xfb\x00", b"\xf9\x01\x02", chance.randbytes(1_500)]
    for i in range(100, 200):
        payloads[i] = broken[i % len(broken)]
    sound = line.send(_sent(payloads), at_s=0).end()
    assert len(sound) == 6 * _FILE_HZ
    assert _beginnings_s(sound[4 * _FILE_HZ :]) == pytest.approx([0, 1], abs=0.03)
    assert _lost(line) and all(2 <= e.at_s < 4 for e in _lost(line))


def test_noise_never_stops_a_call_nor_makes_it_longer(line: Line) -> None:
    chance = random.Random(9)
    line.send(_sent([chance.randbytes(chance.randrange(0, 300)) for _ in range(500)]), at_s=0)
    good = _encoded(_beeps(2))
    sound = line.send(_sent(good, sequence=500, timestamp=500 * 960), at_s=10).end()
    assert len(sound) == pytest.approx(12 * _FILE_HZ, abs=0.2 * _FILE_HZ)
    assert _beginnings_s(sound[round(9.9 * _FILE_HZ) :])[-1] == pytest.approx(1.1, abs=0.2)


def test_a_call_that_changes_to_g711_and_back_in_mid_stream_loses_nothing(line: Line) -> None:
    """The sender keeps its SSRC, and counts time by another clock meanwhile (RFC 7160)."""
    sent = noise(2)
    line.send(_sent(_encoded(_beeps(2)), timestamp=1_000), at_s=0)
    line.send(packets(sent, codec=PCMU, sequence=100, timestamp=90_000), at_s=2)
    line.send(_sent(_encoded(_beeps(2)), sequence=200, timestamp=200_000), at_s=4)
    sound = line.end()
    assert len(sound) == pytest.approx(6 * _FILE_HZ, abs=320)
    assert _beginnings_s(sound[4 * _FILE_HZ - 160 :])[:2] == pytest.approx([0.01, 1.01], abs=0.02)
    narrow = sound[2 * _FILE_HZ : 4 * _FILE_HZ : 2].astype(float)
    assert np.corrcoef(narrow, mu_law(sent).astype(float)[: len(narrow)])[0, 1] > 0.9
    assert line.call.events() == []


def test_a_call_that_begins_in_g711_keeps_its_file(line: Line) -> None:
    sent = noise(2)
    line.send(packets(sent, codec=PCMU), at_s=0)
    line.send(_sent(_encoded(_beeps(2)), sequence=100, timestamp=77, ssrc=8), at_s=2)
    sound = line.end()
    assert is_in(mu_law(sent), sound, 0) and len(sound) == pytest.approx(32_000, abs=160)
    assert np.abs(sound[16_000:16_800].astype(int)).max() > 2_000


@pytest.mark.parametrize("timestamp", [960 * 50, 123, 2**31])
def test_keys_by_any_clock_move_no_sound(line: Line, timestamp: int) -> None:
    payloads = _encoded(_beeps(4))
    for i, packet in enumerate(_sent(payloads)):
        if 50 <= i < 60:
            press = Packet((101, WIDE_EVENT.payload_type)[timestamp == 960 * 50], i, timestamp, 7, b"\x01\x0a\x00\xa0")
            line.at(press, i * _FRAME_S)
        else:
            line.at(packet, i * _FRAME_S)
    assert _beginnings_s(line.end()) == pytest.approx([0, 2, 3], abs=0.015)
    assert [e.kind for e in line.call.events()] == [Happened.KEY]


def test_a_decoder_that_is_killed_is_followed_by_another_and_no_sound_is_missing(line: Line) -> None:
    line.send(_sent(_encoded(_beeps(4))), at_s=0).hear(2)
    (pid,) = decoders(os.getpid())
    os.kill(pid, signal.SIGKILL)
    assert _beginnings_s(line.end()) == pytest.approx([0, 1, 2, 3], abs=0.015)
    assert line.call.events() == []


def test_a_stream_whose_every_decoder_falls_is_given_up_and_the_next_is_not(line: Line) -> None:
    decoder, payloads = OpusDecoder(), _encoded(_beeps(1))
    for _ in range(3):
        (heard,) = decoder.decode(payloads[:1])
        assert heard is not None
        (pid,) = decoders(os.getpid())
        os.kill(pid, signal.SIGKILL)
    assert decoder.decode(payloads[:2]) == [None, None] and decoders(os.getpid()) == []
    decoder.close()
    line.send(_sent(payloads), at_s=0)
    assert _beginnings_s(line.end()) == pytest.approx([0], abs=0.015)


def test_no_decoder_outlives_its_call_nor_its_stream(line: Line) -> None:
    payloads = _encoded(_beeps(2))
    line.send(_sent(payloads), at_s=0).hear(1.8)
    before = decoders(os.getpid())
    line.send(_sent(payloads, ssrc=8), at_s=2.5).hear(4)
    after = decoders(os.getpid())
    assert len(before) == len(after) == 1 and before != after
    line.end()
    assert decoders(os.getpid()) == []
