"""/staff/documents: the file that a quoted passage is from, as it was imported, so that staff see the passage in its place."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from core.audience import Audience
from core.errors import NotFound
from server.routes.pages import may_enter, to_login
from server.service import Service, the_service

router = APIRouter(include_in_schema=False)

_GONE = "この文書は、今は答えに使われていません。職員用のページで、もう一度お尋ねください。"
# A browser shows a PDF in a viewer of its own, which it takes for an object; nothing else may come with it.
_OF_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@router.get("/staff/documents/{entry_id:path}")
def document(request: Request, entry_id: str, service: Service = Depends(the_service)) -> Response:
    """Only for who may read the passage now. What a page of the city or of others has in is never opened as a page of ours."""
    if (staff := may_enter(request, service)) is None:
        return to_login(request)
    kb = service.settings.kb
    found = service.knowledge.find(entry_id, kb, audience=Audience.STAFF, department=staff.department)
    source = service.knowledge.repository.source_of(kb, entry_id) if found else None
    if source is None or source.confined_to not in (None, staff.department):
        raise NotFound(_GONE)
    name = quote(source.name.rpartition("/")[2])
    if source.name.lower().endswith(".pdf"):
        headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}", "Content-Security-Policy": _OF_PDF}
        return Response(source.content, media_type="application/pdf", headers=headers)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(source.content, media_type="application/octet-stream", headers=headers)
