"""An uploaded meeting in, its minutes out: accepted, transcribed durably, read, exported, deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Corrections
from asr.export import Format, render
from asr.keeping.keeping import Keeping
from asr.keeping.log import Person
from asr.recording import Speakers, accepted
from asr.workflow import Transcription
from asr.writing import FOR_CLERKS, Style, write_all
from core.clock import Clock, now
from core.errors import AlreadyTaken, InvalidInput
from core.passing import Passing
from core.printable import printable
from minutes.export import docx
from minutes.head import Heads
from minutes.meeting import Meeting
from minutes.points import Points
from minutes.record import Extent, Record
from minutes.repository import Meetings
from minutes.template import filled
from minutes.templates import Templates

_LONGEST_TITLE = 200
_LONGEST_SPEAKER = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the uploader says of a meeting."""

    title: str
    held_on: date
    speakers: Speakers = "auto"

    def __post_init__(self) -> None:
        if not printable(self.title):
            raise InvalidInput("会議の名前を入力してください。")
        if len(self.title) > _LONGEST_TITLE:
            raise InvalidInput(f"会議の名前は{_LONGEST_TITLE}文字までにしてください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """The meetings of the service."""

    engine: Engine
    transcription: Transcription
    meetings: Meetings
    keeping: Keeping
    passing: Passing
    limit_bytes: int
    template: Path | None = None  #: the Word file that an administrator named
    clock: Clock = now

    def accept(self, chunks: Iterable[bytes], *, file_name: str, subject: Subject, again: bool = True) -> Meeting:
        """Take a recording in. On return it and its rows survive power loss, and its transcription waits in the queue.

        Raises:
            AlreadyTaken: it is that of a meeting already, and not to be taken in `again`.
            TooLarge, UnreadableMedia: see `BlobStore.taking`.
        """
        t = self.transcription
        with t.blobs.taking(chunks, limit_bytes=self.limit_bytes) as blob:
            if not again and (same := t.recordings.first_of(blob.sha256, self.meetings.ids)):
                t.blobs.delete(blob.id)
                raise AlreadyTaken(_already(self.meetings.get(same)), record_id=same)
            recording = accepted(blob, file_name=file_name, channels=Channels.MIXED, speakers=subject.speakers, at=self.clock())
            meeting = Meeting(title=printable(subject.title), held_on=subject.held_on, recording=recording)
            with self.engine.begin() as c:
                t.recordings.add(c, recording)
                self.meetings.add(c, meeting)
        t.submit(recording.id)
        return meeting

    def export(self, meeting_id: str, form: Format, style: Style = FOR_CLERKS, extent: Extent = Extent.FULL) -> bytes:
        """The minutes as a file; all of them but Word hold only what was said.

        Raises:
            NotFound: there is no such meeting.
            InvalidInput: the transcription is not done, or the points alone are wanted in another form than Word.
        """
        meeting = self.meetings.get(meeting_id)
        if extent is Extent.POINTS and form is not Format.DOCX:
            raise InvalidInput("要点のみのファイルは、Word（docx）でだけ作れます。ほかの形式では全文を選んでください。")
        recognised = self.transcription.recordings.transcript(meeting_id)
        transcript = replace(recognised, segments=write_all(recognised.segments, style))
        if form is Format.DOCX:
            head, points = self.heads.of(meeting_id), self.points.taken(meeting_id)
            record = Record(meeting=meeting, transcript=transcript, head=head, points=points, extent=extent)
            return self.written(record, self.templates.in_use())
        return render(transcript, form, title=meeting.title)

    def written(self, record: Record, template_id: str) -> bytes:
        """The record in Word, in the form of a template. Raises as `filled` and `Templates.content` do."""
        template = self.templates.content(template_id)
        return docx(record) if template is None else filled(template, record, self.passing).content

    def describe(self, meeting_id: str, subject: Subject, was: tuple[str, date] | None = None) -> Meeting:
        """Say something else of a meeting: its name and day. `was` are those that the person saw. Raises NotFound, Superseded."""
        self.meetings.describe(meeting_id, printable(subject.title), subject.held_on, was)
        return self.meetings.get(meeting_id)

    def rename_speaker(self, meeting_id: str, speaker: str, name: str, by: Person) -> None:
        """Call a speaker something else in the whole meeting. Raises NotFound; InvalidInput for a name that can't be one."""
        self.meetings.get(meeting_id)
        name = printable(name)
        if not name:
            raise InvalidInput("話者の名前を入力してください。")
        if len(name) > _LONGEST_SPEAKER:
            raise InvalidInput(f"話者の名前は{_LONGEST_SPEAKER}文字までにしてください。")
        self.corrections(by).rename_speaker(meeting_id, speaker, name, self.clock())

    def corrections(self, by: Person) -> Corrections:
        """What somebody corrects in the text."""
        return Corrections(self.engine, self.transcription.recordings, by.name)

    @property
    def points(self) -> Points:
        """What people note of the meetings."""
        return Points(self.engine, self.transcription.recordings)

    @property
    def heads(self) -> Heads:
        """What people fill in of the meetings."""
        return Heads(self.engine)

    @property
    def templates(self) -> Templates:
        """The Word files that minutes may be written in."""
        return Templates(engine=self.engine, passing=self.passing, setting=self.template)

    def delete(self, meeting_id: str, by: Person) -> None:
        """Delete a meeting. Raises as `Keeping.delete` does."""
        self.meetings.get(meeting_id)
        self.keeping.delete(meeting_id, by)


def _already(meeting: Meeting) -> str:
    held_on = f"{meeting.held_on:%Y年%-m月%-d日}"
    return f"この録音は、もう登録されています: 「{meeting.title}」({held_on}、{meeting.recording.file_name})"
