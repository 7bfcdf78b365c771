"""/staff/knowledge/sent/{key}: what waits of files that were sent together, drafts and documents, looked at and approved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from core.clock import now
from core.errors import InvalidInput, NotFound, Superseded
from retrieval.revisions import Standing
from retrieval.sending import Replacement, Sendings
from server.accounts.account import Right
from server.auth import refuse_foreign_origin
from server.differences import differences
from server.entry_form import LONGEST_NAME_CHARS, shown
from server.routes.knowledge import NO_NAME, clerk_of
from server.routes.pages import may_enter, staff_page, to_login
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

PER_PAGE = 50  #: drafts that are looked at and approved at once


@router.get("/staff/knowledge/sent/{key}")
def look(request: Request, key: str, file: Annotated[str, Query()] = "", service: Service = Depends(the_service)) -> Response:
    return _page(request, service, key, file) if may_enter(request, service) else to_login(request)


@router.post("/staff/knowledge/sent/{key}", dependencies=[Depends(refuse_foreign_origin)])
def approve(
    request: Request,
    key: str,
    file: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
    service: Service = Depends(the_service),
) -> Response:
    """`seen` stands for the versions that the page showed: nothing is approved that came after them. Documents that came without
    drafts, or of which some were rejected, take the place of those before them once nothing else is to be approved."""
    if (staff := may_enter(request, service, Right.APPROVE)) is None:
        return to_login(request, _address(key))
    drafts = _approvable(_waiting(request, service, key, file))[:PER_PAGE]
    documents = [] if drafts else _without_drafts(request, service, key, file)
    name = staff.named(by[:LONGEST_NAME_CHARS])
    if not name:
        return _page(request, service, key, file, error=NO_NAME)
    sendings, kb = Sendings(service.database), service.settings.kb
    try:
        if seen != _seal(drafts, documents):
            raise Superseded
        if drafts:
            sendings.approve(kb, {s.last.entry.id: s.last.number for s in drafts}, by=name, at=now())
        else:
            sendings.replace(kb, key, {d.name: {e.id for e in d.leaving} for d in documents}, by=name, at=now())
    except InvalidInput as e:
        return _page(request, service, key, file, error=e.message)
    service.publisher.publish()
    return RedirectResponse(_address(key), status_code=303)


def _waiting(request: Request, service: Service, key: str, file: str) -> list[Standing]:
    """What waits of a file, or of all that was sent together. Raises NotFound where nothing was."""
    files = Sendings(service.database).held(service.settings.kb, key)
    if not files or (file and file not in files):
        raise NotFound
    held = [i for name, ids in files.items() if file in ("", name) for i in ids]
    return clerk_of(request, service).waiting(held)


def _approvable(waiting: Sequence[Standing]) -> list[Standing]:
    """Without those that would take an answer away before their own begins: one must not keep all others from being approved."""
    at = now()
    return [s for s in waiting if not s.leaves_gap(at)]


def _replacements(request: Request, service: Service, key: str, file: str) -> list[Replacement]:
    """The documents that wait, for who may read them and all that they take out of service."""
    clerk = clerk_of(request, service)
    return [
        d
        for d in Sendings(service.database).replacements(clerk.kb, key)
        if file in ("", d.name) and d.confined_to in (None, clerk.department) and all(map(clerk.may_read, d.leaving))
    ]


def _without_drafts(request: Request, service: Service, key: str, file: str) -> list[Replacement]:
    return [d for d in _replacements(request, service, key, file) if not d.has_drafts]


def _page(request: Request, service: Service, key: str, file: str, error: str | None = None) -> Response:
    waiting = _waiting(request, service, key, file)
    approvable, at = _approvable(waiting), now()
    drafts = approvable[:PER_PAGE]
    documents = [] if drafts else _without_drafts(request, service, key, file)
    replaced = [d for d in _replacements(request, service, key, file) if d.has_drafts] if drafts else documents
    clerk = clerk_of(request, service)
    response = staff_page(
        request,
        service,
        "knowledge_sent.html",
        here_is=_address(key),
        file=file,
        drafts=[(s, shown(s.last.entry), differences(s.serving, s.last.entry) if s.serving else None) for s in drafts],
        total=len(approvable),
        too_early=[s.last.entry for s in waiting if s.leaves_gap(at)],
        documents=documents,
        leaving=[e for d in replaced for e in d.leaving],
        seen=_seal(drafts, documents),
        overlaps=service.knowledge.overlaps(
            clerk.kb, [s.last.entry for s in drafts if not s.last.entry.is_passage], clerk.may_read
        ),
        publication=service.publisher.publication,
        error=error,
    )
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response


def _address(key: str) -> str:
    return f"/staff/knowledge/sent/{key}"


def _seal(drafts: Sequence[Standing], documents: Sequence[Replacement]) -> str:
    """Stands for the very versions that are shown, and for what would leave."""
    versions = [f"{s.last.entry.id}\n{s.last.number}" for s in drafts]
    replaced = ["\n".join([d.name, *(e.id for e in d.leaving)]) for d in documents]
    return hashlib.sha256("\n\n".join([*versions, *replaced]).encode()).hexdigest()
