"""Words looked for in all meetings, as they cross HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from minutes.search import Found, find
from server.accounts.account import Right
from server.auth import require
from server.service import Service, the_service

router = APIRouter(prefix="/api/staff/minutes", tags=["minutes"], dependencies=[Depends(require(Right.MINUTES))])

_MOST = 50


class WantedBody(BaseModel):
    """What is looked for. It is posted, as addresses are written into the logs of proxies."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(max_length=100, description="言葉。いくつかを空白で区切れます")


class SayingBody(BaseModel):
    """Where one of the words is said, in seconds, and what is said there."""

    start: float
    speaker: str | None
    text: str


class FoundBody(BaseModel):
    """A meeting that has every word, and the first places where one is said."""

    id: str
    title: str
    held_on: date
    places: list[SayingBody]

    @classmethod
    def of(cls, found: Found) -> FoundBody:
        m = found.meeting
        places = [SayingBody(start=p.start_s, speaker=p.speaker, text=p.text) for p in found.places]
        return cls(id=m.id, title=m.title, held_on=m.held_on, places=places)


class AllFoundBody(BaseModel):
    """The latest meetings that have every word; `total` is how many there are in all."""

    meetings: list[FoundBody]
    total: int


@router.post("/search", summary="会議を探す")
def search(body: WantedBody, service: Annotated[Service, Depends(the_service)]) -> AllFoundBody:
    """言葉がどれも、会議の名前、ファイル名、発言のどこかにある会議を、新しい順に50件まで、言われたところとともに返します。"""
    minutes = service.recorded.minutes
    found, total = find(minutes.meetings, minutes.transcription.recordings, body.words, _MOST)
    return AllFoundBody(meetings=[FoundBody.of(f) for f in found], total=total)
