"""/api/staff/calls: a recorded call in; the state of its transcription, its dialogue, audio and files out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from asr.corrections import Corrections
from asr.decision import decide
from asr.export import MEDIA_TYPES, Format
from asr.keeping.keeping import Keeping, Kept
from asr.keeping.log import LONGEST_PURPOSE, Deed
from asr.recording import State
from server.accounts.account import Right
from server.auth import SignedIn, require
from server.routes.correcting import correcting
from server.routes.deleted import Bin, deleted
from server.routes.keeping import KeptBody, keeping
from server.routes.parting import Correcting
from server.routes.uploads import attachment, sound
from server.routes.writing import DECISION_PATH, ADecision, InStyle, SegmentBody
from server.service import Service, the_service
from telephony.call import CallRecord, Line, Side
from telephony.calls import Calls, CopyOrder
from telephony.repository import Days, Found

router = APIRouter(prefix="/api/staff/calls", tags=["calls"], dependencies=[Depends(require(Right.CALLS))])

_PAGE = 100


def _calls(service: Annotated[Service, Depends(the_service)]) -> Calls:
    return service.recorded.calls


Desk = Annotated[Calls, Depends(_calls)]


class CallBody(KeptBody):
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
    ahead: int | None
    message: str | None
    duration_s: float | None
    created_at: datetime

    @classmethod
    def of(cls, call: CallRecord, kept: Kept, ahead: int | None) -> CallBody:
        recording, parties = call.recording, call.parties
        return cls(
            **KeptBody.of_kept(kept).model_dump(),
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
            ahead=ahead,
            message=recording.message,
            duration_s=recording.duration_s,
            created_at=recording.created_at,
        )


class CallsBody(BaseModel):
    """The latest calls; `total` is how many there are in all."""

    calls: list[CallBody]
    total: int

    @classmethod
    def of(cls, found: Found, keeping: Keeping) -> CallsBody:
        recordings = [call.recording for call in found.calls]
        kept, ahead = keeping.of(recordings), keeping.transcription.recordings.ahead(recordings)
        return cls(calls=[CallBody.of(c, kept[c.id], ahead.get(c.id)) for c in found.calls], total=found.total)


class WantedBody(BaseModel):
    """What is looked for. It is posted, as addresses are written into the logs of proxies and may not hold numbers of people."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=100, description="言葉。いくつかを空白で区切れます")
    most: int = Field(_PAGE, ge=1, le=10_000, description="何件まで")
    held: bool = Field(False, description="保全中のものだけ")
    since: date | None = Field(None, description="この日から始まった通話だけ")
    until: date | None = Field(None, description="この日までに始まった通話だけ")


