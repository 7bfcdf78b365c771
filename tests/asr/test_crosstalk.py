"""Promises of channels that leak into each other: what is the other side's goes, what is one's own stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.crosstalk import are_one, is_echo, without_crosstalk
from tests.spoken import CALL


@pytest.fixture
def sides(speech: Callable[..., Path]) -> np.ndarray:
    """One asks and the other answers, and in the end both speak at once."""
    asks, answers = (soundfile.read(speech(text, voice))[0] for voice, text in CALL)
    both = min(len(asks), len(answers), 3 * SAMPLE_RATE_HZ)
    return np.stack(
        [
            np.concatenate([np.zeros(len(asks)), answers, answers[:both]]),
            np.concatenate([asks, np.zeros(len(answers)), asks[:both]]),
        ]
    )


def pcms(channels: np.ndarray, folder: Path) -> tuple[Pcm, Pcm]:
    noisy = channels + np.random.default_rng(0).normal(0, 1e-4, channels.shape)
    for number, samples in enumerate(noisy):
        (np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(folder / f"channel-{number}.pcm")
    first, second = (Pcm(path=folder / f"channel-{number}.pcm", frames=channels.shape[1]) for number in (0, 1))
    return first, second


def leaking(sides: np.ndarray, gain_db: float, delay_s: float) -> np.ndarray:
    """Each side is heard on the other's channel, muffled, a little later."""
    delay = round(delay_s * SAMPLE_RATE_HZ)
    muffled = np.stack([np.convolve(s, [0.5, 0.3, 0.2])[: sides.shape[1]] for s in sides]) * 10 ** (gain_db / 20)
    late = np.pad(muffled, ((0, 0), (delay, 0)))[:, : sides.shape[1]]
    return sides + late[::-1]


@pytest.mark.parametrize(("gain_db", "delay_s"), [(-14, 0.0), (-20, 0.06), (-30, 0.2)])
def test_the_other_side_is_silenced_and_ones_own_words_stay(
    sides: np.ndarray, tmp_path: Path, gain_db: float, delay_s: float
) -> None:
    cleared = without_crosstalk(pcms(leaking(sides, gain_db, delay_s), tmp_path))
    for pcm, own, other in zip(cleared, sides, sides[::-1], strict=True):
        left = pcm.read(0, pcm.duration_s)
        alone = (np.abs(own) < 1e-6) & (np.abs(other) > 0.01)
        assert np.mean(left[alone] ** 2) < 0.05 * 10 ** (gain_db / 10) * np.mean(other[alone] ** 2)
        assert np.corrcoef(left, own)[0, 1] > 0.99, "also of what was said while both spoke"
        assert len(left) == len(own)


def test_channels_that_do_not_leak_are_left_as_they_are(sides: np.ndarray, tmp_path: Path) -> None:
    given = pcms(sides, tmp_path)
    assert without_crosstalk(given) == given
    tone = np.stack([np.sin(np.arange(sides.shape[1]) * 2 * np.pi * 400 / SAMPLE_RATE_HZ) * 0.1, sides[1]])  # it rings
    given = pcms(tone, tmp_path)
    assert without_crosstalk(given) == given
    given = pcms(np.zeros((2, 100)), tmp_path)
    assert without_crosstalk(given) == given


def test_one_sound_on_both_channels_is_known_however_it_was_recorded(sides: np.ndarray, tmp_path: Path) -> None:
    mixed = sides.sum(axis=0)
    for both in ([mixed, mixed], [mixed, 0.3 * mixed], [mixed, -mixed], [mixed + 0.1, 0.9 * mixed]):
        assert are_one(pcms(np.stack(both), tmp_path))
    for two in (sides, leaking(sides, -10, 0.0), sides * 0.2 + 0.3, [mixed, 0 * mixed], [0 * mixed, 0 * mixed]):
        assert not are_one(pcms(np.asarray(two), tmp_path))


@pytest.mark.parametrize(("gain_db", "delay_s"), [(-14, 0.0), (-20, 0.06), (-30, 0.4)])
def test_a_stretch_that_is_only_the_other_side_is_told_from_ones_own_words(
    sides: np.ndarray, gain_db: float, delay_s: float
) -> None:
    before = round(0.5 * SAMPLE_RATE_HZ)
    noisy = (leaking(sides, gain_db, delay_s) + np.random.default_rng(0).normal(0, 1e-4, sides.shape)).astype(np.float32)
    asked = slice(before, before + 3 * SAMPLE_RATE_HZ)
    both = slice(sides.shape[1] - 2 * SAMPLE_RATE_HZ, sides.shape[1] - before)

    def echo(side: int, at: slice) -> bool:
        around = slice(at.start - before, at.stop + round(0.1 * SAMPLE_RATE_HZ))
        return is_echo(noisy[side][at], noisy[1 - side][around], SAMPLE_RATE_HZ)

    assert echo(0, asked), "only the one who asks speaks"
    assert not echo(1, asked)
    assert not echo(0, both) and not echo(1, both)


def test_silence_is_no_echo() -> None:
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    assert not is_echo(silence, np.zeros(2 * SAMPLE_RATE_HZ, np.float32), SAMPLE_RATE_HZ)
    assert not is_echo(silence[:0], silence, SAMPLE_RATE_HZ)
    assert not is_echo(silence, silence[:100], SAMPLE_RATE_HZ)
