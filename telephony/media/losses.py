"""Sound that never came: what lies close together is told as one."""

from __future__ import annotations

from telephony.media.codecs import TICKS_HZ
from telephony.ongoing import Event, Happened

_CLOSE = TICKS_HZ // 10  #: so little sound between two losses is no sound
_LONGEST = 10 * TICKS_HZ  #: of what is told as one: a line that stays bad is told while it is, not when it is good again


class Losses:
    """Those of one leg. Times are in ticks."""

    def __init__(self, leg: int) -> None:
        self._leg = leg
        self._start = self._end = self._lost = 0

    def add(self, start: int, length: int) -> list[Event]:
        """A loss. Returns what was before it, if that is another."""
        told = self.settle(None if start - self._start >= _LONGEST else start)
        if not self._end:
            self._start = start
        self._end = max(self._end, start + length)
        self._lost = min(self._lost + length, self._end - self._start)  # what could be neither decoded nor written is lost once
        return told

    def settle(self, now: int | None = None) -> list[Event]:
        """What ended long enough before; without a time any. It lasts as long as what was lost, without what came between."""
        if not self._end or (now is not None and now - self._end <= _CLOSE):
            return []
        at_s, lasts_s = self._start / TICKS_HZ, self._lost / TICKS_HZ
        self._start = self._end = self._lost = 0
        return [Event(kind=Happened.LOST, at_s=at_s, leg=self._leg, lasts_s=lasts_s)]
