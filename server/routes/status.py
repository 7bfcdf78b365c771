"""/v1/status: what whoever looks after the machine watches, in numbers, and in words where somebody has to do something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from asr.recording import Backlog
from core.audience import Audience
from core.clock import now
from core.errors import MadoguchiError
from server.auth import require_key
from server.publishing import Stage
from server.routes.health import parts_of
from server.service import Service, the_service
from telephony.ongoing import UNREADABLE, calls_in

router = APIRouter(tags=["プログラム向け"], dependencies=[Depends(require_key)])

_LONGEST_WAIT = timedelta(hours=6)  #: on two cores a meeting of three hours takes six minutes
_UPLOADS = 2  #: of the largest size that are to find room: one is copied while it is taken in
_GB = 1_000_000_000


class DiskBody(BaseModel):
    """Where the data folder lies."""

    free_bytes: int
    total_bytes: int


class RecordingsBody(BaseModel):
    """Meetings and calls without their text; `oldest_s` is how long ago the first was accepted that waits or is worked on."""

    waiting: int
    working: int
    failed: int
    oldest_s: int | None


class IndexBody(BaseModel):
    """`behind`: something was approved or set that no index holds yet. Times are null where there is no index."""

    behind: bool
    residents_made_at: datetime | None
    staff_made_at: datetime | None


class StatusBody(BaseModel):
    """`attention` is empty while nobody has to do anything. `calls` go on, or are not among the records yet."""

    attention: list[str]
    disk: DiskBody
    recordings: RecordingsBody
    calls: int
    index: IndexBody


@router.get("/v1/status", summary="見張るための状態", responses={503: {"model": StatusBody}})
def status(response: Response, service: Service = Depends(the_service)) -> StatusBody:
    """待っている仕事、ディスクの空き、索引の日時。することがあれば 503 と、その文です。個人の情報は入りません。"""
    backlog, usage = service.recorded.minutes.transcription.recordings.backlog(), shutil.disk_usage(service.settings.home)
    attention = list(_attention(service, backlog, usage.free))
    response.status_code = 503 if attention else 200
    return StatusBody(
        attention=attention,
        disk=DiskBody(free_bytes=usage.free, total_bytes=usage.total),
        recordings=RecordingsBody(
            waiting=backlog.waiting,
            working=backlog.working,
            failed=backlog.failed,
            oldest_s=int((now() - backlog.since).total_seconds()) if backlog.since else None,
        ),
        calls=_calls(service) or 0,
        index=_index(service),
    )


def _attention(service: Service, backlog: Backlog, free_bytes: int) -> Iterator[str]:
    yield from (part.message for part in parts_of(service).values() if part.message)
    if "template" in service.failures:
        service.check_template()  # the file may have been mended
        yield from filter(None, [service.failures.get("template")])
    publication = service.publisher.publication
    if publication.stage is Stage.FAILED:
        yield publication.text
    if _calls(service) is None:
        yield UNREADABLE
    if stuck := service.recorded.intake.stuck:
        yield f"記録に移せない通話が{stuck}件あります。録音は残っています。ログの call_not_taken_in を確かめてください。"
    least_bytes = _UPLOADS * service.settings.max_upload_bytes
    if free_bytes < least_bytes:
        yield (
            f"ディスクの空きが {free_bytes / _GB:.1f} GB です。"
            f"{least_bytes / _GB:.1f} GB より少ないと、録音を受け付けられないことがあります。"
        )
    if backlog.since and now() - backlog.since > _LONGEST_WAIT:
        yield "文字になるのを6時間より長く待っている録音があります。職員用ページで、その録音に出ている文を確かめてください。"


def _calls(service: Service) -> int | None:
    """None where their folder can't be read."""
    try:
        return sum(1 for _ in calls_in(service.recorded.intake.folder))
    except OSError:
        return None


def _index(service: Service) -> IndexBody:
    kb = service.settings.kb

    def made_at(audience: Audience) -> datetime | None:
        try:
            return service.knowledge.version(kb, audience).manifest.made_at
        except MadoguchiError:
            return None

    try:
        behind = service.knowledge.is_behind(kb)
    except MadoguchiError:  # a model is missing, which `attention` tells
        behind = True
    return IndexBody(behind=behind, residents_made_at=made_at(Audience.RESIDENT), staff_made_at=made_at(Audience.STAFF))
