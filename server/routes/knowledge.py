"""/staff/knowledge: entries listed and searched, one with its versions, and the steps by which it is checked and published."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from core.audience import Audience
from core.clock import now
from core.errors import InvalidInput, ModelError, NotFound, NotReady
from retrieval.entry import Entry
from retrieval.exporting import faq_csv
from retrieval.outdated import outdated_forms
from retrieval.repository import Repository
from retrieval.revisions import IMPORT, WAITING, Revisions, State, state_name
from retrieval.sending import Sendings
from server.accounts.account import Right
from server.auth import Staff, refuse_foreign_origin
from server.clerk import Clerk, View
from server.differences import differences
from server.entry_form import LONGEST_NAME_CHARS, LONGEST_NOTE_CHARS, audience_of, day, moment, shown, writer
from server.identity import identity_of
from server.period import notice_of
from server.routes.pages import may_enter, staff_page, to_login
from server.routes.uploads import attachment
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

PER_PAGE = 100
_PUBLISHING = ("approve", "retire")  #: steps after which the indexes say something else
_DRAFTING = ("restore",)  #: steps after which there is a new draft
_DONE = {  # what a page tells after a step, where the entry still stands as that left it
    "submit": (
        State.REVIEW,
        f"確認を頼みました。「{Right.APPROVE.label}」の権限のある人が、一覧の「確認待ち」から承認します。",
    ),
    "return": (State.DRAFT, "下書きに戻しました。書き直してから、もう一度確認を頼めます。"),
    "approve": (State.APPROVED, "承認しました。"),
    "retire": (State.RETIRED, "公開を終えました。この回答は、もう使われません。"),
    "discard": (State.RETIRED, "取り下げました。"),
}
_MOST_PARCELS = 30
NO_NAME = "お名前を入力してください。"
_NOT_YOURS = "担当課だけが見られる版があるため、この操作はできません。担当課に確かめてください。"


@router.get("/staff/knowledge")
def list_entries(
    request: Request,
    q: str = "",
    state: str = "",
    page: Annotated[int, Query(ge=1)] = 1,
    service: Service = Depends(the_service),
) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    clerk = clerk_of(request, service)
    every = clerk.standings(q)
    counts = Counter(s.last.state for s in every)
    chosen = next((s for s in State if s == state), None)
    found = [s for s in every if chosen in (None, s.last.state)]
    start, at = (page - 1) * PER_PAGE, now()
    rows = [
        (s.last, s.name(at), audience_of(s.last.entry), day(s.last.at), writer(s.last.by))
        for s in found[start : start + PER_PAGE]
    ]
    listed = {"rows": rows, "q": q.strip(), "total": len(found), "first": start + 1, "last": start + len(rows)}
    chosen_name = state_name(chosen) if chosen else ""
    filters = [("すべて", len(every), _listing(q, None), chosen is None)]
    filters += [(state_name(s), counts[s], _listing(q, s), s is chosen) for s in State]
    return staff_page(
        request,
        service,
        "knowledge.html",
        publication=service.publisher.publication,
        disputes=_disputes(service, clerk),
        parcels=[(p, moment(p.at)) for p in clerk.parcels(every, Sendings(service.database))[:_MOST_PARCELS]],
        training=service.nightly.progress_text() or _last_training(service),
        filters=filters,
        state=state if chosen else "",
        state_name=chosen_name,
        before=_listing(q, chosen, page - 1) if page > 1 else "",
        after=_listing(q, chosen, page + 1) if start + len(rows) < len(found) else "",
        **listed,
    )


@router.get("/staff/knowledge/faq.csv")
def served_as_file(request: Request, q: str = "", service: Service = Depends(the_service)) -> Response:
    """What answers now, of the entries that the list finds, as an import takes it in: no draft is passed on for approved.
    Passages are in their documents."""
    if not may_enter(request, service):
        return to_login(request)
    serving = [s.serving for s in clerk_of(request, service).standings(q) if s.serving and not s.serving.is_passage]
    content = codecs.BOM_UTF8 + faq_csv(serving)  # Excel wants the mark
    return Response(content, media_type="text/csv; charset=utf-8", headers=attachment("知識ベース", "csv"))


@router.get("/api/staff/knowledge/state")
def publication_state(_: Staff, service: Service = Depends(the_service)) -> dict[str, str]:
    """How far what was approved last has come; the page asks while it is being prepared."""
    publication = service.publisher.publication
    return {"stage": publication.stage.value, "text": publication.text}


@router.post("/staff/knowledge/publish", dependencies=[Depends(refuse_foreign_origin)])
def publish_again(request: Request, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service, Right.APPROVE):
        return to_login(request)
    service.publisher.publish()
    return RedirectResponse("/staff/knowledge", status_code=303)


@router.get("/staff/knowledge/entries/{entry_id:path}")
def entry_page(request: Request, entry_id: str, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    return show_entry(request, service, entry_id)


@router.post("/staff/knowledge/entries/{entry_id:path}/{step}", dependencies=[Depends(refuse_foreign_origin)])
def move(
    request: Request,
    entry_id: str,
    step: str,
    by: Annotated[str, Form()] = "",
    seen: Annotated[int | None, Form()] = None,
    number: Annotated[int, Form()] = 0,
    note: Annotated[str, Form()] = "",
    service: Service = Depends(the_service),
) -> Response:
    """`seen` is the number of the version that the page showed: nothing is done with what came after it. `number` is restored.
    `note` is what those who come after are told of the step."""
    staff = may_enter(request, service, Right.APPROVE if step in _PUBLISHING else None)
    if staff is None:
        return to_login(request, address(entry_id))
    view = clerk_of(request, service).view(entry_id)
    revisions = Revisions(service.database)
    steps: dict[str, Callable[..., None]] = {
        "submit": revisions.submit,
        "return": revisions.return_to_draft,
        "approve": revisions.approve,
        "retire": revisions.retire,
        "restore": partial(revisions.restore, number=number),
    }
    if step not in steps or (step == "restore" and number not in {r.number for r in view.history}):
        raise NotFound
    name, said = staff.named(by[:LONGEST_NAME_CHARS]), note.strip().replace("\r\n", "\n")
    if error := _NOT_YOURS if not _may_take(step, view) else NO_NAME if not name else _too_long(said):
        return show_entry(request, service, entry_id, error=error, note=said)
    try:
        steps[step](service.settings.kb, entry_id, by=name, at=now(), seen=seen, note=said)
    except InvalidInput as e:
        return show_entry(request, service, entry_id, error=e.message, note=said)
    try:
        if step == "approve":
            Sendings(service.database).settle(service.settings.kb, [entry_id], by=name, at=now())
    finally:  # what was approved answers, whatever became of its document
        if step in _PUBLISHING:
            service.publisher.publish()
    done = "discard" if step == "retire" and view.serving is None else step
    return RedirectResponse(f"{address(entry_id)}?{'saved=1' if step in _DRAFTING else f'done={done}'}", status_code=303)


def address(entry_id: str) -> str:
    return f"/staff/knowledge/entries/{quote(entry_id, safe='')}"


def clerk_of(request: Request, service: Service) -> Clerk:
    """The knowledge base for who is logged in."""
    staff = identity_of(request, service)
    return Clerk(
        revisions=Revisions(service.database),
        repository=Repository(service.database),
        kb=service.settings.kb,
        department=staff.department if staff else None,
    )


def show_entry(request: Request, service: Service, entry_id: str, error: str | None = None, note: str = "") -> Response:
    """The page of an entry; after an `error` with the `note` that was typed. Raises NotFound where who is logged in may see none
    of it."""
    clerk = clerk_of(request, service)
    view = clerk.view(entry_id)
    last = view.last
    is_checked = last.state in WAITING
    came = Sendings(service.database).came(service.settings.kb, {r.at for r in view.history if r.by == IMPORT})
    history = [
        (
            r,
            moment(r.at),
            writer(r.by, came.get(r.at)),
            state_name(r.state),
            shown(r.entry),
            r.entry != last.entry and not view.hides_newer,
        )
        for r in reversed(view.history)
    ]
    response = staff_page(
        request,
        service,
        "knowledge_entry.html",
        cells=shown(last.entry),
        view=view,
        here_is=address(entry_id),
        standing=view.standing.name(at := now()),
        served_name=view.standing.served_name(at),
        differences=differences(view.serving, last.entry) if is_checked and view.serving else None,
        history=history,
        is_discardable=is_checked and view.serving is None and not view.hides_serving,
        outdated=[form for form in outdated_forms(view.history) if is_checked or form.numbers],
        overlaps=service.knowledge.overlaps(service.settings.kb, [last.entry], clerk.may_read),
        publication=service.publisher.publication,
        saved="saved" in request.query_params and last.state is State.DRAFT,
        done=_done(request.query_params.get("done", ""), last.state) if not error else "",
        period=notice_of(view, at),
        leaves_gap=view.standing.leaves_gap(at) and not view.hides_newer,
        unknown_department=_unknown_department(clerk, last.entry),
        longest_note_chars=LONGEST_NOTE_CHARS,
        note=note,
        error=error,
    )
    response.status_code = InvalidInput.status if error and response.status_code == 200 else response.status_code
    return response


def _may_take(step: str, view: View) -> bool:
    """Nothing is done with a version that may not be read; what answers may be withdrawn though a hidden draft came after it."""
    return not (view.hides_serving if step == "retire" else view.hides_newer)


def _too_long(note: str) -> str:
    n = len(note)
    return f"理由・連絡は{LONGEST_NOTE_CHARS}字までです（今は{n:,}字）。短くしてください。" if n > LONGEST_NOTE_CHARS else ""


def _listing(q: str, state: State | None, page: int = 1) -> str:
    """The address of a part of the list."""
    chosen = {"q": q.strip(), "state": state.value if state else "", "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return "/staff/knowledge" + (f"?{query}" if query else "")


def _done(step: str, state: State) -> str:
    left, told = _DONE.get(step, (None, ""))
    return told if left is state else ""


def _unknown_department(clerk: Clerk, entry: Entry) -> str:
    """The department of an entry where it is none of the city's counters, whose number would stand under the answer."""
    known = clerk.departments()
    return entry.department if known and entry.department and entry.department not in known else ""


def _disputes(service: Service, clerk: Clerk) -> list[tuple[Entry, Entry]]:
    """The pairs of answers that contradict each other, and are kept from residents until somebody puts them right."""
    try:
        return service.knowledge.disputes(clerk.kb, audience=Audience.STAFF, department=clerk.department)
    except (NotReady, ModelError):
        return []  # nothing is told of a knowledge base that is not ready; /readyz says why


def _last_training(service: Service) -> str:
    last = service.knowledge.models.last(service.settings.kb)
    if last is None:
        return ""
    outcome = "この学習の結果を使っています。" if last.serves else "良くならなかったので、この学習の結果は使っていません。"
    figures = f"{last.ndcg_before:.3f} から {last.ndcg_after:.3f} になりました"
    at = moment(datetime.fromisoformat(last.created_at))
    tried = f"{last.held_back}問で試した見つけやすさ（nDCG@10、最高は1）は {figures}。"
    return f"{at}に、この知識ベースに合わせて学習しました。{tried}{outcome}"
