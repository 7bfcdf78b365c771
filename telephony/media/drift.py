"""How far a sender's clock has gone from ours. All times are in ticks."""

from __future__ import annotations

import sys

from telephony.media.codecs import TICKS_HZ

_WINDOW = 4 * TICKS_HZ
_ENOUGH = 50  #: packets of a window


class Drift:
    """A network only delays, so the fastest packet of a window tells. Crystals are off by up to 100 ppm or so, which makes a
    second and a half in four hours."""

    def __init__(self, since: int) -> None:
        self.owed = 0  #: by how much sound would have to stand later than it does
        self._since = since
        self._seen = 0
        self._least = sys.maxsize

    def hear(self, at: int, late: int) -> None:
        """A packet came at a time, so much later than its place."""
        self._least = min(self._least, late)
        self._seen += 1
        if at - self._since >= _WINDOW and self._seen >= _ENOUGH:
            self.owed = self._least
            self._since, self._seen, self._least = at, 0, sys.maxsize
