"""A channel on which another person goes on, as where a call is transferred: what was heard across that moment is cut there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from asr.pieces import cut
from asr.transcript import Segment

_LATE_S, _EARLY_S = 1.0, 0.3  #: that it may be told, after it was or before
_PAUSE_S = 0.1  #: of less nothing follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """From when on another person is heard."""

    channel: int
    at_s: float


def parted(segments: Iterable[Segment], at_s: Sequence[float]) -> tuple[Segment, ...]:
    """The segments of a channel, cut between two words at each of these moments. One whose words are not known stays whole."""
    found = ((s, [offset for at in at_s if (offset := _offset(s, at))]) for s in segments)
    return tuple(part for s, offsets in found for part in (cut(s, offsets) if offsets else (s,)))


def tells_who(start_s: float, end_s: float, told_s: Iterable[float]) -> float:
    """The moment of a stretch of speech that tells who speaks, where others go on at those of `told_s`: its middle, or the last
    of them that it lasts beyond, if it begins where `parted` cuts or later."""
    goes_on_s = (at for at in told_s if start_s >= at - _LATE_S and end_s > at + _EARLY_S)
    return max([(start_s + end_s) / 2, *goes_on_s])


def _offset(segment: Segment, at_s: float) -> int:
    """Where in what was heard another goes on: at the longest pause around a moment, which is told a little late perhaps, or else
    at the nearest border of words; 0 where that is none of this segment's."""
    if not segment.start_s < at_s < segment.end_s:
        return 0
    ends = accumulate(len(word.text) for word in segment.words)
    borders = [(end, a.end_s, b.start_s) for end, (a, b) in zip(ends, pairwise(segment.words), strict=False)]
    near = [(end, begins_s - ended_s, (ended_s + begins_s) / 2 - at_s) for end, ended_s, begins_s in borders]
    near = [border for border in near if -_LATE_S <= border[2] <= _EARLY_S]
    return max(near, key=lambda border: (border[1] // _PAUSE_S, -abs(border[2])), default=(0, 0.0, 0.0))[0]
