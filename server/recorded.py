"""What is recorded, meetings and calls, composed with the durable work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select
from sqlalchemy.engine import Engine

from asr.enrolment import Enrolment
from asr.keeping.keeping import Keeping
from asr.keeping.log import Kind, RecordLog
from asr.recordings import Recordings
from asr.vocabulary import Words, no_words
from asr.voices import Voices
from asr.workflow import Transcription
from core.blobs import BlobStore
from core.jobs import Jobs, Role, open_jobs
from core.passing import Passing
from core.settings import Settings
from minutes.minutes import Minutes
from minutes.repository import Meetings
from models.speaker_encoder import load_speaker_encoder
from models.whisper import Whisper
from telephony.calls import Calls
from telephony.intake import Intake
from telephony.lines import Lines
from telephony.repository import CallRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Start it before anything is accepted; one in a process."""

    jobs: Jobs
    minutes: Minutes
    calls: Calls
    enrolment: Enrolment
    intake: Intake

    def start(self) -> None:
        """Take up the queue, beginning with what was left unfinished."""
        self.jobs.start()
        self.intake.start()

    def stop(self) -> None:
        """Cut running work off; it is gone on with at the next start."""
        self.intake.stop()
        self.jobs.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """What is used to recognise: models are loaded when the first recording needs them."""

    whisper: Callable[[], Whisper]
    vocabulary: Words = no_words


def open_recorded(settings: Settings, database: Engine, blobs: BlobStore, role: Role, recogniser: Recogniser) -> Recorded:
    """Compose the parts of one process."""
    recordings, jobs, voices = Recordings(database), open_jobs(settings, role), Voices(database)
    meetings, records = Meetings(database, recordings), CallRecords(database, recordings)
    records.make_known()
    encoder = cache(lambda: load_speaker_encoder(settings))
    transcription = Transcription(
        jobs=jobs,
        recordings=recordings,
        blobs=blobs,
        work=settings.home / "work",
        whisper=recogniser.whisper,
        encoder=encoder,
        voices=voices,
        vocabulary=recogniser.vocabulary,
        longest_part_s=settings.asr_part_s,
        longest_recording_s=settings.max_recording_s,
        handovers=records.handovers,
    )
    transcription.define()
    limit_bytes = settings.max_upload_bytes

    def kept(kind: Kind, ids: Select[tuple[str]], days: int) -> Keeping:
        log = RecordLog(engine=database, kind=kind, years=settings.record_log_years)
        keeping = Keeping(
            engine=database,
            transcription=transcription,
            ids=ids,
            days=days,
            deleted_days=settings.deleted_days,
            log=log,
        )
        jobs.watch(keeping.sweep)
        return keeping

    keeping = kept(Kind.MEETING, meetings.ids, settings.meeting_days)
    minutes = Minutes(
        engine=database,
        transcription=transcription,
        meetings=meetings,
        keeping=keeping,
        passing=Passing.within(settings.home),
        limit_bytes=limit_bytes,
        template=settings.minutes_template,
    )
    keeping = kept(Kind.CALL, records.ids, settings.call_days)
    calls = Calls(engine=database, transcription=transcription, records=records, keeping=keeping, limit_bytes=limit_bytes)
    return Recorded(
        jobs=jobs,
        minutes=minutes,
        calls=calls,
        intake=Intake(folder=settings.home / "calls", calls=calls, lines=Lines(settings.phone_lines)),
        enrolment=Enrolment(voices=voices, passing=Passing.within(settings.home).folder, encoder=encoder),
    )
