"""/api/staff/record-log: who read, heard, took out, corrected, held and deleted which record."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import date, datetime
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from asr.keeping.log import Deed, Kind, Line, Wanted, every_line, lines
from core.cell import guarded
from core.clock import JST
from core.errors import InvalidInput
from server.accounts.account import Right
from server.auth import require
from server.routes.uploads import attachment
from server.service import Service, the_service

_PAGE = 200
_MOST = 10_000
DEEDS = {
    Deed.READ: "閲覧",
    Deed.LISTENED: "再生",
    Deed.COPIED: "複製",
    Deed.CORRECTED: "訂正",
    Deed.HELD: "保全",
    Deed.LIFTED: "保全の解除",
    Deed.DELETED: "削除",
    Deed.RESTORED: "削除の取り消し",
    Deed.ERASED: "完全な削除",
}
KINDS = {Kind.CALL: "通話", Kind.MEETING: "会議"}
_COLUMNS = ("番号", "日時", "誰が", "ログイン", "したこと", "種類", "記録のID", "目的・理由", "複製番号")


router = APIRouter(prefix="/api/staff/record-log", tags=["record-log"], dependencies=[Depends(require(Right.LOG))])


class LineBody(BaseModel):
    """A line. `copy_number` is that of a file that was taken out; `note` is its purpose, or the reason."""

    id: int
    at: datetime
    who: str
    sign_in: str
    deed: Deed
    kind: Kind
    record: str
    note: str
    copy_number: int | None

    @classmethod
    def of(cls, line: Line) -> LineBody:
        return cls(
            id=line.id,
            at=line.at,
            who=line.by.name,
            sign_in=line.by.sign_in,
            deed=line.deed,
            kind=line.kind,
            record=line.recording_id,
            note=line.note,
            copy_number=line.copy,
        )


class LinesBody(BaseModel):
    """The latest lines; `total` is how many there are in all."""

    lines: list[LineBody]
    total: int


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]  #: one whose hours are moments in every zone


def _wanted(
    record: Annotated[str, Query(max_length=64, description="記録のID")] = "",
    who: Annotated[str, Query(max_length=100, description="誰が")] = "",
    deed: Annotated[Deed | None, Query(description="したこと")] = None,
    kind: Annotated[Kind | None, Query(description="種類")] = None,
    since: Annotated[Day | None, Query(description="この日から")] = None,
    until: Annotated[Day | None, Query(description="この日まで")] = None,
) -> Wanted:
    if "\0" in record + who:
        raise InvalidInput  # PostgreSQL refuses it
    return Wanted(recording_id=record, who=who, deed=deed, kind=kind, since=since, until=until)


AWanted = Annotated[Wanted, Depends(_wanted)]
TheService = Annotated[Service, Depends(the_service)]


@router.get("", summary="利用記録")
def log(service: TheService, wanted: AWanted, most: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE) -> LinesBody:
    """新しい順に返します。1時間のうちに同じ人が同じ記録を何度読み、聞いても、1行です。"""
    found, total = lines(service.database, wanted, most)
    return LinesBody(lines=[LineBody.of(line) for line in found], total=total)


@router.get(".csv", summary="利用記録のファイル", response_class=StreamingResponse)
def log_file(service: TheService, wanted: AWanted) -> StreamingResponse:
    """表計算ソフトで開ける、UTF-8 の CSV です。"""
    rows = (_row(line) for line in every_line(service.database, wanted))
    content = (_written(row).encode() for row in chain([_COLUMNS], rows))
    headers = attachment("利用記録", "csv")
    return StreamingResponse(chain([codecs.BOM_UTF8], content), media_type="text/csv; charset=utf-8", headers=headers)


def _row(line: Line) -> tuple[object, ...]:
    at = f"{line.at.astimezone(JST):%Y-%m-%d %H:%M:%S}"
    who = (guarded(line.by.name), line.by.sign_in)
    return (line.id, at, *who, DEEDS[line.deed], KINDS[line.kind], line.recording_id, guarded(line.note), line.copy)


def _written(row: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(row)
    return out.getvalue()
