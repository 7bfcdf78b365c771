"""Promises of what differs between two versions: only what changed, by sentences, and everything that did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from retrieval.entry import Entry
from server.differences import Fate, differences

OLD = Entry(id="e-1", question="手数料は。", answer="300円です。\n窓口で払います。", department="市民課")


def test_changed_sentences_stand_beside_what_stayed() -> None:
    (found,) = differences(OLD, replace(OLD, answer="350円です。\n窓口で払います。"))
    assert found.label == "回答"
    assert found.pieces == ((Fate.GONE, "300円です。"), (Fate.NEW, "350円です。"), (Fate.KEPT, "\n窓口で払います。"))


def test_every_field_that_changed_is_named_as_on_the_form_and_no_other() -> None:
    new = replace(OLD, department=None, confined=False, valid_until=date(2027, 3, 31), paraphrases=("いくら",))
    assert [d.label for d in differences(OLD, new)] == ["言い換え", "担当課", "公開終了日"]
    assert differences(OLD, OLD) == []


@given(old=st.text("あ、。\n1", min_size=1), new=st.text("あ、。\n1", min_size=1))
def test_both_versions_can_be_read_in_full(old: str, new: str) -> None:
    for found in differences(replace(OLD, answer=old), replace(OLD, answer=new)):
        assert "".join(text for fate, text in found.pieces if fate is not Fate.NEW) == old
        assert "".join(text for fate, text in found.pieces if fate is not Fate.GONE) == new
