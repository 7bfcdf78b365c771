"""/api/staff/voices: samples of people who want to be named in minutes in; whose voices are enrolled out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from asr.enrolment import LIMIT_BYTES, LONGEST_NAME, Claim, Enrolment
from asr.voices import EnrolledVoice
from server.accounts.account import Right
from server.auth import Staff, require
from server.routes.uploads import form_schema, receive
from server.service import Service, the_service

router = APIRouter(prefix="/api/staff/voices", tags=["voices"], dependencies=[Depends(require(Right.MINUTES))])


def _enrolment(service: Annotated[Service, Depends(the_service)]) -> Enrolment:
    return service.recorded.enrolment


Desk = Annotated[Enrolment, Depends(_enrolment)]

_FORM = form_schema(
    "audio",
    {
        "name": {"type": "string", "description": "声の持ち主の名前(議事録に出ます)"},
        "by": {"type": "string", "description": "登録する人の名前"},
    },
    ["name", "by"],
)


class VoiceBody(BaseModel):
    """Whose voice is enrolled, and by whom. The voice print itself never leaves the server."""

    id: str
    name: str
    by: str
    created_at: datetime

    @classmethod
    def of(cls, voice: EnrolledVoice) -> VoiceBody:
        return cls(id=voice.id, name=voice.name, by=voice.by, created_at=voice.created_at)


class VoicesBody(BaseModel):
    """Every enrolled voice, by name."""

    voices: list[VoiceBody]


@router.post("", status_code=status.HTTP_201_CREATED, summary="声を登録する", openapi_extra=_FORM)
async def enrol(request: Request, staff: Staff, desk: Desk) -> VoiceBody:
    """本人の同意を得て、一人だけが話す10秒から60秒の録音を送ります。録音は保存せず、声の特徴だけを保存します(個人識別符号です)。"""
    async with receive(request, name="audio", limit_bytes=LIMIT_BYTES) as upload:
        claim = Claim(name=upload.fields.get("name", ""), by=staff.named(upload.fields.get("by", ""))[:LONGEST_NAME])
        voice = await run_in_threadpool(desk.enrol, upload.blocks(), suffix=upload.suffix, claim=claim)
    return VoiceBody.of(voice)


@router.get("", summary="登録した声の一覧")
def voices(desk: Desk) -> VoicesBody:
    return VoicesBody(voices=[VoiceBody.of(voice) for voice in desk.voices.all()])


@router.delete("/{voice_id}", status_code=status.HTTP_204_NO_CONTENT, summary="声の登録を消す")
def delete(voice_id: str, desk: Desk) -> None:
    desk.voices.delete(voice_id)
