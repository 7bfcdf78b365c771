"""An approved answer in, what the city's own documents say of the same out: staff go by its rules, where the law leaves room."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from dialogue.answer import Citation, Quotation
from dialogue.certainty import SAME_WORDS
from retrieval.analysis import normalise, strip_politeness
from retrieval.confidence import Calibrations
from retrieval.entry import Entry
from retrieval.hit import Found, Hit

WITHIN = 32  #: hits among which a passage must be
_SENTENCE = re.compile("[^。\n]{12,}")  #: the first of an answer, where that says something

Search = Callable[[str], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What documents say of the same as an answer."""

    quoted: tuple[Quotation, ...] = ()  #: the passage that they alone would answer with, as surely as any answer must be
    likely: tuple[Entry, ...] = ()  #: where that is not sure, what they would offer


def beside(asked: Iterable[str], told: str, search: Search, calibrations: Calibrations) -> Beside:
    """What there is in documents; nothing where they say nothing of it.

    `asked` are ways to ask it, the clerk's own first: who says 年休 finds 年次有給休暇 by the answer's question. What was `told`
    finds a rule that says the same among others that only speak of it: two articles have 督促状, and one of them when it is sent.
    """
    likely: dict[str, Entry] = {}
    says_most: set[str] = set()  # passages that are the first for a way to ask it, and have most of its words
    for text in dict.fromkeys(asked):
        sure, passages = _certainty(text, search, calibrations)
        if sure is _Sure.OF_IT:
            return _quoting(passages[0])
        if sure is _Sure.LIKELY:
            likely.setdefault(passages[0].entry.id, passages[0].entry)
        says_most |= {hit.entry.id for hit in passages[:1] if _says_most(hit)}
    if says_most and (sentence := _SENTENCE.match(told)):
        sure, passages = _certainty(sentence[0], search, calibrations)
        if sure is not _Sure.NO and passages[0].entry.id in says_most and _says_most(passages[0]):
            return _quoting(passages[0])
    return Beside(likely=tuple(likely.values()))


def _says_most(hit: Hit) -> bool:
    return hit.evidence.coverage >= SAME_WORDS


class _Sure(Enum):
    """How sure it is that the first passage answers."""

    OF_IT = auto()
    LIKELY = auto()
    NO = auto()


def _certainty(text: str, search: Search, calibrations: Calibrations) -> tuple[_Sure, tuple[Hit, ...]]:
    """With the passages that are found."""
    passages = tuple(hit for hit in search(text).hits if hit.entry.is_passage)
    bands = calibrations.of(strip_politeness(normalise(text)), passages)
    confidence = bands.confidence(passages) if passages else 0.0
    if confidence >= bands.answer_from:
        return _Sure.OF_IT, passages
    return (_Sure.LIKELY if confidence >= bands.clarify_from else _Sure.NO), passages


def _quoting(hit: Hit) -> Beside:
    return Beside(quoted=(Quotation(text=hit.entry.answer, citation=Citation.of(hit.entry, hit.updated_on)),))
