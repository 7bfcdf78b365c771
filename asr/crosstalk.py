"""Two channels of a call in; each without what leaks into it from the other, and whether they are two at all, out.

A line, a handset or a recorder lets a little of one side be heard on the other's channel, and a recogniser writes it down as that
side's own words, though it is fifty times weaker. Such an echo is the other channel through a short filter (ITU-T G.168), which
is estimated from the moments when only the other side speaks (least squares in the frequency domain) and then subtracted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from asr.audio import SAMPLE_RATE_HZ, Pcm

Samples = npt.NDArray[np.float32]

_WINDOW = SAMPLE_RATE_HZ // 2  #: also the longest delay of an echo
_AHEAD = SAMPLE_RATE_HZ // 200  # a recorder may start its channels a little apart
_TAPS = SAMPLE_RATE_HZ * 32 // 1000  #: how long the filter is
_FFT = 2 * _WINDOW
_QUIETEST = 1e-7  #: mean power of a window in which somebody speaks
_LOUDER = 4.0  #: the power of the side that speaks alone, against the other's
_FEWEST_WINDOWS = 8
_EXPLAINED = 0.3  #: of what is heard while only the other side speaks; without an echo below .01, with a loud one above .5
_FADE = np.hanning(_WINDOW)
_SILENCE = 1e-6  #: energy of a window
_FLOOR = 1e-3  # of the strongest frequency; weaker ones say nothing
_FRAME = SAMPLE_RATE_HZ // 50
_SMOOTHED = 5  # frames
_DROWNED = 4.0  #: what is left beside an echo so many times stronger is its remainder, not a voice
_BLOCK = 60 * SAMPLE_RATE_HZ
_ONE_SOUND = 0.9


@dataclass(frozen=True, slots=True)
class _Echo:
    """How one channel is heard on the other."""

    delay: int  #: in samples; below zero where the recorder started one channel late
    taps: Samples

    def of(self, other: Pcm, first: int, last: int) -> Samples:
        """The echo between two samples."""
        heard = _samples(other, first - self.delay - _TAPS + 1, last - self.delay)
        size = 1 << (len(heard) + _TAPS).bit_length()
        made = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(self.taps, size), size)
        return np.asarray(made[_TAPS - 1 : _TAPS - 1 + last - first], np.float32)


def are_one(pcms: tuple[Pcm, Pcm]) -> bool:
    """Whether both channels hold the same sound, however loud and with whatever noise."""
    products = np.zeros((2, 2))
    for first in range(0, pcms[0].frames, _BLOCK):
        both = np.stack([_samples(pcm, first, min(first + _BLOCK, pcm.frames)) for pcm in pcms]).astype(np.float64)
        both -= both.mean(axis=1, keepdims=True)  # a recorder may add a constant to both
        products += both @ both.T
    return bool(abs(products[0, 1]) > _ONE_SOUND * np.sqrt(products[0, 0] * products[1, 1]))


def is_echo(own: Samples, other: Samples, rate_hz: int) -> bool:
    """Whether a stretch of one channel is nothing but what leaks into it from the other: live, where the whole is not there yet.

    Args:
        other: the same stretch of the other channel, with as much before and behind it as an echo may be late or early.
    """
    if len(other) <= len(own) or np.sum(other**2) < max(_SILENCE, _LOUDER * float(np.sum(own**2))):
        return False
    taps, size = rate_hz * 32 // 1000, 1 << (len(own) + len(other)).bit_length()
    spoken, heard = np.fft.rfft(other, size), np.fft.rfft(own, size)
    alike = np.fft.irfft(heard.conj() * spoken, size)[: len(other) - len(own) + 1][::-1]  # by delay, from the longest lead on
    if len(alike) < taps:
        return False
    first = int(np.convolve(alike**2, np.ones(taps), "valid").argmax())
    own_likeness = np.fft.irfft(np.abs(spoken) ** 2, size)[:taps]
    equations = own_likeness[np.abs(np.subtract.outer(np.arange(taps), np.arange(taps)))]
    filtered = np.linalg.solve(equations + _FLOOR * own_likeness[0] * np.eye(taps), alike[first : first + taps])
    start = len(other) - len(own) - first
    delayed = np.convolve(np.pad(other, (taps, 0)), filtered)[start + taps : start + taps + len(own)]
    left = own - delayed
    return float(left @ left) < (1 - _EXPLAINED) * float(own @ own)


def without_crosstalk(pcms: tuple[Pcm, Pcm], check: Callable[[], None] = lambda: None) -> tuple[Pcm, Pcm]:
    """The channels, each without the echo of the other; one that has none is given back as it is.

    Args:
        check: called now and then; what it raises ends the work.
    """
    a, b = pcms
    return _cleared(a, b, check), _cleared(b, a, check)


def _cleared(own: Pcm, other: Pcm, check: Callable[[], None]) -> Pcm:
    echo = _echo(own, other, check)
    if echo is None:
        return own
    clear = Pcm(path=own.path.with_suffix(".clear"), frames=own.frames)
    with clear.path.open("wb") as file:
        for first in range(0, own.frames, _BLOCK):
            check()
            last = min(first + _BLOCK, own.frames)
            left = _left(_samples(own, first, last), echo.of(other, first, last))
            file.write((np.clip(left, -1, 32767 / 32768) * 32768).round().astype("<i2").tobytes())
    return clear


def _left(own: Samples, echo: Samples) -> Samples:
    """What is left of a channel without the echo: silence where nothing else was heard."""
    left = own - echo
    drowned = _powers(echo) > _DROWNED * _powers(left)
    left[np.repeat(drowned, _FRAME)[: len(left)]] = 0.0
    return left


def _powers(samples: Samples) -> npt.NDArray[np.float64]:
    """Of each frame, smoothed."""
    frames = np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME).astype(np.float64)
    return np.convolve((frames**2).mean(axis=1), np.ones(_SMOOTHED) / _SMOOTHED, "same")


def _echo(own: Pcm, other: Pcm, check: Callable[[], None]) -> _Echo | None:
    """How the other channel is heard on this one; None where it is not."""
    windows = []
    cross, power = np.zeros(_FFT // 2 + 1, np.complex128), np.zeros(_FFT // 2 + 1)
    for first in range(_AHEAD, own.frames - _FFT, _WINDOW):
        check()
        spoken, heard = _samples(other, first, first + _WINDOW), _samples(own, first - _AHEAD, first - _AHEAD + _FFT)
        if np.mean(spoken**2) > max(_QUIETEST, _LOUDER * float(np.mean(heard**2))):
            spectrum = np.fft.rfft(spoken * _FADE, _FFT)
            cross += np.fft.rfft(heard) * spectrum.conj()
            power += np.abs(spectrum) ** 2
            windows.append(first)
    if len(windows) < _FEWEST_WINDOWS:
        return None
    response = np.fft.irfft(cross / (power + _FLOOR * power.max()))[:_WINDOW]
    first = int(np.convolve(response**2, np.ones(_TAPS), "valid").argmax())
    echo = _Echo(first - _AHEAD, response[first : first + _TAPS].astype(np.float32))
    return echo if np.median([_explained(echo, own, other, at) for at in windows]) > _EXPLAINED else None


def _explained(echo: _Echo, own: Pcm, other: Pcm, first: int) -> float:
    """The share of a window's energy that is echo."""
    heard = _samples(own, first, first + _WINDOW)
    left = heard - echo.of(other, first, first + _WINDOW)
    return 1.0 - float(left @ left) / energy if (energy := float(heard @ heard)) > _SILENCE else 0.0


def _samples(pcm: Pcm, first: int, last: int) -> Samples:
    """From one sample to another, with silence before the recording and behind it."""
    start, end = min(max(first, 0), pcm.frames), min(max(last, 0), pcm.frames)
    read = np.fromfile(pcm.path, "<i2", count=end - start, offset=start * 2).astype(np.float32) / np.float32(32768)
    return np.pad(read, (start - first, last - end))
