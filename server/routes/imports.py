"""/staff/knowledge/import: FAQ, documents and tables of the city sent as files, and what became of each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from core.audience import Audience
from core.errors import InvalidInput, MadoguchiError
from core.logging import logger
from retrieval.documents.blocks import SUFFIXES
from retrieval.entry import Entry
from retrieval.given import Options
from retrieval.importing import DOCUMENT_LIMIT_BYTES, TABLE_SUFFIXES
from retrieval.originals import Sent
from retrieval.overlap import Overlap
from retrieval.revisions import State
from server.accounts.account import Right
from server.auth import refuse_foreign_origin, without
from server.clerk import Clerk
from server.entry_form import LONGEST_NAME_CHARS
from server.identity import Identity
from server.import_report import MOST_COMPARED, Told, fault_in
from server.parcel import ARCHIVE, unpacked
from server.routes.knowledge import NO_NAME, clerk_of
from server.routes.pages import may_enter, staff_page, to_login
from server.routes.uploads import received_form
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

MOST_FILES = 300
_SHOWN_OVERLAPS = 30
_MOST_BYTES = 4 * DOCUMENT_LIMIT_BYTES
_WANTED = "登録するファイル"
_PAGE = "/staff/knowledge/import"
_DEPARTMENT = "department"
_OTHERS_DOCUMENT = "担当課だけの文書は、その課のパスワードで入った人が登録できます。"
_OTHERS_NAME = "ファイル {} は、この名前では登録できません。ファイルの名前を変えて、もう一度お試しください。"
_FOR_DEPARTMENT = (
    "ファイル {} は、担当課の職員だけが見られる文書として登録されています。"
    "「担当課の職員だけ」を選ぶか、ファイルの名前を変えてください。"
)
_NOT_COMPARED = (
    "似た項目がほかにあるかを確かめられませんでした。登録の結果は下のとおりです。似た項目は、各項目の画面で確かめてください。"
)
_log = logger("imports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is chosen on the form."""

    state: State = State.DRAFT
    readers: str = Audience.STAFF.value
    department: str = ""
    overwrite: bool = False
    by: str = ""

    @classmethod
    def of(cls, form: FormData, staff: Identity) -> Chosen:
        state = State.APPROVED if form.get("state") == State.APPROVED.value else State.DRAFT
        readers = str(form.get("readers", ""))
        return cls(
            state=state,
            readers=readers if readers in (Audience.RESIDENT.value, _DEPARTMENT) else Audience.STAFF.value,
            department=str(form.get("department", "")).strip(),
            overwrite=form.get("overwrite") == "yes",
            by=staff.named(str(form.get("by", ""))[:LONGEST_NAME_CHARS]),
        )

    def options(self, clerk: Clerk, key: str) -> Options:
        """How it is to be imported, under the key of what is sent together. Raises InvalidInput where who is logged in may not do
        so, or does not give a name."""
        if not self.by:
            raise InvalidInput(NO_NAME)
        confined = self.readers == _DEPARTMENT
        if confined and clerk.department is None:
            raise InvalidInput(_OTHERS_DOCUMENT)
        return Options(
            state=self.state,
            audience=Audience.RESIDENT if self.readers == Audience.RESIDENT.value else Audience.STAFF,
            department=(clerk.department if confined else self.department) or None,
            confined=confined,
            overwrite=self.overwrite,
            sent=Sent(key=key, by=self.by),
            forbidden=lambda entries: {i: why.removesuffix("。") for i, why in clerk.forbids(entries).items()},
        )


@router.get(_PAGE)
def import_page(request: Request, service: Service = Depends(the_service)) -> Response:
    return _page(request, service, Chosen()) if may_enter(request, service) else to_login(request)


@router.post(_PAGE, dependencies=[Depends(refuse_foreign_origin)])
async def import_files(request: Request, service: Service = Depends(the_service)) -> Response:
    staff = await run_in_threadpool(may_enter, request, service)
    if staff is None:  # before anything is read: strangers could fill the disk
        return to_login(request, _PAGE)
    try:
        async with received_form(request, _WANTED, limit_bytes=_MOST_BYTES, most_files=MOST_FILES) as form:
            return await run_in_threadpool(_imported, request, service, form, staff)
    except MadoguchiError as e:
        return await run_in_threadpool(partial(_page, request, service, Chosen(), error=e.message))


