"""Promises of analysed text: what is taken over from the version before is what a fresh analysis gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.entry import Entry
from retrieval.terms import Channel, Terms

ENTRIES = [
    Entry(
        id="a",
        question="住民票はどこで取れますか。",
        answer="市民課の窓口です。",
        paraphrases=("住民票がほしい",),
        category="戸籍",
    ),
    Entry(id="b", question="粗大ごみの出し方は？", answer="環境課へお尋ねください。\n有料です。"),
    Entry(id="c", question="印鑑登録をしたい", answer="市民課で登録します。", paraphrases=("実印の登録", "ハンコ")),
]


def contents(channel: Channel) -> list[list[dict[str, int]]]:
    """The terms and counts of every row, whatever their numbers."""
    terms = channel.lexicon.terms
    return [
        [{terms[t]: int(c) for t, c in zip(*bags.row(i), strict=True)} for i in range(len(bags.starts) - 1)]
        for bags in (channel.asked, channel.answers)
    ]


def same(one: Terms, other: Terms) -> bool:
    channels = ("lemmas", "readings", "words", "pairs")
    return (
        all(contents(getattr(one, c)) == contents(getattr(other, c)) for c in channels)
        and np.array_equal(one.owners, other.owners)
        and (one.keys, one.spoken, one.hashes) == (other.keys, other.spoken, other.hashes)
    )


@pytest.mark.parametrize(
    "after",
    [
        ENTRIES,
        ENTRIES[1:],
        [ENTRIES[2], ENTRIES[0]],
        [replace(ENTRIES[0], answer="支所でも取れます。"), *ENTRIES[1:]],
        [*ENTRIES, Entry(id="d", question="図書館は何時まで", answer="18時までです。", paraphrases=("本を借りたい",))],
        [],
    ],
    ids=["unchanged", "removed", "moved", "edited", "added", "emptied"],
)
def test_taking_over_gives_what_a_fresh_analysis_gives(after: list[Entry]) -> None:
    taken_over, fresh = Terms.of(after, Terms.of(ENTRIES)), Terms.of(after)
    assert same(taken_over, fresh)
    for channel in ("lemmas", "readings", "words", "pairs"):
        known, anew = (set(getattr(t, channel).lexicon.terms) for t in (taken_over, fresh))
        assert known == anew, "nothing stays of an entry that left"


def test_what_is_saved_is_read_back_the_same(tmp_path: Path) -> None:
    terms = Terms.of(ENTRIES)
    terms.save(tmp_path / "terms.npz")
    assert same(Terms.load(tmp_path / "terms.npz"), terms)


def test_held_out_questions_leave_no_trace() -> None:
    kept = Terms.of(ENTRIES).without([1, 4])
    assert kept.owners.tolist() == [0, 1, 2, 2]
    seen = [replace(ENTRIES[0], paraphrases=()), ENTRIES[1], replace(ENTRIES[2], paraphrases=("ハンコ",))]
    assert same(replace(kept, hashes=()), replace(Terms.of(seen), hashes=()))
