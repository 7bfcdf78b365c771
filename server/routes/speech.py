"""Answers read aloud, on the pages of residents and staff."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from server.service import Service, the_service

router = APIRouter(tags=["読み上げ"])

MAX_SPOKEN_CHARS = 1200


class SpeakBody(BaseModel):
    """What to read aloud."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_SPOKEN_CHARS)


@router.post("/api/speak", response_class=Response, responses={200: {"content": {"audio/wav": {}}}})
def speak(body: SpeakBody, service: Service = Depends(the_service)) -> Response:
    """文章を読み上げた音声(WAV、24 kHz)を返します。"""
    audio = service.reader.read(body.text)
    return Response(audio, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})
