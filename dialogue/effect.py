"""An answer out of a document in, the same with what has to be known of that document out: since when it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from weakref import WeakKeyDictionary

from dialogue.answer import Answer, Citation, Quotation
from retrieval.effect import Effect, effects_of
from retrieval.index import Index


class Effects:
    """Those of indexes' documents, each index's made out when it is first asked for."""

    def __init__(self) -> None:
        self._effects: WeakKeyDictionary[Index, Mapping[str, Effect]] = WeakKeyDictionary()

    def of(self, index: Index) -> Mapping[str, Effect]:
        if index not in self._effects:
            self._effects[index] = effects_of(index.entries)
        return self._effects[index]


def with_effect(answer: Answer, effects: Mapping[str, Effect], today: date) -> Answer:
    """Every citation says since when its document is in force; what is quoted of one that is not begins with that."""
    return replace(
        answer,
        text=_warned(answer.text, answer.citations, effects, today),
        citations=tuple(_dated(citation, effects) for citation in answer.citations),
        beside=tuple(
            Quotation(text=_warned(q.text, (q.citation,), effects, today), citation=_dated(q.citation, effects))
            for q in answer.beside
        ),
    )


def _dated(citation: Citation, effects: Mapping[str, Effect]) -> Citation:
    effect = _effect(citation, effects)
    return replace(citation, in_force=effect.summary) if effect else citation


def _warned(text: str, citations: tuple[Citation, ...], effects: Mapping[str, Effect], today: date) -> str:
    found = filter(None, (_effect(citation, effects) for citation in citations))
    warnings = dict.fromkeys(warning for effect in found if (warning := effect.warning(today)))
    return "\n\n".join([*warnings, text])


def _effect(citation: Citation, effects: Mapping[str, Effect]) -> Effect | None:
    return effects.get(citation.entry_id.rpartition(":")[0])
