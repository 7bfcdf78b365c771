"""What was said comes out as text, at its place in the recording; what is not speech gives no character."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.recogniser import recognise
from asr.spans import Span
from asr.vocabulary import Term, Vocabulary
from models.device import CPU
from models.whisper import Whisper

Speech = Callable[..., Path]
SENTENCE = "転入届は、市民課の窓口で受け付けています。"


def pcm_of(samples: np.ndarray, folder: Path) -> Pcm:
    path = folder / "test.pcm"
    (np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(path)
    return Pcm(path=path, frames=len(samples))


def likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


def test_speech_becomes_text_at_its_place(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    sentence_s = len(spoken) / SAMPLE_RATE_HZ
    pcm = pcm_of(np.concatenate([np.zeros(20 * SAMPLE_RATE_HZ), spoken, np.zeros(3 * SAMPLE_RATE_HZ)]), tmp_path)
    told: list[float] = []
    segments = recognise(pcm, Span(start_s=19, end_s=20 + sentence_s + 2), whisper=whisper, channel=1, on_progress=told.append)
    assert likeness("".join(s.text for s in segments), SENTENCE) > 0.7
    assert segments[0].start_s == pytest.approx(20, abs=1.1)
    assert segments[-1].end_s == pytest.approx(20 + sentence_s, abs=1.1)
    assert all(s.start_s < s.end_s for s in segments)
    assert {s.channel for s in segments} == {1}
    assert all(s.confidence is not None and 0.2 < s.confidence <= 1 for s in segments)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(20 + sentence_s, abs=1.1)


def test_a_part_recognised_twice_says_the_same(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    part = Span(start_s=0, end_s=pcm.duration_s)
    assert recognise(pcm, part, whisper=whisper) == recognise(pcm, part, whisper=whisper)


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "music"])
def test_what_is_not_speech_gives_no_character(sound: str, whisper: Whisper, tmp_path: Path) -> None:
    t = np.arange(15 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = {
        "silence": np.zeros_like(t),
        "noise": np.random.default_rng(0).normal(0, 0.05, len(t)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * t) + 0.1 * np.sin(2 * np.pi * 150 * t),
        "music": sum(0.1 * np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.5) * 3) for f in (262, 330, 392, 523)),
    }[sound]
    assert recognise(pcm_of(samples, tmp_path), Span(start_s=0, end_s=15), whisper=whisper) == ()


def test_text_has_no_spaces_between_japanese_words(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE + "必要なものは、本人確認書類です。"), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    text = "".join(s.text for s in recognise(pcm, Span(start_s=0, end_s=pcm.duration_s), whisper=whisper))
    assert text
    assert " " not in text


class Listener:
    """Stands in for the model, whose failures can't be had on demand: says one thing with a prompt, another without."""

    def __init__(self, prompted: str, plain: str) -> None:
        self._said = {True: prompted, False: plain}
        self.hf_tokenizer = SimpleNamespace(encode=lambda text, add_special_tokens: SimpleNamespace(ids=list(text)))

    def transcribe(self, samples: np.ndarray, *, initial_prompt: str | None, **_: object) -> tuple[list[SimpleNamespace], None]:
        text = self._said[initial_prompt is not None]
        ratio = 9.0 if text.startswith("繰り返し") else 1.0
        return [SimpleNamespace(start=0.0, end=3.0, text=text, avg_logprob=-0.1, compression_ratio=ratio)], None


@pytest.mark.parametrize(
    ("prompted", "plain", "kept"),
    [
        ("転入届は、市民課の窓口で受け付けています。", "電入届けは", "転入届は、市民課の窓口で受け付けています。"),
        ("転入届は。", "電入届けは、市民家の窓口で受け付けています。", "電入届けは、市民家の窓口で受け付けています。"),
        ("転入届は。", "繰り返し繰り返し繰り返し繰り返し繰り返し", "転入届は。"),
        ("曽於市、企画政策課、総務課、市民課、市民課、市民課。", "電入届けは", "電入届けは"),
    ],
    ids=["the prompt helped", "the prompt cut it short", "without it loops", "the prompt came back"],
)
def test_the_prompt_never_costs_text(prompted: str, plain: str, kept: str, speech: Speech, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    words = Vocabulary(
        terms=tuple(Term(term=t, reading="よみ", kind="組織") for t in ("曽於市", "企画政策課", "総務課", "市民課"))
    )
    whisper = Whisper(model=Listener(prompted, plain), name="fake", device=CPU)
    segments = recognise(pcm, Span(start_s=0, end_s=pcm.duration_s), whisper=whisper, vocabulary=words)
    assert "".join(s.text for s in segments) == kept
