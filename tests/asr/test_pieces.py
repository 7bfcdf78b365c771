from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.edits import Edits
from asr.pieces import cut, pieces
from asr.transcript import Reason, Segment, Word

TEXTS = ("えっと", "二十", "人", "です", "ね")


def spoken(*texts: str) -> Segment:
    """Words of half a second each, from 10 s on."""
    words = tuple(Word(start_s=10 + i / 2, end_s=10.4 + i / 2, text=t, confidence=0.9 - i / 10) for i, t in enumerate(texts))
    heard = "".join(texts)
    return Segment(start_s=9.8, end_s=12.6, text=heard, heard=heard, words=words, speaker="話者1", confidence=0.7)


def written(segment: Segment, *edits: tuple[int, int, str]) -> Segment:
    made = Edits.of(segment)
    for start, end, text in edits:
        made = made.replace(start, end, text, Reason.NOTATION)
    return made.applied_to(segment)


def test_a_changed_piece_takes_the_time_of_the_words_that_it_covers() -> None:
    segment = written(spoken(*TEXTS), (0, 3, ""), (0, 2, "20"), (5, 6, "。"))
    assert segment.text == "20人です。"
    found = [(p.text, p.start_s, p.end_s, p.change) for p in pieces(segment)]
    assert found == [
        ("", 10.0, 10.4, 0),
        ("20", 10.5, 10.9, 1),
        ("人", 11.0, 11.4, None),
        ("です", 11.5, 11.9, None),
        ("。", 12.0, 12.4, 2),
    ]
    assert pieces(segment)[1].confidence == pytest.approx(0.8)


def test_an_undone_change_shows_what_was_heard_and_can_still_be_found() -> None:
    segment = written(spoken(*TEXTS), (3, 5, "20"))
    segment = Edits.of(segment).undo(0).applied_to(segment)
    assert [(p.text, p.change) for p in pieces(segment)] == [
        ("えっと", None),
        ("二十", 0),
        ("人", None),
        ("です", None),
        ("ね", None),
    ]


def test_something_put_in_takes_no_time() -> None:
    segment = written(spoken("はい", "そうです"), (2, 2, "、"))
    assert [(p.text, p.start_s, p.end_s) for p in pieces(segment)][1] == ("、", 10.4, 10.4)


@pytest.mark.parametrize("words", [(), (Word(start_s=0, end_s=1, text="別の言葉"),)])
def test_without_words_everything_has_the_times_of_the_segment(words: tuple[Word, ...]) -> None:
    segment = Segment(start_s=3, end_s=5, text="二十人です", words=words, confidence=0.4)
    changed = written(segment, (0, 2, "20"))
    assert [(p.text, p.start_s, p.end_s, p.confidence) for p in pieces(changed)] == [
        ("20", 3, 5, 0.4),
        ("人です", 3, 5, 0.4),
    ]


def test_no_part_begins_with_a_mark() -> None:
    segment = spoken("はい", "。", "次", "です", "、", "ね")
    assert [s.heard for s in cut(segment, (2, 5))] == ["はい。", "次です、", "ね"]
    assert [s.heard for s in cut(spoken("。", "はい", "次"), (0,))] == ["。はい次"]
    assert [s.heard for s in cut(spoken("3", ".", "5", "です"), (1,))] == ["3", ".5です"], "a point is no mark"
    assert [s.heard for s in cut(segment, (6, 8))] == ["はい。次です、", "ね"]
    assert [s.heard for s in cut(written(segment, (4, 7, "です。")), (5,))] == ["はい。次です、", "ね"]


def test_a_cut_distributes_text_times_words_and_changes() -> None:
    segment = written(spoken(*TEXTS), (0, 3, ""), (0, 2, "20"), (5, 6, "。"))
    first, second = cut(segment, (6,))
    assert (first.text, first.heard, first.start_s, first.end_s) == ("20人", "えっと二十人", 9.8, 11.4)
    assert (second.text, second.heard, second.start_s, second.end_s) == ("です。", "ですね", 11.5, 12.6)
    assert [w.text for w in second.words] == ["です", "ね"]
    assert second.speaker == "話者1"
    assert Edits.of(second).undo(0).text == "ですね"


def test_parts_keep_their_order_where_words_are_rounded_to_beyond_the_segment() -> None:
    first, second = cut(replace(spoken("それで", "は"), start_s=10.6, end_s=10.8), [3])
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == (10.6, 10.6, 10.6, 10.8)


def test_a_cut_inside_a_change_or_a_word_moves_to_its_end() -> None:
    segment = written(spoken(*TEXTS), (3, 6, "20人"))
    assert [s.heard for s in cut(segment, (5,))] == ["えっと二十人", "ですね"]
    assert [s.heard for s in cut(segment, (1,))] == ["えっと", "二十人ですね"]


def test_without_words_time_is_shared_out_by_length() -> None:
    first, second = cut(Segment(start_s=10, end_s=20, text="あいうえお"), (2,))
    assert (first.end_s, second.start_s) == (14, 14)
    assert cut(Segment(start_s=1, end_s=2, text="はい"), (0, 2))[0].text == "はい"


TEXT = st.text("あいうえ", min_size=1, max_size=3)


@given(
    st.lists(TEXT, min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4), st.text("あX。", max_size=2)), max_size=4),
    st.lists(st.integers(0, 20), max_size=3),
)
def test_nothing_is_lost_by_cutting(texts: list[str], edits: list[tuple[int, int, str]], at: list[int]) -> None:
    segment = spoken(*texts)
    for start, length, text in edits:
        begin = start % (len(segment.text) + 1)
        segment = written(segment, (begin, min(len(segment.text), begin + length), text))
    parts = cut(segment, [a % (len(segment.heard) + 1) for a in at])
    assert "".join(p.text for p in parts) == segment.text
    assert "".join(p.heard for p in parts) == segment.heard
    assert sum((p.words for p in parts), ()) == segment.words
    assert sum(len(p.changes) for p in parts) == len(segment.changes)
    assert all(a.end_s <= b.start_s for a, b in pairwise(parts))
    assert "".join(p.text for p in pieces(segment)) == segment.text
    borders = {0, *accumulate(len(t) for t in texts)}
    assert set(accumulate(len(p.heard) for p in parts)) <= borders
