"""Words that somebody looks for, in whatever width and form they were written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import sqlalchemy as sa

from asr.recordings import Text
from core.variants import others

_WIDE = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}  # ＡＩ, as recognisers write AI now and then
_HALVES = [chr(c) for c in range(0xFF61, 0xFF9E)]  # ﾔﾏﾀﾞ, as exchanges name callers
_HALF = {
    ord(whole): half
    for half in (f"{c}{mark}" for mark in ("", "ﾞ", "ﾟ") for c in _HALVES)
    if len(whole := unicodedata.normalize("NFKC", half)) == 1
}


def having(word: str) -> Callable[[Text], sa.ColumnElement[bool]]:
    """Whether a text has a word, which is normalised."""
    kanji = others(word)
    for other, usual in kanji:
        word = word.replace(other, usual)
    forms = sorted({word, word.translate(_WIDE), word.upper().translate(_WIDE), word.translate(_HALF)})

    def has(column: Text) -> sa.ColumnElement[bool]:
        if "\0" in word:
            return sa.false()  # PostgreSQL refuses it
        said: sa.ColumnElement[str] = column
        for other, usual in kanji:
            said = sa.func.replace(said, other, usual)
        return sa.or_(*(said.icontains(form, autoescape=True) for form in forms))

    return has
