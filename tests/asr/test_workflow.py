"""Promises of the durable transcription, with the real recogniser on spoken Japanese."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr import workflow
from asr.audio import Channels, Pcm, decode
from asr.edits import Edits
from asr.keeping.keeping import Keeping
from asr.keeping.log import Kind, Person, RecordLog
from asr.recording import Outcome, Recording, Speakers, State, accepted
from asr.recordings import Recordings
from asr.spans import Span, speech_spans
from asr.transcript import Reason, Segment, Turn
from asr.workflow import Transcription
from core.blobs import Blob
from core.clock import now
from core.database import open_database
from core.errors import InvalidInput, NotFound
from core.jobs import Jobs, JobState, Role, open_jobs
from core.settings import Settings

SENTENCES = (
    "ただいまから、定例会議を始めます。",
    "はじめに、窓口の混雑について報告をお願いします。",
    "三月は転入の手続きが多く、待ち時間が長くなりました。",
    "来年度は、予約の仕組みを取り入れたいと思います。",
)

Finished = Callable[[str], Recording]
IDS = sa.select(sa.table("recordings", sa.column("id", sa.String)).c.id)


@pytest.fixture
def meeting(speech: Callable[..., Path], tmp_path: Path) -> Path:
    """Four sentences with pauses: about 20 seconds."""
    return write(tmp_path / "meeting.wav", [speech(text) for text in SENTENCES])


@pytest.fixture
def remark(speech: Callable[..., Path]) -> Path:
    return speech(SENTENCES[0])


def write(path: Path, spoken: list[Path]) -> Path:
    pause = np.zeros(16_000, np.float32)
    samples = np.concatenate([part for p in spoken for part in (soundfile.read(p, dtype="float32")[0], pause)])
    soundfile.write(path, samples, 16_000, subtype="PCM_16")
    return path


def accept(
    t: Transcription, engine: Engine, source: bytes, *, channels: Channels = Channels.MIXED, speakers: Speakers = "off"
) -> str:
    blob = t.blobs.put([source], limit_bytes=100_000_000)
    recording = accepted(blob, file_name="会議.wav", channels=channels, speakers=speakers, at=now())
    with engine.begin() as c:
        t.recordings.add(c, recording)
    return recording.id


def test_decoded_sound_its_name_and_its_folder_are_on_the_disk(
    transcription: Transcription, engine: Engine, remark: Path, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    recording_id = accept(transcription, engine, remark.read_bytes())
    transcription.submit(recording_id)
    assert finished(recording_id).state is State.DONE
    folder = transcription.work / recording_id
    kept = [path for path in synced if path.is_relative_to(transcription.work)]
    assert kept == [folder / "mixed.pcm", folder, transcription.work]


def test_a_recording_is_recognised_part_by_part(
    transcription: Transcription, engine: Engine, meeting: Path, finished: Finished
) -> None:
    recording_id = accept(transcription, engine, meeting.read_bytes())
    transcription.submit(recording_id)
    recording = finished(recording_id)

    assert (recording.state, recording.progress, recording.message) == (State.DONE, 1.0, None)
    assert recording.duration_s == pytest.approx(soundfile.info(meeting).duration, abs=0.01)
    steps = transcription.jobs.steps(recording_id)
    assert steps[:2] == ["decode", "plan"]
    assert steps[-1] == "store"
    assert len([s for s in steps if s.startswith("part ")]) >= 2
    transcript = transcription.recordings.transcript(recording_id)
    assert "会議" in transcript.text
    assert "窓口" in transcript.text
    starts = [s.start_s for s in transcript.segments]
    assert starts == sorted(starts)
    assert not (transcription.work / recording_id).exists()


def test_words_of_a_meeting_that_were_misheard_are_put_right_and_can_be_undone(
    transcription: Transcription, engine: Engine, speech: Callable[..., Path], finished: Finished
) -> None:
    said = speech("寄附は景気に左右されますから、慎重に判断してください。")
    recording_id = accept(transcription, engine, said.read_bytes())
    transcription.submit(recording_id)
    finished(recording_id)
    (segment,) = transcription.recordings.segments(recording_id)
    assert "ケーキに左右されますから" in segment.heard
    assert "景気に左右されますから" in segment.text
    places = [i for i, change in enumerate(segment.changes) if change.reasons == (Reason.SOUND,)]
    assert "ケーキに" in Edits.of(segment).undo(places[0]).text


def test_speakers_are_told_apart_when_asked_for(
    transcription: Transcription, engine: Engine, speech: Callable[..., Path], tmp_path: Path, finished: Finished
) -> None:
    pytest.importorskip("asr.speakers")
    spoken = [speech(text, voice) for text, voice in zip(SENTENCES, ("jf_alpha", "jm_kumo") * 2, strict=True)]
    recording_id = accept(transcription, engine, write(tmp_path / "two.wav", spoken).read_bytes(), speakers=2)
    transcription.submit(recording_id)
    assert finished(recording_id).state is State.DONE
    transcript = transcription.recordings.transcript(recording_id)
    assert len({s.speaker for s in transcript.segments}) == 2
    assert transcript.turns


def test_how_far_a_short_recording_is_is_told_on_the_way(
    transcription: Transcription, engine: Engine, remark: Path, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    advance = Recordings.advance

    def noting(recordings: Recordings, recording_id: str, progress: float) -> None:
        told.append(progress)
        advance(recordings, recording_id, progress)

    monkeypatch.setattr(Recordings, "advance", noting)
    monkeypatch.setattr(workflow, "_REPORT_EVERY_S", 0.0)
    recording_id = accept(transcription, engine, remark.read_bytes(), speakers=2)
    transcription.submit(recording_id)
    assert finished(recording_id).state is State.DONE
    assert told == sorted(told)
    for begins, ends in ((0.06, 0.45), (0.45, 0.74), (0.74, 0.97), (0.97, 0.99)):
        assert any(begins < t < ends for t in told), told


def test_who_waits_is_told_how_many_come_before(engine: Engine) -> None:
    recordings, at = Recordings(engine), now()
    with engine.begin() as c:
        for n, name in enumerate("abc"):
            blob = Blob(id=name, size_bytes=1, sha256=name)
            began = at + timedelta(seconds=n)
            recordings.add(c, accepted(blob, file_name="会議.wav", channels=Channels.MIXED, speakers="off", at=began))

    def ahead() -> dict[str, int]:
        return recordings.ahead(recordings.all("abc").values())

    assert ahead() == {"a": 0, "b": 1, "c": 2}
    recordings.advance("a", 0.5)
    assert ahead() == {"b": 1, "c": 2}
    recordings.fail("a", "壊れています。")
    assert ahead() == {"b": 0, "c": 1}
    recordings.restart("a", at + timedelta(hours=1))
    assert ahead() == {"b": 0, "c": 1, "a": 2}
    recordings.advance("b", 0.5)
    with engine.begin() as c:
        recordings.put_aside(c, "b", at, "職員")
    assert ahead() == {"c": 0, "a": 1}
    with engine.begin() as c:
        recordings.bring_back(c, "b")
    assert ahead() == {"b": 0, "c": 1, "a": 2}, "its place was kept"
    recordings.line_up("b", at + timedelta(hours=2))
    assert ahead() == {"c": 0, "a": 1, "b": 2}
    assert recordings.get("b").progress == 0, "it begins anew"


def test_a_broken_file_fails_with_a_sentence_that_says_what_to_do(
    transcription: Transcription, engine: Engine, meeting: Path, finished: Finished
) -> None:
    whole = meeting.read_bytes()
    for content, word in ((b"not audio at all" * 100, "録音"), (whole[: len(whole) // 2], "途中")):
        recording_id = accept(transcription, engine, content)
        transcription.submit(recording_id)
        recording = finished(recording_id)
        assert recording.state is State.FAILED
        assert word in (recording.message or "")
        with pytest.raises(InvalidInput):
            transcription.recordings.transcript(recording_id)


def test_a_recording_whose_sides_are_not_apart_is_refused_as_a_call(
    transcription: Transcription, engine: Engine, meeting: Path, tmp_path: Path, finished: Finished
) -> None:
    samples, rate = soundfile.read(meeting, dtype="int16")
    soundfile.write(tmp_path / "same.wav", np.stack([samples, samples], axis=1), rate)
    for path, said in ((meeting, "モノラル"), (tmp_path / "same.wav", "左右に同じ音")):
        recording_id = accept(transcription, engine, path.read_bytes(), channels=Channels.SEPARATE)
        transcription.submit(recording_id)
        recording = finished(recording_id)
        assert recording.state is State.FAILED
        assert said in (recording.message or "")


def test_an_accepted_recording_that_was_never_enqueued_is_found(
    transcription: Transcription, engine: Engine, remark: Path, finished: Finished
) -> None:
    recording_id = accept(transcription, engine, remark.read_bytes())
    transcription.sweep()
    transcription.sweep()
    assert finished(recording_id).state is State.DONE
    transcription.sweep()
    assert transcription.recordings.get(recording_id).state is State.DONE


def test_a_recording_that_the_queue_gave_up_fails(transcription: Transcription, engine: Engine) -> None:
    recording_id = accept(transcription, engine, b"no sound")
    transcription.jobs.enqueue("transcribe", recording_id)
    while transcription.jobs.state(recording_id) is not JobState.ENDED:
        time.sleep(0.1)
    with engine.begin() as c:
        c.execute(sa.text("UPDATE recordings SET state = 'working', message = NULL"))
    transcription.sweep()
    recording = transcription.recordings.get(recording_id)
    assert recording.state is State.FAILED
    assert recording.message


def test_a_recording_waits_for_room_on_the_disk_says_so_and_goes_on_by_itself(
    transcription: Transcription, engine: Engine, remark: Path, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full = True

    def decode_on_a_disk(*args: Any, **kwargs: Any) -> tuple[Pcm, ...]:
        if is_full:
            raise OSError(errno.ENOSPC, "full")
        return decode(*args, **kwargs)

    monkeypatch.setattr("asr.workflow.decode", decode_on_a_disk)
    impatient(transcription.jobs)
    recording_id = accept(transcription, engine, remark.read_bytes())
    transcription.submit(recording_id)
    time.sleep(6)  # longer than a step is tried again for
    waiting = transcription.recordings.get(recording_id)
    assert waiting.state is State.QUEUED
    assert "ディスクの空き" in (waiting.message or "")
    is_full = False
    assert (finished(recording_id).state, finished(recording_id).message) == (State.DONE, None)
    assert "会議" in transcription.recordings.transcript(recording_id).text


@pytest.mark.process
def test_a_recording_is_not_given_up_while_the_database_is_out_of_reach(
    settings: Settings, transcription: Transcription, postgres_url: str, remark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is worked on when the database goes, as it does for seconds when it is updated."""
    transcription.jobs.stop()
    there = settings.model_copy(update={"database_url": postgres_url})
    engine = open_database(there)
    t = replace(transcription, jobs=open_jobs(there, Role.SERVE), recordings=Recordings(engine))
    goes_away = [True]

    def find_speech_while_it_goes(*args: Any, **kwargs: Any) -> tuple[Span, ...]:
        if goes_away:
            goes_away.clear()
            close(postgres_url)
        return speech_spans(*args, **kwargs)

    monkeypatch.setattr("asr.workflow.speech_spans", find_speech_while_it_goes)
    t.jobs.watch_s = t.jobs.pause_s = 0.5
    t.define()
    t.jobs.start()
    try:
        recording_id = accept(t, engine, remark.read_bytes())
        t.submit(recording_id)
        while goes_away:
            time.sleep(0.05)
        time.sleep(8)  # longer than a step is tried again for
        with pytest.raises(sa.exc.OperationalError):
            t.recordings.get(recording_id)
        reopen(postgres_url)
        deadline = time.monotonic() + 120
        time.sleep(1)  # for a moment nobody tries again who was just told that it is gone
        while (recording := t.recordings.get(recording_id)).state in (State.QUEUED, State.WORKING):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert recording.state is State.DONE, recording.message
    finally:
        t.jobs.stop()
        engine.dispose()


