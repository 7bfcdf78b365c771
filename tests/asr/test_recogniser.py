"""What was said comes out as text, at its place in the recording; what is not speech gives no character."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.clips import Clip, clips
from asr.edits import Edits
from asr.expectation import Expectation
from asr.line import Line
from asr.recogniser import recognise
from asr.spans import Span
from asr.transcript import Reason
from asr.vocabulary import Term, Vocabulary
from core.errors import NotFound
from models.engine import Aligned, Decoded, Encoded, Engine, Search
from models.priors import MEETING
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
    segments = recognise(
        pcm, clips(pcm, Span(start_s=19, end_s=20 + sentence_s + 2)), whisper=whisper, channel=1, on_progress=told.append
    )
    assert likeness("".join(s.text for s in segments), SENTENCE) > 0.7
    assert segments[0].start_s == pytest.approx(20, abs=1.1)
    assert segments[-1].end_s == pytest.approx(20 + sentence_s, abs=1.1)
    assert all(s.start_s < s.end_s for s in segments)
    assert {s.channel for s in segments} == {1}
    assert all(s.confidence is not None and 0.2 < s.confidence <= 1 for s in segments)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(sentence_s, abs=1.1)
    assert [round(t / told[-1], 2) for t in told] == [0.45, 0.8, 1.0], "one sentence is not done all at once either"


def test_whoever_waits_is_told_how_far_it_is_while_words_are_put_right_and_may_give_up(
    speech: Speech, whisper: Whisper, tmp_path: Path
) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    spoken_s = len(spoken) / SAMPLE_RATE_HZ
    both = [Clip((Span(start_s=0, end_s=spoken_s),)), Clip((Span(start_s=0, end_s=spoken_s),))]
    meeting, one_lane = Expectation(about=MEETING), replace(whisper, many=None, lanes=1)
    told: list[float] = []
    recognise(pcm, both, whisper=one_lane, expected=meeting, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2 * spoken_s)
    assert [round(t / told[-1], 3) for t in told] == [0.225, 0.4, 0.65, 0.9, 1.0], "each clip is told of"

    told.clear()
    recognise(pcm, both, whisper=replace(one_lane, language_model=None), expected=meeting, on_progress=told.append)
    assert [round(t / told[-1], 3) for t in told] == [0.45, 0.8, 1.0], "where no words are looked for, no time is kept for it"

    def give_up(done_s: float) -> None:
        if done_s > spoken_s:
            raise NotFound

    with pytest.raises(NotFound):
        recognise(pcm, both, whisper=one_lane, expected=meeting, on_progress=give_up)


def test_a_part_recognised_twice_says_the_same(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    found = clips(pcm)
    assert recognise(pcm, found, whisper=whisper) == recognise(pcm, found, whisper=whisper)


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "music"])
def test_what_is_not_speech_gives_no_character(sound: str, whisper: Whisper, tmp_path: Path) -> None:
    t = np.arange(15 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = {
        "silence": np.zeros_like(t),
        "noise": np.random.default_rng(0).normal(0, 0.05, len(t)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * t) + 0.1 * np.sin(2 * np.pi * 150 * t),
        "music": sum(0.1 * np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.5) * 3) for f in (262, 330, 392, 523)),
    }[sound]
    pcm = pcm_of(samples, tmp_path)
    assert recognise(pcm, clips(pcm), whisper=whisper) == ()


def test_text_has_no_spaces_between_japanese_words(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE + "必要なものは、本人確認書類です。"), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    text = "".join(s.text for s in recognise(pcm, clips(pcm), whisper=whisper))
    assert text
    assert " " not in text


WORDS = Vocabulary(
    terms=tuple(
        Term(term=term, reading=reading, kind="組織")
        for term, reading in (
            ("曽於市", "そおし"),
            ("市民課", "しみんか"),
            ("転入届", "てんにゅうとどけ"),
            ("条例", "じょうれい"),
            ("会期", "かいき"),
            ("方向", "ほうこう"),
        )
    )
)


def test_a_city_s_words_are_written_as_the_city_writes_them(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech(SENTENCE), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    segments = recognise(pcm, clips(pcm), whisper=whisper, expected=Expectation(vocabulary=WORDS))
    assert "転入届" in "".join(s.text for s in segments)
    assert "市民課" in "".join(s.text for s in segments)
    for segment in segments:
        assert Edits.of(segment).text == segment.text
        assert "".join(w.text for w in segment.words) == segment.heard
        assert {r for c in segment.changes for r in c.reasons} <= {Reason.VOCABULARY}


def test_ordinary_words_that_sound_like_a_city_s_word_stay(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    spoken, _ = soundfile.read(speech("高齢者の方は、会議の後で、こちらへお越しください。"), dtype="float32")
    pcm = pcm_of(spoken, tmp_path)
    text = "".join(s.text for s in recognise(pcm, clips(pcm), whisper=whisper, expected=Expectation(vocabulary=WORDS)))
    assert "高齢者" in text
    assert "会議" in text
    assert not any(word in text for word in ("条例", "会期", "方向"))


def test_words_stand_at_the_time_they_are_said(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    first, _ = soundfile.read(speech("市役所は、平日に開いています。"), dtype="float32")
    second, _ = soundfile.read(speech("土曜日は、お休みです。", "jm_kumo"), dtype="float32")
    gap = np.zeros(4 * SAMPLE_RATE_HZ, np.float32)
    pcm = pcm_of(np.concatenate([first, gap, second]), tmp_path)
    segments = recognise(pcm, clips(pcm), whisper=whisper)
    words = [w for s in segments for w in s.words]
    begins_s = len(first) / SAMPLE_RATE_HZ + 4
    saturday = next(w for w in words if "土曜" in w.text)
    assert saturday.start_s == pytest.approx(begins_s, abs=0.4)
    assert max(w.end_s for w in words if w.start_s < begins_s - 4) <= begins_s - 3
    assert len(segments) >= 2, "a silence of four seconds parts two segments"
    assert all(a.start_s <= b.start_s for a, b in pairwise(words))


@pytest.mark.parametrize("pause_s", [0.5, 0.8, 1.2])
@pytest.mark.parametrize(
    "sentence", ["転入届は、どこに出せばよいですか。", "もう一度お願いします。", "それでは、次の議案に移ります。"]
)
def test_what_is_said_six_times_is_written_six_times(
    sentence: str, pause_s: float, speech: Speech, whisper: Whisper, tmp_path: Path
) -> None:
    spoken, _ = soundfile.read(speech(sentence), dtype="float32")
    pcm = pcm_of(np.tile(np.concatenate([spoken, np.zeros(round(pause_s * SAMPLE_RATE_HZ))]), 6), tmp_path)
    text = "".join(s.text for s in recognise(pcm, clips(pcm), whisper=whisper))
    assert len(re.findall(f"[^。]{{5}}{sentence[-4:-1]}", text)) == 6


def test_no_segment_begins_with_a_mark(speech: Speech, whisper: Whisper, tmp_path: Path) -> None:
    texts = ("はい、わかりました。", "次に、予算についてです。", "ご質問はありますか。", "いいえ、ありません。")
    gap = np.zeros(round(1.3 * SAMPLE_RATE_HZ))
    said = [part for text in texts for part in (soundfile.read(speech(text), dtype="float32")[0], gap)]
    pcm = pcm_of(np.concatenate(said), tmp_path)
    segments = recognise(pcm, clips(pcm), whisper=whisper)
    assert len(segments) == len(texts)
    assert all(s.text[:1].isalnum() for s in segments)


def test_a_mark_takes_no_time_and_a_point_does() -> None:
    text = "約3.5です。次"
    line = Line(
        text, tuple(range(len(text))), Aligned(starts_s=[i / 2 for i in range(len(text))], probabilities=[0.9] * len(text))
    )
    words = {w.text: w for w in line.words(Clip((Span(start_s=0, end_s=5),)))}
    assert (words["。"].start_s, words["。"].end_s) == (words["です"].end_s, words["です"].end_s) == (3.0, 3.0)
    assert (words["."].start_s, words["."].end_s) == (1.0, 1.5)


@pytest.mark.parametrize("seconds", [3.0, 9.0])
def test_a_word_again_and_again_faster_than_anybody_speaks_is_heard_anew_and_a_slow_one_is_believed(
    seconds: float, whisper: Whisper, tmp_path: Path
) -> None:
    """A decoder that loops until it is kept from it: what comes behind the loop is not lost with it."""
    asked: list[int] = []

    class Looping:
        def __getattr__(self, name: str) -> object:
            return getattr(whisper.engine, name)

        def generate(self, encoded: Encoded, _: object, search: Search) -> list[Decoded]:
            asked.append(search.unrepeated)
            text = "引っ越した日から十四日以内です。" if search.unrepeated else "引っ越した" * 9
            return [Decoded(ids=whisper.tokens.encode(text), logprob=-0.2, no_speech=0.1) for _ in encoded]

    pcm = pcm_of(np.random.default_rng(0).normal(0, 0.05, round(seconds * SAMPLE_RATE_HZ)), tmp_path)
    looping = replace(whisper, engine=cast(Engine, Looping()), many=None, lanes=1)
    text = "".join(s.text for s in recognise(pcm, [Clip((Span(start_s=0, end_s=seconds),))], whisper=looping))
    if seconds < 5:
        assert any(asked) and "日から" in text and text.count("引っ越した") == 1
    else:
        assert not any(asked) and "日から" not in text


@pytest.mark.parametrize("always", ["はい。", "はい" * 30])
def test_noise_is_cut_a_few_times_only_and_tells_how_far_it_is(always: str, whisper: Whisper, tmp_path: Path) -> None:
    """A decoder that says the same of whatever it hears."""
    heard = 0

    class Stubborn:
        def __getattr__(self, name: str) -> object:
            return getattr(whisper.engine, name)

        def generate(self, encoded: Encoded, *_: object, **__: object) -> list[Decoded]:
            nonlocal heard
            heard += len(encoded)
            return [Decoded(ids=whisper.tokens.encode(always), logprob=-0.2, no_speech=0.1) for _ in encoded]

    voices = tuple(Span(start_s=a / 3, end_s=a / 3 + 0.2) for a in range(27))
    pcm = pcm_of(np.random.default_rng(0).normal(0, 0.05, 10 * SAMPLE_RATE_HZ), tmp_path)
    told: list[float] = []
    clip = Clip((Span(start_s=0, end_s=9.5),), voices=voices)
    recognise(pcm, [clip], whisper=replace(whisper, engine=cast(Engine, Stubborn()), many=None, lanes=1), on_progress=told.append)
    assert 2 <= heard <= 30
    assert len(told) > 1 and told == sorted(told) and told[-1] == pytest.approx(9.5)
