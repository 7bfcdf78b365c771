"""Clips hold all that was said, are short enough for the recogniser, and lead back to the recording's times."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.clips import LONGEST_S, Clip, clips
from asr.spans import Span, speech_spans

CLIP = Clip((Span(start_s=10, end_s=13), Span(start_s=20, end_s=22)))


def pcm_of(samples: np.ndarray, folder: Path) -> Pcm:
    (np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(folder / "test.pcm")
    return Pcm(path=folder / "test.pcm", frames=len(samples))


def test_clips_cover_all_speech_and_are_short(speech: Callable[..., Path], tmp_path: Path) -> None:
    said = [
        soundfile.read(speech(text), dtype="float32")[0]
        for text in ("ただいまから、定例会議を始めます。", "はい、月曜日と木曜日です。")
    ]
    silence = np.zeros(6 * SAMPLE_RATE_HZ, np.float32)
    pcm = pcm_of(np.concatenate([said[0], silence, said[1], said[0], silence, *said * 4]), tmp_path)
    found = clips(pcm)
    assert all(clip.duration_s <= LONGEST_S + 0.01 for clip in found)
    inside = [span for clip in found for span in clip.spans]
    assert inside == sorted(inside, key=lambda s: s.start_s)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(inside))
    for span in speech_spans(pcm):
        middle = (span.start_s + span.end_s) / 2
        assert any(s.start_s <= middle <= s.end_s for s in inside)
    assert sum(clip.duration_s for clip in found) < pcm.duration_s - 8, "long silences are left out"
    assert all(len(clip.read(pcm)) == pytest.approx(clip.duration_s * SAMPLE_RATE_HZ, abs=3) for clip in found)


def test_silence_has_no_clips(tmp_path: Path) -> None:
    assert clips(pcm_of(np.zeros(SAMPLE_RATE_HZ * 5), tmp_path)) == ()
    assert clips(pcm_of(np.zeros(0), tmp_path)) == ()


@pytest.mark.parametrize(
    ("start_s", "end_s", "recorded"),
    [
        (0.5, 1.0, (10.5, 11.0)),
        (3.5, 4.0, (20.5, 21.0)),
        (2.8, 4.0, (20.0, 21.0)),
        (2.4, 3.2, (20.0, 20.2)),
        (2.2, 3.2, (12.2, 13.0)),
        (3.0, 3.0, (20.0, 20.0)),
        (2.9, 2.9, (12.9, 12.9)),
        (4.9, 9.0, (21.9, 22.0)),
    ],
    ids=[
        "in the first",
        "in the second",
        "mostly behind the border",
        "behind the silence before the border",
        "heard before the border",
        "of no length at the border",
        "of no length before it",
        "at the end",
    ],
)
def test_a_word_of_a_clip_is_placed_where_it_was_said(start_s: float, end_s: float, recorded: tuple[float, float]) -> None:
    clip = Clip(CLIP.spans, voices=(Span(start_s=10.4, end_s=12.5), Span(start_s=20.4, end_s=21.6)))
    assert clip.recorded(start_s, end_s) == pytest.approx(recorded)


def test_the_span_of_a_moment_is_known() -> None:
    assert [CLIP.span_at(t) for t in (10.0, 12.9, 15.0, 20.0, 30.0)] == [0, 0, 0, 1, 1]


def test_the_voice_in_a_stretch_of_a_clip_is_known() -> None:
    clip = Clip(CLIP.spans, voices=(Span(start_s=10.4, end_s=11), Span(start_s=12, end_s=12.8), Span(start_s=20.5, end_s=22)))
    assert clip.voiced_s(0, 5) == pytest.approx(2.9)
    assert clip.voiced_s(0.5, 2.5) == pytest.approx(1.0)
    assert clip.voiced_s(2.9, 4.0) == pytest.approx(0.5)
    assert CLIP.voiced_s(0, 5) == 0


def test_a_clip_is_cut_in_two_at_its_longest_pause() -> None:
    clip = Clip((Span(start_s=10, end_s=16),), voices=tuple(Span(start_s=a, end_s=a + 1) for a in (10.4, 12.0, 14.4)))
    first, second = clip.halves() or pytest.fail("it has pauses")
    assert [(s.start_s, s.end_s) for s in (*first.spans, *second.spans)] == [(10, 13.7), (13.7, 16)]
    assert (len(first.voices), len(second.voices)) == (2, 1)
    assert second.halves() is None


def test_speech_without_a_pause_is_not_cut() -> None:
    whole = (Span(start_s=0.2, end_s=9.4), Span(start_s=9.4, end_s=9.6))  # as the detector parts what is too long
    assert Clip((Span(start_s=0, end_s=10),), voices=whole).halves() is None


def test_halves_keep_the_long_silences_out() -> None:
    clip = Clip(CLIP.spans, voices=(Span(start_s=10.4, end_s=12.6), Span(start_s=20.4, end_s=21.6)))
    first, second = clip.halves() or pytest.fail("it has a pause")
    assert (*first.spans, *second.spans) == CLIP.spans
