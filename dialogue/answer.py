"""The answer that every channel renders in its own form: it knows no HTML, no SSML and no speaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.audience import Audience
from dialogue.topic import Topic
from retrieval.entry import Entry

CHOICES = 4  #: questions that a clarifying answer offers at most


class Band(StrEnum):
    """How sure the service is, and so what it does."""

    ANSWER = "answer"  #: approved text is quoted
    CLARIFY = "clarify"  #: two to four questions are offered: did you mean …?
    HANDOFF = "handoff"  #: there is no answer; the right counter is named


class Act(StrEnum):
    """What kind of utterance it was. Only QUESTION goes to the knowledge base."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    EMERGENCY = "emergency"
    CHATTER = "chatter"  #: out of a city hall's scope
    GARBAGE = "garbage"  #: how to put out a thing and when it is collected, answered from the city's tables
    TABLE = "table"  #: a facility's hours or the doctors on duty, answered from the city's tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a quoted answer comes from."""

    entry_id: str
    question: str
    source_title: str | None
    source_url: str | None
    department: str | None
    updated_on: str | None  #: ISO date of the entry's last change
    audience: Audience = Audience.RESIDENT  #: who may read the cited entry
    confined: bool = False  #: of the staff, only those of its department
    in_force: str | None = None  #: of a document, since when: 「平成17年7月1日施行」

    @classmethod
    def of(cls, entry: Entry, updated_on: date) -> Citation:
        return cls(
            entry_id=entry.id,
            question=entry.question,
            source_title=entry.source_title,
            source_url=entry.source_url,
            department=entry.department,
            updated_on=updated_on.isoformat(),
            audience=entry.audience,
            confined=entry.confined,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """What a document of the city says of the same as an answer, letter by letter."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question that may be the one meant. Asking its text gives its answer."""

    entry_id: str
    question: str

    @classmethod
    def of(cls, citation: Citation) -> Suggestion:
        """What was found, to be offered."""
        return cls(entry_id=citation.entry_id, question=citation.question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What is said in another language than Japanese and English."""

    lang: str  #: its tag (BCP 47)
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A counter: which, where, its phone, its hours, and when it is next open."""

    department: str
    phone: str
    location: str
    hours: str  #: for people: 「平日 8時30分〜17時15分」
    open_now: bool
    next_open: datetime | None  #: None while it is open
    next_open_text: str | None  #: for people: 「11月24日（火）8時30分」


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service says. Exactly one of the bands; `text` is always a complete, polite Japanese reply."""

    band: Band
    act: Act
    text: str
    confidence: float  #: 0..1, calibrated probability that the first hit answers the question
    speech: str | None = None  #: approved short form for speakers, where the entry has one
    easy: str | None = None  #: approved やさしい日本語, where the entry has one
    english: str | None = None  #: what is said besides to who asked in another language
    foreign: tuple[Foreign, ...] = ()  #: the same in that language, or in those that may be meant
    citations: tuple[Citation, ...] = ()
    beside: tuple[Quotation, ...] = ()  #: for staff, what the city's documents say besides an approved answer
    suggestions: tuple[Suggestion, ...] = ()
    contact: Contact | None = None
    topic: Topic | None = None  #: what of the tables it is about; a few words more ask on
    parts: tuple[AnsweredPart, ...] = ()  #: of several questions at once; `text` has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredPart:
    """One of several questions and what is said of it."""

    asked: str
    answer: Answer
