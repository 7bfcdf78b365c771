"""POST /api/staff/calls: a call's recording in, as one stereo file or as a file of each side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from starlette.concurrency import run_in_threadpool

from core.errors import AlreadyTaken, InvalidInput
from server.accounts.account import Right
from server.auth import SignedIn, require
from server.routes.minutes import AcceptedBody, is_asked_again
from server.routes.uploads import FILE_SCHEMA, Upload, form_schema, receive_any
from server.service import Service, the_service
from telephony.call import OTHER_NAME, OUR_NAME, CallRecord, Parties, parse_started_at
from telephony.joining import joined

router = APIRouter(prefix="/api/staff/calls", tags=["calls"], dependencies=[Depends(require(Right.CALLS))])

_ONE, _OURS, _OTHER = "audio", "our_audio", "other_audio"
_FORM = form_schema(
    _ONE,
    {
        _OURS: FILE_SCHEMA | {"description": "市役所側だけの録音(other_audio とともに、audio の代わりに)"},
        _OTHER: FILE_SCHEMA | {"description": "相手側だけの録音"},
        "our_channel": {"type": "integer", "enum": [0, 1], "description": "市役所側のチャンネル(0=左、1=右)", "default": 0},
        "our_name": {"type": "string", "description": "市役所側の名前", "default": OUR_NAME},
        "other_name": {"type": "string", "description": "相手側の名前", "default": OTHER_NAME},
        "caller_number": {"type": "string", "description": "相手の電話番号"},
        "started_at": {"type": "string", "format": "date-time", "description": "通話の開始日時"},
        "again": {"type": "boolean", "description": "もう取り込まれている録音でも、もう一度取り込む", "default": False},
    },
    [],
    alone=False,
)


@router.post("", status_code=status.HTTP_202_ACCEPTED, summary="通話の録音を受け付ける", openapi_extra=_FORM)
async def accept(
    request: Request, response: Response, by: SignedIn, service: Annotated[Service, Depends(the_service)]
) -> AcceptedBody:
    """左右に声が分かれたステレオの録音か、市役所側と相手側を別々に録った二つのファイルを受け付けます。二つは初めをそろえて、
    一つのステレオの録音にします。受け付けた録音は、停電や再起動があっても失われません。"""
    limit_bytes = service.recorded.calls.limit_bytes
    async with receive_any(request, names=(_ONE, _OURS, _OTHER), limit_bytes=limit_bytes) as uploads:
        try:
            call = await run_in_threadpool(_take_in, service, uploads, by.name)
        except AlreadyTaken as e:
            response.status_code = status.HTTP_200_OK
            return AcceptedBody(id=e.record_id, already=e.message)
    return AcceptedBody(id=call.id)


def _take_in(service: Service, uploads: dict[str, Upload], by: str) -> CallRecord:
    calls = service.recorded.calls
    match uploads:
        case {"audio": one, **others} if not others:
            again, parties = is_asked_again(one), _parties(one.fields)
            return calls.accept(one.blocks(), file_name=one.file_name, parties=parties, imported_by=by, again=again)
        case {"our_audio": ours, "other_audio": other, **others} if not others:
            again, parties = is_asked_again(ours), _parties(ours.fields | {"our_channel": "0"})
            with service.passing.folder() as folder:
                sides = [_written(upload, folder / f"{n}{upload.suffix}") for n, upload in enumerate((ours, other))]
                longest_s = calls.transcription.longest_recording_s
                blocks = joined(("市役所側", sides[0]), ("相手側", sides[1]), folder, longest_s=longest_s)
                name = f"{Path(ours.file_name).stem}＋{Path(other.file_name).stem}.wav"
                return calls.accept(blocks, file_name=name, parties=parties, imported_by=by, again=again)
    raise InvalidInput("録音ファイルを選んで送ってください。ステレオの録音を一つか、市役所側と相手側の録音を一つずつです。")


def _written(upload: Upload, path: Path) -> Path:
    with path.open("wb") as f:
        f.writelines(upload.blocks())
    return path


def _parties(fields: dict[str, str]) -> Parties:
    channel = fields.get("our_channel") or "0"
    if channel not in ("0", "1"):
        raise InvalidInput("市役所側のチャンネルは、0(左)か 1(右)を指定してください。")
    return Parties(
        our_channel=int(channel),
        our_name=fields.get("our_name", "").strip() or OUR_NAME,
        other_name=fields.get("other_name", "").strip() or OTHER_NAME,
        caller_number=fields.get("caller_number", "").strip() or None,
        started_at=parse_started_at(fields.get("started_at", "")),
    )
