"""Promises of Opus in a live stream: what an encoder gave is heard as it was, and what is no Opus ends in a sentence."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import pytest

import asr.opus
from asr.opus import LONGEST_PACKET_BYTES, Opus
from asr.template import Template
from core.errors import InvalidInput
from tests.asr.test_audio import tone
from tests.asr.test_sandbox import decoders

RATE_HZ = 48_000


def packets(samples: np.ndarray, layout: str = "mono", ms: int = 20, rate_hz: int = RATE_HZ) -> list[bytes]:
    """Samples in [-1, 1] as libopus encodes them, one packet each `ms`."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format, codec.time_base = rate_hz, layout, "s16", Fraction(1, rate_hz)
    codec.options = {"frame_duration": str(ms)}
    size, channels = rate_hz * ms // 1000, 2 if layout == "stereo" else 1
    whole = np.repeat((samples * 32767).astype(np.int16), channels)
    found = []
    for at in range(0, len(whole) - size * channels + 1, size * channels):
        frame = av.AudioFrame.from_ndarray(whole[None, at : at + size * channels], "s16", layout)
        frame.sample_rate, frame.pts = rate_hz, at // channels
        found += [bytes(packet) for packet in codec.encode(frame)]
    return found


@pytest.fixture
def opus() -> Iterator[Opus]:
    with Opus(60) as opened:
        yield opened
    assert decoders(os.getpid()) == []


@pytest.mark.parametrize(("layout", "ms", "rate_hz"), [("mono", 20, 48_000), ("stereo", 20, 48_000), ("mono", 60, 16_000)])
def test_what_was_encoded_is_heard(opus: Opus, layout: str, ms: int, rate_hz: int) -> None:
    sent = packets(tone(440, 2, rate_hz), layout, ms, rate_hz)
    heard = np.concatenate([opus.samples(packet) for packet in sent])
    assert len(heard) == pytest.approx(len(sent) * ms * 16, abs=320)
    spectrum = np.abs(np.fft.rfft(heard[3200:19_200] * np.hanning(16_000)))
    assert np.argmax(spectrum) == pytest.approx(440, abs=3)
    assert np.abs(heard[3200:-320]).max() == pytest.approx(np.abs(tone(440, 2, rate_hz)).max(), rel=0.15)


def test_an_empty_message_is_nothing(opus: Opus) -> None:
    assert len(opus.samples(b"")) == 0
    assert sum(len(opus.samples(p)) for p in packets(tone(440, 1, RATE_HZ))) > 15_000


def test_more_packets_at_once_than_pipes_hold_are_each_answered(opus: Opus) -> None:
    sent = [*packets(tone(440, 2, RATE_HZ)) * 30, b"", b"\x03\xff", *packets(tone(440, 1, RATE_HZ), ms=60)]
    heard = opus.decode(sent)
    assert len(heard) == len(sent) and heard[3000] is heard[3001] is None
    assert {len(pcm) for pcm in heard[1:3000] if pcm is not None} == {320} and {
        len(pcm) for pcm in heard[3002:] if pcm is not None
    } == {960}


def test_what_is_no_opus_is_told(opus: Opus) -> None:
    for broken in (b"\xff" * 100, b"\x03\xff", bytes(LONGEST_PACKET_BYTES), bytes(LONGEST_PACKET_BYTES + 1)):
        with pytest.raises(InvalidInput, match="Opus"):
            opus.samples(broken)


def test_flipped_bits_and_noise_end_in_samples_or_a_sentence(opus: Opus) -> None:
    chance = random.Random(5)
    good = packets(tone(440, 2, RATE_HZ))
    for number in range(600):
        packet = bytearray(good[number % len(good)])
        for _ in range(chance.randint(1, 20)):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        try:
            heard = opus.samples(bytes(packet) if number % 2 else chance.randbytes(chance.randint(1, 1500)))
        except InvalidInput:
            continue
        assert len(heard) <= 16_000
        assert np.isfinite(heard).all()
    assert len(opus.samples(good[0])) > 0, "the stream could go on"


def test_two_streams_have_processes_of_their_own(opus: Opus) -> None:
    with Opus(60) as other:
        assert len(set(decoders(os.getpid()))) == 2
        assert len(other.samples(packets(tone(440, 1, RATE_HZ))[0])) > 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_falls_or_stands_still_is_told(opus: Opus, how: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr.opus, "_ANSWERS_WITHIN_S", 0.3)
    sent = packets(tone(440, 1, RATE_HZ))
    opus.samples(sent[0])
    (pid,) = decoders(os.getpid())
    os.kill(pid, how)
    with pytest.raises(InvalidInput, match="Opus"):
        opus.samples(sent[1])


@pytest.mark.parametrize("answer", ["b'\\xff\\xff\\xff\\x7f'", "b'\\x03\\0\\0\\0abc'", "b'\\x04\\0\\0\\0ab'", "b''"])
def test_a_process_that_was_taken_over_is_not_believed(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr.opus, "_ANSWERS_WITHIN_S", 2.0)
    start = "import sys; sys.path += sys.argv[2:]; from asr import forking, packets; import os\n"
    start += f"packets.work = lambda errand, files: os.write(files[1], {answer})\nforking.main()"
    template = Template(start)
    with Opus(60, template) as opened, pytest.raises(InvalidInput):
        opened.samples(packets(tone(440, 1, RATE_HZ))[0])
    template.close()
