"""When something happened, by who tells of it later: a recording client gives times of its own clock, which may be any."""

from __future__ import annotations

import math

MOST_LATE_S = 10.0  #: that a change is told; what claims to be older is of something else


class PeersClock:
    """How it differs from ours is known by the message that came the soonest after what it tells of. So no moment is taken to be
    earlier than it was, and one that was told at once is told at once."""

    def __init__(self) -> None:
        self._ahead_s = math.inf  #: our clock, of theirs
        self._told_s = -math.inf  #: the latest moment of theirs so far

    def moment(self, told_s: float | None, now_s: float) -> float:
        """Of the latest change that a message which came now tells of, by our clock; now, where it tells no later one than those
        before."""
        if told_s is None or told_s <= self._told_s:
            return now_s
        self._told_s = told_s
        self._ahead_s = min(self._ahead_s, now_s - told_s)
        at_s = told_s + self._ahead_s + (1.0 if told_s.is_integer() else 0.0)  # whole seconds tell the beginning of one
        return min(at_s, now_s) if now_s - at_s <= MOST_LATE_S else now_s
