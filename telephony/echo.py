"""A stretch of one leg of a call that goes on: whether it is only the other leg, heard again."""

from __future__ import annotations

import numpy as np
import soxr

from asr.crosstalk import Samples, is_echo
from telephony.ongoing import OngoingCall, Sound

_LATEST_S, _EARLIEST_S = 0.5, 0.1  #: that an echo comes after what it is of, or before it where the legs' clocks differ
_FULL_SCALE = np.float32(32768)


def is_heard_again(call: OngoingCall, leg: int, start_s: float, end_s: float) -> bool:
    """So that nobody's words are shown as the other's; in the record the echo is taken out of the sound itself."""
    try:
        own, other = call.sound(leg), call.sound(1 - leg)
        if own is None or other is None:
            return False
        around = _samples(other, start_s - _LATEST_S, end_s + _EARLIEST_S)
        if other.rate_hz != own.rate_hz:
            around = soxr.resample(around, other.rate_hz, own.rate_hz)
        return is_echo(_samples(own, start_s, end_s), around, own.rate_hz)
    except OSError:  # taken into the records, or not to be read now: an echo does less harm than words that are lost
        return False


def _samples(sound: Sound, start_s: float, end_s: float) -> Samples:
    first, last = (max(0, round(s * sound.rate_hz)) for s in (start_s, end_s))
    return sound.read(first, last - first).astype(np.float32) / _FULL_SCALE
