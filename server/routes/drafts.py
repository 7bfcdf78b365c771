"""/staff/knowledge/new, …/edit and …/draft: the form in which an entry is written, and what becomes of it when it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from core.audience import Audience
from core.clock import now
from core.errors import InvalidInput, Superseded
from core.printable import printable
from core.table import Row
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, Refusal, parse_row, to_row
from retrieval.revisions import WAITING, Revision
from server.auth import refuse_foreign_origin
from server.clerk import OTHERS_DRAFT
from server.differences import Difference, differences
from server.entry_form import cells_of, moment, shown, writer, written, wrong
from server.identity import Identity
from server.routes.knowledge import address, clerk_of, show_entry
from server.routes.pages import may_enter, staff_page, to_login
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

_NEW = "/staff/knowledge/new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form as it came."""

    cells: dict[str, str]
    by: str
    is_new: bool
    over: str | None  #: the hash of the version that it was made from, or of the one that is written over knowingly

    @classmethod
    def of(cls, fields: dict[str, str]) -> Sent:
        is_new = fields.get("is_new") == "yes"
        over = fields.get("over") or fields.get("seen") or ("" if is_new else None)
        return cls(cells=cells_of(fields), by=printable(fields.get("by", "")), is_new=is_new, over=over)

    @property
    def page(self) -> str:
        """The page of the form."""
        return _NEW if self.is_new else f"{address(self.cells['id'])}/edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The version that was saved since a form was opened, beside what was typed in it."""

    number: int
    told: str  #: who saved it, and when
    cells: list[tuple[str, str]]
    differences: list[Difference]
    hash: str

    @classmethod
    def of(cls, last: Revision, typed: Entry) -> Later:
        return cls(
            number=last.number,
            told=f"{moment(last.at)}、{writer(last.by)}",
            cells=shown(last.entry),
            differences=differences(last.entry, typed),
            hash=last.entry.content_hash,
        )


@router.get(_NEW)
def new_entry(request: Request, of: str = "", service: Service = Depends(the_service)) -> Response:
    """An empty form, or one with the text `of` an entry's last version, to be kept under another number."""
    if not may_enter(request, service):
        return to_login(request)
    cells = {"audience": Audience.RESIDENT.value}
    if of:
        cells = dict(zip(COLUMNS, to_row(clerk_of(request, service).view(of).last.entry), strict=True)) | {"id": ""}
    return _form(request, service, Sent(cells=cells, by="", is_new=True, over=""))


# A number may have slashes in it, so this comes before the address of the entry's own page.
@router.get("/staff/knowledge/entries/{entry_id:path}/edit")
def edit_entry(request: Request, entry_id: str, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    view = clerk_of(request, service).view(entry_id)
    if view.hides_newer:
        return show_entry(request, service, entry_id, error=OTHERS_DRAFT)
    entry = view.last.entry
    cells = dict(zip(COLUMNS, to_row(entry), strict=True))
    sent = Sent(cells=cells, by="", is_new=False, over=entry.content_hash)
    return _form(request, service, sent, last=view.last if view.last.state in WAITING else None)


@router.post("/staff/knowledge/draft", dependencies=[Depends(refuse_foreign_origin)])
async def save_draft(request: Request, service: Service = Depends(the_service)) -> Response:
    sent = Sent.of({name: str(value) for name, value in (await request.form()).items()})
    staff = await run_in_threadpool(may_enter, request, service)
    if staff is None:
        return to_login(request, sent.page, unsaved=True)
    return await run_in_threadpool(_saved, request, service, sent, staff)


def _saved(request: Request, service: Service, sent: Sent, staff: Identity) -> Response:
    """The draft of a form, or the form again with what is wrong; in a thread, since an import may hold the database up."""
    clerk = clerk_of(request, service)
    parsed = parse_row(sent.cells, Row(1, sent.cells))
    if error := wrong(sent.cells, staff.name if staff.account else sent.by):
        return _form(request, service, sent, error=error)
    if isinstance(parsed, Refusal):
        return _form(request, service, sent, error=f"{parsed.reason}。")
    if error := clerk.forbids([parsed]).get(parsed.id, ""):
        return _form(request, service, sent, error=error)
    try:
        clerk.revisions.draft(clerk.kb, parsed, by=staff.named(sent.by), at=now(), over=sent.over)
    except Superseded:
        later = Later.of(clerk.view(parsed.id).last, parsed)
        return _form(request, service, sent, later=later, error=_superseded(sent, later))
    except InvalidInput as e:
        return _form(request, service, sent, error=e.message)
    return RedirectResponse(f"{address(parsed.id)}?saved=1", status_code=303)


def _superseded(sent: Sent, later: Later) -> str:
    """What happened meanwhile, and that nothing is lost."""
    kept = "あなたが書いた内容は、まだ保存されていません。下の欄に残っています。"
    if sent.is_new:
        return f"番号「{sent.cells['id']}」の項目は、もうあります（第{later.number}版、{later.told}）。{kept}"
    return f"この画面を開いたあとに、新しい版が保存されました（第{later.number}版、{later.told}）。{kept}"


def _form(
    request: Request,
    service: Service,
    sent: Sent,
    *,
    last: Revision | None = None,
    later: Later | None = None,
    error: str | None = None,
) -> Response:
    response = staff_page(
        request,
        service,
        "knowledge_edit.html",
        fields=written(sent.cells),
        departments=clerk_of(request, service).departments(),
        is_new=sent.is_new,
        page=sent.page,
        seen=sent.over or "",
        last=last,
        later=later,
        entry_address=address(sent.cells.get("id", "")),
        error=error,
    )
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response
