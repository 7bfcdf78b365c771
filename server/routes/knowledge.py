"""/staff/knowledge: entries listed and searched, one with its versions, and the forms by which it is drafted and approved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from core.audience import Audience
from core.clock import now
from core.errors import InvalidInput, NotFound
from core.table import Row
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, Refusal, parse_row, to_row
from retrieval.revisions import Revision, Revisions, Standing, state_name
from server.auth import department_of, refuse_foreign_origin, require_staff
from server.entry_form import cells_of, day, missing, moment, shown, writer, written
from server.routes.pages import may_enter, staff_page, to_login
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

LISTED = 200
LONGEST_NAME_CHARS = 40
_PUBLISHING = ("approve", "retire")  #: steps after which the indexes say something else


@router.get("/staff/knowledge")
def list_entries(request: Request, q: str = "", service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    every = _revisions(service).standings(service.settings.kb, q.strip())
    found = [s for s in every if _is_shown(request, service, s.last.entry)]
    at = now()
    rows = [(s.last.entry, s.name(at), day(s.last.at), writer(s.last.by)) for s in found[:LISTED]]
    listed = {"rows": rows, "q": q, "total": len(found), "shown": min(len(found), LISTED)}
    training = service.nightly.progress_text() or _last_training(service)
    return staff_page(request, service, "knowledge.html", publication=service.publisher.publication, training=training, **listed)


@router.get("/api/staff/knowledge/state", dependencies=[Depends(require_staff)])
def publication_state(service: Service = Depends(the_service)) -> dict[str, str]:
    """How far what was approved last has come; the page asks while it is being prepared."""
    publication = service.publisher.publication
    return {"stage": publication.stage.value, "text": publication.text}


@router.post("/staff/knowledge/publish", dependencies=[Depends(refuse_foreign_origin)])
def publish_again(request: Request, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    service.publisher.publish()
    return RedirectResponse("/staff/knowledge", status_code=303)


@router.get("/staff/knowledge/new")
def new_entry(request: Request, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    return _form(request, service, {"audience": Audience.RESIDENT.value}, is_new=True)


# A number may have slashes in it, so the longer address comes first.
@router.get("/staff/knowledge/entries/{entry_id:path}/edit")
def edit_entry(request: Request, entry_id: str, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    entry = _history(request, service, entry_id)[-1].entry
    return _form(request, service, dict(zip(COLUMNS, to_row(entry), strict=True)), is_new=False)


@router.get("/staff/knowledge/entries/{entry_id:path}")
def entry_page(request: Request, entry_id: str, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    return _entry_page(request, service, entry_id)


@router.post("/staff/knowledge/draft", dependencies=[Depends(refuse_foreign_origin)])
async def save_draft(request: Request, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    form = await request.form()
    fields = {name: str(value) for name, value in form.items()}
    return await run_in_threadpool(_saved, request, service, fields)


def _saved(request: Request, service: Service, form: dict[str, str]) -> Response:
    """The draft of a form, or the form again with what is wrong; in a thread, since an import may hold the database up."""
    cells = cells_of(form)
    is_new, by = form.get("is_new") == "yes", _name(form.get("by", ""))
    parsed = parse_row(cells, Row(1, cells))
    if isinstance(parsed, Refusal) or by is None:
        error = missing(cells, by) or (f"{parsed.reason}。" if isinstance(parsed, Refusal) else "")
        return _form(request, service, cells, is_new=is_new, error=error)
    if _is_taken(request, service, parsed.id, is_new=is_new):
        return _form(request, service, cells, is_new=True, error="この番号の項目は、もうあります。別の番号にしてください。")
    if not _is_shown(request, service, parsed):
        error = "担当課だけの項目は、その課のパスワードで入った人が作れます。"
        return _form(request, service, cells, is_new=is_new, error=error)
    _revisions(service).draft(service.settings.kb, parsed, by=by, at=now())
    return RedirectResponse(f"{_address(parsed.id)}?saved=1", status_code=303)


@router.post("/staff/knowledge/entries/{entry_id:path}/{step}", dependencies=[Depends(refuse_foreign_origin)])
def move(
    request: Request,
    entry_id: str,
    step: str,
    by: Annotated[str, Form()] = "",
    seen: Annotated[int | None, Form()] = None,
    service: Service = Depends(the_service),
) -> Response:
    """`seen` is the number of the version that the page showed: what came after it is not approved with it."""
    if not may_enter(request, service):
        return to_login(request)
    _history(request, service, entry_id)
    revisions = _revisions(service)
    steps: dict[str, Callable[..., None]] = {
        "submit": revisions.submit,
        "return": revisions.return_to_draft,
        "approve": partial(revisions.approve, seen=seen),
        "retire": revisions.retire,
    }
    if step not in steps:
        raise NotFound
    name = _name(by)
    if name is None:
        return _entry_page(request, service, entry_id, error="お名前を入力してください。")
    try:
        with service.publisher.publishing() if step in _PUBLISHING else nullcontext():
            steps[step](service.settings.kb, entry_id, by=name, at=now())
    except InvalidInput as e:
        return _entry_page(request, service, entry_id, error=e.message)
    return RedirectResponse(_address(entry_id), status_code=303)


def _address(entry_id: str) -> str:
    return f"/staff/knowledge/entries/{quote(entry_id, safe='')}"


def _revisions(service: Service) -> Revisions:
    return Revisions(service.database)


def _is_shown(request: Request, service: Service, entry: Entry) -> bool:
    """Whether who is logged in may see an entry: what is a department's own is for its staff alone."""
    return entry.is_for(Audience.STAFF, department_of(request, service.settings))


