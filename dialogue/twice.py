"""A spoken question that was heard in two ways: the answers to both in, the one to give out."""

from __future__ import annotations

from dataclasses import replace

from dialogue.answer import CHOICES, Act, Answer, Band, Suggestion


def agreed(first: Answer, again: Answer, which: str) -> Answer:
    """The answer to give.

    What was heard with the knowledge base in mind sounds like something that it has an answer to, even where somebody said
    something else. So it is answered only if what was heard first at least looked like the same; else its answer is offered.

    Args:
        first: the answer to what was heard first.
        again: to what was heard when it was known what people ask.
        which: asks which of the choices is meant.
    """
    if again.act is Act.EMERGENCY:
        return again
    if first.band is Band.ANSWER or first.act is not Act.QUESTION or again.band is Band.HANDOFF:
        return first
    if again.band is Band.CLARIFY:
        return again if first.band is Band.CLARIFY else first
    if not again.citations:  # a greeting, say, that nobody uttered
        return first
    if {c.entry_id for c in again.citations} <= _entries(first):
        return again
    found = map(Suggestion.of, again.citations)
    choices = {s.entry_id: s for s in (*found, *first.suggestions)}
    return replace(first, band=Band.CLARIFY, text=which, suggestions=tuple(choices.values())[:CHOICES], contact=again.contact)


def _entries(answer: Answer) -> set[str]:
    return {c.entry_id for c in answer.citations} | {s.entry_id for s in answer.suggestions}
