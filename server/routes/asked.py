"""/staff/knowledge/asked: how often residents were answered, and what editors may add; counts alone, no question."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Depends, Request, Response

from core.clock import now
from core.settings import Zone
from retrieval.entry import Entry
from server.clerk import Clerk
from server.routes.knowledge import clerk_of
from server.routes.pages import may_enter, staff_page, to_login
from server.service import Service, the_service
from server.tallies import DAYS, What, passed_by

router = APIRouter(include_in_schema=False)

_MOST = 30


@router.get("/staff/knowledge/asked")
def asked(request: Request, service: Service = Depends(the_service)) -> Response:
    if not may_enter(request, service):
        return to_login(request)
    counted = service.tallies.since(now().date() - timedelta(days=DAYS - 1))
    often = passed_by(counted)
    entries = _readable(clerk_of(request, service), often)
    return staff_page(
        request,
        service,
        "knowledge_asked.html",
        days=DAYS,
        may_be_elsewhere=service.settings.zone is Zone.STAFF,
        answered=counted[What.ANSWERED].total(),
        offered=counted[What.OFFERED].total(),
        handed=counted[What.HANDED].total(),
        counters=counted[What.HANDED].most_common(),
        passed_by=[(entries[i], counted[What.ENTRY_OFFERED][i], counted[What.ENTRY_TAKEN][i]) for i in often if i in entries][
            :_MOST
        ],
    )


def _readable(clerk: Clerk, ids: list[str]) -> dict[str, Entry]:
    """Those that still answer, and that the clerk may read."""
    return {i: entry for i, entry in clerk.repository.served(clerk.kb, ids).items() if clerk.may_read(entry)}
