"""Residents' questions, typed and spoken."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from core.audience import Audience
from server.questions import answer_audio, answer_text, categories_of
from server.routes.spoken import SPOKEN, receive_question
from server.schemas import AnswerBody, CategoryBody, QuestionBody
from server.service import Service, the_service

router = APIRouter(tags=["住民向け"])


@router.post("/api/ask")
def ask(body: QuestionBody, service: Service = Depends(the_service)) -> AnswerBody:
    """質問に、承認された回答、候補、または担当の窓口を返します。"""
    return answer_text(service, body.text, body.session, Audience.RESIDENT, entry_id=body.entry_id)


@router.post("/api/ask/audio", openapi_extra=SPOKEN)
async def ask_audio(request: Request, service: Service = Depends(the_service)) -> AnswerBody:
    """録音された質問を文字にして答えます。"""
    async with receive_question(request) as (audio, session):
        return await run_in_threadpool(answer_audio, service, audio, session, Audience.RESIDENT)


@router.get("/api/categories")
def categories(service: Service = Depends(the_service)) -> list[CategoryBody]:
    """分野と、その主な質問の一覧です。"""
    return categories_of(service, Audience.RESIDENT)
