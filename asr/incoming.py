"""Bytes of 16-bit PCM in, cut anywhere; samples at 16 kHz out."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

_TAPS = 64  # of the interpolation: the telephone band is kept to 3.7 kHz, its image is 60 dB lower


class Rate(IntEnum):
    """Rates that a stream may have."""

    TELEPHONE = 8_000
    WIDE = 16_000


class Incoming:
    """One stream's bytes, little-endian and mono. At 8 kHz the samples come 2 ms late, as the filter looks ahead."""

    def __init__(self, rate: Rate) -> None:
        self._rest = b""
        self._upsampling = _Doubling() if rate is Rate.TELEPHONE else None

    def samples(self, data: bytes) -> npt.NDArray[np.float32]:
        """In [-1, 1]. Half a sample is kept for the next call."""
        data = self._rest + data
        whole = len(data) // 2 * 2
        self._rest = data[whole:]
        samples = np.frombuffer(data[:whole], "<i2").astype(np.float32) / np.float32(32768)
        return self._upsampling.double(samples) if self._upsampling else samples


class _Doubling:
    """Twice the rate, by a windowed sinc; the end of each call is remembered for the next."""

    def __init__(self) -> None:
        place = np.arange(-_TAPS // 2, _TAPS // 2 + 1)
        self._filter = (np.sinc(place / 2) * np.kaiser(_TAPS + 1, 6.0)).astype(np.float32)
        self._before = np.zeros(_TAPS, np.float32)

    def double(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if not len(samples):
            return samples
        spread = np.zeros(2 * len(samples), np.float32)
        spread[::2] = samples
        padded = np.concatenate([self._before, spread])
        self._before = padded[-_TAPS:]
        return np.convolve(padded, self._filter, "valid").astype(np.float32)
