"""An ended call becomes a stereo recording: the city hall left, the other right, each sample where it was."""

from __future__ import annotations

import io
import tracemalloc
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.clock import JST
from telephony.ongoing import LiveCall, OngoingCall, Samples
from telephony.stereo import StereoWav


def _call(folder: Path, our_leg: int, sounds: dict[int, tuple[Samples, int]]) -> OngoingCall:
    call = OngoingCall.begin(folder, LiveCall(id="a", began_at=datetime(2026, 11, 28, 9, tzinfo=JST), our_leg=our_leg))
    for leg, (samples, rate_hz) in sounds.items():
        call.new_sound(leg, rate_hz).place(0, samples)
    return call


def _noise(count: int, seed: int) -> Samples:
    return np.random.default_rng(seed).integers(-30_000, 30_000, count, dtype=np.int16)


def _read(wav: StereoWav) -> tuple[Samples, int]:
    data = b"".join(wav)
    assert len(data) == wav.size_bytes
    samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    return samples, rate_hz


@pytest.mark.parametrize("our_leg", [0, 1])
def test_equal_rates_are_copied_bit_by_bit_and_the_shorter_is_filled_with_silence(tmp_path: Path, our_leg: int) -> None:
    legs = {0: _noise(200_001, 1), 1: _noise(70_000, 2)}
    samples, rate_hz = _read(StereoWav(_call(tmp_path, our_leg, {leg: (s, 8_000) for leg, s in legs.items()})))
    assert rate_hz == 8_000 and samples.shape == (200_001, 2)
    for channel, leg in enumerate((our_leg, 1 - our_leg)):
        assert np.array_equal(samples[: len(legs[leg]), channel], legs[leg])
        assert not samples[len(legs[leg]) :, channel].any()


def test_the_lower_rate_is_brought_to_the_higher_and_keeps_its_time(tmp_path: Path) -> None:
    at = np.arange(160_001)
    low = (8_000 * np.sin(2 * np.pi * 440 * at / 8_000)).astype(np.int16)
    high = _noise(320_000, 3)
    samples, rate_hz = _read(StereoWav(_call(tmp_path, 0, {0: (low, 8_000), 1: (high, 16_000)})))
    assert rate_hz == 16_000 and samples.shape == (320_002, 2)
    assert np.array_equal(samples[:320_000, 1], high)
    expected = 8_000 * np.sin(2 * np.pi * 440 * np.arange(320_000) / 16_000)
    assert np.abs(samples[1_000:319_000, 0] - expected[1_000:319_000]).max() < 50


@pytest.mark.parametrize("heard", [0, 1])
def test_who_was_never_heard_is_silence(tmp_path: Path, heard: int) -> None:
    samples, rate_hz = _read(StereoWav(_call(tmp_path, 0, {heard: (_noise(16_000, 4), 16_000)})))
    assert rate_hz == 16_000 and np.array_equal(samples[:, heard], _noise(16_000, 4)) and not samples[:, 1 - heard].any()


def test_a_call_without_sound_is_a_recording_without_sound(tmp_path: Path) -> None:
    samples, rate_hz = _read(StereoWav(_call(tmp_path, 0, {})))
    assert samples.shape == (0, 2) and rate_hz == 8_000


def test_a_file_that_a_crash_left_with_half_a_sample_is_read(tmp_path: Path) -> None:
    call = _call(tmp_path, 0, {0: (_noise(1_000, 5), 8_000)})
    with (call.folder / "0-8000.pcm").open("ab") as f:
        f.write(b"x")
    assert np.array_equal(_read(StereoWav(call))[0][:, 0], _noise(1_000, 5))


def test_a_call_that_grows_meanwhile_is_as_long_as_it_said(tmp_path: Path) -> None:
    call = _call(tmp_path, 0, {0: (_noise(1_000, 5), 8_000)})
    wav = StereoWav(call)
    call.sound(0).place(1_000, _noise(500, 6))  # type: ignore[union-attr]
    assert len(b"".join(wav)) == wav.size_bytes == 44 + 4_000


def test_an_hour_is_never_whole_in_memory(tmp_path: Path) -> None:
    call = _call(tmp_path, 0, {0: (_noise(10, 1), 8_000), 1: (_noise(10, 2), 16_000)})
    for leg in (0, 1):
        sound = call.sound(leg)
        assert sound is not None
        sound.reach(3_600 * sound.rate_hz)
    tracemalloc.start()
    try:
        wav = StereoWav(call)
        assert sum(map(len, wav)) == wav.size_bytes == 44 + 3_600 * 16_000 * 4
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4_000_000
