"""What a correction did to a segment, so that it can be taken back."""

from __future__ import annotations

from typing import NamedTuple

from asr.placed import Placed
from asr.segment_rows import columns_of
from asr.transcript import Segment


class Step(NamedTuple):
    """A segment's number, and its columns that changed, all of them where it came or went."""

    number: int
    before: dict[str, object] | None  #: nothing where there was no segment
    after: dict[str, object] | None

    @classmethod
    def of(cls, number: int, before: Segment | None, after: Segment | None) -> Step:
        was, now = (None if s is None else columns_of(s) for s in (before, after))
        if was is None or now is None:
            return cls(number, was, now)
        names = [name for name in now if was[name] != now[name]]
        return cls(number, {n: was[n] for n in names}, {n: now[n] for n in names})

    @property
    def moves(self) -> bool:
        """Whether there is a segment more or less."""
        return self.before is None or self.after is None

    def stands(self, placed: Placed) -> bool:
        """Whether nobody has changed since what the correction changed."""
        segment = placed.segments.get(self.number)
        if segment is None or self.after is None:
            return segment is None and self.after is None
        now = columns_of(segment)
        return all(now[name] == value for name, value in self.after.items())
