"""G.711: the loudness that each byte of mu-law and A-law stands for (ITU-T G.711, tables 1 and 2)."""

from __future__ import annotations

import numpy as np

from telephony.ongoing import Samples


def _mu_law() -> Samples:
    inverted = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (inverted >> 4) & 7, inverted & 15
    size = (((mantissa.astype(np.int32) << 3) + 132) << exponent) - 132
    return np.where(inverted & 128, -size, size).astype(np.int16)


def _a_law() -> Samples:
    toggled = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (toggled >> 4) & 7, toggled & 15
    step = (mantissa.astype(np.int32) << 4) + 8
    size = np.where(exponent == 0, step, (step + 256) << np.maximum(exponent.astype(np.int32) - 1, 0))
    return np.where(toggled & 128, size, -size).astype(np.int16)


MU_LAW, A_LAW = _mu_law(), _a_law()
