"""What may be missing from a clip's text is noticed, and its halves are believed only where they give more."""

from __future__ import annotations

import pytest

from asr.clips import Clip
from asr.doubts import is_better, is_doubtful
from asr.line import Line
from asr.spans import Span
from asr.transcript import Segment
from models.engine import Aligned

TWO_SENTENCES = Clip((Span(start_s=0, end_s=6),), voices=(Span(start_s=0.4, end_s=2.4), Span(start_s=3.4, end_s=5.4)))


def line(text: str, *starts_s: float) -> Line:
    """A token for each character."""
    return Line(text, tuple(range(len(text))), Aligned(starts_s=list(starts_s), probabilities=[0.9] * len(text)))


def segments(*texts: str, confidence: float = 0.8) -> list[Segment]:
    return [Segment(start_s=0, end_s=1, text=text, heard=text, confidence=confidence) for text in texts]


def test_speech_that_is_counted_to_one_token_is_missed() -> None:
    assert is_doubtful(line("市役所です", 0.4, 0.8, 1.2, 1.6, 2.0), TWO_SENTENCES)
    assert not is_doubtful(line("市役所です", 0.4, 1.4, 2.2, 3.8, 4.4), TWO_SENTENCES)


def test_silence_that_is_counted_to_one_token_is_not() -> None:
    pause = Clip((Span(start_s=0, end_s=6),), voices=(Span(start_s=0.4, end_s=1.4), Span(start_s=4.6, end_s=5.6)))
    assert not is_doubtful(line("はい次です", 0.4, 0.9, 4.6, 5.0, 5.3), pause)


def test_a_text_that_repeats_itself_is_doubted() -> None:
    text = "お願いします" * 3
    assert is_doubtful(line(text, *(0.4 + 0.28 * i for i in range(len(text)))), TWO_SENTENCES)


@pytest.mark.parametrize(
    ("apart", "whole", "better"),
    [
        (segments("市役所です。", "次です。"), segments("市役所です。"), True),
        (segments("市役所です。"), segments("市役所です。", "。"), False),
        (segments("市役所です。", "次です。", confidence=0.2), segments("市役所です。"), False),
        (segments(""), segments("市役所です。"), False),
    ],
    ids=["more", "as much", "more that is a guess", "nothing"],
)
def test_the_halves_are_taken_where_they_surely_give_more(apart: list[Segment], whole: list[Segment], better: bool) -> None:
    assert is_better(apart, whole) is better


def test_of_a_text_that_repeats_itself_all_that_it_says_must_be_there() -> None:
    whole = segments("賛成の諸君の起立を求めます。反対の諸君は賛成の諸君の起立を求めます。ほかに三件の議案を審議しました。")
    assert not is_better(segments("賛成の"), whole)
    assert not is_better(segments("はい。"), whole)
    assert is_better(segments("賛成の諸君の起立を求めます。", "反対の諸君は、ほかに三件の議案を審議しました。"), whole)
    assert is_better(segments("お願いします"), segments("お願いします" * 8))
