"""The durable transcription: recording -> pcm -> parts -> segments -> done, one step each, gone on with after kill -9."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from asr.audio import LONGEST_S, Channels, Pcm, decode
from asr.clips import clips
from asr.crosstalk import are_one, without_crosstalk
from asr.expectation import Expectation
from asr.handover import Handover, parted
from asr.recogniser import recognise
from asr.recording import Outcome, Recording, State
from asr.recordings import Recordings
from asr.spans import LONGEST_PART_S, Span, parts, speech_spans
from asr.vocabulary import Words, no_words
from asr.voices import Voices
from core.blobs import BlobStore
from core.clock import now
from core.durable import sync_directory, sync_file
from core.errors import DiskFull, InvalidInput, MadoguchiError, NotFound
from core.jobs import Jobs, JobState, Waiting
from core.logging import logger
from models.priors import MEETING
from models.whisper import Whisper

if TYPE_CHECKING:
    from models.speaker_encoder import SpeakerEncoder

JOB = "transcribe"
_DECODED, _HEARD, _NAMED = 0.05, 0.75, 0.98  #: shares of the whole that are done then, with two cores and speakers told apart
_REPORT_EVERY_S = 1.0
_LONGER_ON_GPU = 10  # done in seconds, and in small parts a GPU has too little to do at once
_NO_ROOM = "ディスクの空きがないため、待っています。空きができると、自動で続けます。管理者は、空きを作ってください。"
_NO_DATABASE = "データベースを使えないため、待っています。使えるようになると、自動で続けます。"
_log = logger("asr.workflow")

Track = tuple[str, int]  #: name of a PCM file and its frames; a list once it was read back from the queue
Part = tuple[int, float, float]  #: index of the track, start and end in seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """What a transcription works with. Models are loaded when the first job needs them."""

    jobs: Jobs
    recordings: Recordings
    blobs: BlobStore
    work: Path  #: a folder for decoded audio, emptied when a recording is done
    whisper: Callable[[], Whisper]
    encoder: Callable[[], SpeakerEncoder]
    vocabulary: Words = no_words
    voices: Voices | None = None  #: of people who go by their names
    longest_part_s: float = LONGEST_PART_S
    longest_recording_s: float = LONGEST_S
    handovers: Callable[[str], Iterable[Handover]] = lambda _: ()  #: in a recording, as its owner knows

    def define(self) -> None:
        """Make the job known; before `Jobs.start`."""
        self.jobs.define(JOB, self.run, sweep=self.sweep)

    def submit(self, recording_id: str) -> None:
        """Have a recording, whose row is committed, transcribed. Twice is once."""
        self.jobs.enqueue(JOB, recording_id)

    def retry(self, recording_id: str) -> None:
        """Begin a transcription again that failed. Raises NotFound; InvalidInput where it did not fail."""
        if self.recordings.get(recording_id).state is State.FAILED:
            self.jobs.forget(recording_id)  # first: a job that ended would be taken for this one's
        self.recordings.restart(recording_id, now())
        self.submit(recording_id)

    def sweep(self) -> None:
        """Enqueue what a crash kept from being enqueued, give up what the queue has given up, and clear what is left over."""
        self.blobs.sweep(self.recordings.has_blob, at_s=time.time())
        folders = list(self.work.glob("*"))  # before the rows are read: a folder made later belongs to a later row
        worked_on = self.recordings.unfinished(deleted=True)  # the work on one that was deleted clears up after itself
        for folder in folders:
            if folder.name not in worked_on:
                shutil.rmtree(folder, ignore_errors=True)
        for recording_id in self.recordings.unfinished():
            self._take_up(recording_id)

    def go_on(self, recording_id: str) -> None:
        """Have a recording that was brought back transcribed, where it was not done. Work that never saw it deleted goes on."""
        if recording_id in self.recordings.unfinished():
            self._take_up(recording_id)

    def discard(self, recording_id: str) -> None:
        """Remove everything but the recording's row: the job, the audio and what was decoded of it. Twice is once."""
        self.jobs.forget(recording_id)
        self._clear(recording_id)
        try:
            self.blobs.delete(self.recordings.blob_of(recording_id))
        except NotFound:
            _log.info("already_discarded", extra={"recording": recording_id})

    def _take_up(self, recording_id: str) -> None:
        """See that somebody works on one that is not done."""
        state = self.jobs.state(recording_id)
        if state is JobState.ENDED and self.recordings.is_untouched(recording_id):
            self.jobs.forget(recording_id)  # it ended as the recording was deleted, which was brought back since
            self.recordings.line_up(recording_id, now())
            state = JobState.UNKNOWN
        if state is JobState.UNKNOWN:
            self.submit(recording_id)
        elif state is JobState.ENDED:
            self.recordings.fail(recording_id, MadoguchiError.default)

    def run(self, recording_id: str) -> None:
        """The job. Ends in `done` or `failed`; whatever else unwinds it leaves it to be gone on with."""
        try:
            self._transcribe(recording_id)
        except NotFound:
            _log.info("recording_gone", extra={"recording": recording_id})
            self._clear(recording_id)
        except Waiting as e:
            with suppress(sa.exc.DBAPIError):  # the database may be what it waits for
                self.recordings.wait(recording_id, _NO_ROOM if isinstance(e.fault, DiskFull) else _NO_DATABASE)
            raise
        except MadoguchiError as e:
            self._clear(recording_id)
            self.recordings.fail(recording_id, e.message)
            _log.warning("transcription_failed", extra={"recording": recording_id, "code": e.code})

    def _transcribe(self, recording_id: str) -> None:
        step = self.jobs.step
        tracks = step("decode", self._decode, recording_id)
        planned = step("plan", self._plan, recording_id, tracks)
        elapsed_s = 0.0
        for number in range(len(planned)):
            elapsed_s += step(f"part {number + 1}", self._recognise, recording_id, tracks, planned, number)
        if _has_speakers(self.recordings.get(recording_id)):
            elapsed_s += step("speakers", self._name_speakers, recording_id, tracks)
        step("store", self._finish, recording_id, tracks, elapsed_s)

    def _decode(self, recording_id: str) -> list[Track]:
        """The PCM files, once these and their names are safe on disk."""
        recording = self.recordings.get(recording_id)
        self.recordings.advance(recording_id, 0.0)
        pcms = decode(
            self.blobs.path(recording.blob_id),
            self._folder(recording_id),
            channels=recording.channels,
            progress=lambda _: self.jobs.check(),
            longest_s=self.longest_recording_s,
        )
        if recording.channels is Channels.SEPARATE:
            pcms = without_crosstalk(_two_sides(pcms), self.jobs.check)
        for pcm in pcms:
            sync_file(pcm.path)
        sync_directory(self._folder(recording_id))
        sync_directory(self.work)
        return [(pcm.path.name, pcm.frames) for pcm in pcms]

    def _plan(self, recording_id: str, tracks: list[Track]) -> list[Part]:
        """Every part of every channel in the order of time."""
        planned: list[Part] = []
        longest_s = self.longest_part_s * (1 if self.whisper().device.kind == "cpu" else _LONGER_ON_GPU)
        for index, pcm in enumerate(self._pcms(recording_id, tracks)):
            spans = speech_spans(pcm, self.jobs.check)
            planned += [(index, p.start_s, p.end_s) for p in parts(spans, pcm.duration_s, longest_s)]
        self.recordings.advance(recording_id, _DECODED)
        return sorted(planned, key=lambda part: (part[1], part[0]))

    def _recognise(self, recording_id: str, tracks: list[Track], planned: list[Part], number: int) -> float:
        """Recognise one part and store what it says. Gives the seconds that it took."""
        whisper = self.whisper()
        began = time.monotonic()
        heard = _HEARD if _has_speakers(self.recordings.get(recording_id)) else _NAMED
        index, start_s, end_s = planned[number]
        pcm = self._pcms(recording_id, tracks)[index]
        segments = recognise(
            pcm,
            clips(pcm, Span(start_s=start_s, end_s=end_s)),
            whisper=whisper,
            expected=self._expected(tracks),
            channel=index if len(tracks) > 1 else None,
            on_progress=self._reporter(recording_id, lambda done_s: _share(planned, number, done_s, heard)),
        )
        changes_s = [h.at_s for h in self.handovers(recording_id) if h.channel == index]
        self.recordings.replace_part(recording_id, number, parted(segments, changes_s))
        self.recordings.advance(recording_id, _share(planned, number + 1, 0.0, heard))
        return time.monotonic() - began

    def _expected(self, tracks: list[Track]) -> Expectation:
        """Of a call hardly a word less would be wrong if misheard ones were looked for."""
        return Expectation(vocabulary=self.vocabulary(), about=MEETING if len(tracks) == 1 else "")

    def _reporter(self, recording_id: str, share: Callable[[float], float]) -> Callable[[float], None]:
        """Notes which `share` of the whole is done, but not at every word of it."""
        reported = time.monotonic()

        def report(done: float) -> None:
            nonlocal reported
            self.jobs.check()
            if time.monotonic() - reported >= _REPORT_EVERY_S:
                reported = time.monotonic()
                self.recordings.advance(recording_id, share(done))

        return report

    def _name_speakers(self, recording_id: str, tracks: list[Track]) -> float:
        from asr.speakers import assign, diarise

        began = time.monotonic()
        speakers = self.recordings.get(recording_id).speakers
        count = speakers if isinstance(speakers, int) else None
        voices = self.voices.all() if self.voices else ()
        (pcm,) = self._pcms(recording_id, tracks)
        progress = self._reporter(recording_id, lambda done: _HEARD + (_NAMED - _HEARD) * done)
        spans = speech_spans(pcm, self.jobs.check)
        turns = diarise(pcm, spans, encoder=self.encoder(), count=count, voices=voices, progress=progress)
        segments = assign(self.recordings.segments(recording_id), turns)
        self.recordings.name_speakers(recording_id, segments, turns)
        return time.monotonic() - began

    def _finish(self, recording_id: str, tracks: list[Track], elapsed_s: float) -> None:
        whisper = self.whisper()
        duration_s = self._pcms(recording_id, tracks)[0].duration_s
        outcome = Outcome(duration_s=duration_s, elapsed_s=elapsed_s, model=whisper.name, device=whisper.device.kind)
        self._clear(recording_id)  # whoever sees that it is done may rely on the decoded audio being gone
        self.recordings.finish(recording_id, outcome)

    def _clear(self, recording_id: str) -> None:
        shutil.rmtree(self._folder(recording_id), ignore_errors=True)

    def _folder(self, recording_id: str) -> Path:
        return self.work / recording_id

    def _pcms(self, recording_id: str, tracks: list[Track]) -> tuple[Pcm, ...]:
        return tuple(Pcm(path=self._folder(recording_id) / name, frames=frames) for name, frames in tracks)


