"""A transcript's text as it crosses HTTP: a style asked for, segments with their words and changes, a decision on a change."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from asr.decision import Decision
from asr.edits import Edits
from asr.fillers import Level
from asr.notation import Notation
from asr.pieces import pieces
from asr.recording import Fresh
from asr.transcript import Reason, Segment
from asr.writing import Style, write


def _style(
    style: Annotated[Level, Query(description="verbatim=素起こし、clean=ケバ取り、formal=整文")] = Level.CLEAN,
    notation: Annotated[Notation, Query(description="official=公用文の数字、as-heard=聞こえたまま")] = Notation.OFFICIAL,
) -> Style:
    return Style(level=style, notation=notation)


InStyle = Annotated[Style, Depends(_style)]


class ChangeBody(BaseModel):
    """A stretch of what was heard, written differently; `start` and `end` are its place in `heard`."""

    start: int
    end: int
    heard: str
    written: str
    reasons: list[Reason]
    undone: bool


PieceBody = tuple[float, str, float | None, int | None]
"""A word of the text, or a change: when it begins, its text, its confidence, and its index in `changes` where it is one. What was
left out has no text. With the names of these in each, three hours of words would be twice as long."""


class SegmentBody(BaseModel):
    """A stretch of speech; times in seconds. `timed` says whether the times of the words are known or are the segment's.
    `number` is what it is called when it is changed."""

    number: int
    start: float
    end: float
    text: str
    speaker: str | None
    channel: int | None
    confidence: float | None
    heard: str
    timed: bool
    words: list[PieceBody]
    changes: list[ChangeBody]

    @classmethod
    def of(cls, s: Segment) -> SegmentBody:
        edits = Edits.of(s)
        return cls(
            number=s.number or 0,
            start=s.start_s,
            end=s.end_s,
            text=s.text,
            speaker=s.speaker,
            channel=s.channel,
            confidence=s.confidence,
            heard=edits.heard,
            timed=bool(s.words),
            words=[(p.start_s, p.text, p.confidence, p.change) for p in pieces(s)],
            changes=[
                ChangeBody(
                    start=c.start,
                    end=c.end,
                    heard=edits.heard[c.start : c.end],
                    written=c.written,
                    reasons=list(c.reasons),
                    undone=c.undone,
                )
                for c in edits.changes
            ],
        )


class FreshBody(BaseModel):
    """What was changed since a revision: the segments that say something else, the numbers of all in the order of time, those of
    each speaker, and the revision since then."""

    revision: int
    numbers: list[int]
    speakers: dict[str, list[int]]
    segments: list[SegmentBody]

    @classmethod
    def of(cls, fresh: Fresh, style: Style) -> FreshBody:
        segments = [SegmentBody.of(write(s, style)) for s in fresh.segments]
        return cls(revision=fresh.revision, numbers=list(fresh.numbers), speakers=fresh.speakers, segments=segments)


class UndoneBody(BaseModel):
    """Whether a change is to be undone (true) or written again (false)."""

    model_config = ConfigDict(extra="forbid")

    undone: bool = Field(description="true=元に戻す、false=もう一度書き換える")
    was: str | None = Field(None, description="画面で見た文。ほかの人が先に直していたら、変えません")


def _decision(
    body: UndoneBody,
    segment: Annotated[int, Path(ge=0, description="発言の番号(number)")],
    change: Annotated[int, Path(ge=0, description="書き換えの番号(0から)。同じ style と notation で見たときの番号")],
) -> Decision:
    return Decision(segment=segment, change=change, undone=body.undone, was=body.was)


ADecision = Annotated[Decision, Depends(_decision)]
DECISION_PATH = "/segments/{segment}/changes/{change}"
