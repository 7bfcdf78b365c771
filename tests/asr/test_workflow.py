"""Promises of the durable transcription, with the real recogniser on spoken Japanese."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.recording import Outcome, Recording, Speakers, State, accepted, parse_speakers
from asr.transcript import Segment, Turn
from asr.workflow import Transcription
from core.clock import now
from core.errors import InvalidInput, NotFound
from core.jobs import JobState

SENTENCES = (
    "ただいまから、定例会議を始めます。",
    "はじめに、窓口の混雑について報告をお願いします。",
    "三月は転入の手続きが多く、待ち時間が長くなりました。",
    "来年度は、予約の仕組みを取り入れたいと思います。",
)

Finished = Callable[[str], Recording]


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
    recording_id = accept(transcription, engine, b"")
    transcription.jobs.enqueue("transcribe", recording_id)
    while transcription.jobs.state(recording_id) is not JobState.ENDED:
        time.sleep(0.1)
    with engine.begin() as c:
        c.execute(sa.text("UPDATE recordings SET state = 'working', message = NULL"))
    transcription.sweep()
    recording = transcription.recordings.get(recording_id)
    assert recording.state is State.FAILED
    assert recording.message


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


def test_the_number_of_speakers_is_checked() -> None:
    assert [parse_speakers(t) for t in ("auto", "off", "3")] == ["auto", "off", 3]
    for wrong in ("0", "31", "-1", "many", ""):
        with pytest.raises(InvalidInput):
            parse_speakers(wrong)


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
