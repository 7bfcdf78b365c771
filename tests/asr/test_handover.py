"""Where another person goes on, what was heard is parted: between words, and where the first fell silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asr.handover import parted
from asr.transcript import Segment, Word

SAID = (("おつなぎ", 1.0, 1.6), ("します。", 1.6, 2.2), ("はい、", 2.5, 2.9), ("税務課", 2.9, 3.4), ("です。", 3.4, 3.8))


def segment(said: tuple[tuple[str, float, float], ...] = SAID) -> Segment:
    text = "".join(word for word, _, _ in said)
    words = tuple(Word(start_s=a, end_s=b, text=word) for word, a, b in said)
    return Segment(start_s=1.0, end_s=3.8, text=text, heard=text, words=words, channel=0)


@pytest.mark.parametrize("told_s", [2.1, 2.35, 3.2])
def test_it_is_parted_where_the_first_fell_silent_though_that_is_told_a_little_late(told_s: float) -> None:
    first, second = parted([segment()], [told_s])
    assert (first.text, first.end_s) == ("おつなぎします。", 2.2)
    assert (second.text, second.start_s, second.end_s) == ("はい、税務課です。", 2.5, 3.8)


def test_without_a_pause_it_is_parted_at_the_nearest_word() -> None:
    unbroken = (*SAID[:2], ("はい、", 2.2, 2.9), *SAID[3:])
    assert [s.text for s in parted([segment(unbroken)], [2.3])] == ["おつなぎします。", "はい、税務課です。"]


@pytest.mark.parametrize("told_s", [0.5, 1.0, 3.8, 9.0])
def test_what_lies_on_one_side_of_it_stays_whole(told_s: float) -> None:
    assert [s.text for s in parted([segment()], [told_s])] == [segment().text]


def test_what_has_no_words_known_stays_whole() -> None:
    unknown = replace(segment(), words=())
    assert parted([unknown], [2.3]) == (unknown,)
