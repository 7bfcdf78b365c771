"""/api/staff/calls: a recorded call in; the state of its transcription, its dialogue, audio and files out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from asr.decision import decide
from asr.export import MEDIA_TYPES, Format
from asr.recording import State
from core.errors import InvalidInput
from server.auth import require_staff
from server.routes.correcting import correcting
from server.routes.minutes import AcceptedBody
from server.routes.parting import Correcting
from server.routes.uploads import attachment, form_schema, receive, sound
from server.routes.writing import DECISION_PATH, ADecision, InStyle, SegmentBody
from server.service import Service, the_service
from telephony.call import OTHER_NAME, OUR_NAME, CallRecord, Line, Parties, Side, parse_started_at
from telephony.calls import Calls
from telephony.repository import Found

router = APIRouter(prefix="/api/staff/calls", tags=["calls"], dependencies=[Depends(require_staff)])

_PAGE = 100
_STAFF = "職員"  #: who imported a call, until there are accounts


def _calls(service: Annotated[Service, Depends(the_service)]) -> Calls:
    return service.recorded.calls


Desk = Annotated[Calls, Depends(_calls)]

_FORM = form_schema(
    "audio",
    {
        "our_channel": {"type": "integer", "enum": [0, 1], "description": "市役所側のチャンネル(0=左、1=右)", "default": 0},
        "our_name": {"type": "string", "description": "市役所側の名前", "default": OUR_NAME},
        "other_name": {"type": "string", "description": "相手側の名前", "default": OTHER_NAME},
        "caller_number": {"type": "string", "description": "相手の電話番号"},
        "started_at": {"type": "string", "format": "date-time", "description": "通話の開始日時"},
    },
    [],
)


class CallBody(BaseModel):
    """A call. `our_label` and `other_label` are what the sides are called in the dialogue."""

    id: str
    file_name: str
    our_channel: int
    our_name: str
    other_name: str
    our_label: str
    other_label: str
    caller_number: str | None
    started_at: datetime | None
    imported_by: str
    state: State
    progress: float
    message: str | None
    duration_s: float | None
    created_at: datetime

    @classmethod
    def of(cls, call: CallRecord) -> CallBody:
        recording, parties = call.recording, call.parties
        return cls(
            id=call.id,
            file_name=recording.file_name,
            our_channel=parties.our_channel,
            our_name=parties.our_name,
            other_name=parties.other_name,
            our_label=parties.name(Side.OURS),
            other_label=parties.name(Side.OTHER),
            caller_number=parties.caller_number,
            started_at=parties.started_at,
            imported_by=call.imported_by,
            state=recording.state,
            progress=round(recording.progress, 4),
            message=recording.message,
            duration_s=recording.duration_s,
            created_at=recording.created_at,
        )


class CallsBody(BaseModel):
    """The latest calls; `total` is how many there are in all."""

    calls: list[CallBody]
    total: int

    @classmethod
    def of(cls, found: Found) -> CallsBody:
        return cls(calls=[CallBody.of(c) for c in found.calls], total=found.total)


class WantedBody(BaseModel):
    """What is looked for. It is posted, as addresses are written into the logs of proxies and may not hold numbers of people."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=100, description="言葉。いくつかを空白で区切れます")
    most: int = Field(_PAGE, ge=1, le=10_000, description="何件まで")


class LineBody(SegmentBody):
    """A stretch of the dialogue; `side` is ours (市役所) or other (相手)."""

    side: Side

    @classmethod
    def of_line(cls, line: Line) -> LineBody:
        return cls(side=line.side, **SegmentBody.of(line.segment).model_dump())


class CallTextBody(CallBody):
    """A call and what was recognised of it so far, in the order of time."""

    dialogue: list[LineBody]


@router.post("", status_code=status.HTTP_202_ACCEPTED, summary="通話の録音を受け付ける", openapi_extra=_FORM)
async def accept(request: Request, desk: Desk) -> AcceptedBody:
    """左右に声が分かれたステレオの録音を受け付けます。受け付けた録音は、停電や再起動があっても失われません。"""
    async with receive(request, name="audio", limit_bytes=desk.limit_bytes) as upload:
        parties = _parties(upload.fields)
        call = await run_in_threadpool(
            desk.accept, upload.blocks(), file_name=upload.file_name, parties=parties, imported_by=_STAFF
        )
    return AcceptedBody(id=call.id)


@router.get("", summary="通話記録の一覧")
def calls(desk: Desk) -> CallsBody:
    """新しい順に100件までと、全部の件数を返します。"""
    return CallsBody.of(desk.records.find(most=_PAGE))


@router.post("/search", summary="通話記録を探す")
def search(desk: Desk, wanted: WantedBody) -> CallsBody:
    """言葉がどれも、名前、電話番号、ファイル名、発言のどこかにある通話を、新しい順に返します。"""
    return CallsBody.of(desk.records.find(wanted.words, wanted.most))


@router.get("/{call_id}", summary="通話記録の状態と文字起こし")
def call(call_id: str, desk: Desk, style: InStyle) -> CallTextBody:
    """文字起こしの途中でも、そこまでの発言を返します。"""
    found = desk.records.get(call_id)
    return CallTextBody(
        **CallBody.of(found).model_dump(), dialogue=[LineBody.of_line(line) for line in desk.dialogue(found, style)]
    )


@router.get("/{call_id}/audio", summary="録音", response_class=FileResponse)
def audio(call_id: str, desk: Desk) -> FileResponse:
    recording = desk.records.get(call_id).recording
    return sound(desk.transcription.blobs.path(recording.blob_id), recording.file_name)


@router.get("/{call_id}/transcript.{form}", summary="通話記録のファイル", response_class=Response)
def transcript(call_id: str, form: Format, desk: Desk, style: InStyle) -> Response:
    content = desk.export(call_id, form, style)
    stem = desk.records.get(call_id).recording.file_name.rpartition(".")[0] or "通話"
    return Response(content, media_type=MEDIA_TYPES[form], headers=attachment(stem, form))


@router.post("/{call_id}" + DECISION_PATH, summary="書き換えを元に戻す、もう一度書き換える")
def decide_change(call_id: str, desk: Desk, decision: ADecision, style: InStyle) -> SegmentBody:
    """書き換えを一つずつ、聞こえたままに戻します。変えたあとの発言を返します。"""
    desk.records.get(call_id)
    return SegmentBody.of(decide(desk.transcription.recordings, call_id, decision, style))


def _allowed(recording_id: str, desk: Desk) -> Correcting:
    desk.records.get(recording_id)
    recordings, corrections = desk.transcription.recordings, desk.corrections
    return Correcting(recordings=recordings, corrections=corrections, recording_id=recording_id, clock=desk.clock)


corrections = correcting(router.prefix, "calls", _allowed)


@router.delete("/{call_id}", status_code=status.HTTP_204_NO_CONTENT, summary="録音と通話記録を消す")
def delete(call_id: str, desk: Desk) -> None:
    desk.delete(call_id)


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
