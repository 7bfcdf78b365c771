"""The pages: Jinja templates with almost no context; what they show comes from the JSON API."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from core.errors import MadoguchiError, Refused
from core.settings import Zone
from minutes.template import NEEDED, PLACES
from server.accounts.account import Right
from server.assets import ASSETS
from server.auth import CLOSED, without
from server.identity import Identity, has_password, identity_of, is_open
from server.routes.record_log import DEEDS, KINDS
from server.service import Service, the_service

_templates = Jinja2Templates(directory=Path(__file__).parent.parent / "templates")
_templates.env.globals |= {"static": f"/static/{ASSETS.version}", "imported_by": ASSETS.imported_by}

OWN_ACCOUNT = "/staff/account"
WANTED = "madoguchi_wanted"
WANTED_S = 1800
_UNSAVED = "#unsaved"  #: after the page in that cookie: its form could not be saved, and the tab keeps what was written

common = APIRouter(include_in_schema=False)
public = APIRouter(include_in_schema=False)
staff = APIRouter(include_in_schema=False)


def compile_all() -> None:
    """Have every page ready before anybody asks: who came first would wait for all that it stands on."""
    for name in _templates.env.list_templates(extensions=["html"]):
        _templates.get_template(name)


def _page(request: Request, name: str, service: Service, **context: object) -> Response:
    settings = service.settings
    context |= {
        "city": settings.city,
        "max_question_chars": settings.max_question_chars,
        "max_voice_question_s": int(settings.max_voice_question_s),
        "deleted_days": settings.deleted_days,
    }
    return _templates.TemplateResponse(request, name, context)


def error_page(request: Request, status: int, message: str) -> Response:
    service: Service = request.app.state.service
    home = _home_of(service.settings.zone, request.url.path)
    context = {"city": service.settings.city, "status": status, "message": message, "home": home}
    return _templates.TemplateResponse(request, "error.html", context, status_code=status)


def _home_of(zone: Zone, path: str) -> str:
    """The page to go on from, which this server has: that of staff, or that of residents."""
    is_staff = zone is Zone.STAFF or (zone is Zone.ALL and path.startswith("/staff"))
    return "/staff" if is_staff else "/"


@common.get("/api/docs")
def api_docs(request: Request, service: Service = Depends(the_service)) -> Response:
    """The API, rendered on the server from the OpenAPI description: no script, nothing from elsewhere."""
    return _page(request, "api_docs.html", service, api=request.app.openapi())


@common.get("/favicon.ico")
def favicon() -> Response:
    return RedirectResponse("/static/mark.svg", status_code=308)


@public.get("/")
def chat(request: Request, service: Service = Depends(the_service)) -> Response:
    return _page(request, "chat.html", service)


@staff.get("/staff/login")
def login(request: Request, service: Service = Depends(the_service)) -> Response:
    if identity_of(request, service) is not None:
        return RedirectResponse("/staff" if may_enter(request, service) else OWN_ACCOUNT, status_code=303)
    return login_page(request, service, None)


def login_page(request: Request, service: Service, error: MadoguchiError | None, typed_id: str = "") -> Response:
    closed = not is_open(service)
    message = CLOSED if closed else error.message if error else None
    has_residents = service.settings.zone is not Zone.STAFF
    response = _page(
        request,
        "staff_login.html",
        service,
        error=message,
        closed=closed,
        has_accounts=service.accounts.exist(),
        has_shared=has_password(service.settings),
        typed_id=typed_id,
        has_residents=has_residents,
        is_sent_here=WANTED in request.cookies,
        is_unsaved=request.cookies.get(WANTED, "").endswith(_UNSAVED),
    )
    response.status_code = error.status if error else 403 if closed else 200
    return response


def may_enter(request: Request, service: Service, right: Right | None = None) -> Identity | None:
    """Who may be shown a page for staff; None for who has to log in first, or to choose a password of their own. Raises Refused
    for who lacks the right."""
    identity = identity_of(request, service)
    if identity is None or not identity.is_ready:
        return None
    if not identity.may(right):
        raise Refused(without(right))
    return identity


def staff_page(request: Request, service: Service, name: str, right: Right | None = None, /, **context: object) -> Response:
    """A page for staff, or the way to the login. Raises Refused for who lacks the right."""
    identity = may_enter(request, service, right)
    return page_for(identity, request, service, name, **context) if identity else to_login(request)


def page_for(identity: Identity, request: Request, service: Service, name: str, **context: object) -> Response:
    """A page for who was let in."""
    return _page(request, name, service, me=identity, Right=Right, is_unpublished=service.publisher.has_failed, **context)


def to_login(request: Request, page: str | None = None, *, unsaved: bool = False) -> Response:
    """The login, which leads on to the page that was asked for, or to `page`; `unsaved` tells that its form was not saved."""
    response = RedirectResponse("/staff/login", status_code=303)
    path = page or (quote(request.url.path) if request.method == "GET" else "")
    if path and is_open(request.app.state.service):
        path += _UNSAVED if unsaved else ""
        response.set_cookie(WANTED, path, max_age=WANTED_S, path="/staff/login", httponly=True, samesite="strict")
    return response


def wanted(request: Request) -> str:
    """The page of staff that was asked for before the login; none of another site."""
    path = request.cookies.get(WANTED, "").removesuffix(_UNSAVED)
    return path if path.startswith("/staff/") else "/staff"


@staff.get("/staff")
def questions(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "staff.html")


@staff.get("/staff/minutes")
def minutes(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "minutes.html", Right.MINUTES, limit_bytes=service.settings.max_upload_bytes)


@staff.get("/staff/minutes/template")
def template(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "minutes_template.html", Right.MINUTES, places=PLACES, needed=NEEDED)


@staff.get("/staff/minutes/{meeting_id}")
def meeting(request: Request, meeting_id: str, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "meeting.html", Right.MINUTES, meeting_id=meeting_id)


@staff.get("/staff/voices")
def voices(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "voices.html", Right.MINUTES)


@staff.get("/staff/calls")
def calls(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "calls.html", Right.CALLS, limit_bytes=service.settings.max_upload_bytes)


@staff.get("/staff/calls/live")
def calls_going_on(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "ongoing.html", Right.CALLS)


@staff.get("/staff/calls/{call_id}")
def call(request: Request, call_id: str, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "call.html", Right.CALLS, call_id=call_id)


@staff.get("/staff/record-log")
def record_log(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "record_log.html", deeds=DEEDS, kinds=KINDS)


@staff.get("/staff/captions")
def captions(request: Request, service: Service = Depends(the_service)) -> Response:
    return staff_page(request, service, "captions.html")


@staff.get("/staff/help")
def how_to(request: Request, service: Service = Depends(the_service)) -> Response:
    """Step by step, for who sees this for the first time; only what this person may do."""
    return staff_page(request, service, "help.html")


@common.get("/index.html")
def index(service: Service = Depends(the_service)) -> Response:
    return RedirectResponse("/staff" if service.settings.zone is Zone.STAFF else "/", status_code=308)
