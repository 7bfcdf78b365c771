"""Sound of another rate than its file's, as after a change of codec in the middle of a call."""

from __future__ import annotations

import numpy as np
import soxr

from telephony.ongoing import Samples


class Resampling:
    """An unbroken stretch of sound, block by block; the library holds some back until it ends."""

    def __init__(self, from_hz: int, to_hz: int, at: int) -> None:
        self.at = at  #: where the next of it belongs, in samples of the file
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16")

    def add(self, samples: Samples) -> tuple[int, Samples]:
        """The next block; where it belongs and what of it is known."""
        return self._placed(self._stream.resample_chunk(np.ascontiguousarray(samples)))

    def end(self) -> tuple[int, Samples]:
        """The last of it."""
        return self._placed(self._stream.resample_chunk(np.empty(0, np.int16), last=True))

    def _placed(self, samples: Samples) -> tuple[int, Samples]:
        at, self.at = self.at, self.at + len(samples)
        return at, samples
