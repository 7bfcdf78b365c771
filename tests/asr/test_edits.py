from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.edits import Edits
from asr.transcript import Change, Reason, Segment

RULES = [r for r in Reason if r is not Reason.CORRECTED]
HEARD = st.text("あいうえお、。", max_size=12)
STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 6), st.text("あい万X。", max_size=4), st.sampled_from(RULES)), max_size=8
)


def edited(edits: Edits, steps: list[tuple[int, int, str, Reason]]) -> tuple[Edits, str]:
    """The edits, and the same done to a plain string."""
    plain = edits.text
    for at, length, written, reason in steps:
        start = at % (len(plain) + 1)
        end = min(len(plain), start + length)
        edits = edits.replace(start, end, written, reason)
        plain = plain[:start] + written + plain[end:]
    return edits, plain


@given(HEARD, STEPS)
def test_the_text_is_what_the_edits_one_after_the_other_give(heard: str, steps: list[tuple[int, int, str, Reason]]) -> None:
    edits, plain = edited(Edits(heard), steps)
    assert edits.text == plain


@given(HEARD, STEPS)
def test_changes_are_in_order_apart_from_each_other_and_change_something(
    heard: str, steps: list[tuple[int, int, str, Reason]]
) -> None:
    edits, _ = edited(Edits(heard), steps)
    places = [(c.start, c.end) for c in edits.changes]
    assert places == sorted(set(places))
    assert all(a.end <= b.start for a, b in zip(edits.changes, edits.changes[1:], strict=False))
    for c in edits.changes:
        assert 0 <= c.start <= c.end <= len(heard)
        assert c.written != heard[c.start : c.end]
        assert c.reasons and len(set(c.reasons)) == len(c.reasons)


@given(HEARD, STEPS)
def test_undoing_everything_gives_what_was_heard_and_redoing_what_was_written(
    heard: str, steps: list[tuple[int, int, str, Reason]]
) -> None:
    edits, plain = edited(Edits(heard), steps)
    undone = edits
    for i in range(len(edits.changes)):
        undone = undone.undo(i)
    assert undone.text == heard
    redone = undone
    for i in range(len(edits.changes)):
        redone = redone.redo(i)
    assert redone == edits
    assert redone.text == plain


@given(HEARD, STEPS, STEPS, st.integers(0, 7))
def test_what_a_person_has_undone_stays_as_heard_whatever_is_edited_after(
    heard: str,
    before: list[tuple[int, int, str, Reason]],
    after: list[tuple[int, int, str, Reason]],
    index: int,
) -> None:
    edits, _ = edited(Edits(heard), before)
    if not edits.changes:
        return
    edits = edits.undo(index % len(edits.changes))
    kept = edits.changes[index % len(edits.changes)]
    for at, length, written, reason in after:
        text = edits.text
        start = at % (len(text) + 1)
        end = min(len(text), start + length)
        later = edits.replace(start, end, written, reason)
        assert later.text in (text[:start] + written + text[end:], text)
        edits = later
    assert kept in edits.changes


@given(HEARD, STEPS, st.integers(0, 40), st.integers(0, 6))
def test_what_was_heard_stands_in_a_stretch_of_the_text_and_what_nobody_changed_as_it_was_heard(
    heard: str, steps: list[tuple[int, int, str, Reason]], at: int, length: int
) -> None:
    edits, plain = edited(Edits(heard), steps)
    start = at % (len(heard) + 1)
    end = min(len(heard), start + length)
    w0, w1 = edits.written_span(start, end)
    assert 0 <= w0 <= w1 <= len(plain)
    if not any(c.start <= end and start <= c.end for c in edits.changes):
        assert plain[w0:w1] == heard[start:end]


def test_an_edit_of_an_edit_is_one_change_with_both_reasons() -> None:
    edits = Edits("店入届けを出す").replace(0, 4, "転入届け", Reason.VOCABULARY).replace(2, 4, "届", Reason.NOTATION)
    assert edits.text == "転入届を出す"
    assert edits.changes == (Change(start=0, end=4, written="転入届", reasons=(Reason.VOCABULARY, Reason.NOTATION)),)