def _has_speakers(recording: Recording) -> bool:
    """Whether they are to be told apart by their voices."""
    return recording.speakers != "off" and recording.channels is Channels.MIXED


def _share(planned: list[Part], parts_done: int, more_s: float, heard: float) -> float:
    """How much of the whole is done (0..1) after so many parts and seconds of the next one; after all of them, `heard`."""
    whole_s = sum(end_s - start_s for _, start_s, end_s in planned)
    done_s = sum(end_s - start_s for _, start_s, end_s in planned[:parts_done]) + more_s
    return _DECODED + (heard - _DECODED) * min(1.0, done_s / whole_s if whole_s else 1.0)


def _two_sides(pcms: tuple[Pcm, ...]) -> tuple[Pcm, Pcm]:
    if len(pcms) < 2:
        raise InvalidInput(
            "モノラルの録音です。市役所側と相手側を別々に録音したファイルがあれば、その二つを選んでください。"
            "両側の声が混ざった録音は、「議事録」の画面から登録してください。"
        )
    if are_one(pair := (pcms[0], pcms[1])):
        raise InvalidInput(
            "左右に同じ音が入った録音です。ステレオでも、両側の声が分かれていません。"
            "左右に分けて録音したファイルを選ぶか、「議事録」の画面から登録してください。"
        )
    return pair
