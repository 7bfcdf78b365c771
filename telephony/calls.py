"""A recorded call in, its call record out: accepted, transcribed durably, read, exported, deleted."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.export import Aside, Format, render
from asr.keeping.keeping import Keeping
from asr.keeping.log import Deed, Person, RecordLog
from asr.recording import accepted
from asr.recordings import Recordings
from asr.workflow import Transcription
from asr.writing import FOR_CLERKS, Style, write, write_all
from core.clock import JST, Clock, now
from core.errors import AlreadyTaken
from telephony.call import CallRecord, Line, Parties, Remark, Side, dialogue
from telephony.repository import CallRecords

_FORMS = {
    Format.DOCX: "Word",
    Format.TXT: "テキスト",
    Format.SRT: "字幕 SRT",
    Format.VTT: "字幕 VTT",
    Format.JSON: "JSON",
}  #: as the log says what a copy is


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOrder:
    """Who takes a call out as a file, and what for."""

    purpose: str
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file that was taken out."""

    number: int  #: which stands in the file as well
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls of the service."""

    engine: Engine
    transcription: Transcription
    records: CallRecords
    keeping: Keeping
    limit_bytes: int
    clock: Clock = now

    @property
    def log(self) -> RecordLog:
        return self.keeping.log

    def accept(
        self,
        chunks: Iterable[bytes],
        *,
        file_name: str,
        parties: Parties,
        imported_by: str,
        again: bool = True,
        call_id: str | None = None,
        remarks: tuple[Remark, ...] = (),
    ) -> CallRecord:
        """Take a stereo recording in. On return it and its rows survive power loss, and it waits to be transcribed. `call_id` and
        `remarks` are those of a call which the product recorded itself.

        Raises:
            AlreadyTaken: it is that of a call already, and not to be taken in `again`.
            InvalidInput: see `Parties.require_plausible`.
            TooLarge, UnreadableMedia: see `BlobStore.taking`.
        """
        limit_bytes = sys.maxsize  # what was recorded is bounded by how long a call may be
        if call_id is None:
            parties.require_plausible(self.clock())
            limit_bytes = self.limit_bytes
        t = self.transcription
        with t.blobs.taking(chunks, limit_bytes=limit_bytes, blob_id=call_id) as blob:
            if not again and (same := t.recordings.first_of(blob.sha256, self.records.ids)):
                t.blobs.delete(blob.id)
                raise AlreadyTaken(_already(self.records.get(same)), record_id=same)
            recording = accepted(blob, file_name=file_name, channels=Channels.SEPARATE, speakers="off", at=self.clock())
            call = CallRecord(recording=recording, parties=parties, imported_by=imported_by, remarks=remarks)
            with self.engine.begin() as c:
                t.recordings.add(c, recording)
                self.records.add(c, call)
        t.submit(recording.id)
        return call

    def dialogue(self, call: CallRecord, style: Style = FOR_CLERKS) -> tuple[Line, ...]:
        """What was recognised so far, every segment of it."""
        return dialogue((write(s, style) for s in self.transcription.recordings.segments(call.id)), call.parties)

    def export(self, call_id: str, form: Format, style: Style = FOR_CLERKS, *, mark: str = "") -> bytes:
        """The call as a file. Raises NotFound; InvalidInput before the transcription is done."""
        call = self.records.get(call_id)
        transcript = self.transcription.recordings.transcript(call_id)
        segments = tuple(line.segment for line in dialogue(write_all(transcript.segments, style), call.parties))
        title = f"通話記録　{call.recording.file_name}"
        said = replace(transcript, segments=segments)
        return render(said, form, title=title, about=call.about, mark=mark, asides=asides(call))

    def copy(self, call_id: str, form: Format, style: Style, order: CopyOrder) -> Copy:
        """The call as a file that is taken out: logged, with a number that stands in it. Raises as `export` does."""
        self.records.get(call_id)
        self.transcription.recordings.transcript(call_id)  # nothing is counted that can't be made
        number = self.log.copy(call_id, order.by, order.purpose, _FORMS[form])
        return Copy(number=number, content=self.export(call_id, form, style, mark=self._mark(number, order)))

    def copy_audio(self, call_id: str, order: CopyOrder) -> int:
        """Log that the recording itself is taken out. Gives the number of the copy."""
        self.records.get(call_id)
        return self.log.copy(call_id, order.by, order.purpose, "録音")

    def changed_by(self, by: Person) -> Recordings:
        """The recordings, where what a person changes of their texts is logged."""
        return self.transcription.recordings.noting(lambda c, call_id: self.log.note(c, call_id, Deed.CORRECTED, by))

    def delete(self, call_id: str, by: Person) -> None:
        """Delete a call. Raises as `Keeping.delete` does."""
        self.records.get(call_id)
        self.keeping.delete(call_id, by)

    def _mark(self, number: int, order: CopyOrder) -> str:
        at = self.clock().astimezone(JST)
        return f"複製番号 {number}　{at:%Y年%-m月%-d日%-H時%M分} {order.by.name}　目的: {order.purpose}"


def asides(call: CallRecord) -> list[Aside]:
    """What happened in a call beside what was said, as files tell it in its place."""
    return [Aside(at_s=r.at_s, text=r.text, who=r.who(call.parties)) for r in call.remarks]


def _already(call: CallRecord) -> str:
    at = f"{call.created_at.astimezone(JST):%Y年%-m月%-d日%-H時%M分}"
    sides = f"{call.parties.name(Side.OURS)} と {call.parties.name(Side.OTHER)}"
    return f"この録音は、もう取り込まれています: {sides}({at}に取り込み、{call.recording.file_name})"
