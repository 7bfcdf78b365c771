"""An approved answer in, what the city's own documents say of the same out: staff go by its rules, where the law leaves room."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dialogue.answer import Citation, Quotation
from retrieval.analysis import normalise, strip_politeness
from retrieval.confidence import Calibrations
from retrieval.hit import Found, Hit

WITHIN = 32  #: hits among which a passage must be

Search = Callable[[str], Found]


def beside(asked: Iterable[str], search: Search, calibrations: Calibrations) -> tuple[Quotation, ...]:
    """The passage that documents alone would answer with, as surely as any answer must be; none where they say nothing certain.

    `asked` are ways to ask it, the clerk's own first: who says 年休 finds 年次有給休暇 by the answer's question.
    """
    for text in dict.fromkeys(asked):
        if hit := _certain_passage(text, search(text), calibrations):
            return (Quotation(text=hit.entry.answer, citation=Citation.of(hit.entry, hit.updated_on)),)
    return ()


def _certain_passage(text: str, found: Found, calibrations: Calibrations) -> Hit | None:
    passages = tuple(hit for hit in found.hits if hit.entry.is_passage)
    bands = calibrations.of(strip_politeness(normalise(text)), passages)
    return passages[0] if passages and bands.confidence(passages) >= bands.answer_from else None