def test_neighbours_stay_apart() -> None:
    edits = Edits("えっと二十人です").replace(0, 3, "", Reason.FILLER).replace(0, 2, "20", Reason.NOTATION)
    assert edits.text == "20人です"
    assert [(c.start, c.end, c.written) for c in edits.changes] == [(0, 3, ""), (3, 5, "20")]
    assert edits.undo(0).text == "えっと20人です"
    assert edits.undo(1).text == "二十人です"


def test_a_change_back_to_what_was_heard_disappears() -> None:
    assert Edits("市役所").replace(0, 3, "支所", Reason.VOCABULARY).replace(0, 2, "市役所", Reason.STYLE).changes == ()


def test_a_mark_put_in_where_something_was_left_out_can_be_undone_by_itself() -> None:
    edits = Edits("はいえっとそうです").replace(2, 5, "", Reason.FILLER).replace(2, 2, "、", Reason.PUNCTUATION)
    assert edits.text == "はい、そうです"
    assert edits.undo(1).text == "はいそうです"
    assert edits.undo(0).text == "はいえっと、そうです"


def test_there_is_nothing_outside_the_text() -> None:
    with pytest.raises(ValueError, match="no such stretch"):
        Edits("はい").replace(1, 3, "", Reason.FILLER)
    with pytest.raises(IndexError):
        Edits("はい").undo(0)


def test_a_segment_of_which_nothing_more_is_known_was_heard_as_written() -> None:
    segment = Segment(start_s=0, end_s=1, text="二十人です")
    written = Edits.of(segment).replace(0, 2, "20", Reason.NOTATION).applied_to(segment)
    assert (written.heard, written.text) == ("二十人です", "20人です")
    assert Edits.of(written).text == written.text
    assert replace(written, text="", heard="", changes=()).start_s == 0


BY_HAND = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), st.text("あい万X。", max_size=4), st.booleans()), max_size=8)


@given(HEARD, BY_HAND)
def test_what_a_person_writes_stands_exactly_so_whatever_was_there(heard: str, steps: list[tuple[int, int, str, bool]]) -> None:
    edits = Edits(heard)
    for at, length, written, by_a_person in steps:
        plain = edits.text
        start = at % (len(plain) + 1)
        end = min(len(plain), start + length)
        if by_a_person:
            edits = edits.correct(start, end, written)
            assert edits.text == plain[:start] + written + plain[end:]
        else:
            edits = edits.replace(start, end, written, Reason.STYLE)
        places = [(c.start, c.end) for c in edits.changes]
        assert places == sorted(set(places))
        assert all(a.end <= b.start for a, b in zip(edits.changes, edits.changes[1:], strict=False))


@given(HEARD, st.text("いX。", max_size=12), st.integers(0, 40), st.integers(0, 6), st.text("あい万X。", max_size=4))
def test_no_rule_edits_what_a_person_wrote(heard: str, text: str, at: int, length: int, written: str) -> None:
    edits = Edits(heard).correct(0, len(heard), text)
    start = at % (len(text) + 1)
    assert edits.changes == () or edits.replace(start, min(len(text), start + length), written, Reason.STYLE) == edits


def test_what_is_put_in_before_an_end_that_was_left_out_does_not_meet_it() -> None:
    cut = Edits("はいえー").replace(2, 2, "、", Reason.PUNCTUATION).replace(3, 5, "", Reason.FILLER)
    again = cut.replace(3, 3, "。", Reason.PUNCTUATION)
    assert again.text == "はい、。"
    assert [(c.start, c.end, c.written) for c in again.changes] == [(2, 4, "、。")]


def test_what_a_person_writes_as_it_was_heard_is_an_undone_change() -> None:
    noted = Edits("二十人です").replace(0, 2, "20", Reason.NOTATION).replace(5, 5, "。", Reason.PUNCTUATION)
    back = noted.correct(0, 2, "二十").correct(5, 6, "")
    assert back.text == "二十人です"
    assert back.replace(0, 2, "20", Reason.NOTATION).replace(5, 5, "。", Reason.PUNCTUATION) == back
    assert back.redo(0).redo(1) == noted
