"""What somebody asked, and on which side of the counter they stand."""

from __future__ import annotations

from dataclasses import dataclass

from core.audience import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The question that a few words go on from."""

    question: str
    entry_id: str | None  #: what was quoted; None where nothing was
    department: str | None  #: the counter that was named


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One question. `session` ties it to the questions before it."""

    text: str
    audience: Audience
    kb: str
    session: str | None = None
    department: str | None = None  #: of staff, where it is known
    spoken: bool = False  #: the text is what recognition made of it
    entry_id: str | None = None  #: of the choice that was taken, whose question `text` is
    before: Before | None = None  #: None where the text says all itself
    first_heard: str | None = None  #: what it made of it before it was told what people ask; None where that is the text
    again: bool = False  #: the session's last answer is wanted once more; `text` asks for it where that is not known
