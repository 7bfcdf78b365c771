"""The sound of both channels is in the mix, also where one is the other turned over, and none of it clicks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asr.audio import SAMPLE_RATE_HZ, Pcm, decode
from tests.asr.test_audio import pitch_hz, tone

Encode = Callable[..., Path]

X = tone(440, 6, 48_000)
LOUDEST_STEP = 0.4 * 2 * np.pi * 440 / SAMPLE_RATE_HZ


def quietest(pcm: Pcm) -> float:
    """The loudest sample of the quietest tenth of a second."""
    samples = np.abs(pcm.read(0.1, pcm.duration_s - 0.1))
    return float(samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600).max(axis=1).min())


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "opus"])
@pytest.mark.parametrize("gain", [-1.0, -0.89])
def test_a_channel_that_is_turned_over_takes_nothing_away(kind: str, gain: float, encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(np.stack([X, gain * X], axis=1), 48_000, kind), tmp_path / "work")
    assert pcm.duration_s == pytest.approx(6, abs=0.08)
    assert quietest(pcm) > 0.3
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("right", [X, 0 * X, tone(900, 6, 48_000)])
def test_any_other_stereo_is_mixed_in_equal_shares(right: np.ndarray, encode: Encode, tmp_path: Path) -> None:
    (pcm,) = decode(encode(np.stack([X, right], axis=1), 48_000, "wav"), tmp_path / "work")
    mixed = (X + right)[::3] / 2
    assert np.abs(pcm.read(0, 6)[200:-200] - mixed[200:-200]).max() < 0.002


@pytest.mark.parametrize("turned_first", [True, False])
def test_it_may_be_turned_over_on_the_way_and_nothing_clicks(turned_first: bool, encode: Encode, tmp_path: Path) -> None:
    second = np.arange(len(X)) >= 3 * 48_000  # where the tone is at zero
    (pcm,) = decode(encode(np.stack([X, np.where(second == turned_first, X, -X)], axis=1), 48_000, "wav"), tmp_path / "work")
    assert quietest(pcm) > 0.3
    assert np.abs(np.diff(pcm.read(0, 6))).max() < 1.2 * LOUDEST_STEP


def test_a_moment_of_silence_changes_nothing(encode: Encode, tmp_path: Path) -> None:
    gap = (np.arange(len(X)) < 2 * 48_000) | (np.arange(len(X)) > 4 * 48_000)
    (pcm,) = decode(encode(np.stack([X * gap, -X * gap], axis=1), 48_000, "wav"), tmp_path / "work")
    assert np.abs(pcm.read(4.1, 6)).max() == pytest.approx(0.4, abs=0.01)
    assert np.abs(pcm.read(2.1, 3.9)).max() < 0.001
