"""/api/staff/minutes: a meeting's recording in; the state of its transcription, its text, audio and files out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from asr.decision import decide
from asr.export import MEDIA_TYPES, Format
from asr.keeping.keeping import Keeping, Kept
from asr.recording import State, parse_speakers
from asr.writing import write
from core.errors import AlreadyTaken, InvalidInput
from minutes.meeting import Meeting
from minutes.minutes import Subject
from minutes.record import Extent
from server.accounts.account import Right
from server.auth import SignedIn, require
from server.routes.correcting import correcting
from server.routes.deleted import Bin, deleted
from server.routes.keeping import KeptBody, keeping
from server.routes.meeting_desk import Desk
from server.routes.parting import Correcting
from server.routes.uploads import Upload, attachment, form_schema, receive, sound
from server.routes.writing import DECISION_PATH, ADecision, InStyle, SegmentBody

router = APIRouter(prefix="/api/staff/minutes", tags=["minutes"], dependencies=[Depends(require(Right.MINUTES))])


_FORM = form_schema(
    "audio",
    {
        "title": {"type": "string", "description": "会議の名前"},
        "held_on": {"type": "string", "format": "date", "description": "開催日"},
        "speakers": {"type": "string", "description": "話者の区別: auto、off、または人数", "default": "auto"},
        "again": {"type": "boolean", "description": "もう登録されている録音でも、もう一度登録する", "default": False},
    },
    ["title", "held_on"],
)


class AcceptedBody(BaseModel):
    """The id of what was taken in; or of what has this very recording already, and a sentence that says so."""

    id: str
    already: str | None = None


class MeetingBody(KeptBody):
    """A meeting. `progress` is 0..1; `ahead` is how many others come before one that is queued; `message` says why it failed and
    what to do."""

    id: str
    title: str
    held_on: date
    file_name: str
    state: State
    progress: float
    ahead: int | None
    message: str | None
    duration_s: float | None
    created_at: datetime
    same_as: str | None = None  #: in lists: the name of the meeting whose recording, sent earlier, is the same file

    @classmethod
    def of(cls, meeting: Meeting, kept: Kept, ahead: int | None, same_as: str | None = None) -> MeetingBody:
        recording = meeting.recording
        return cls(
            **KeptBody.of_kept(kept).model_dump(),
            id=meeting.id,
            title=meeting.title,
            held_on=meeting.held_on,
            file_name=recording.file_name,
            state=recording.state,
            progress=round(recording.progress, 4),
            ahead=ahead,
            message=recording.message,
            duration_s=recording.duration_s,
            created_at=recording.created_at,
            same_as=same_as,
        )


class MeetingsBody(BaseModel):
    """Every meeting, the latest first."""

    meetings: list[MeetingBody]


class MeetingTextBody(MeetingBody):
    """A meeting and what was recognised of it so far; `revision` is another whenever somebody changed that."""

    revision: int
    segments: list[SegmentBody]


AnExtent = Annotated[Extent, Query(description="full=全文、points=要点のみ(Word のとき)")]


@router.post("", status_code=status.HTTP_202_ACCEPTED, summary="会議の録音を受け付ける", openapi_extra=_FORM)
async def accept(request: Request, response: Response, desk: Desk) -> AcceptedBody:
    """受け付けた録音は、停電や再起動があっても失われません。文字起こしは順番に行います。"""
    async with receive(request, name="audio", limit_bytes=desk.limit_bytes) as upload:
        subject = Subject(
            title=upload.fields.get("title", ""),
            held_on=_day(upload.fields.get("held_on", "")),
            speakers=parse_speakers(upload.fields.get("speakers") or "auto"),
        )
        again = is_asked_again(upload)
        try:
            meeting = await run_in_threadpool(
                desk.accept, upload.blocks(), file_name=upload.file_name, subject=subject, again=again
            )
        except AlreadyTaken as e:
            response.status_code = status.HTTP_200_OK
            return AcceptedBody(id=e.record_id, already=e.message)
    return AcceptedBody(id=meeting.id)


def is_asked_again(upload: Upload) -> bool:
    """Whether a recording is to be taken in though it was before."""
    return upload.fields.get("again", "").strip().lower() == "true"


@router.get("", summary="議事録の一覧")
def meetings(desk: Desk) -> MeetingsBody:
    found = desk.meetings.all()
    first: dict[str, Meeting] = {}
    for m in sorted(found, key=lambda m: m.created_at):
        first.setdefault(m.recording.sha256, m)
    same = {m.id: first[m.recording.sha256] for m in found}
    recordings = [m.recording for m in found]
    kept, ahead = desk.keeping.of(recordings), desk.transcription.recordings.ahead(recordings)
    return MeetingsBody(
        meetings=[MeetingBody.of(m, kept[m.id], ahead.get(m.id), None if same[m.id] is m else same[m.id].title) for m in found]
    )


@router.get("/{meeting_id}", summary="議事録の状態と文字起こし")
def meeting(meeting_id: str, desk: Desk, style: InStyle) -> MeetingTextBody:
    """文字起こしの途中でも、そこまでの発言を返します。"""
    found = desk.meetings.get(meeting_id)
    recordings = desk.transcription.recordings
    revision = recordings.revision(meeting_id)  # before the text: what is changed between comes once more, and is not missed
    segments = [SegmentBody.of(write(s, style)) for s in recordings.segments(meeting_id)]
    return MeetingTextBody(**_body(found, desk).model_dump(), revision=revision, segments=segments)


class SubjectBody(BaseModel):
    """What is said of a meeting."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(description="会議の名前")
    held_on: date = Field(description="開催日")


