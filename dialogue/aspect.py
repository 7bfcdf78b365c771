"""What else may be asked of what was spoken of, in a word or two, and how it is said. `data/followup.toml` has the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from dialogue.cue import HESITATION
from dialogue.dialect import in_standard
from dialogue.topic import Subject
from dialogue.wording import Wording, read_wording


class Aspect(StrEnum):
    """What is asked, in the order in which they are told apart."""

    WHEN = "when"
    HOURS = "hours"
    USED = "used"
    PHONE = "phone"
    WHETHER = "whether"
    WHERE = "where"


class _Words:
    """The table: what opens and ends a few words, what they ask, and how an entry says it."""

    def __init__(self) -> None:
        table = read_wording("followup")
        wording = Wording(table["words"])
        aspects = {aspect: wording.spelt(*table["aspect"][aspect]) for aspect in Aspect}
        ending = wording.spelt(*table["ending"])
        self.opening = re.compile(f"^{wording.spelt(*table['opening'])}")
        #: With 「…の方」 and without: a place may be called 諏訪方.
        self.endings = tuple(re.compile(f"{side}{ending}$") for side in (wording.spelt(*table["side"]), ""))
        self.stray = re.compile(rf"^(?:{HESITATION}|[おあえん][ーっ]?)[、,\s]*")  #: before what was said, or misheard there
        self.asked = {a: re.compile(rf"(?:(?P<parts>.+?)(?:のは|は|の|って|も|、)?)??{p}") for a, p in aspects.items()}
        self.said = {
            name: (wording.pattern(*(each["asks"] or table["aspect"][name])), wording.pattern(*each["looks"]))
            for name, each in table["said"].items()
        }
        self.same = {Subject[name.upper()]: wording.pattern(*said) for name, said in table["same"].items()}


@cache
def _words() -> _Words:
    return _Words()


def ways(whole: str) -> Iterator[tuple[str, str]]:
    """A normalised text as it stands and in standard Japanese, each without what opens it and may end it."""
    for way in dict.fromkeys((whole, in_standard(whole))):
        for ending in _words().endings:
            yield way, ending.sub("", without_opening(way), count=1)


def without_opening(text: str) -> str:
    return _words().opening.sub("", text, count=1)


def without_stray(text: str) -> str:
    """A text without what is misheard or hesitated before it."""
    return _words().stray.sub("", text, count=1)


def asked(said: str) -> Iterator[tuple[Aspect, str | None]]:
    """What words may ask, each with what they name besides: the place of 「大隅は何時まで」."""
    for aspect, pattern in _words().asked.items():
        if found := pattern.fullmatch(said):
            yield aspect, found["parts"]


def has_hours(text: str) -> bool:
    """Whether an entry speaks of its own hours, or of who knows them."""
    return bool(_words().said[Aspect.HOURS][1].search(text))


def is_answered(asked: str, told: str) -> bool:
    """Whether words ask for hours, a time limit, a price or an age that what was told has itself."""
    return any(asks.fullmatch(asked) and looks.search(told) for asks, looks in _words().said.values())


def says_the_same(said: str, subject: Subject) -> bool:
    """Whether words say no more than that the same is spoken of."""
    same = _words().same.get(subject)
    return same is not None and same.fullmatch(said) is not None
