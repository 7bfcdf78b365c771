"""What minutes note of a meeting: points of its agenda, what was decided, what is to be done, questions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a point is."""

    AGENDA = "agenda"
    DECISION = "decision"
    TASK = "task"
    QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence as it was said, and where in the recording."""

    text: str
    start_s: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may be worth noting, in the words that were said."""

    kind: Kind
    quote: Quote
    about: tuple[Quote, ...] = ()  #: sentences before, which say what it is about where its own only refers to them
    who: str = ""  #: of a task, where its sentence says it
    due: str = ""  #: until when, likewise
    reply: Quote | None = None  #: the assent to what was proposed, or what somebody said to a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a clerk writes for a point."""

    text: str
    who: str = ""
    due: str = ""
    reply: str = ""  #: the answer to a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a clerk has noted, with the sentence that it comes from."""

    id: int
    kind: Kind
    wording: Wording
    quote: Quote
    about: tuple[Quote, ...] = ()  #: see `Candidate`

    @property
    def start_s(self) -> float:
        """From where it is heard what it is about."""
        return (self.about or (self.quote,))[0].start_s
