"""Entries that are asked in the same words in, those whose answers can't both be right out: nobody is told one as certain.

That questions in other words are one is never sure enough to keep an answer from people: `overlap.py` only shows it to clerks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice

from retrieval.analysis import same_question
from retrieval.claims import claims_of, contradict
from retrieval.entry import Entry

_COMPARED = 20  #: entries of the same words; who imports a thousand has another problem


def rivals_of(entry: Entry, text: str, others: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those of the others that contradict an entry and are asked what it is, or both of them in the very words of a text."""
    asked = same_question(text)
    alike = (other for other in others if other.id != entry.id and _ask_the_same(entry, other, asked))
    return tuple(other for other in islice(alike, _COMPARED) if _contradict(entry, other))


def disputes_of(groups: Iterable[Sequence[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    """The pairs that contradict each other, of groups of entries that are asked in the same words."""
    for group in groups:
        pairs = combinations(group[:_COMPARED], 2)
        yield from ((a, b) for a, b in pairs if _ask_the_same(a, b, "") and _contradict(a, b))


def _ask_the_same(a: Entry, b: Entry, asked: str) -> bool:
    """Whether the question of one is one of the other's, or the text is one of both. A passage answers no question."""
    if a.is_passage or b.is_passage:
        return False
    x, y = _keys(a), _keys(b)
    return x[0] in y or y[0] in x or (asked in x and asked in y)


@lru_cache(maxsize=512)
def _keys(entry: Entry) -> tuple[str, ...]:
    return tuple(map(same_question, entry.questions))


def _contradict(a: Entry, b: Entry) -> bool:
    return contradict(claims_of(a.answer), claims_of(b.answer))
