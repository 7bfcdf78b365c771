"""A question in another language than Japanese in; what it asks in Japanese words, and what is said to it in English, out.

Approved answers are never translated. English is what most who can't read Japanese can read; `data/english.csv` has the words
that a city hall is asked about, so that tables and knowledge base are asked in their own. `asks` marks what is asked of a thing.
`data/english.toml` has what tells of danger, and what to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.table import read_table
from dialogue.answer import CHOICES, Answer, Suggestion
from dialogue.directory import Department
from dialogue.emergency import Emergency
from dialogue.suggestions import OFFER_WITHIN, choices_of
from dialogue.wording import Wording, read_wording
from retrieval.analysis import normalise
from retrieval.hit import Found

NEAR = 2.5  #: the score that a question in another language comes to at least; what no city hall knows comes to 2.4 at most

_TABLE = Path(__file__).parent / "data" / "english.csv"

_ONLY_JAPANESE = "This service answers in Japanese only."
_CHOOSE = " If your question is below, choose it; or ask in short, simple Japanese."
_ASK_SIMPLY = " You can ask in short, simple Japanese."
_IN_DANGER = " Emergency: 119 (fire, ambulance), 110 (police)."


def emergency_in_english(text: str) -> Emergency | None:
    """The kind of emergency that a text in English tells of."""
    folded = normalise(text).replace("’", "'")
    return next((kind for kind, danger in _dangers().items() if danger.says.search(folded)), None)


def what_to_do(kind: Emergency) -> str:
    return _dangers()[kind].do


def in_japanese(text: str) -> str | None:
    """What a text in English asks, in the words for it: 「冷蔵庫の捨て方」. None where none of its words are known."""
    found = [_words()[m[0]] for m in _known().finditer(normalise(text).replace("’", "'"))]
    things = dict.fromkeys(word for word, asks in found if not asks)
    aspects = [word for word, asks in found if asks]
    return "の".join([*things, *aspects[:1]]) or None


def choices_in_english(found: Found, told: Answer | None) -> tuple[Suggestion, ...]:
    """What a table tells or offers, and the entries that are near."""
    of_table = (*told.suggestions, *map(Suggestion.of, told.citations)) if told else ()
    near = [h.entry for h in found.hits if h.score >= NEAR and found.hits[0].score - h.score <= OFFER_WITHIN]
    return (*of_table, *choices_of(near))[:CHOICES]


def reply(reception: Department | None, *, has_choices: bool) -> str:
    """What is said to it, with whom to call."""
    call = ""
    if reception and reception.phone:
        hours = f"weekdays {reception.hours.opens:%H:%M}–{reception.hours.closes:%H:%M}"
        call = f" City hall: {reception.phone} ({hours}, in Japanese)."
    return _ONLY_JAPANESE + (_CHOOSE if has_choices else _ASK_SIMPLY) + call + _IN_DANGER


@dataclass(frozen=True, slots=True)
class _Danger:
    """What tells of one, and what is said to it."""

    says: re.Pattern[str]
    do: str


@cache
def _dangers() -> dict[Emergency, _Danger]:
    """In the order of the table."""
    table = read_wording("english")
    wording = Wording(table.pop("words"))
    return {Emergency(kind): _Danger(wording.pattern(*danger["says"]), danger["do"]) for kind, danger in table.items()}


@cache
def _words() -> dict[str, tuple[str, bool]]:
    """The Japanese of each word, in the singular and with an s, and whether it is what is asked about a thing."""
    rows = [row.cells for row in read_table(_TABLE).rows]
    return {word: (row["japanese"], bool(row.get("asks"))) for row in rows for word in (row["english"], f"{row['english']}s")}


@cache
def _known() -> re.Pattern[str]:
    """The longest first: of a 「my number card」 the card is not told apart."""
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _words()), key=len, reverse=True))})\b")