def _imported(request: Request, service: Service, form: FormData, staff: Identity) -> Response:
    chosen, clerk = Chosen.of(form, staff), clerk_of(request, service)
    if chosen.state is State.APPROVED and not staff.may(Right.APPROVE):
        return _page(request, service, chosen, error=without(Right.APPROVE))
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    if not files:
        return _page(request, service, chosen, error=f"{_WANTED}を選んでください。")
    try:
        options = chosen.options(clerk, key := uuid.uuid4().hex)
    except InvalidInput as e:
        return _page(request, service, chosen, error=e.message)
    taken = _Taken()
    try:
        with service.knowledge.taking_in(clerk.kb):
            _take(service, clerk, options, files, taken)
    finally:
        if taken.is_changed and options.state is State.APPROVED:
            service.publisher.publish()
    _log.info("imported", extra={"files": len(taken.done), "refused": len(taken.failed)})
    try:
        overlaps = service.knowledge.overlaps(clerk.kb, taken.asked[:MOST_COMPARED], clerk.may_read) if taken.asked else []
        error = ""
    except Exception:  # noqa: BLE001 - what was taken in is told of, whatever comes after it
        _log.exception("not_compared")
        overlaps, error = [], _NOT_COMPARED
    return _page(request, service, chosen, error=error, done=taken.done, failed=taken.failed, key=key, overlaps=overlaps)


@dataclass(slots=True)
class _Taken:
    """What became of the files that were sent together."""

    done: list[Told] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asked: list[Entry] = field(default_factory=list)  #: what is new of FAQs
    is_changed: bool = False  #: whether anything was taken in, or may have been before a fault


def _take(service: Service, clerk: Clerk, options: Options, files: Sequence[UploadFile], taken: _Taken) -> None:
    """Take each file in for itself, whatever befalls others: those before it are stored for good."""
    with service.passing.folder() as folder:
        for name, path in unpacked(files, folder, taken.failed, limit_bytes=_MOST_BYTES):
            try:
                if reason := _closed(clerk, options, name):
                    raise InvalidInput(reason)
                report = service.knowledge.import_file(path, clerk.kb, name=name, options=options)
                taken.is_changed = True
                taken.done.append(_as_seen(clerk, Told.of(report)))
                taken.asked += report.written if report.kind == "faq" else ()
            except MadoguchiError as e:
                taken.failed.append(e.message)
            except Exception as e:  # noqa: BLE001 - a fault of one file's
                _log.exception("not_imported")
                taken.is_changed = True
                taken.failed.append(fault_in(name, e))


def _as_seen(clerk: Clerk, told: Told) -> Told:
    """Without entries and names of documents that another department keeps to itself."""
    served = clerk.repository.served(clerk.kb, [i for i, _ in told.left])
    left = tuple((i, why) for i, why in told.left if i in served and clerk.may_read(served[i]))
    kept_by = {name: clerk.repository.confined_to(clerk.kb, name) for name in told.namesakes}
    return replace(told, left=left, namesakes=tuple(n for n, by in kept_by.items() if by in (None, clerk.department)))


def _closed(clerk: Clerk, options: Options, name: str) -> str:
    """Why a document's name is not to be taken: one that a department keeps to itself stays with it. Empty where it may."""
    before = clerk.repository.confined_to(clerk.kb, name)
    if before is None or before == options.confined_to:
        return ""
    return (_FOR_DEPARTMENT if before == clerk.department else _OTHERS_NAME).format(name)


def _page(
    request: Request,
    service: Service,
    chosen: Chosen,
    *,
    error: str = "",
    done: list[Told] | None = None,
    failed: list[str] | None = None,
    key: str = "",
    overlaps: Sequence[Overlap] = (),
) -> Response:
    return staff_page(
        request,
        service,
        "knowledge_import.html",
        chosen=chosen,
        error=error,
        done=done or [],
        failed=failed or [],
        key=key,
        overlaps=overlaps[:_SHOWN_OVERLAPS],
        more_overlaps=len(overlaps[_SHOWN_OVERLAPS:]),
        publication=service.publisher.publication,
        departments=clerk_of(request, service).departments(),
        most_files=MOST_FILES,
        suffixes=",".join(sorted({ARCHIVE} | TABLE_SUFFIXES | SUFFIXES)),
    )
