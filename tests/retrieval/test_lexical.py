"""Promises of the words' postings: each term once for each entry, in order, however many terms and entries there are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from retrieval.lexical import Bags, _joined


@pytest.mark.parametrize(("entries", "terms"), [(40, 30), (70_000, 5), (300, 200_000)])
def test_rows_of_one_entry_are_put_together_term_by_term(entries: int, terms: int) -> None:
    random = np.random.default_rng(7)
    owners = np.concatenate([np.arange(entries), random.integers(0, entries, 50)])  # as questions, then answers
    rows = []
    for _ in owners:
        numbers = np.unique(random.integers(0, terms, 3)).astype(np.int32)
        rows.append((numbers, random.integers(1, 4, len(numbers)).astype(np.int32)))
    expected = Counter[tuple[int, int]]()
    for owner, (numbers, counts) in zip(owners.tolist(), rows, strict=True):
        for term, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            expected[term, owner] += count
    of_term, of_entry, counts = (part.tolist() for part in _joined(Bags.of(rows), owners))
    assert list(zip(of_term, of_entry, strict=True)) == sorted(expected)
    assert counts == [expected[key] for key in sorted(expected)]


def test_no_rows_are_no_postings() -> None:
    assert [len(part) for part in _joined(Bags.of([]), np.arange(0))] == [0, 0, 0]
