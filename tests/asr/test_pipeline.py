"""A recording goes in and its transcript comes out: sides apart, in time order, with honest figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import Channels
from asr.pipeline import Options, transcribe
from core.errors import InvalidInput, UnreadableMedia
from core.settings import Settings
from models.engine import Decoded, Encoded, Engine, Search
from models.speaker_encoder import load_speaker_encoder
from models.whisper import Whisper

Speech = Callable[..., Path]
QUESTION = "転入届は、どこに出せばよいですか。"
ANSWER = "市民課の窓口で受け付けています。"
OPENING = "窓口は、平日の午前八時三十分から午後五時十五分まで開いています。"


def likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


@pytest.fixture
def call(speech: Speech, tmp_path: Path) -> Path:
    """Somebody asks on the right, and is answered on the left."""
    asked, _ = soundfile.read(speech(QUESTION, "jm_kumo"), dtype="float32")
    answered, _ = soundfile.read(speech(ANSWER), dtype="float32")
    gap = np.zeros(16_000, np.float32)
    right = np.concatenate([gap, asked, gap, np.zeros_like(answered), gap])
    left = np.concatenate([gap, np.zeros_like(asked), gap, answered, gap])
    path = tmp_path / "call.wav"
    soundfile.write(path, np.stack([left, right], axis=1), 16_000)
    return path


def test_the_two_sides_of_a_call_are_told_apart_in_time_order(call: Path, whisper: Whisper, tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    transcript = transcribe(
        call,
        whisper=whisper,
        options=Options(channels=Channels.SEPARATE),
        work=tmp_path / "work",
        progress=lambda done_s, all_s: told.append((done_s, all_s)),
    )
    sides = {c: "".join(s.text for s in transcript.segments if s.channel == c) for c in (0, 1)}
    assert likeness(sides[1], QUESTION) > 0.6
    assert likeness(sides[0], ANSWER) > 0.6
    assert [s.start_s for s in transcript.segments] == sorted(s.start_s for s in transcript.segments)
    assert transcript.segments[0].channel == 1
    length_s = soundfile.info(call).duration
    assert transcript.duration_s == pytest.approx(length_s, abs=0.01)
    assert told == sorted(told)
    assert told[-1] == pytest.approx((2 * length_s, 2 * length_s), abs=0.02)


def test_mixed_channels_are_one_scene(call: Path, whisper: Whisper, tmp_path: Path) -> None:
    clock = iter([100.0, 107.5])
    transcript = transcribe(call, whisper=whisper, options=Options(), work=tmp_path / "work", timer=lambda: next(clock))
    assert likeness(transcript.text, QUESTION + ANSWER) > 0.6
    assert {s.channel for s in transcript.segments} == {None}
    assert (transcript.elapsed_s, transcript.model, transcript.device) == (7.5, whisper.name, whisper.device.kind)


def test_speakers_are_told_apart_when_asked_for(call: Path, whisper: Whisper, model_settings: Settings, tmp_path: Path) -> None:
    transcript = transcribe(
        call,
        whisper=whisper,
        options=Options(speakers=2),
        work=tmp_path / "work",
        encoder=load_speaker_encoder(model_settings),
    )
    assert len({t.speaker for t in transcript.turns}) == 2
    assert transcript.segments[0].speaker != transcript.segments[-1].speaker
    assert likeness(transcript.text, QUESTION + ANSWER) > 0.6


def test_a_recording_without_speech_has_no_text(whisper: Whisper, tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.01, 10 * 16_000), 16_000)
    transcript = transcribe(path, whisper=whisper, options=Options(), work=tmp_path / "work")
    assert (transcript.text, transcript.segments) == ("", ())
    assert transcript.duration_s == 10


def test_what_can_not_be_read_is_not_transcribed(whisper: Whisper, tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("拝啓")
    with pytest.raises(UnreadableMedia):
        transcribe(path, whisper=whisper, options=Options(), work=tmp_path / "work")


def test_channels_and_speakers_are_not_told_apart_at_once() -> None:
    with pytest.raises(InvalidInput, match="どちらか一方"):
        Options(speakers=2, channels=Channels.SEPARATE)


@pytest.mark.parametrize(("texts", "wide"), [([QUESTION], True), ([QUESTION, ANSWER, OPENING], False)])
def test_a_single_clip_is_heard_with_more_hypotheses_than_one_of_many(
    speech: Speech, whisper: Whisper, tmp_path: Path, texts: list[str], wide: bool
) -> None:
    path, gap = tmp_path / "asked.wav", np.zeros(16_000, np.float32)
    spoken = [soundfile.read(speech(text), dtype="float32")[0] for text in texts]
    soundfile.write(path, np.concatenate([part for samples in spoken for part in (samples, gap)]), 16_000)
    spied = SpiedEngine(whisper.engine)
    alone = replace(whisper, engine=spied, many=None)
    transcript = transcribe(path, whisper=alone, options=Options(), work=tmp_path / "work")
    assert likeness(transcript.text, "".join(texts)) > 0.6
    assert {count > 1 for count in spied.hypotheses} == {wide}


class SpiedEngine:
    """The real engine; it notes how many hypotheses are asked of it."""

    def __init__(self, real: Engine) -> None:
        self._real = real
        self.hypotheses: list[int] = []

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        self.hypotheses.append(search.hypotheses)
        return self._real.generate(encoded, prompt, search)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)