class DescribeBody(SubjectBody):
    """What is to be said of a meeting."""

    was: SubjectBody | None = Field(None, description="画面で見た名前と開催日。ほかの人が先に直していたら、上書きしません")


@router.patch("/{meeting_id}", summary="会議の名前と開催日を直す")
def describe(meeting_id: str, body: DescribeBody, desk: Desk) -> MeetingBody:
    """文字起こしの途中でも直せます。"""
    was = (body.was.title, body.was.held_on) if body.was else None
    return _body(desk.describe(meeting_id, Subject(title=body.title, held_on=body.held_on), was), desk)


@router.get("/{meeting_id}/audio", summary="録音", response_class=FileResponse)
def audio(meeting_id: str, desk: Desk) -> FileResponse:
    recording = desk.meetings.get(meeting_id).recording
    return sound(desk.transcription.blobs.path(recording.blob_id), recording.file_name)


@router.get("/{meeting_id}/transcript.{form}", summary="議事録のファイル", response_class=Response)
def transcript(meeting_id: str, form: Format, desk: Desk, style: InStyle, extent: AnExtent = Extent.FULL) -> Response:
    content = desk.export(meeting_id, form, style, extent)
    title = desk.meetings.get(meeting_id).title
    stem = title if extent is Extent.FULL else f"{title}（要点）"
    return Response(content, media_type=MEDIA_TYPES[form], headers=attachment(stem, form))


@router.post("/{meeting_id}" + DECISION_PATH, summary="書き換えを元に戻す、もう一度書き換える")
def decide_change(meeting_id: str, desk: Desk, decision: ADecision, style: InStyle) -> SegmentBody:
    """書き換えを一つずつ、聞こえたままに戻します。変えたあとの発言を返します。"""
    desk.meetings.get(meeting_id)
    return SegmentBody.of(decide(desk.transcription.recordings, meeting_id, decision, style))


class SpeakerBody(BaseModel):
    """A speaker of a meeting and what to call them from now on."""

    model_config = ConfigDict(extra="forbid")

    speaker: str = Field(description="今の名前")
    name: str = Field(description="新しい名前")


@router.patch("/{meeting_id}/speakers", status_code=status.HTTP_204_NO_CONTENT, summary="話者の名前を変える")
def rename_speaker(meeting_id: str, body: SpeakerBody, desk: Desk, by: SignedIn) -> None:
    """会議のすべての発言で、話者の名前を変えます。ほかの話者と同じ名前にすると、一人にまとまります。"""
    desk.rename_speaker(meeting_id, body.speaker, body.name, by)


def _allowed(recording_id: str, desk: Desk, by: SignedIn) -> Correcting:
    desk.meetings.get(recording_id)
    recordings, corrections = desk.transcription.recordings, desk.corrections(by)
    noted = desk.points.version
    return Correcting(recordings=recordings, corrections=corrections, recording_id=recording_id, clock=desk.clock, beside=noted)


corrections = correcting(router.prefix, "minutes", Right.MINUTES, _allowed, _allowed)


@router.post("/{meeting_id}/retry", status_code=status.HTTP_204_NO_CONTENT, summary="失敗した文字起こしを、もう一度始める")
def retry(meeting_id: str, desk: Desk) -> None:
    desk.meetings.get(meeting_id)
    desk.transcription.retry(meeting_id)


def _keeper(recording_id: str, desk: Desk) -> Keeping:
    desk.meetings.get(recording_id)
    return desk.keeping


holds = keeping(router.prefix, "minutes", Right.MINUTES, _keeper)


@router.delete("/{meeting_id}", status_code=status.HTTP_204_NO_CONTENT, summary="録音と議事録を削除する")
def delete(meeting_id: str, desk: Desk, by: SignedIn) -> None:
    """しばらくは元に戻せます。保全中のものは、先に保全を解除しないと削除できません。"""
    desk.delete(meeting_id, by)


def _bin(desk: Desk) -> Bin:
    return Bin(keeping=desk.keeping, titles=desk.meetings.titles)


deletions = deleted(router.prefix, "minutes", Right.MINUTES, _bin)


def _body(meeting: Meeting, desk: Desk) -> MeetingBody:
    own = [meeting.recording]
    return MeetingBody.of(meeting, desk.keeping.of(own)[meeting.id], desk.transcription.recordings.ahead(own).get(meeting.id))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("開催日は「2026-11-22」の形で指定してください。") from None
