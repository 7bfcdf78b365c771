"""Residents' questions, typed and spoken."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile

from core.audience import Audience
from server.questions import answer_audio, answer_text, categories_of
from server.schemas import AnswerBody, CategoryBody, QuestionBody
from server.service import Service, the_service

router = APIRouter(tags=["住民向け"])


@router.post("/api/ask")
def ask(body: QuestionBody, service: Service = Depends(the_service)) -> AnswerBody:
    """質問に、承認された回答、候補、または担当の窓口を返します。"""
    return answer_text(service, body.text, body.session, Audience.RESIDENT, entry_id=body.entry_id)


@router.post("/api/ask/audio")
def ask_audio(
    audio: Annotated[UploadFile, File(description="録音した質問(webm、wav など)")],
    session: Annotated[str | None, Form(max_length=64)] = None,
    service: Service = Depends(the_service),
) -> AnswerBody:
    """録音された質問を文字にして答えます。"""
    return answer_audio(service, audio.file, session, Audience.RESIDENT)


@router.get("/api/categories")
def categories(service: Service = Depends(the_service)) -> list[CategoryBody]:
    """分野と、その主な質問の一覧です。"""
    return categories_of(service, Audience.RESIDENT)
