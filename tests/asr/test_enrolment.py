"""Voices enrolled on purpose: named where they are clearly heard, refused where the sample is no good, gone when deleted."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy.engine import Engine

from asr.audio import Channels, decode
from asr.enrolment import Claim, Enrolment
from asr.recording import Recording, accepted
from asr.spans import speech_spans
from asr.speakers import diarise
from asr.voices import EnrolledVoice, Vector, Voices, names_of
from asr.workflow import Transcription
from core.clock import JST
from core.errors import InvalidInput, NotFound, TooLarge, UnreadableMedia
from core.passing import Passing
from core.settings import Settings
from models.speaker_encoder import SpeakerEncoder, load_speaker_encoder
from tests.spoken import MEETING

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
SAMPLE = (MEETING[0][1], MEETING[2][1])
REPORT = (MEETING[1], MEETING[3])
Sound = Callable[..., bytes]


@pytest.fixture(scope="module")
def encoder(model_settings: Settings) -> SpeakerEncoder:
    return load_speaker_encoder(model_settings)


@pytest.fixture
def enrolment(engine: Engine, tmp_path: Path, encoder: SpeakerEncoder) -> Enrolment:
    return Enrolment(
        voices=Voices(engine), passing=Passing(tmp_path / "passing").folder, encoder=lambda: encoder, clock=lambda: NOON
    )


@pytest.fixture(scope="module")
def sound(speech: Callable[..., Path]) -> Sound:
    """sound((voice, text), …, tail_s=0) -> a WAV file's bytes."""

    def make(*lines: tuple[str, str], tail_s: float = 0.0) -> bytes:
        spoken = [soundfile.read(speech(text, voice), dtype="int16")[0] for voice, text in lines]
        out = io.BytesIO()
        soundfile.write(out, np.concatenate([*spoken, np.zeros(round(tail_s * 16_000), np.int16)]), 16_000, format="WAV")
        return out.getvalue()

    return make


def enrol(enrolment: Enrolment, content: bytes, name: str = "企画政策課長") -> EnrolledVoice:
    return enrolment.enrol([content], suffix=".wav", claim=Claim(name=name, by="総務課 曽於"))


def meeting(sound: Sound) -> bytes:
    return sound(REPORT[0], MEETING[4], REPORT[1], MEETING[6])


def test_an_enrolled_voice_goes_by_its_name_and_others_stay_unknown(
    enrolment: Enrolment, encoder: SpeakerEncoder, sound: Sound, tmp_path: Path
) -> None:
    enrol(enrolment, sound(*(("jm_kumo", text) for text in SAMPLE)))
    assert list((tmp_path / "passing").iterdir()) == []  # the sample is not kept
    (tmp_path / "meeting.wav").write_bytes(meeting(sound))
    (pcm,) = decode(tmp_path / "meeting.wav", tmp_path / "pcm")
    (voice,) = enrolment.voices.all()
    assert (voice.name, voice.by, voice.created_at, len(voice.vector)) == ("企画政策課長", "総務課 曽於", NOON, 256)
    turns = diarise(pcm, speech_spans(pcm), encoder=encoder, count=None, voices=(voice,))
    assert list(dict.fromkeys(turn.speaker for turn in turns)) == ["話者1", "企画政策課長"]
    enrolment.voices.delete(voice.id)
    enrol(enrolment, sound(*(("jf_tebukuro", text) for text in SAMPLE)), "もう一人")  # who isn't there
    turns = diarise(pcm, speech_spans(pcm), encoder=encoder, count=None, voices=enrolment.voices.all())
    assert {turn.speaker for turn in turns} == {"話者1", "話者2"}


def test_names_reach_the_minutes(
    transcription: Transcription,
    enrolment: Enrolment,
    engine: Engine,
    sound: Sound,
    finished: Callable[[str], Recording],
) -> None:
    object.__setattr__(transcription, "voices", enrolment.voices)
    enrol(enrolment, sound(*(("jm_kumo", text) for text in SAMPLE)))
    blob = transcription.blobs.put([meeting(sound)], limit_bytes=10_000_000)
    recording = accepted(blob, file_name="a.wav", channels=Channels.MIXED, speakers="auto", at=NOON)
    with engine.begin() as c:
        transcription.recordings.add(c, recording)
    transcription.submit(recording.id)
    finished(recording.id)
    transcript = transcription.recordings.transcript(recording.id)
    assert {s.speaker for s in transcript.segments} == {"話者1", "企画政策課長"}
    assert {t.speaker for t in transcript.turns} == {"話者1", "企画政策課長"}


