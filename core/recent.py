"""What was kept under a name lately: so many things at most, each for so long, in memory only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from core.clock import Clock

Thing = TypeVar("Thing")


class Recent(Generic[Thing]):
    """A short memory. What is over its time is given to nobody, and dropped when the next thing is kept. Thread-safe."""

    def __init__(self, *, most: int, lifetime: timedelta, clock: Clock) -> None:
        self._most, self._lifetime, self._clock = most, lifetime, clock
        self._kept: OrderedDict[str, tuple[datetime, Thing]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> Thing | None:
        with self._lock:
            kept = self._kept.get(name)
        return kept[1] if kept and self._is_alive(kept[0]) else None

    def keep(self, name: str, thing: Thing) -> None:
        """In place of what was kept under the name before."""
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (self._clock(), thing)
            while len(self._kept) > self._most or not self._is_alive(next(iter(self._kept.values()))[0]):
                self._kept.popitem(last=False)

    def _is_alive(self, kept_at: datetime) -> bool:
        return self._clock() - kept_at <= self._lifetime
