"""The HTTP application: routes by zone, one error shape, security headers, parts started and stopped with it."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from core.errors import Busy, InvalidInput, MadoguchiError, NotFound, TooLarge
from core.faults import fault_of
from core.logging import logger
from core.settings import Settings, Zone
from server.assets import ASSETS
from server.bodies import BoundedBodies
from server.compression import Compression
from server.routes import (
    accounts,
    alexa,
    ask,
    asked,
    call_intake,
    calls,
    documents,
    drafts,
    heads,
    health,
    imports,
    knowledge,
    meeting_search,
    minutes,
    ongoing,
    pages,
    points,
    record_log,
    sendings,
    speech,
    staff,
    status,
    stream,
    templates,
    transcriptions,
    voices,
)
from server.satellites.listener import satellites
from server.schemas import ErrorBody, ErrorDetail
from server.service import Service

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
_NO_PAGE = "お探しのページが見つかりません。アドレスを確かめるか、はじめのページから探してください。"
_NOT_HERE = "このアドレスでは、この操作はできません。前の画面に戻って、もう一度お試しください。"
_OF_RESIDENTS = ("/api/ask", "/api/categories", "/api/speak")
_NO_ANSWERS = (
    "申し訳ありません。ただいまお答えできません。しばらくたってから、もう一度お試しください。"
    "お急ぎのときは、市役所{number}へお電話ください。"
)
_GONE = 499  #: as proxies log it where nobody waits for an answer any more
_LOG = logger("http")


def create_app(settings: Settings) -> FastAPI:
    """The application for the zone of the settings."""
    service = Service(settings)
    app = FastAPI(
        title="Madoguchi",
        summary="市役所の窓口案内、議事録、通話記録のAPI",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lambda _: _serving(service),
        responses={"default": {"model": ErrorBody, "description": "エラー。形は常に同じです"}},
    )
    app.state.service = service
    app.include_router(health.router)
    app.include_router(speech.router)
    app.include_router(pages.common)
    if settings.zone in (Zone.ALL, Zone.PUBLIC):
        for public in (ask.router, alexa.router, pages.public):
            app.include_router(public)
    if settings.zone in (Zone.ALL, Zone.STAFF):
        for deletions in (minutes.deletions, calls.deletions):  # before what takes their name for an id
            app.include_router(deletions)
        recorded = (meeting_search, minutes, heads, points, templates, voices, ongoing, calls, call_intake, record_log)
        for internal in (
            staff,
            *recorded,
            drafts,
            documents,
            imports,
            sendings,
            asked,
            knowledge,
            transcriptions,
            status,
            stream,
        ):
            app.include_router(internal.router)
        for on_one in (minutes.corrections, calls.corrections, minutes.holds, calls.holds):
            app.include_router(on_one)
        app.include_router(accounts.router)
        app.include_router(pages.staff)
    app.mount("/static", ASSETS, name="static")
    app.add_middleware(BoundedBodies)
    app.middleware("http")(_log_and_secure)
    app.add_middleware(Compression)
    _add_error_handlers(app)
    return app


@asynccontextmanager
async def _serving(service: Service) -> AsyncIterator[None]:
    try:
        await run_in_threadpool(service.start)
        await run_in_threadpool(pages.compile_all)
    except Exception as fault:
        service.fault = fault
        raise
    async with satellites(service):
        yield
    await run_in_threadpool(service.stop)


async def _log_and_secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """One log line a request: route, status and time; never the query, the body or who asked."""
    start, request_id = time.perf_counter(), uuid.uuid4().hex[:12]
    try:
        response = await call_next(request)
    except ClientDisconnect:  # somebody stopped sending a recording, which is no fault of ours
        response = Response(status_code=_GONE)
    except Exception as error:  # noqa: BLE001  # the outermost loop: whatever it was, the answer has the usual form
        fault = fault_of(error) or MadoguchiError()
        event = "unexpected error" if type(fault) is MadoguchiError else fault.code
        _LOG.error(event, exc_info=error, extra={"request_id": request_id})
        response = _error(request, fault.status, fault.code, _message(request, fault))
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith(("/staff", "/api/staff")):
        response.headers["Cache-Control"] = "no-store"  # nobody who comes after the logout sees staff matters by going back
    response.headers["X-Request-Id"] = request_id
    route = request.scope.get("route")
    _LOG.info(
        "request",
        extra={
            "request_id": request_id,
            "method": request.method,
            "route": getattr(route, "path", "-"),
            "status": response.status_code,
            "ms": round((time.perf_counter() - start) * 1000, 1),
        },
    )
    return response


def _add_error_handlers(app: FastAPI) -> None:
    """Every error leaves in one shape: JSON for programs, a page for people who open an address."""

    @app.exception_handler(MadoguchiError)
    async def ours(request: Request, error: MadoguchiError) -> Response:
        if error.status >= 500:
            _LOG.warning("not_served", extra={"code": error.code})  # /readyz says what is to be done about it
        return _error(request, error.status, error.code, _message(request, error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        fields = "、".join(dict.fromkeys(e["loc"][-1] for e in error.errors() if isinstance(e["loc"][-1], str)))
        message = f"入力の内容を確認してください({fields})。" if fields else InvalidInput.default
        return _error(request, 422, InvalidInput.code, message)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _error(request, 404, NotFound.code, _NO_PAGE)
        if error.status_code == 405:
            return _error(request, 405, "method_not_allowed", _NOT_HERE)
        if error.status_code == TooLarge.status:
            return _error(request, TooLarge.status, TooLarge.code, TooLarge.default)
        default = MadoguchiError.default if error.status_code >= 500 else InvalidInput.default
        return _error(request, error.status_code, "http_error", default)


def _message(request: Request, error: MadoguchiError) -> str:
    """What the person is told: staff what is to be done about it, residents where to turn meanwhile."""
    is_for_a_resident = request.url.path.startswith(_OF_RESIDENTS) and error.status >= 500 and not isinstance(error, Busy)
    if not is_for_a_resident:
        return error.message
    number = request.app.state.service.main_number
    return _NO_ANSWERS.format(number=f"（{number}）" if number else "")


def _error(request: Request, status: int, code: str, message: str) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith(("/api/", "/voice/")):
        return pages.error_page(request, status, message)
    if request.url.path.startswith("/v1/"):
        return transcriptions.error_response(status, code, message)
    body = ErrorBody(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status_code=status)
