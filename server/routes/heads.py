"""The head of a meeting's minutes as it crosses HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from minutes.head import LONGEST, Head, named
from server.accounts.account import Right
from server.auth import require
from server.routes.meeting_desk import MeetingDesk

router = APIRouter(
    prefix="/api/staff/minutes/{meeting_id}/head", tags=["minutes"], dependencies=[Depends(require(Right.MINUTES))]
)


class HeadBody(BaseModel):
    """What stands above the minutes. What is empty is left out, but for who was there."""

    model_config = ConfigDict(extra="forbid")

    hours: str = Field("", max_length=LONGEST, description="何時から何時まで")
    place: str = Field("", max_length=LONGEST, description="場所")
    present: str = Field("", max_length=LONGEST, description="出席者。空のときは、名前の分かる話者")
    absent: str = Field("", max_length=LONGEST, description="欠席者")
    author: str = Field("", max_length=LONGEST, description="作成者")

    def head(self) -> Head:
        return Head(**self.model_dump())

    @classmethod
    def of(cls, head: Head) -> HeadBody:
        return cls(hours=head.hours, place=head.place, present=head.present, absent=head.absent, author=head.author)


class PutBody(BaseModel):
    """What is filled in, and what the person saw there before."""

    model_config = ConfigDict(extra="forbid")

    was: HeadBody
    head: HeadBody


class FilledBody(BaseModel):
    """What was filled in, and who is there by the names of the speakers."""

    head: HeadBody
    named: str


@router.get("", summary="議事録の頭書き")
def head(meeting_id: str, desk: MeetingDesk) -> FilledBody:
    speakers = desk.transcription.recordings.speakers(meeting_id)
    return FilledBody(head=HeadBody.of(desk.heads.of(meeting_id)), named=named(speakers))


@router.patch("", summary="議事録の頭書きを書く")
def write(meeting_id: str, body: PutBody, desk: MeetingDesk) -> HeadBody:
    """会議の名前と開催日は、会議のほうにあります。"""
    return HeadBody.of(desk.heads.put(meeting_id, body.was.head(), body.head.head()))
