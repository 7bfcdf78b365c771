"""What a correction did to a segment, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from asr.placed import Placed
from asr.segment_rows import columns_of
from asr.transcript import Segment


class Manner(StrEnum):
    """What a person did by a correction."""

    WRITTEN = "written"
    PARTED = "parted"  #: an utterance is two
    JOINED = "joined"  #: two are one
    NAMED = "named"  #: they were said by somebody else, and that alone


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


def manner_of(steps: Sequence[Step]) -> Manner:
    """What was done in these steps; where there are none, of turns alone."""
    if any(step.before is None for step in steps):
        return Manner.PARTED
    if any(step.after is None for step in steps):
        return Manner.JOINED
    return Manner.NAMED if all(set(step.after or ()) == {"speaker"} for step in steps) else Manner.WRITTEN


def names_of(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Who was called what, and what they are called since."""
    pairs = ((step.before or {}, step.after or {}) for step in steps)
    return list(dict.fromkeys((str(was["speaker"] or ""), str(now["speaker"] or "")) for was, now in pairs if "speaker" in now))
