"""Promises of what a person writes in the place of what was recognised."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asr.correction import corrected, occurrences, replace_word, replacements, words_corrected
from asr.edits import Edits
from asr.fillers import Level
from asr.notation import Notation
from asr.transcript import Reason, Segment
from asr.writing import Style, write

CLEAN, FORMAL, VERBATIM = (Style(level=level) for level in (Level.CLEAN, Level.FORMAL, Level.VERBATIM))
STYLES = st.builds(Style, level=st.sampled_from(Level), notation=st.sampled_from(Notation))
SPOKEN = st.lists(
    st.sampled_from(["えー", "二十", "五", "人", "が", "です", "相思市", "、", "。", "はい", "けど", "見てる"]), max_size=10
).map("".join)


def heard(text: str) -> Segment:
    return Segment(start_s=0, end_s=3, text=text, heard=text)


@example("えー", "", "、", CLEAN)
@given(SPOKEN.filter(bool), SPOKEN, SPOKEN, STYLES)
def test_a_segment_says_exactly_what_was_typed(text: str, first: str, second: str, style: Style) -> None:
    segment = heard(text)
    for typed in (first, second, first):
        segment = corrected(segment, typed, style)
        assert write(segment, style).text == typed
        assert segment.heard == text


def test_what_was_not_touched_goes_on_following_the_style() -> None:
    kept = corrected(heard("えー相思市の二十五人が見てますけど"), "曽於市の25人が見てますけど", CLEAN)
    assert write(kept, FORMAL).text == "曽於市の25人が見ていますけれども"
    assert write(kept, VERBATIM).text == "えー曽於市の25人が見てますけど"


def test_marks_and_numbers_that_were_taken_away_do_not_come_back() -> None:
    segment = heard("二十五人です")
    assert write(segment, CLEAN).text == "25人です。"
    kept = corrected(segment, "二十五人です", CLEAN)
    assert write(kept, CLEAN).text == "二十五人です"


def test_a_word_of_the_vocabulary_that_nobody_touched_stays_and_can_be_undone() -> None:
    segment = heard("店入届けと相思市")
    segment = Edits.of(segment).replace(0, 4, "転入届", Reason.VOCABULARY).applied_to(segment)
    kept = corrected(segment, "転入届と曽於市", CLEAN)
    assert [(c.written, c.reasons) for c in kept.changes] == [
        ("転入届", (Reason.VOCABULARY,)),
        ("曽於", (Reason.CORRECTED,)),
    ]


def test_a_long_text_written_all_anew_is_compared_in_no_time() -> None:
    (whole,) = replacements("あい" * 1_000, "いう" * 1_000)
    assert whole.written == "いう" * 1_000


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("店入届けを出す", "転入届けを出す", [("店入届", "転入届")]),
        ("相思市の再起です。", "曽於市の財政です。", [("相思市", "曽於市"), ("再起", "財政")]),
        ("それは行きます", "それが行きます", []),
        ("25人です", "35人です", []),
        ("終わり", "終わり。", []),
    ],
)
def test_words_that_may_stand_elsewhere_are_told_whole(old: str, new: str, words: list[tuple[str, str]]) -> None:
    assert words_corrected(old, new) == words


def test_a_word_is_replaced_wherever_it_is_said_and_never_twice() -> None:
    segment = heard("曽於の市役所と曽於市と曽於")
    once, places = replace_word(segment, "曽於", "曽於市", CLEAN)
    assert (write(once, CLEAN).text, places) == ("曽於市の市役所と曽於市と曽於市", 2)
    assert replace_word(once, "曽於", "曽於市", CLEAN) == (once, 0)
    assert list(occurrences("ああああ", "ああ", "い")) == [0, 2]


@given(SPOKEN.filter(bool), st.sampled_from(["人", "二", "えー", "市", "です"]), st.text("五十人。、市", max_size=3), STYLES)
def test_a_word_replaced_leaves_all_around_it_as_it_was(text: str, wrong: str, right: str, style: Style) -> None:
    before = write(heard(text), style).text
    expected, at = "", 0
    for place in occurrences(before, wrong, right):
        expected, at = expected + before[at:place] + right, place + len(wrong)
    kept, _ = replace_word(heard(text), wrong, right, style)
    assert write(kept, style).text == expected + before[at:]
