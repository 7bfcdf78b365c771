"""A question in another language than Japanese in; what it asks in Japanese words, and what is said to it in English, out.

Approved answers are never translated. English is what most who can't read Japanese can read; `data/english.csv` has the words
that a city hall is asked about, so that tables and knowledge base are asked in their own. `asks` marks what is asked of a thing.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.table import read_table
from dialogue.answer import CHOICES, Answer, Suggestion
from dialogue.directory import Department
from dialogue.emergency import Emergency
from dialogue.suggestions import OFFER_WITHIN, choices_of
from retrieval.analysis import normalise
from retrieval.hit import Found

NEAR = 2.5  #: the score that a question in another language comes to at least; what no city hall knows comes to 2.4 at most

_TABLE = Path(__file__).parent / "data" / "english.csv"

_ONLY_JAPANESE = "This service answers in Japanese only."
_CHOOSE = " If your question is below, choose it; or ask in short, simple Japanese."
_ASK_SIMPLY = " You can ask in short, simple Japanese."
_IN_DANGER = " Emergency: 119 (fire, ambulance), 110 (police)."

_NOW = {
    Emergency.DESPAIR: r"(?:want|going|need|wish) to (?:die|kill myself)|(?:want to|wanna) end my life|kill myself|suicid"
    r"|don'?t want to live|wish i (?:was|were) dead",
    Emergency.GAS: r"gas (?:is )?leak|leaking gas|smell(?:s|ing)?(?: of| like)? gas|gas smell",
    Emergency.POISON: r"(?:drank|swallowed|ate) (?:\w+ ){0,4}(?:detergent|bleach|poison|batter(?:y|ies)|cigarettes?|pesticide"
    r"|kerosene)|poisoned|overdose|snake ?bite|bitten by a snake|snake bit",
    Emergency.VIOLENCE: r"(?:husband|boyfriend|partner|wife|girlfriend|father|mother|boss) (?:\w+ ){0,2}"
    r"(?:hits?|hitting|beats?|beating|hurts?|hurting|kicks?|abus(?:es|ing|ed)|threatens?) me"
    r"|domestic violence|\bstalk(?:er|ed|ing)\b",
    Emergency.LIFE: r"^(?:(?:there is|there's|it'?s) )?(?:a )?fire(?: *!|[ .]*$)|\bon fire\b|need an ambulance"
    r"|call (?:an? |the )?(?:ambulance|police|119|110|911)|^ambulance\b|collapsed|unconscious"
    r"|not breathing|(?:can'?t|cannot) breathe|heart attack|chest (?:pain|hurts)"
    r"|bleeding|drowning|choking|stabbed|attack(?:ed|ing) me|robbed|burglar|^(?:please )?help(?: me)?(?: please)?[ !.]*$"
    r"|^(?:it'?s an |this is an )?emergency[ !.]*$|(?:car|traffic) accident|(?:child|son|daughter|mother|father|baby) is missing",
    Emergency.STING: r"stung by (?:\w+ ){0,3}(?:bees?|wasps?|hornets?)|(?:bee|wasp|hornet)s? (?:has |have )?(?:stung|sting)",
}
_EMERGENCIES = {kind: re.compile(pattern) for kind, pattern in _NOW.items()}
_WHAT_TO_DO = {
    Emergency.DESPAIR: "You are not alone. In danger of life call 119 now. People who listen, in Japanese: 0120-061-338.",
    Emergency.GAS: "Do not use fire or touch switches. Open the windows and go outside. Then call your gas company, or 119.",
    Emergency.POISON: "Call 119 now. Say what was swallowed or what bit, when and how much. Do not make the person vomit.",
    Emergency.VIOLENCE: "In danger now, call 110 (police); if hurt, 119. To talk about violence at home, in Japanese: #8008.",
    Emergency.LIFE: "Call now: 119 for fire, ambulance or injury, 110 for crime or accident. This chat cannot call for you.",
    Emergency.STING: "Hard to breathe, a rash, dizzy or sick after the sting? Call 119 now. If not, rest, and see a doctor soon.",
}


def emergency_in_english(text: str) -> Emergency | None:
    """The kind of emergency that a text in English tells of."""
    folded = normalise(text).replace("’", "'")
    return next((kind for kind, pattern in _EMERGENCIES.items() if pattern.search(folded)), None)


def what_to_do(kind: Emergency) -> str:
    return _WHAT_TO_DO[kind]


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


@cache
def _words() -> dict[str, tuple[str, bool]]:
    """The Japanese of each word, in the singular and with an s, and whether it is what is asked about a thing."""
    rows = [row.cells for row in read_table(_TABLE).rows]
    return {word: (row["japanese"], bool(row.get("asks"))) for row in rows for word in (row["english"], f"{row['english']}s")}


@cache
def _known() -> re.Pattern[str]:
    """The longest first: of a 「my number card」 the card is not told apart."""
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _words()), key=len, reverse=True))})\b")
