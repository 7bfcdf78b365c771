"""/api/staff/minutes-templates: the Word files that minutes may be written in, and which of them is in use."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from asr.export import MEDIA_TYPES, Format
from core.errors import InvalidInput
from minutes.sample import sample
from minutes.starter import starter
from minutes.template import MOST_BYTES, PLACES
from minutes.templates import Own, Sent, Templates
from server.accounts.account import Right
from server.auth import SignedIn, require
from server.routes.meeting_desk import Desk
from server.routes.uploads import FILE_SCHEMA, Upload, attachment, received_form

router = APIRouter(prefix="/api/staff/minutes-templates", tags=["minutes"], dependencies=[Depends(require(Right.MINUTES))])


_WANTED = "ひな形（Word のファイル）"
_NAMES = {Own.STANDARD: "標準の形", Own.SETTING: "管理者が置いたひな形"}
_SCHEMA = {"type": "object", "properties": {"file": FILE_SCHEMA | {"description": _WANTED}}, "required": ["file"]}
_FORM = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _SCHEMA}}}}


class TemplateBody(BaseModel):
    """A template. `by` and `added_at` are of those that were sent; `lacking` are places that it has not, and could have."""

    id: str
    name: str
    by: str | None = None
    added_at: datetime | None = None
    lacking: list[str] = []
    in_use: bool = False

    @classmethod
    def of(cls, sent: Sent, in_use: str = "") -> TemplateBody:
        lacking = [place for place in PLACES if place not in sent.places]
        return cls(id=sent.id, name=sent.name, by=sent.by, added_at=sent.added_at, lacking=lacking, in_use=sent.id == in_use)


class TemplatesBody(BaseModel):
    """The standard template, that of the administrator where there is one, and those that were sent, the latest first."""

    templates: list[TemplateBody]


@router.get("", summary="議事録のひな形の一覧")
def templates(desk: Desk) -> TemplatesBody:
    kept = desk.templates
    in_use = kept.in_use()
    own = [Own.STANDARD, Own.SETTING] if kept.setting else [Own.STANDARD]
    ours = [TemplateBody(id=o, name=_NAMES[o], in_use=o == in_use) for o in own]
    return TemplatesBody(templates=[*ours, *(TemplateBody.of(sent, in_use) for sent in kept.sent())])


@router.post("", status_code=status.HTTP_201_CREATED, summary="ひな形を送る", openapi_extra=_FORM)
async def send(request: Request, desk: Desk, by: SignedIn) -> TemplateBody:
    """使えるものかどうかを確かめて残します。使うのは、選んでからです。"""
    async with received_form(request, _WANTED, limit_bytes=MOST_BYTES) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise InvalidInput(f"{_WANTED}を選んで送ってください。")
        name = Upload(file=file, fields={}).file_name
        content = await file.read()
    sent = await run_in_threadpool(desk.templates.add, content, name=name, by=by, at=desk.clock())
    return TemplateBody.of(sent)


@router.get("/{template_id}/file", summary="ひな形のファイル", response_class=Response)
def file(template_id: str, desk: Desk) -> Response:
    """標準の形のファイルは、自分の市のひな形を作る手本です。"""
    content = desk.templates.content(template_id)
    return _word(starter() if content is None else content, _name(desk.templates, template_id))


@router.get("/{template_id}/preview", summary="見本の会議を書き込んだファイル", response_class=Response)
def preview(template_id: str, desk: Desk) -> Response:
    return _word(desk.written(sample(), template_id), f"見本_{_name(desk.templates, template_id)}")


@router.post("/{template_id}/use", status_code=status.HTTP_204_NO_CONTENT, summary="このひな形を使う")
def use(template_id: str, desk: Desk, by: SignedIn) -> None:
    """次に作る Word から、この形になります。"""
    desk.templates.use(template_id, by)


@router.delete("/{template_id}", status_code=status.HTTP_204_NO_CONTENT, summary="ひな形を消す")
def delete(template_id: str, desk: Desk, by: SignedIn) -> None:
    desk.templates.delete(template_id, by)


def _name(kept: Templates, template_id: str) -> str:
    if template_id in list(Own):
        return f"ひな形_{_NAMES[Own(template_id)]}"
    name = next((sent.name for sent in kept.sent() if sent.id == template_id), "")
    return name.removesuffix(".docx") or "ひな形"


def _word(content: bytes, stem: str) -> Response:
    return Response(content, media_type=MEDIA_TYPES[Format.DOCX], headers=attachment(stem, Format.DOCX))
