"""An approved answer in, what the city's own documents say of the same out: staff go by its rules, where the law leaves room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dialogue.answer import Citation, Quotation
from retrieval.analysis import normalise, strip_politeness
from retrieval.confidence import Calibrations
from retrieval.entry import Entry
from retrieval.hit import Found

WITHIN = 32  #: hits among which a passage must be

Search = Callable[[str], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What documents say of the same as an answer."""

    quoted: tuple[Quotation, ...] = ()  #: the passage that they alone would answer with, as surely as any answer must be
    likely: tuple[Entry, ...] = ()  #: where that is not sure, what they would offer


def beside(asked: Iterable[str], search: Search, calibrations: Calibrations) -> Beside:
    """What there is in documents; nothing where they say nothing of it.

    `asked` are ways to ask it, the clerk's own first: who says 年休 finds 年次有給休暇 by the answer's question.
    """
    likely: dict[str, Entry] = {}
    for text in dict.fromkeys(asked):
        passages = tuple(hit for hit in search(text).hits if hit.entry.is_passage)
        bands = calibrations.of(strip_politeness(normalise(text)), passages)
        confidence = bands.confidence(passages) if passages else 0.0
        if confidence >= bands.answer_from:
            first = passages[0]
            return Beside(quoted=(Quotation(text=first.entry.answer, citation=Citation.of(first.entry, first.updated_on)),))
        if confidence >= bands.clarify_from:
            likely.setdefault(passages[0].entry.id, passages[0].entry)
    return Beside(likely=tuple(likely.values()))
