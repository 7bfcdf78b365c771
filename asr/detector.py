"""Sound in, as it comes; the probability of speech in each window of 32 ms out: Silero VAD, whose state is kept between calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model

WINDOW = 512  #: samples at 16 kHz

_CONTEXT = 64  # samples of the window before, as the model was trained (github.com/snakers4/silero-vad)
_STATE = (1, 1, 128)


class Detector:
    """One speaker's detector."""

    def __init__(self) -> None:
        self._model: Any = get_vad_model()
        self._h, self._c = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)
        self._before = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """One for each window of samples, whose number is a multiple of `WINDOW`."""
        if not len(samples):
            return np.zeros(0, np.float32)
        windows = samples.reshape(-1, WINDOW)
        contexts = np.vstack([self._before[None], windows[:-1, -_CONTEXT:]])
        self._before = windows[-1, -_CONTEXT:].copy()
        found, self._h, self._c = self._model.session.run(
            None, {"input": np.concatenate([contexts, windows], axis=1), "h": self._h, "c": self._c}
        )
        return np.asarray(found, np.float32).reshape(-1)
