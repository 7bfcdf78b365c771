"""Promises of the words: each term once for each entry, in order; and the same weight in whatever order they are looked at."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from retrieval.lexical import Bags, Lexicon, Words, _joined


@pytest.mark.parametrize(("entries", "terms"), [(40, 30), (70_000, 5), (300, 200_000)])
def test_rows_of_one_entry_are_put_together_term_by_term(entries: int, terms: int) -> None:
    rng = np.random.default_rng(7)
    owners = np.sort(np.concatenate([np.arange(entries), rng.integers(0, entries, 50)]))  # some have several questions
    rows = []
    for _ in owners:
        numbers = np.unique(rng.integers(0, terms, 3)).astype(np.int32)
        rows.append((numbers, rng.integers(1, 4, len(numbers)).astype(np.int32)))
    expected = Counter[tuple[int, int]]()
    for owner, (numbers, counts) in zip(owners.tolist(), rows, strict=True):
        for term, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            expected[term, owner] += count
    of_term, of_entry, counts = (part.tolist() for part in _joined(Bags.of(rows), owners))
    assert list(zip(of_term, of_entry, strict=True)) == sorted(expected)
    assert counts == [expected[key] for key in sorted(expected)]


def test_a_term_is_as_rare_as_the_entries_that_have_it_anywhere_are_few() -> None:
    lexicon = Lexicon()
    asked = Bags.of([lexicon.bag(each) for each in ("ab", "b", "c")])  # the first two are one entry's
    answers = Bags.of([lexicon.bag(each) for each in ("ad", "cd")])
    words = Words(lexicon, asked, answers, np.array([0, 0, 1]), 0.3)
    once, twice = (float(np.log(1 + (2 - df + 0.5) / (df + 0.5))) for df in (1, 2))
    assert words._rarity == [once, once, once, twice]


def test_no_rows_are_no_postings() -> None:
    assert [len(part) for part in _joined(Bags.of([]), np.arange(0))] == [0, 0, 0]


def test_the_same_words_cover_the_same_to_the_last_digit_in_any_order() -> None:
    chance = random.Random(1)
    terms, lexicon = [f"語{n}" for n in range(300)], Lexicon()
    questions, answers = (Bags.of([lexicon.bag(chance.sample(terms, size)) for _ in range(40)]) for size in (30, 120))
    query, other = (tuple(chance.sample(terms, len(terms))) for _ in range(2))
    found = [Words(lexicon, questions, answers, np.arange(40), 0.3) for _ in range(2)]
    assert (found[0].covered(query) == found[1].covered(other)).all()
    assert [found[0].coverage(query, i) for i in range(40)] == [found[1].coverage(other, i) for i in range(40)]
