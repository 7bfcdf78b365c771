"""Half the sum and half the difference of two channels in, one channel out that has the sound of both.

Where one channel is the other turned over (a balanced line on a stereo jack, two wires of a cable swapped), their sum is silence
and their difference is the sound.
"""

from __future__ import annotations

from array import array
from typing import Any, BinaryIO

from asr.errand import SAMPLE_BYTES, SAMPLE_RATE_HZ

SIDES = "stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0-0.5*c1"  #: in the words of FFmpeg's filter `pan`
_WINDOW = SAMPLE_RATE_HZ // 2
_FADE = SAMPLE_RATE_HZ // 50
_STEP = 37  # every so many samples are looked at: a prime, so that no common tone stands still
_FAR_MORE, _STILL_MORE = 16, 2  # times the power: 12 dB to begin, 3 dB to go on
_AUDIBLE = 100.0  # the power of samples around 10


class Mixdown:
    """Writes the sum, or the difference from where that has far more power until it has no more: faded, without a click."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sum, self._difference = bytearray(), bytearray()
        self._turned: bool | None = None  #: whether the difference was written last

    def write(self, half_sum: Any, half_difference: Any) -> None:
        """Blocks of samples, as long as each other."""
        self._sum += half_sum
        self._difference += half_difference
        while len(self._sum) >= _WINDOW * SAMPLE_BYTES:
            self._put(_WINDOW * SAMPLE_BYTES)

    def flush(self) -> None:
        if self._sum:
            self._put(len(self._sum))
        self._file.flush()

    def _put(self, size_bytes: int) -> None:
        whole, part = (array("h", bytes(held[:size_bytes])) for held in (self._sum, self._difference))
        del self._sum[:size_bytes], self._difference[:size_bytes]
        before, self._turned = self._turned, self._is_turned(whole, part)
        written, faded = (part, whole) if self._turned else (whole, part)
        if before is not None and before is not self._turned:
            for i in range(min(_FADE, len(written))):
                written[i] = (faded[i] * (_FADE - i) + written[i] * i) // _FADE
        self._file.write(written)

    def _is_turned(self, half_sum: array[int], half_difference: array[int]) -> bool:
        part = _power(half_difference)
        if part < _AUDIBLE:
            return bool(self._turned) and _power(half_sum) < _AUDIBLE
        return part > (_STILL_MORE if self._turned else _FAR_MORE) * _power(half_sum)


def _power(samples: array[int]) -> float:
    """Of what swings: a constant is no sound."""
    seen = samples[::_STEP]
    return sum(s * s for s in seen) / len(seen) - (sum(seen) / len(seen)) ** 2
