"""Who speaks when, on conversations of the product's own voices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.audio import Pcm
from asr.clustering import cluster
from asr.recording import parse_speakers
from asr.spans import Span, speech_spans
from asr.speakers import assign, diarise
from asr.transcript import Segment, Turn, Word
from core.errors import InvalidInput
from core.settings import Settings
from models.speaker_encoder import SpeakerEncoder, load_speaker_encoder
from tests.spoken import MEETING


@pytest.fixture(scope="module")
def encoder(model_settings: Settings) -> SpeakerEncoder:
    return load_speaker_encoder(model_settings)


Conversation = tuple[Pcm, tuple[Span, ...], tuple[Turn, ...]]


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory, speech: Callable[..., Path]) -> Conversation:
    """A recording, its spans (two lines in one, as when nobody pauses) and who really speaks."""
    return record(tmp_path_factory.mktemp("meeting") / "meeting.pcm", MEETING, speech)


def record(path: Path, lines: tuple[tuple[str, str], ...], speech: Callable[..., Path]) -> Conversation:
    pieces, truth, at_s = [], [], 0.0
    for voice, text in lines:
        samples, _ = soundfile.read(speech(text, voice), dtype="int16")
        truth.append(Turn(start_s=at_s, end_s=at_s + len(samples) / 16_000, speaker=voice))
        pieces.append(samples)
        at_s = truth[-1].end_s
    samples = np.concatenate(pieces)
    path.write_bytes(samples.astype("<i2").tobytes())
    spans = [Span(start_s=a.start_s, end_s=b.end_s) for a, b in zip(truth[::2], truth[1::2], strict=True)]
    return Pcm(path=path, frames=len(samples)), tuple(spans), tuple(truth)


def share_right(turns: tuple[Turn, ...], truth: tuple[Turn, ...], names: dict[str, str]) -> float:
    """The share of the time in which the right one is named."""
    right_s = sum(
        max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s))
        for a in turns
        for b in truth
        if names.get(a.speaker) == b.speaker
    )
    return right_s / sum(t.end_s - t.start_s for t in truth)


@pytest.mark.parametrize("count", [None, 2])
def test_two_people_are_told_apart_and_named_in_order_of_speech(
    count: int | None, meeting: Conversation, encoder: SpeakerEncoder
) -> None:
    pcm, spans, truth = meeting
    turns = diarise(pcm, spans, encoder=encoder, count=count)
    assert share_right(turns, truth, {"話者1": "jm_kumo", "話者2": "jf_alpha"}) > 0.93
    assert {t.speaker for t in turns} == {"話者1", "話者2"}


def test_turns_are_in_order_and_fill_the_spans(meeting: Conversation, encoder: SpeakerEncoder) -> None:
    pcm, spans, _ = meeting
    turns = diarise(pcm, spans, encoder=encoder, count=None)
    assert all(a.end_s <= b.start_s for a, b in pairwise(turns))
    assert turns[0].start_s == spans[0].start_s
    assert turns[-1].end_s == spans[-1].end_s
    assert sum(t.end_s - t.start_s for t in turns) == pytest.approx(sum(s.duration_s for s in spans), abs=0.3)


@pytest.mark.parametrize("voice", ["jf_alpha", "jm_kumo"])
def test_one_person_is_not_split(voice: str, tmp_path: Path, speech: Callable[..., Path], encoder: SpeakerEncoder) -> None:
    pcm, spans, _ = record(tmp_path / "alone.pcm", tuple((voice, text) for _, text in MEETING), speech)
    assert {t.speaker for t in diarise(pcm, spans, encoder=encoder, count=None)} == {"話者1"}


def test_the_same_recording_gives_the_same_turns(meeting: Conversation, encoder: SpeakerEncoder) -> None:
    pcm, spans, _ = meeting
    assert diarise(pcm, spans, encoder=encoder, count=None) == diarise(pcm, spans, encoder=encoder, count=None)


def test_both_looking_for_speech_and_telling_speakers_apart_end_when_they_are_told_to(
    meeting: Conversation, encoder: SpeakerEncoder
) -> None:
    class Enough(BaseException):
        pass

    def check(*_: float) -> None:
        raise Enough

    pcm, spans, _ = meeting
    with pytest.raises(Enough):
        speech_spans(pcm, check)
    with pytest.raises(Enough):
        diarise(pcm, spans, encoder=encoder, count=None, progress=check)


def test_a_quiet_voice_is_still_the_same_voice(tmp_path: Path, meeting: Conversation, encoder: SpeakerEncoder) -> None:
    pcm, spans, truth = meeting
    samples = np.fromfile(pcm.path, "<i2").astype(np.float32)
    samples[len(samples) // 2 :] *= 0.05
    quiet = tmp_path / "quiet.pcm"
    quiet.write_bytes(samples.astype("<i2").tobytes())
    turns = diarise(Pcm(path=quiet, frames=pcm.frames), spans, encoder=encoder, count=None)
    assert share_right(turns, truth, {"話者1": "jm_kumo", "話者2": "jf_alpha"}) > 0.9


def test_a_recording_without_speech_has_no_turns(meeting: Conversation, encoder: SpeakerEncoder) -> None:
    assert diarise(meeting[0], (), encoder=encoder, count=None) == ()
    assert diarise(meeting[0], (), encoder=encoder, count=3) == ()


def test_a_word_at_the_very_end_and_silence_are_no_error(tmp_path: Path, encoder: SpeakerEncoder) -> None:
    path = tmp_path / "short.pcm"
    path.write_bytes(bytes(2 * 8_000))
    pcm = Pcm(path=path, frames=8_000)
    spans = (Span(start_s=0.0, end_s=0.1), Span(start_s=0.45, end_s=0.5))
    assert [(t.start_s, t.end_s) for t in diarise(pcm, spans, encoder=encoder, count=5)] == [(0.0, 0.1), (0.45, 0.5)]


def test_a_long_recording_is_clustered_from_a_part_of_it() -> None:
    random = np.random.default_rng(3)
    truth = np.repeat(np.arange(3).repeat(500), 6)
    vectors = random.normal(0, 0.05, (len(truth), 64)).astype(np.float32)
    vectors[np.arange(len(truth)), truth] += 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = cluster(vectors, 3, independent=0.25)
    assert len(labels) == 9_000
    assert len({(int(a), int(b)) for a, b in zip(labels, truth, strict=True)}) == 3


def segment(start_s: float, end_s: float) -> Segment:
    return Segment(start_s=start_s, end_s=end_s, text="予算", confidence=0.8)


TURNS = (
    Turn(start_s=0.0, end_s=4.0, speaker="話者1"),
    Turn(start_s=4.0, end_s=6.0, speaker="話者2"),
    Turn(start_s=6.0, end_s=7.5, speaker="話者1"),
    Turn(start_s=9.0, end_s=12.0, speaker="話者3"),
)


@pytest.mark.parametrize(
    ("start_s", "end_s", "speaker"),
    [
        (0.5, 3.0, "話者1"),
        (3.5, 6.0, "話者2"),
        (3.0, 7.5, "話者1"),  # 2.5 s in two pieces against 2 s in one
        (7.0, 12.5, "話者3"),
        (7.6, 8.9, None),
        (4.0, 4.0, None),
        (12.0, 13.0, None),
    ],
)
def test_a_segment_goes_to_whoever_speaks_longest_in_it(start_s: float, end_s: float, speaker: str | None) -> None:
    (named,) = assign([segment(start_s, end_s)], TURNS)
    assert named.speaker == speaker
    assert (named.text, named.confidence, named.start_s, named.end_s) == ("予算", 0.8, start_s, end_s)


def test_segments_without_turns_stay_unnamed() -> None:
    assert [s.speaker for s in assign([segment(0, 1), segment(1, 2)], ())] == [None, None]


def spoken(*words: tuple[str, float, float]) -> Segment:
    heard = tuple(Word(start_s=a, end_s=b, text=text, confidence=0.9) for text, a, b in words)
    return Segment(start_s=words[0][1], end_s=words[-1][2], text="".join(w[0] for w in words), words=heard)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            [("予算", 3.0, 3.5), ("です", 3.5, 4.1), ("はい", 4.1, 4.6), ("どうぞ", 4.6, 5.5)],
            [("話者1", "予算です"), ("話者2", "はいどうぞ")],
        ),
        ([("長い", 3.0, 5.0), ("話", 5.0, 5.5)], [("話者1", "長い"), ("話者2", "話")]),  # half in each: the first keeps it
        ([("で", 3.0, 3.9), ("あ", 4.0, 4.5), ("す", 6.0, 7.0)], [("話者1", "であす")]),  # a lone short word
        ([("で", 3.0, 3.9), ("なるほど", 4.0, 5.9), ("す", 6.0, 7.0)], [("話者1", "で"), ("話者2", "なるほど"), ("話者1", "す")]),
        (
            [("最後", 6.5, 7.4), ("の", 7.6, 8.0), ("話", 9.1, 9.9)],
            [("話者1", "最後の"), ("話者3", "話")],
        ),  # one that nobody says
        ([("誰", 7.6, 8.0), ("も", 8.0, 8.5)], [(None, "誰も")]),
        (
            [("です", 3.0, 3.5), ("。", 3.5, 3.5), ("ありがとう", 4.1, 4.1), ("ござい", 4.1, 4.1), ("ます", 4.1, 5.0)],
            [("話者1", "です。"), ("話者2", "ありがとうございます")],
        ),  # words that take no time are said with the next one
        (
            [("検討し", 2.0, 3.0), ("て", 3.0, 3.2), ("くださ", 3.2, 5.6), ("い。", 5.6, 5.6), ("音声", 5.6, 6.0)],
            [("話者1", "検討してください。"), ("話者2", "音声")],
        ),  # nobody says three characters for so long
        (
            [("です", 2.0, 2.6), ("。", 2.6, 2.6), ("はい", 2.6, 4.7), ("案", 4.7, 5.0)],
            [("話者1", "です。"), ("話者2", "はい案")],
        ),  # nor two, and the silence lies before who answers
    ],
)
def test_a_segment_is_cut_at_the_word_where_the_speaker_changes(
    words: list[tuple[str, float, float]], expected: list[tuple[str | None, str]]
) -> None:
    named = assign([spoken(*words)], TURNS)
    assert [(s.speaker, s.text) for s in named] == expected
    assert [w.text for s in named for w in s.words] == [text for text, _, _ in words]
    assert (named[0].start_s, named[-1].end_s) == (words[0][1], words[-1][2])


def test_words_that_are_rounded_to_before_their_segment_stay_at_its_beginning() -> None:
    heard = spoken(("それ", 5.99, 5.99), ("で", 5.99, 5.99), ("は", 5.99, 6.5), ("次", 6.5, 7.0))
    (named,) = assign([replace(heard, start_s=6.004)], TURNS)
    assert (named.speaker, named.text) == ("話者1", "それでは次")


@pytest.mark.parametrize("count", [3, 5])
def test_a_count_of_those_who_attend_does_not_split_a_voice(count: int, meeting: Conversation, encoder: SpeakerEncoder) -> None:
    pcm, spans, _ = meeting
    assert {t.speaker for t in diarise(pcm, spans, encoder=encoder, count=count)} == {"話者1", "話者2"}


def test_a_word_alone_stays_with_its_sentence_before_a_mark_too() -> None:
    words = (
        Word(start_s=0.0, end_s=1.0, text="賛成です"),
        Word(start_s=1.0, end_s=1.3, text="ね"),
        Word(start_s=1.3, end_s=1.3, text="。"),
        Word(start_s=2.0, end_s=2.6, text="次に"),
    )
    segment = Segment(start_s=0, end_s=2.6, text="賛成ですね。次に", heard="賛成ですね。次に", words=words)
    turns = (
        Turn(start_s=0, end_s=1.0, speaker="A"),
        Turn(start_s=1.0, end_s=1.4, speaker="B"),
        Turn(start_s=1.4, end_s=3, speaker="A"),
    )
    assert [(s.speaker, s.text) for s in assign((segment,), turns)] == [("A", "賛成ですね。次に")]


def test_the_number_of_speakers_is_checked() -> None:
    assert [parse_speakers(t) for t in ("auto", "off", "3")] == ["auto", "off", 3]
    for wrong in ("0", "31", "-1", "many", "", "1" * 5_000):
        with pytest.raises(InvalidInput):
            parse_speakers(wrong)
