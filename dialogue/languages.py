"""Who does not speak Japanese: what says so, and what is replied in the language that is meant. `data/languages.toml` has it.

Nothing is promised that a city hall may not have: that only Japanese is answered, and whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from dialogue.answer import Foreign
from dialogue.directory import Department
from dialogue.english import in_japanese
from dialogue.wording import Wording, read_wording
from retrieval.analysis import normalise
from retrieval.city.opening import clock_text

_KANA = re.compile("[ぁ-んァ-ヶ]")
_KANJI = re.compile("[一-鿿々]")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_IN_FULL = re.compile("[a-z]{3}")  #: which AED, Wi-Fi and e-Tax have not
_LONGEST = 60  #: characters; who says more asks something


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One that residents write."""

    lang: str  #: its tag (BCP 47)
    looks: re.Pattern[str]
    asks: re.Pattern[str]
    only: str
    call: str
    danger: str

    @classmethod
    def read(cls, row: Mapping[str, Any], wording: Wording) -> Self:
        texts = {key: row[key] for key in ("lang", "only", "call", "danger")}
        return cls(looks=wording.pattern(*row["looks"]), asks=wording.pattern(*row["asks"]), **texts)

    def line(self, reception: Department | None) -> Foreign:
        """What is said to who writes it."""
        return Foreign(lang=self.lang, text=" ".join(filter(None, (self.only, _called(self.call, reception), self.danger))))


class _Table:
    def __init__(self) -> None:
        table = read_wording("languages")
        wording = Wording(table["words"])
        self.languages = tuple(Language.read(row, wording) for row in table["language"])
        self.english, self.japanese = (wording.pattern(*table[key]["asks"]) for key in ("english", "japanese"))
        self.only, self.call = table["japanese"]["only"], table["japanese"]["call"]


def is_foreign(text: str) -> bool:
    """Whether a text is in another language; one that is no more than an abbreviation may be Japanese."""
    if _KANA.search(text):
        return False
    if _KANJI.search(text):
        return language_of(text) is not None
    words = [word for word in text.split() if _LETTERS.search(word)]
    return len(words) > 1 or any(not word.isascii() or _IN_FULL.search(word) for word in words)


def languages_asked_for(text: str) -> tuple[Language, ...] | None:
    """The languages besides English that are meant by who says no more than not to speak Japanese; None for every other text."""
    folded, table = _folded(text), _table()
    if len(folded) > _LONGEST:
        return None
    if table.japanese.search(folded):
        return table.languages
    meant = tuple(language for language in table.languages if language.asks.search(folded))
    is_asked = bool(meant) or table.english.search(folded) is not None
    return meant if is_asked and not in_japanese(text) else None


def language_of(text: str) -> Language | None:
    """The language that a text is in, where it is one of the table."""
    folded = _folded(text)
    return next((language for language in _table().languages if language.looks.search(folded)), None)


def in_easy_japanese(reception: Department | None) -> str:
    """How to ask here, in やさしい日本語."""
    return "\n".join(filter(None, (_table().only, _called(_table().call, reception))))


def _called(call: str, reception: Department | None) -> str:
    """With whom to call; nothing, where there is no number."""
    if reception is None or not reception.phone:
        return ""
    opens, closes = reception.hours.opens, reception.hours.closes
    return call.format(
        phone=reception.phone, hours=f"{opens:%H:%M}–{closes:%H:%M}", opens=clock_text(opens), closes=clock_text(closes)
    )


def _folded(text: str) -> str:
    return normalise(text).replace("’", "'")


@cache
def _table() -> _Table:
    return _Table()