def _history(request: Request, service: Service, entry_id: str) -> list[Revision]:
    """The versions that who is logged in may see. Raises NotFound where the last is none of them."""
    found = _revisions(service).history(service.settings.kb, entry_id)
    if not _is_shown(request, service, found[-1].entry):
        raise NotFound(f"項目「{entry_id}」はありません。番号を確かめてください。")
    return [r for r in found if _is_shown(request, service, r.entry)]


def _is_taken(request: Request, service: Service, entry_id: str, *, is_new: bool) -> bool:
    """Whether a draft may not have this number: another entry has it, be it one that isn't shown."""
    try:
        last = _revisions(service).history(service.settings.kb, entry_id)[-1].entry
    except NotFound:
        return False
    return is_new or not _is_shown(request, service, last)


def _name(by: str) -> str | None:
    return by.strip()[:LONGEST_NAME_CHARS] or None


def _entry_page(request: Request, service: Service, entry_id: str, error: str | None = None) -> Response:
    history = _history(request, service, entry_id)
    last = history[-1]
    overlaps = service.knowledge.overlaps(service.settings.kb, [last.entry], partial(_is_shown, request, service))
    served = next((s for s in _revisions(service).standings(service.settings.kb, entry_id) if s.last.entry.id == entry_id), None)
    response = staff_page(
        request,
        service,
        "knowledge_entry.html",
        cells=shown(last.entry),
        last=last,
        standing=served.name(now()) if isinstance(served, Standing) else "",
        is_served=served is not None and served.serving is not None,
        history=[(r.number, moment(r.at), writer(r.by), state_name(r.state), r.entry.answer) for r in reversed(history)],
        overlaps=overlaps,
        publication=service.publisher.publication,
        saved="saved" in request.query_params,
        error=error,
    )
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response


def _last_training(service: Service) -> str:
    last = service.knowledge.models.last(service.settings.kb)
    if last is None:
        return ""
    outcome = "この学習の結果を使っています。" if last.serves else "良くならなかったので、この学習の結果は使っていません。"
    figures = f"{last.ndcg_before:.3f} から {last.ndcg_after:.3f} になりました"
    at = moment(datetime.fromisoformat(last.created_at))
    tried = f"{last.held_back}問で試した見つけやすさ（nDCG@10、最高は1）は {figures}。"
    return f"{at}に、この知識ベースに合わせて学習しました。{tried}{outcome}"


def _form(request: Request, service: Service, cells: dict[str, str], *, is_new: bool, error: str | None = None) -> Response:
    page = "/staff/knowledge/new" if is_new else f"{_address(cells['id'])}/edit"
    response = staff_page(request, service, "knowledge_edit.html", fields=written(cells), is_new=is_new, page=page, error=error)
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response
