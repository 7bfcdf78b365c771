"""Promises of who spoke when: it is what the segments say, however people correct them; what has no text stays told apart."""

from __future__ import annotations

import time

import pytest

from asr.transcript import Segment, Turn
from asr.turns import following, merged


def turn(start_s: float, end_s: float, speaker: str) -> Turn:
    return Turn(start_s=start_s, end_s=end_s, speaker=speaker)


def said(start_s: float, end_s: float, speaker: str | None, channel: int | None = None) -> Segment:
    return Segment(start_s=start_s, end_s=end_s, text="あ", speaker=speaker, channel=channel)


def test_turns_that_say_what_the_segments_say_stay_as_they_are() -> None:
    turns = (turn(0, 5, "A"), turn(5.5, 9, "B"))
    assert following(turns, [said(0.3, 4.8, "A"), said(5.5, 7, "B"), said(7.4, 8.8, "B")]) == turns
    assert following(turns, []) == turns


def test_a_segment_that_is_another_persons_takes_its_time_along() -> None:
    turns = (turn(0, 9, "A"), turn(12, 14, "A"))
    assert following(turns, [said(0.2, 4, "A"), said(4.1, 8.8, "B"), said(12.1, 13.9, "C")]) == (
        turn(0, 4.1, "A"),
        turn(4.1, 9, "B"),
        turn(12, 14, "C"),
    )


def test_within_a_segment_nobody_else_speaks() -> None:
    assert following((turn(0, 3, "A"), turn(3, 4, "B"), turn(4, 8, "A")), [said(0, 8, "A")]) == (turn(0, 8, "A"),)


def test_what_was_spoken_without_text_stays_whose_it_was() -> None:
    assert following((turn(0, 3, "A"), turn(5, 6, "B")), [said(0, 3, "C")]) == (turn(0, 3, "C"), turn(5, 6, "B"))


def test_who_is_named_by_hand_has_turns_and_nobody_else_has() -> None:
    assert following((), [said(0, 2, None), said(2, 4, "A"), said(4, 6, None)]) == (turn(2, 4, "A"),)
    assert following((), [said(0, 4, "市役所", 0), said(1, 3, "相手", 1)]) == ()


def test_turns_are_in_order_and_do_not_overlap_though_segments_do() -> None:
    found = following((turn(0, 6, "A"),), [said(0, 4, "A"), said(3, 6, "B"), said(5, 5.5, "C")])
    assert found == (turn(0, 4, "A"), turn(4, 6, "B"))


def test_turns_of_one_speaker_that_touch_are_one() -> None:
    assert merged([turn(0, 2, "A"), turn(2.1, 3, "A"), turn(4, 5, "A")]) == (turn(0, 3, "A"), turn(4, 5, "A"))


@pytest.mark.timed
def test_a_day_of_speech_takes_linear_time() -> None:
    turns = [turn(i, i + 1, f"話者{i % 7}") for i in range(80_000)]
    began = time.perf_counter()
    assert (
        len(following(turns, [said(0, 1, "A"), said(1, 79_999, "B"), *(said(80_000 + i, 80_001 + i, "C") for i in range(50))]))
        == 4
    )
    assert time.perf_counter() - began < 2
