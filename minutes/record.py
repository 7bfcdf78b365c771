"""All that minutes say: the meeting, its head, what is noted of it, and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from asr.transcript import Transcript
from minutes.head import Head, named
from minutes.meeting import Meeting
from minutes.point import Kind, Point
from retrieval.city.calendar import day_name


class Extent(StrEnum):
    """How much minutes say."""

    FULL = "full"  #: 全文
    POINTS = "points"  #: 要点のみ: what was said is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What goes into the file. The transcript is written in the style that was chosen."""

    meeting: Meeting
    transcript: Transcript
    head: Head = field(default_factory=Head)
    points: tuple[Point, ...] = ()
    extent: Extent = Extent.FULL

    def of(self, kind: Kind) -> tuple[Point, ...]:
        """The points of a kind, in the order of the recording."""
        return tuple(p for p in self.points if p.kind is kind)

    @property
    def held(self) -> str:
        """The day, and the hours where they are known."""
        day = self.meeting.held_on
        text = f"{day.year}年{day_name(day)}"
        return f"{text}　{self.head.hours}" if self.head.hours else text

    @property
    def present(self) -> str:
        """Who was there: those who were filled in, or else the speakers whose names are known."""
        return self.head.present or named(s.speaker for s in self.transcript.segments)
