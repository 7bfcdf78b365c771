"""Packets of somebody whom a port may have next, kept until it is known whether it does."""

from __future__ import annotations

from collections import deque

from telephony.media.latch import Address
from telephony.media.stream import Arrival

_MOST = 100  #: packets: as long as a sender who is silent is waited for, be they of 10 ms


class Waiting:
    """Of one sender at a time: whoever comes takes the place of another."""

    def __init__(self) -> None:
        self._source: Address | None = None
        self._kept: deque[Arrival] = deque(maxlen=_MOST)

    def add(self, source: Address, arrival: Arrival) -> None:
        if source != self._source:
            self._source = source
            self._kept.clear()
        self._kept.append(arrival)

    def take(self, source: Address | None, since: int) -> list[Arrival]:
        """What came from there after a moment. Nobody waits any more."""
        taken = [arrival for arrival in self._kept if source == self._source and arrival.at > since]
        self._source = None
        self._kept.clear()
        return taken
