"""Rows of surface and reading in, the city's reading dictionary out; and where its words stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_KANA = re.compile(r"[ぁ-ゖァ-ヺーゝゞヽヾ・ ]+")
_KANJI = re.compile(r"[一-鿿々〆ヶ]")
#: a short word may begin after these kanji: they end a place's name or say which one is meant
_BEFORE_A_NAME = frozenset("県市町村区郡旧元現前新全当本同各")
_SHORT_CHARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text; `reading` is there when the dictionary has one for it."""

    text: str
    reading: str | None = None


def readings_of(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Surface -> reading of rows with the columns surface and reading; rows whose reading is not kana say nothing."""
    return {r["surface"]: r["reading"] for r in rows if r["surface"] and _KANA.fullmatch(r["reading"])}


def pieces(text: str, readings: Mapping[str, str]) -> Iterator[Piece]:
    """`text` cut into stretches with and without a reading: longest word first, words only where they can begin."""
    words = re.compile("|".join(map(re.escape, sorted(filter(None, readings), key=len, reverse=True))) or "(?!)")
    plain_from = position = 0
    name_end = 0  # where the last matched word ended: another may follow it at once
    while found := words.search(text, position):
        begin, end = found.span()
        if begin != name_end and not _may_stand(text, begin, end):
            position = begin + 1
            continue
        if plain_from < begin:
            yield Piece(text=text[plain_from:begin])
        yield Piece(text=found[0], reading=readings[found[0]])
        position = plain_from = name_end = end
    if plain_from < len(text):
        yield Piece(text=text[plain_from:])


def _may_stand(text: str, begin: int, end: int) -> bool:
    """False in the middle of another word: 本町 in 日本町, but not in 末吉町本町."""
    before, after = text[max(0, begin - 1) : begin], text[end : end + 1]
    if _same_script(before, text[begin]) or _same_script(text[end - 1], after):
        return False
    return end - begin > _SHORT_CHARS or not _KANJI.match(before) or before in _BEFORE_A_NAME


def _same_script(left: str, right: str) -> bool:
    """Two letters of katakana or of Latin script side by side belong to one word."""
    return any(left and right and re.fullmatch(script, left + right) for script in ("[ァ-ヺー]{2}", "[A-Za-z0-9]{2}"))
