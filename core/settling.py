"""A clock that anybody may set in, whether to delete by it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SETTLE_S = 3600.0
_SET = timedelta(hours=12)  #: less takes a day's records away a little early


@dataclass(slots=True)
class Settling:
    """A clock is believed when it has gone with the machine's own for a while: since the start, and since it was set by much. Who
    set it to a wrong year has that long to see it; what would be deleted meanwhile nobody could bring back."""

    settle_s: float
    _since_s: float = field(default=0.0, init=False)
    _looked: tuple[datetime, float] | None = field(default=None, init=False)

    def has_settled(self, at: datetime, at_s: float) -> bool:
        """To be asked every now and then. `at_s` is of a clock that nobody can set."""
        if self._looked is None or _was_set(*self._looked, at, at_s):
            self._since_s = at_s
        self._looked = at, at_s
        return at_s - self._since_s >= self.settle_s


def _was_set(looked: datetime, looked_s: float, at: datetime, at_s: float) -> bool:
    return abs(at - looked - timedelta(seconds=at_s - looked_s)) > _SET
