"""Promises about how phrases are written: names stand for words, gaps for a few characters, and a wrong name is told."""

from __future__ import annotations

import pytest

from core.settings import CHECKOUT
from dialogue.wording import Wording, read_wording

WORDING = Wording({"person": ["父", "<child>"], "child": ["息子(さん)?", "娘"]})


@pytest.mark.parametrize(("text", "fits"), [("父が川で流された", True), ("息子さんが流された", True), ("犬が流された", False)])
def test_a_name_stands_for_its_words_and_a_gap_for_a_few_characters(text: str, fits: bool) -> None:
    assert bool(WORDING.pattern("<person>が‥流され").search(text)) is fits


def test_a_gap_is_only_so_long() -> None:
    assert WORDING.pattern("父‥流").search("父あいう流")
    assert not WORDING.pattern("父‥流").search("父あいうえ流")
    assert WORDING.pattern("父…流").search("父あいうえ流")


def test_a_name_that_a_table_does_not_have_is_told() -> None:
    with pytest.raises(KeyError, match="persn"):
        WORDING.pattern("<persn>が")


@pytest.mark.parametrize("table", sorted(path.stem for path in (CHECKOUT / "dialogue" / "data").glob("*.toml")))
def test_every_word_of_a_table_is_used(table: str) -> None:
    text = (CHECKOUT / "dialogue" / "data" / f"{table}.toml").read_text("utf-8")
    assert [name for name in read_wording(table)["words"] if f"<{name}>" not in text] == []
