"""Staff's questions and their way in."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from core.audience import Audience
from core.errors import MadoguchiError
from server.accounts.account import plain_id
from server.attempts import account_attempts, attempts, stranger
from server.auth import Staff, known_device, log_in, log_out, refuse_foreign_origin, remember_device
from server.questions import answer_audio, answer_text, categories_of
from server.routes.pages import WANTED, login_page, wanted
from server.routes.spoken import SPOKEN, receive_question
from server.schemas import AnswerBody, CategoryBody, QuestionBody
from server.service import Service, the_service

router = APIRouter(tags=["庁内向け"])


@router.post("/api/staff/ask")
def ask_staff(staff: Staff, body: QuestionBody, service: Service = Depends(the_service)) -> AnswerBody:
    """職員の質問に、庁内限定の項目も含めて、根拠とともに答えます。"""
    return answer_text(service, body.text, body.session, Audience.STAFF, staff.department, entry_id=body.entry_id)


@router.post("/api/staff/ask/audio", openapi_extra=SPOKEN)
async def ask_staff_audio(request: Request, staff: Staff, service: Service = Depends(the_service)) -> AnswerBody:
    """録音された職員の質問を文字にして、庁内限定の項目も含めて答えます。"""
    async with receive_question(request) as (audio, session):
        return await run_in_threadpool(answer_audio, service, audio, session, Audience.STAFF, staff.department)


@router.get("/api/staff/categories")
def staff_categories(staff: Staff, service: Service = Depends(the_service)) -> list[CategoryBody]:
    """庁内限定の項目も含む、分野と主な質問の一覧です。"""
    return categories_of(service, Audience.STAFF, staff.department)


@router.post("/staff/login", include_in_schema=False, dependencies=[Depends(refuse_foreign_origin)])
def enter(
    request: Request,
    password: Annotated[str, Form()] = "",
    account: Annotated[str, Form(max_length=100)] = "",
    service: Service = Depends(the_service),
) -> Response:
    response = RedirectResponse(wanted(request), status_code=303)
    response.delete_cookie(WANTED, path="/staff/login")
    settings, secure, number = service.settings, request.url.scheme == "https", plain_id(account)
    device, at_s = known_device(request, settings, number), time.monotonic()
    tried = [device] if device else [stranger(request), *([account_attempts(number)] if number else [])]
    try:
        attempts.begin(at_s, *tried)
        log_in(number, password, response, service, secure=secure)
        remember_device(request, response, settings, number, secure=secure)
    except MadoguchiError as e:
        return login_page(request, service, e, account)
    attempts.was_right(at_s, *tried)
    return response


@router.post("/staff/logout", include_in_schema=False, dependencies=[Depends(refuse_foreign_origin)])
def leave(request: Request, service: Service = Depends(the_service)) -> Response:
    response = RedirectResponse("/staff/login?left", status_code=303)  # that page forgets what the tab kept
    log_out(request, response, service)
    return response