@pytest.mark.parametrize(
    ("lines", "tail_s", "sentence"),
    [
        ([("jm_kumo", SAMPLE[0])], 0.0, "10秒から60秒"),
        ([("jm_kumo", SAMPLE[0])], 60.0, "10秒から60秒"),
        ([("jm_kumo", "はい。")], 12.0, "話し声が足りません"),
        ([], 15.0, "話し声が足りません"),
        (list(MEETING[:4]), 0.0, "二人以上の声"),
    ],
)
def test_a_sample_that_will_not_do_is_refused_in_a_sentence(
    lines: list[tuple[str, str]], tail_s: float, sentence: str, enrolment: Enrolment, sound: Sound, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        enrol(enrolment, sound(*lines, tail_s=tail_s))
    assert enrolment.voices.all() == ()
    assert list((tmp_path / "passing").iterdir()) == []


def test_a_name_is_kept_without_what_no_word_file_can_hold(enrolment: Enrolment, sound: Sound) -> None:
    assert enrol(enrolment, sound(*(("jm_kumo", text) for text in SAMPLE)), " 山田\x0b太郎 ").name == "山田太郎"


def test_what_is_no_sound_or_names_nobody_is_refused(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"", b"no sound at all"):
        with pytest.raises(UnreadableMedia):
            enrol(enrolment, content)
    monkeypatch.setattr("asr.enrolment.LIMIT_BYTES", 10)
    with pytest.raises(TooLarge):
        enrol(enrolment, b"0" * 11)
    for name, by in (("", "a"), ("a", " "), ("\x0b", "a"), ("a" * 61, "a")):
        with pytest.raises(InvalidInput):
            Claim(name=name, by=by)


def unit(*numbers: float) -> Vector:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def test_a_name_is_given_only_where_it_is_clear(engine: Engine) -> None:
    voices = Voices(engine)
    a, b = unit(1, 0, 0), unit(0, 1, 0)
    voices.add("甲", a, by="係", at=NOON)
    voices.add("乙", b, by="係", at=NOON)
    known = voices.all()
    assert names_of([unit(1, 0.1, 0), unit(0.1, 1, 0)], known) == [v.name for v in (known[1], known[0])]
    assert names_of([unit(1, 0, 0.6)], known) == [None]  # not like enough
    assert names_of([unit(1, 0, 0.1), unit(1, 0, 0.12)], known) == [None, None]  # two alike: neither
    assert names_of([a], ()) == [None]
    with pytest.raises(InvalidInput, match="もう登録されています"):
        voices.add("甲", b, by="係", at=NOON)


def test_a_deleted_voice_leaves_no_trace_in_the_file_and_no_name_in_the_log(
    engine: Engine, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    voices = Voices(engine)
    vector = np.random.default_rng(5).normal(size=256).astype(np.float32)
    caplog.set_level(logging.INFO)
    kept = voices.add("残る人", unit(*np.random.default_rng(6).normal(size=256)), by="係", at=NOON)
    voice = voices.add("議会事務局長", vector, by="係", at=NOON)
    files = [settings.home / f"madoguchi.db{suffix}" for suffix in ("", "-wal")]

    def stored(what: bytes) -> bool:
        return any(what in file.read_bytes() for file in files if file.exists())

    assert stored(vector.tobytes()[:64])
    voices.delete(voice.id)
    assert [v.id for v in voices.all()] == [kept.id]
    assert not stored(vector.tobytes()[:64])
    assert not stored("議会事務局長".encode())
    assert [r.__dict__["voice"] for r in caplog.records if r.message == "voice_deleted"] == [voice.id]
    assert "議会" not in str([r.__dict__ for r in caplog.records if r.name.endswith("asr.voices")])
    with pytest.raises(NotFound):
        voices.delete(voice.id)
