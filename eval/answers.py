"""A file of questions with what answers them in; what the whole answerer tells a resident, out.

Search is measured by `retrieval/benchmark.py`. Here tables, small talk, dangers, what goes on from the turn before and the choice
between entries count as well: what somebody reads in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.audience import Audience
from core.table import read_table
from dialogue.answer import Act, Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance

_QUOTING = (Act.QUESTION, Act.GARBAGE, Act.TABLE)  #: acts that cite what they say; what else is said is known by its act


class Outcome(StrEnum):
    """What became of a question."""

    TOLD = "told"  #: what is right, and nothing else
    OFFERED = "offered"  #: among the choices
    COUNTER = "counter"  #: a counter was named to ask
    ASTRAY = "astray"  #: choices of which none is right
    WRONG = "wrong"  #: something that does not answer it was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a resident would ask it. Nothing here answers it where `right` is empty."""

    id: str
    talk: str  #: the conversation that it is a turn of; empty where it stands alone
    text: str
    manner: str
    spoken: bool  #: it is asked as a voice is heard
    right: tuple[frozenset[str], ...]  #: ids of entries and rows of tables, or an act; any of the sets answers it

    @property
    def all_right(self) -> frozenset[str]:
        return frozenset().union(*self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A question with what became of it."""

    asked: Asked
    outcome: Outcome
    given: tuple[str, ...]  #: what was told or offered
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFigures:
    """How many questions of a kind came to what."""

    kind: str
    questions: int
    told: int
    offered: int
    counter: int
    astray: int
    wrong: int

    @classmethod
    def of(cls, kind: str, replies: Sequence[Reply]) -> AnswerFigures:
        count = Counter(reply.outcome for reply in replies)
        return cls(kind=kind, questions=len(replies), **{outcome.value: count[outcome] for outcome in Outcome})


def read_asked(*paths: Path) -> list[Asked]:
    """Columns id, text, manner, entries; and where there are such, `talk`, and `tables`: what else answers, rows of tables
    (`garbage:冷蔵庫`, `collection:` for any) or an act (`emergency`). Several that answer have a bar between them, those that all
    have to be told a plus.

    Raises:
        UnreadableTable, NotFound: as for every table.
    """
    rows = [row.cells for path in paths for row in read_table(path).rows]
    return [
        Asked(
            id=row["id"],
            talk=row.get("talk", ""),
            text=row["text"],
            manner=row.get("manner", ""),
            spoken=row.get("manner") == "voice",
            right=tuple(
                frozenset(whole.split("+")) for name in ("entries", "tables") for whole in row.get(name, "").split("|") if whole
            ),
        )
        for row in rows
    ]


def ask_all(answerer: Answerer, kb: str, questions: Iterable[Asked]) -> list[Reply]:
    """Ask every question as a resident, those of a talk one after the other."""
    replies = []
    for asked in questions:
        said = Utterance(text=asked.text, audience=Audience.RESIDENT, kb=kb, session=asked.talk or None, spoken=asked.spoken)
        replies.append(_judged(asked, answerer.answer(said)))
    return replies


def figures_of(replies: Sequence[Reply]) -> list[AnswerFigures]:
    """Of each manner, then of all that have an answer and of all that have none."""
    manners = sorted({reply.asked.manner for reply in replies})
    answerable = [reply for reply in replies if reply.asked.right]
    strange = [reply for reply in replies if not reply.asked.right]
    by_manner = [AnswerFigures.of(m, [r for r in answerable if r.asked.manner == m]) for m in manners]
    return [*by_manner, AnswerFigures.of("answerable", answerable), AnswerFigures.of("unanswerable", strange)]


def outcome_of(asked: Asked, band: Band, told: Collection[str], offered: Collection[str]) -> Outcome:
    """What a reply comes to: all that is told has to be right, and one of the sets that answer it told whole."""
    if told or band is Band.ANSWER:
        if band is Band.HANDOFF and not asked.right:
            return Outcome.COUNTER  # that the weather is not known here
        is_whole = any(all(_is_among(right, told) for right in whole) for whole in asked.right)
        is_right = is_whole and all(any(_is(one, right) for right in asked.all_right) for one in told)
        return Outcome.TOLD if is_right else Outcome.WRONG
    if band is Band.HANDOFF:
        return Outcome.COUNTER
    return Outcome.OFFERED if any(_is_among(right, offered) for right in asked.all_right) else Outcome.ASTRAY


def _judged(asked: Asked, answer: Answer) -> Reply:
    told = {citation.entry_id for citation in answer.citations}
    if not told and answer.act not in _QUOTING:
        told = {answer.act.value}
    offered = {suggestion.entry_id for suggestion in answer.suggestions}
    outcome = outcome_of(asked, answer.band, told, offered)
    return Reply(asked=asked, outcome=outcome, given=tuple(sorted(told or offered)), text=answer.text)


def _is_among(right: str, given: Collection[str]) -> bool:
    return any(_is(one, right) for one in given)


def _is(given: str, right: str) -> bool:
    """`collection:` is any row of that table."""
    return given == right or (right.endswith(":") and given.startswith(right))
