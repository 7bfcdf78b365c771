"""A recorded call in, its call record out: accepted, transcribed durably, read, exported, deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Corrections
from asr.export import Format, render
from asr.keeping.keeping import Keeping
from asr.recording import accepted
from asr.workflow import Transcription
from asr.writing import FOR_CLERKS, Style, write, write_all
from core.clock import Clock, now
from telephony.call import CallRecord, Line, Parties, dialogue
from telephony.repository import CallRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls of the service."""

    engine: Engine
    transcription: Transcription
    records: CallRecords
    keeping: Keeping
    limit_bytes: int
    clock: Clock = now

    def accept(self, chunks: Iterable[bytes], *, file_name: str, parties: Parties, imported_by: str) -> CallRecord:
        """Take a stereo recording in. On return it and its rows survive power loss, and it waits to be transcribed.

        Raises:
            InvalidInput: see `Parties.require_plausible`.
            TooLarge: see `BlobStore.taking`.
        """
        parties.require_plausible(self.clock())
        t = self.transcription
        with t.blobs.taking(chunks, limit_bytes=self.limit_bytes) as blob:
            recording = accepted(blob, file_name=file_name, channels=Channels.SEPARATE, speakers="off", at=self.clock())
            call = CallRecord(recording=recording, parties=parties, imported_by=imported_by)
            with self.engine.begin() as c:
                t.recordings.add(c, recording)
                self.records.add(c, call)
        t.submit(recording.id)
        return call

    def dialogue(self, call: CallRecord, style: Style = FOR_CLERKS) -> tuple[Line, ...]:
        """What was recognised so far, every segment of it."""
        return dialogue((write(s, style) for s in self.transcription.recordings.segments(call.id)), call.parties)

    def export(self, call_id: str, form: Format, style: Style = FOR_CLERKS) -> bytes:
        """The call as a file. Raises NotFound; InvalidInput before the transcription is done."""
        call = self.records.get(call_id)
        transcript = self.transcription.recordings.transcript(call_id)
        segments = tuple(line.segment for line in dialogue(write_all(transcript.segments, style), call.parties))
        title = f"通話記録　{call.recording.file_name}"
        return render(replace(transcript, segments=segments), form, title=title, about=call.about)

    @property
    def corrections(self) -> Corrections:
        """What people correct in the text."""
        return Corrections(self.engine, self.transcription.recordings)

    def delete(self, call_id: str, by: str) -> None:
        """Remove all of a call. Raises as `Keeping.delete` does."""
        self.records.get(call_id)
        self.keeping.delete(call_id, by)
