"""A text's parts and what answers each in, one answer out: every part under what was asked, with its own source and counter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from dialogue.answer import CHOICES, Act, Answer, AnsweredPart, Band, Contact
from dialogue.parts import Part
from dialogue.suggestions import WHICH, WHICH_BELOW
from dialogue.topic import Subject
from retrieval.synonyms import shipped

Told = Callable[[Part], Answer | None]
"""What a part by itself is answered with certainty."""

Otherwise = Callable[[Part], Answer]
"""The choices or the counter for one that is not."""


def may_be_several(whole: Answer) -> bool:
    """Whether a text may ask more than was answered: no greeting does, nor the very question of an entry."""
    is_entry = whole.act is Act.QUESTION and whole.band is Band.ANSWER and whole.confidence >= 1
    return whole.act in (Act.QUESTION, Act.GARBAGE, Act.TABLE) and not (is_entry and whole.topic is None)


def in_parts(whole: Answer, parts: Sequence[Part], told: Told, otherwise: Otherwise) -> Answer | None:
    """The answers together; None where `whole` says as much. Nothing is divided unless some part is answered with certainty by
    itself, and every one where no more than 「と」 divides them; nor against what the whole is answered from."""
    answers: list[Answer | None] = []
    for part in parts:
        answers.append(told(part))
        if answers[-1] is None and not all(p.is_clause for p in parts[1:]):
            return None
    if all(answer and _has_told(whole, answer) for answer in answers):
        return None
    quoted = {source for answer in answers if answer for source in _sources(answer)}
    if not quoted or not _sources(whole) <= quoted:
        return None
    found: dict[frozenset[str], AnsweredPart] = {}
    for part, answer in zip(parts, answers, strict=True):
        reply = answer or _untold(otherwise(part), quoted)
        if reply:
            under = AnsweredPart(asked=_heading(part, reply), answer=reply)
            found.setdefault(frozenset(_sources(reply)) or frozenset({part.asked}), under)
    replies = list(found.values())
    if len(replies) > 1:
        return _joined(replies)
    return None if whole.band is Band.ANSWER else replies[0].answer


def _heading(part: Part, answer: Answer) -> str:
    """What was asked; of 「どうすればいいですか」 what is answered."""
    says_nothing = not shipped().lemmas(part.asked)
    return answer.citations[0].question if says_nothing and answer.citations else part.asked


def _untold(reply: Answer, quoted: Collection[str]) -> Answer | None:
    """What is said of a part that is not answered; None where the answer to another is what comes nearest to it."""
    if reply.suggestions and reply.suggestions[0].entry_id in quoted:
        return None
    return replace(reply, text=reply.text.replace(WHICH, WHICH_BELOW))


def _has_told(whole: Answer, part: Answer) -> bool:
    """Whether a part's areas and kinds of rubbish are among those that the collection's table tells of together."""
    told, asked = whole.topic, part.topic
    if whole.band is not Band.ANSWER or not told or not asked or not told.subject is asked.subject is Subject.COLLECTION:
        return False
    return (asked.place or "") in (told.place or "") and (asked.matter or "") in (told.matter or "")


def _sources(answer: Answer) -> set[str]:
    return {c.entry_id for c in answer.citations}


def _joined(parts: Sequence[AnsweredPart]) -> Answer:
    """One after the other. Where the answers have different counters, each names its own and none is that of the whole."""
    told = [part.answer for part in parts if part.answer.band is Band.ANSWER]
    counters = {answer.contact.department: answer.contact for answer in told if answer.contact}
    several = len(counters) > 1
    easy = [part.answer.easy for part in parts]
    citations = {c.entry_id: c for answer in told for c in answer.citations}
    beside = {q.citation.entry_id: q for answer in told for q in answer.beside if q.citation.entry_id not in citations}
    shown = citations.keys() | beside.keys()
    suggestions = {s.entry_id: s for part in parts for s in part.answer.suggestions if s.entry_id not in shown}
    return Answer(
        band=Band.ANSWER,
        act=Act.QUESTION,
        text=_under_headings(parts, [part.answer.text for part in parts], with_counters=several),
        confidence=min(answer.confidence for answer in told),
        easy=_under_headings(parts, [e for e in easy if e], with_counters=several) if all(easy) else None,
        citations=tuple(citations.values()),
        beside=tuple(beside.values()),
        suggestions=tuple(suggestions.values())[:CHOICES],
        contact=None if several else next(iter(counters.values()), None),
        parts=tuple(parts),
    )


def _under_headings(parts: Sequence[AnsweredPart], texts: Sequence[str], *, with_counters: bool) -> str:
    return "\n\n".join(
        f"【{part.asked}】\n{text}{_counter(part.answer.contact) if with_counters and part.answer.band is Band.ANSWER else ''}"
        for part, text in zip(parts, texts, strict=True)
    )


def _counter(contact: Contact | None) -> str:
    return f"\nお問い合わせ：{contact.department}（電話{contact.phone}）" if contact else ""