class PurposeBody(BaseModel):
    """What a file is made for."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=LONGEST_PURPOSE, description="ファイルにする目的")


class LineBody(SegmentBody):
    """A stretch of the dialogue; `side` is ours (市役所) or other (相手)."""

    side: Side

    @classmethod
    def of_line(cls, line: Line) -> LineBody:
        return cls(side=line.side, **SegmentBody.of(line.segment).model_dump())


class RemarkBody(BaseModel):
    """What happened beside what was said, such as sound that never came; `side` and `speaker` are null for both."""

    start: float
    text: str
    side: Side | None
    speaker: str | None


class SpokeBody(BaseModel):
    """Who spoke for a side, since when."""

    start: float
    name: str

    @classmethod
    def of(cls, call: CallRecord, side: Side) -> list[SpokeBody]:
        return [cls(start=since_s, name=name) for since_s, name in call.parties.names(side)]


class CallTextBody(CallBody):
    """A call, what was recognised of it so far and what happened in it, in the order of time; `revision` is another whenever
    somebody changed the dialogue. `ours` and `others` are who spoke for each side one after the other."""

    revision: int
    ours: list[SpokeBody]
    others: list[SpokeBody]
    dialogue: list[LineBody]
    remarks: list[RemarkBody]


@router.get("", summary="通話記録の一覧")
def calls(desk: Desk) -> CallsBody:
    """新しい順に100件までと、全部の件数を返します。"""
    return CallsBody.of(desk.records.find(most=_PAGE), desk.keeping)


@router.post("/search", summary="通話記録を探す")
def search(desk: Desk, wanted: WantedBody) -> CallsBody:
    """言葉がどれも、名前、電話番号、ファイル名、発言のどこかにある通話を、新しい順に返します。"""
    held_on = desk.keeping.today if wanted.held else None
    days = Days(since=wanted.since, until=wanted.until)
    return CallsBody.of(desk.records.find(wanted.words, wanted.most, held_on=held_on, days=days), desk.keeping)


@router.get("/{call_id}", summary="通話記録の状態と文字起こし")
def call(call_id: str, desk: Desk, style: InStyle, by: SignedIn) -> CallTextBody:
    """文字起こしの途中でも、そこまでの発言を返します。"""
    found = desk.records.get(call_id)
    desk.log.look(call_id, Deed.READ, by)
    kept, ahead = desk.keeping.of([found.recording])[call_id], desk.transcription.recordings.ahead([found.recording]).get(call_id)
    revision = desk.transcription.recordings.revision(call_id)  # before the text, as for a meeting
    dialogue = [LineBody.of_line(line) for line in desk.dialogue(found, style)]
    remarks = [RemarkBody(start=r.at_s, text=r.text, side=r.side, speaker=r.who(found.parties) or None) for r in found.remarks]
    return CallTextBody(
        **CallBody.of(found, kept, ahead).model_dump(),
        revision=revision,
        ours=SpokeBody.of(found, Side.OURS),
        others=SpokeBody.of(found, Side.OTHER),
        dialogue=dialogue,
        remarks=remarks,
    )


@router.get("/{call_id}/audio", summary="録音", response_class=FileResponse)
def audio(call_id: str, desk: Desk, by: SignedIn) -> FileResponse:
    recording = desk.records.get(call_id).recording
    desk.log.look(call_id, Deed.LISTENED, by)
    return sound(desk.transcription.blobs.path(recording.blob_id), recording.file_name)


@router.post("/{call_id}/copies/{form}", summary="通話記録をファイルにする", response_class=Response)
def copy(call_id: str, form: Format, body: PurposeBody, desk: Desk, style: InStyle, by: SignedIn) -> Response:
    """目的と、続き番号の複製番号が、利用記録に残ります。複製番号は、ファイルの中と名前にも入ります。"""
    made = desk.copy(call_id, form, style, CopyOrder(purpose=body.purpose, by=by))
    stem = desk.records.get(call_id).recording.file_name.rpartition(".")[0] or "通話"
    return Response(made.content, media_type=MEDIA_TYPES[form], headers=attachment(_numbered(made.number, stem), form))


@router.post("/{call_id}/copies", summary="録音をファイルにする", response_class=FileResponse)
def copy_audio(call_id: str, body: PurposeBody, desk: Desk, by: SignedIn) -> FileResponse:
    """録音のファイルそのものは変えません。複製番号は、ファイルの名前に入ります。"""
    recording = desk.records.get(call_id).recording
    path = desk.transcription.blobs.path(recording.blob_id)
    number = desk.copy_audio(call_id, CopyOrder(purpose=body.purpose, by=by))
    return sound(path, _numbered(number, recording.file_name), kept=True)


@router.post("/{call_id}" + DECISION_PATH, summary="書き換えを元に戻す、もう一度書き換える")
def decide_change(call_id: str, desk: Desk, decision: ADecision, style: InStyle, by: SignedIn) -> SegmentBody:
    """書き換えを一つずつ、聞こえたままに戻します。変えたあとの発言を返します。"""
    desk.records.get(call_id)
    return SegmentBody.of(decide(desk.changed_by(by), call_id, decision, style))


def _watched(recording_id: str, desk: Desk, by: SignedIn) -> Correcting:
    desk.records.get(recording_id)
    recordings = desk.changed_by(by)
    corrections = Corrections(desk.engine, recordings, by.name)
    return Correcting(recordings=recordings, corrections=corrections, recording_id=recording_id, clock=desk.clock)


def _allowed(on: Annotated[Correcting, Depends(_watched)], desk: Desk, by: SignedIn) -> Correcting:
    desk.log.look(on.recording_id, Deed.READ, by)
    return on


corrections = correcting(router.prefix, "calls", Right.CALLS, _allowed, _watched)


@router.post("/{call_id}/retry", status_code=status.HTTP_204_NO_CONTENT, summary="失敗した文字起こしを、もう一度始める")
def retry(call_id: str, desk: Desk) -> None:
    desk.records.get(call_id)
    desk.transcription.retry(call_id)


def _keeper(recording_id: str, desk: Desk) -> Keeping:
    desk.records.get(recording_id)
    return desk.keeping


holds = keeping(router.prefix, "calls", Right.CALLS, _keeper)


@router.delete("/{call_id}", status_code=status.HTTP_204_NO_CONTENT, summary="録音と通話記録を削除する")
def delete(call_id: str, desk: Desk, by: SignedIn) -> None:
    """しばらくは元に戻せます。保全中のものは、先に保全を解除しないと削除できません。"""
    desk.delete(call_id, by)


def _bin(desk: Desk) -> Bin:
    return Bin(keeping=desk.keeping, titles=desk.records.titles)


deletions = deleted(router.prefix, "calls", Right.CALLS, _bin)


def _numbered(number: int, name: str) -> str:
    return f"複製{number}_{name}"