def impatient(jobs: Jobs) -> None:
    jobs.stop()
    jobs.watch_s = jobs.pause_s = 0.5
    jobs.start()


def close(url: str) -> None:
    """Cut off everybody who uses a database, and let nobody in."""
    with administering(url) as (connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )


def reopen(url: str) -> None:
    with administering(url) as (connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@contextmanager
def administering(url: str) -> Iterator[tuple[sa.Connection, str]]:
    """A connection beside a database, and its name."""
    engine = sa.create_engine(sa.make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection, str(sa.make_url(url).database)
    engine.dispose()


def test_a_discarded_recording_leaves_nothing_behind(
    transcription: Transcription, engine: Engine, meeting: Path, remark: Path, finished: Finished
) -> None:
    first = accept(transcription, engine, meeting.read_bytes())
    transcription.submit(first)
    second = accept(transcription, engine, meeting.read_bytes())
    transcription.submit(second)
    while not transcription.recordings.segments(first):
        time.sleep(0.1)
    for recording_id in (first, second):  # one is being worked on, the other waits
        transcription.discard(recording_id)
        with engine.begin() as c:
            transcription.recordings.delete(c, recording_id)
        transcription.discard(recording_id)
    third = accept(transcription, engine, remark.read_bytes())
    transcription.submit(third)
    assert finished(third).state is State.DONE
    assert [p.name for p in (transcription.blobs.path(third)).parent.iterdir()] == [third]
    assert list(transcription.work.iterdir()) == []
    with engine.connect() as c:
        assert c.scalar(sa.text("SELECT count(DISTINCT recording_id) FROM segments")) == 1
    with pytest.raises(NotFound):
        transcription.recordings.get(first)


def test_the_queue_keeps_nothing_that_was_said(
    transcription: Transcription, engine: Engine, remark: Path, finished: Finished
) -> None:
    recording_id = accept(transcription, engine, remark.read_bytes())
    transcription.submit(recording_id)
    finished(recording_id)
    text = transcription.recordings.transcript(recording_id).text
    home = transcription.work.parent
    stored = b"".join(p.read_bytes() for p in home.glob("jobs.db*"))
    assert recording_id.encode() in stored
    for form in (text[:6].encode(), json.dumps(text[:6]).strip('"').encode()):
        assert form not in stored


def test_segments_of_a_part_that_is_done_again_replace_the_old_ones(engine: Engine, transcription: Transcription) -> None:
    recordings = transcription.recordings
    recording_id = accept(transcription, engine, b"x")
    for text in ("前", "後"):
        recordings.replace_part(recording_id, 0, [Segment(start_s=0, end_s=1, text=text)])
    assert [s.text for s in recordings.segments(recording_id)] == ["後"]


def test_naming_the_speakers_twice_is_once(engine: Engine, transcription: Transcription) -> None:
    recordings = transcription.recordings
    recording_id = accept(transcription, engine, b"x")
    for part, start_s in enumerate((0.0, 5.0)):
        recordings.replace_part(recording_id, part, [Segment(start_s=start_s, end_s=start_s + 4, text="あい")])
    turns = [Turn(start_s=0, end_s=7, speaker="話者1"), Turn(start_s=7, end_s=9, speaker="話者2")]
    named = [
        Segment(start_s=0, end_s=4, text="あい", speaker="話者1"),
        Segment(start_s=5, end_s=7, text="あ", speaker="話者1"),
        Segment(start_s=7, end_s=9, text="い", speaker="話者2"),
    ]
    for _ in range(2):
        recordings.name_speakers(recording_id, named, turns)
    recordings.finish(recording_id, Outcome(duration_s=9, elapsed_s=1, model="m", device="cpu"))
    transcript = recordings.transcript(recording_id)
    numbered = tuple(replace(s, number=n) for n, s in enumerate(named))
    assert (transcript.segments, transcript.turns) == (numbered, tuple(turns))


def lenient(transcription: Transcription, engine: Engine) -> Keeping:
    """What it deletes can be brought back."""
    log = RecordLog(engine=engine, kind=Kind.MEETING)
    return Keeping(engine=engine, transcription=transcription, ids=IDS, days=0, deleted_days=14, log=log)


def test_what_is_deleted_before_its_turn_waits_for_it_again_once_brought_back(
    transcription: Transcription, engine: Engine, meeting: Path, remark: Path, finished: Finished
) -> None:
    keeping = lenient(transcription, engine)
    somebody = Person(name="職員")
    first, second = (accept(transcription, engine, path.read_bytes()) for path in (meeting, remark))
    for recording_id in (first, second):
        transcription.submit(recording_id)
    while transcription.recordings.get(first).state is State.QUEUED:
        time.sleep(0.01)
    for recording_id in (second, first):
        keeping.delete(recording_id, somebody)
    while any(transcription.jobs.state(i) is JobState.OPEN for i in (first, second)):
        time.sleep(0.02)
    assert transcription.recordings.unfinished() == []
    assert not (transcription.work / first).exists(), "nothing is worked on that was deleted"
    transcription.sweep()
    assert {transcription.jobs.state(i) for i in (first, second)} == {JobState.ENDED}

    for recording_id in (second, first):
        keeping.restore(recording_id, somebody)
    assert transcription.recordings.unfinished()[-1] == first, "it waits behind the others now"
    for recording_id in (first, second):
        assert finished(recording_id).state is State.DONE
        assert transcription.recordings.segments(recording_id)


def test_what_is_brought_back_before_its_work_saw_it_deleted_is_done_once(
    transcription: Transcription, engine: Engine, meeting: Path, finished: Finished
) -> None:
    keeping = lenient(transcription, engine)
    recording_id = accept(transcription, engine, meeting.read_bytes())
    transcription.submit(recording_id)
    while not transcription.recordings.segments(recording_id):
        time.sleep(0.01)
    for do in (keeping.delete, keeping.restore):
        do(recording_id, Person(name="職員"))
    assert finished(recording_id).state is State.DONE
    steps = transcription.jobs.steps(recording_id)
    assert len(steps) == len(set(steps)), "each was done once, by one job"
