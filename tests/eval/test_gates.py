"""The gates of recognition: on the shipped recordings it is right, faster than its plain peer, and silent where nobody speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.vocabulary import load_vocabulary
from core.settings import CHECKOUT, Settings
from eval.gates import fallen
from eval.recordings import NO_SPEECH, Recording, Samples, make_recordings
from eval.speech import SpeechFigures, measure_speech, peer, product
from models.whisper import Whisper, load_peer

VOCABULARY = CHECKOUT / "samples" / "soo" / "vocabulary.csv"


@pytest.fixture(scope="module")
def recordings(speech: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    def speak(text: str, voice: str) -> Samples:
        samples, _ = soundfile.read(speech(text, voice), dtype="float32")
        return np.asarray(samples, np.float32)

    return make_recordings(speak, tmp_path_factory.mktemp("recordings"))


@pytest.fixture(scope="module")
def own(recordings: list[Recording], whisper: Whisper) -> list[SpeechFigures]:
    vocabulary = load_vocabulary(VOCABULARY)
    return measure_speech("madoguchi", product(whisper, vocabulary), recordings, [t.term for t in vocabulary.terms])


@pytest.fixture(scope="module")
def peers(recordings: list[Recording], model_settings: Settings) -> list[SpeechFigures]:
    spoken = [r for r in recordings if r.set != NO_SPEECH]
    terms = [t.term for t in load_vocabulary(VOCABULARY).terms]
    return measure_speech("faster-whisper", peer(load_peer(model_settings)), spoken, terms)


def test_no_gate_has_fallen(own: list[SpeechFigures], peers: list[SpeechFigures]) -> None:
    assert fallen(own, peers) == [], f"{own} beside {peers}"


def test_every_figure_is_measured(own: list[SpeechFigures], peers: list[SpeechFigures]) -> None:
    assert [f.set for f in own] == ["meeting", "call", "question", NO_SPEECH]
    for figures in (*own, *peers):
        assert figures.audio_s > 5
        assert figures.wall_s > 0
        assert figures.cpu_s > 0
        assert figures.memory_bytes is None or figures.memory_bytes < 1_500_000_000
        assert (figures.cer is None) == (figures.set == NO_SPEECH)


def test_each_gate_can_fall(own: list[SpeechFigures], peers: list[SpeechFigures]) -> None:
    worse = {"cer": 0.9, "terms": 0.0, "cpu_s": 1e6}
    for field, value in worse.items():
        assert fallen([replace(own[0], **{field: value}), *own[1:]], peers), field
    assert fallen([*own[:3], replace(own[3], invented=1)], peers) == ["nospeech: 1 characters where nobody spoke"]
    assert fallen(own[1:], peers)
