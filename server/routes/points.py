"""What is noted of a meeting, as it crosses HTTP: candidates by their wording, what a clerk took, wrote or dropped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, status
from pydantic import BaseModel, ConfigDict, Field

from minutes.point import Candidate, Kind, Point, Quote, Wording
from minutes.points import Place, Points
from server.accounts.account import Right
from server.auth import require
from server.routes.meeting_desk import MeetingDesk

router = APIRouter(
    prefix="/api/staff/minutes/{meeting_id}/points", tags=["minutes"], dependencies=[Depends(require(Right.MINUTES))]
)


_LARGEST_ID = 2**31 - 1  #: that a column of whole numbers holds in every database
PointId = Annotated[int, Path(ge=0, le=_LARGEST_ID, description="項目の番号(id)")]


class QuoteBody(BaseModel):
    """A sentence as it was said, and where it begins in the recording, in seconds."""

    text: str
    start: float
    speaker: str | None

    @classmethod
    def of(cls, quote: Quote) -> QuoteBody:
        return cls(text=quote.text, start=quote.start_s, speaker=quote.speaker)


class CandidateBody(BaseModel):
    """A sentence that may be worth noting. `about` are those before it that it refers to. `reply` is the assent to what it
    proposes, or what was said to its question."""

    kind: Kind
    quote: QuoteBody
    about: list[QuoteBody]
    who: str
    due: str
    reply: QuoteBody | None

    @classmethod
    def of(cls, c: Candidate) -> CandidateBody:
        reply = QuoteBody.of(c.reply) if c.reply else None
        about = [QuoteBody.of(quote) for quote in c.about]
        return cls(kind=c.kind, quote=QuoteBody.of(c.quote), about=about, who=c.who, due=c.due, reply=reply)


class WordingBody(BaseModel):
    """What a clerk writes for a point."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="内容")
    who: str = Field("", description="担当(宿題)")
    due: str = Field("", description="期限(宿題)")
    reply: str = Field("", description="答え(質疑)")

    def wording(self) -> Wording:
        return Wording(text=self.text, who=self.who, due=self.due, reply=self.reply)


class PointBody(WordingBody):
    """What is noted, with the sentence that it comes from, and those before it that this refers to."""

    id: int
    kind: Kind
    quote: QuoteBody
    about: list[QuoteBody]

    @classmethod
    def of(cls, p: Point) -> PointBody:
        w, about = p.wording, [QuoteBody.of(quote) for quote in p.about]
        quote = QuoteBody.of(p.quote)
        return cls(id=p.id, kind=p.kind, text=w.text, who=w.who, due=w.due, reply=w.reply, quote=quote, about=about)


class PointsBody(BaseModel):
    """What is noted and what may be, in the order of the recording; `dropped` candidates are not shown."""

    points: list[PointBody]
    candidates: list[CandidateBody]
    dropped: int


class PlaceBody(BaseModel):
    """A candidate: what it is, where its sentence begins, and what it says."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    start: float = Field(ge=0, description="候補の文の始まり(秒)")
    text: str = Field(description="候補の文")

    def place(self) -> Place:
        return Place(kind=self.kind, start_s=self.start, text=self.text)


class NoteBody(BaseModel):
    """An utterance that a clerk wants noted, though nothing proposed it."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    segment: int = Field(ge=0, description="発言の番号(number)")


class WriteBody(BaseModel):
    """What a clerk writes for a point, and what they saw it say."""

    model_config = ConfigDict(extra="forbid")

    was: WordingBody
    wording: WordingBody


class RemoveBody(BaseModel):
    """What a clerk saw a point say that is noted no more."""

    model_config = ConfigDict(extra="forbid")

    was: WordingBody


def _points(desk: MeetingDesk) -> Points:
    return desk.points


On = Annotated[Points, Depends(_points)]


@router.get("", summary="決定事項・宿題・議題・質疑と、その候補")
def points(meeting_id: str, on: On) -> PointsBody:
    """候補は、言い方から見つけた発言の引用です。要約はしません。職員が取り入れたものだけが議事録に載ります。"""
    noted = on.of(meeting_id)
    return PointsBody(
        points=[PointBody.of(p) for p in noted.points],
        candidates=[CandidateBody.of(c) for c in noted.candidates],
        dropped=noted.dropped,
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="候補を取り入れる")
def take(meeting_id: str, body: PlaceBody, on: On, desk: MeetingDesk) -> PointBody:
    return PointBody.of(on.take(meeting_id, body.place(), desk.clock()))


@router.post("/noted", status_code=status.HTTP_201_CREATED, summary="発言を書き留める")
def note(meeting_id: str, body: NoteBody, on: On, desk: MeetingDesk) -> PointBody:
    """候補にない発言を、決定事項などにします。"""
    return PointBody.of(on.note(meeting_id, body.kind, body.segment, desk.clock()))


@router.post("/dropped", status_code=status.HTTP_204_NO_CONTENT, summary="候補を落とす")
def drop(meeting_id: str, body: PlaceBody, on: On, desk: MeetingDesk) -> None:
    on.drop(meeting_id, body.place(), desk.clock())


@router.delete("/dropped", status_code=status.HTTP_204_NO_CONTENT, summary="落とした候補を戻す")
def bring_back(meeting_id: str, on: On) -> None:
    on.bring_back(meeting_id)


@router.patch("/{point_id}", summary="項目を直す")
def write(meeting_id: str, point_id: PointId, body: WriteBody, on: On) -> PointBody:
    return PointBody.of(on.write(meeting_id, point_id, body.was.wording(), body.wording.wording()))


@router.post("/{point_id}/removed", status_code=status.HTTP_204_NO_CONTENT, summary="項目を外す")
def remove(meeting_id: str, point_id: PointId, body: RemoveBody, on: On) -> None:
    """候補から取り入れた項目は、候補に戻ります。"""
    on.remove(meeting_id, point_id, body.was.wording())
