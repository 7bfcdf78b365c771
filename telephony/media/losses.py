"""Sound that never came: what lies close together is one stretch."""

from __future__ import annotations

from telephony.media.codecs import TICKS_HZ
from telephony.ongoing import Event, Happened

_CLOSE = TICKS_HZ // 10  #: so little sound between two losses is no sound


class Losses:
    """The stretches of one leg. Times are in ticks."""

    def __init__(self, leg: int) -> None:
        self._leg = leg
        self._start = self._end = 0

    def add(self, start: int, length: int) -> list[Event]:
        """A loss. Returns the stretch before it, if that is another."""
        told = self.settle(start)
        if not self._end:
            self._start = start
        self._end = max(self._end, start + length)
        return told

    def settle(self, now: int | None = None) -> list[Event]:
        """The stretch that ended long enough before; without a time any."""
        if not self._end or (now is not None and now - self._end <= _CLOSE):
            return []
        at_s, lasts_s = self._start / TICKS_HZ, (self._end - self._start) / TICKS_HZ
        self._start = self._end = 0
        return [Event(kind=Happened.LOST, at_s=at_s, leg=self._leg, lasts_s=lasts_s)]
