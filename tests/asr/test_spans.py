"""Speech is found wherever it is, silence and noise are not speech, and parts cover all of it within their limit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import asr.spans
from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.spans import Span, parts, speech_spans

Speech = Callable[..., Path]
SENTENCE = "転入届は、市民課の窓口で受け付けています。"


def pcm_of(samples: np.ndarray, folder: Path) -> Pcm:
    path = folder / "test.pcm"
    (np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(path)
    return Pcm(path=path, frames=len(samples))


@pytest.fixture
def two_sentences(speech: Speech, tmp_path: Path) -> tuple[Pcm, float]:
    """A sentence, four seconds of nothing, the same sentence; and how long the sentence is."""
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    silence = np.zeros(4 * SAMPLE_RATE_HZ, np.float32)
    return pcm_of(np.concatenate([silence, spoken, silence, spoken, silence]), tmp_path), len(spoken) / SAMPLE_RATE_HZ


def test_speech_is_found_where_it_is(two_sentences: tuple[Pcm, float]) -> None:
    pcm, sentence_s = two_sentences
    spans = speech_spans(pcm)
    first = [s for s in spans if s.start_s < 4 + sentence_s]
    second = [s for s in spans if s.start_s >= 4 + sentence_s]
    assert first[0].start_s == pytest.approx(4, abs=0.6)
    assert first[-1].end_s == pytest.approx(4 + sentence_s, abs=0.7)
    assert second[0].start_s == pytest.approx(8 + sentence_s, abs=0.6)
    assert second[-1].end_s == pytest.approx(8 + 2 * sentence_s, abs=0.7)


def test_a_sentence_across_a_block_border_stays_whole(two_sentences: tuple[Pcm, float], monkeypatch: pytest.MonkeyPatch) -> None:
    pcm, sentence_s = two_sentences
    monkeypatch.setattr(asr.spans, "_BLOCK_S", 4 + sentence_s / 2)
    spans = speech_spans(pcm)
    assert all(not s.start_s < 4 + sentence_s / 2 < s.end_s or s.duration_s > 0.8 * sentence_s for s in spans)
    assert sum(s.duration_s for s in spans) > 1.7 * sentence_s
    assert all(a.end_s <= b.start_s for a, b in pairwise(spans))


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "music"])
def test_what_is_not_speech_is_no_span(sound: str, tmp_path: Path) -> None:
    t = np.arange(20 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = {
        "silence": np.zeros_like(t),
        "noise": np.random.default_rng(0).normal(0, 0.02, len(t)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * t) + 0.1 * np.sin(2 * np.pi * 150 * t),
        "music": sum(0.1 * np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.5) * 3) for f in (262, 330, 392, 523)),
    }[sound]
    assert speech_spans(pcm_of(samples, tmp_path)) == ()


def test_a_recording_shorter_than_a_window_has_no_speech(tmp_path: Path) -> None:
    assert speech_spans(pcm_of(np.zeros(100), tmp_path)) == ()


def test_parts_are_cut_at_pauses() -> None:
    spans = [Span(start_s=a, end_s=b) for a, b in [(1, 50), (52, 100), (103, 140), (400, 410)]]
    assert [(p.start_s, p.end_s) for p in parts(spans, 500, longest_s=120)] == [(1, 100), (103, 140), (400, 410)]


@given(
    st.lists(st.tuples(st.floats(0.01, 30), st.floats(0.05, 300)), max_size=40),
    st.floats(5, 200),
)
def test_parts_hold_all_speech_in_order_and_none_is_too_long(steps: list[tuple[float, float]], longest_s: float) -> None:
    spans, at_s = [], 0.0
    for pause_s, length_s in steps:
        spans.append(Span(start_s=at_s + pause_s, end_s=at_s + pause_s + length_s))
        at_s = spans[-1].end_s
    made = parts(spans, at_s, longest_s)
    assert all(p.duration_s <= longest_s + 1e-6 for p in made)
    assert all(a.end_s <= b.start_s for a, b in pairwise(made))
    for span in spans:
        covered_s = sum(max(0.0, min(p.end_s, span.end_s) - max(p.start_s, span.start_s)) for p in made)
        assert covered_s == pytest.approx(span.duration_s, abs=1e-6)
