"""An answer out of a document in, the same with what has to be known of that document out: since when it is in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from weakref import WeakKeyDictionary

from dialogue.answer import Answer, Citation, Quotation, Suggestion
from retrieval.effect import Effect, effects_of, said_by
from retrieval.entry import Entry
from retrieval.index import Index

Shown = Callable[[Sequence[Entry]], Collection[str]]
"""Of some entries the ids of those that the reader is shown now."""


class Effects:
    """Those of indexes' documents. The passages that they are known by are sought out when an index is first asked for."""

    def __init__(self) -> None:
        self._said_by: WeakKeyDictionary[Index, Mapping[str, Sequence[Entry]]] = WeakKeyDictionary()

    def of(self, index: Index, entry_ids: Iterable[str], shown: Shown) -> Mapping[str, Effect]:
        """The effects of the documents of some entries, by what is shown of them and of others now: an index that was rolled
        back to knows rules that the reader may no longer hear of."""
        if index not in self._said_by:
            self._said_by[index] = said_by(index.entries)
        documents = dict.fromkeys(map(_document, entry_ids))
        passages = {e.id: e for document in documents for e in self._said_by[index].get(document, ())}
        ids = shown(list(passages.values())) if passages else ()
        return effects_of(e for e in passages.values() if e.id in ids)


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


def cited_in(answer: Answer) -> list[str]:
    """The ids of all entries that an answer quotes."""
    return [c.entry_id for c in (*answer.citations, *(quoted.citation for quoted in answer.beside))]


def standing(entry_id: str, effects: Mapping[str, Effect], today: date) -> str | None:
    """In a word why the document of an entry is not in force; None where it is, or nothing is known of that."""
    effect = effects.get(_document(entry_id))
    return effect.standing(today) if effect else None


def marked(offered: Sequence[Suggestion], effects: Mapping[str, Effect], today: date) -> tuple[Suggestion, ...]:
    """Choices, of which those out of a document that is not in force come last and say so."""
    why = {s.entry_id: standing(s.entry_id, effects, today) for s in offered}
    told = (replace(s, question=f"{s.question}（{word}）") if (word := why[s.entry_id]) else s for s in offered)
    return tuple(sorted(told, key=lambda s: why[s.entry_id] is not None))


def _dated(citation: Citation, effects: Mapping[str, Effect]) -> Citation:
    effect = _effect(citation, effects)
    return replace(citation, in_force=effect.summary) if effect else citation


def _warned(text: str, citations: tuple[Citation, ...], effects: Mapping[str, Effect], today: date) -> str:
    found = filter(None, (_effect(citation, effects) for citation in citations))
    warnings = dict.fromkeys(warning for effect in found if (warning := effect.warning(today)))
    return "\n\n".join([*warnings, text])


def _effect(citation: Citation, effects: Mapping[str, Effect]) -> Effect | None:
    return effects.get(_document(citation.entry_id))


def _document(entry_id: str) -> str:
    return entry_id.rpartition(":")[0]
