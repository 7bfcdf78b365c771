"""How names are compared, however they are written: 「ぺっとぼとる」「折畳み傘」「掛けぶとん」."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from retrieval.analysis import normalise
from retrieval.tokens import to_hiragana, tokens

_VOICING = "\u3099\u309a"
_OKURIGANA = re.compile("(?<=[一-鿿])[うくすつむるぐぶいきしちにみりぎびえけせてねめれげべか]{1,2}(?=[一-鿿])")
_KANJI, _IN_KANJI = re.compile("[一-鿿]"), re.compile("[一-鿿々]+")
_SHORTEST_RUN = 3  #: kana in a row, for two names to be written alike


@lru_cache(maxsize=8_192)  # the tables' own names, and what is asked of each of them
def fold(text: str) -> str:
    """Normalised, katakana as hiragana, without spaces: one spelling for ペットボトル and ぺっとぼとる."""
    return re.sub(r"[\s・、。,.!?「」]", "", in_hiragana(text))


def in_hiragana(text: str) -> str:
    """Normalised, katakana as hiragana; its marks stay, which tell where words end."""
    return to_hiragana(normalise(text))


def sound(text: str) -> str:
    """How a name is read, however it is written: 単3電池 is 単三電池, お菓子の缶 is 菓子缶."""
    return "".join(sounds(text))


def sounds(text: str) -> list[str]:
    """How the words of a name are read."""
    said = tokens(re.sub("[1-9]", lambda m: "一二三四五六七八九"[int(m[0]) - 1], normalise(text)))
    return [fold(t.kana) for t in said if t.surface not in ("お", "御") and not (t.surface == "の" and t.pos == "助詞")]


def unvoiced(kana: str) -> str:
    """Without the marks of voicing, which come and go where words are put together: 掛けぶとん is 掛け布団."""
    return "".join(c for c in unicodedata.normalize("NFD", kana) if c not in _VOICING)


def without_okurigana(name: str) -> str:
    """折り畳み傘, 折畳み傘 and 折畳傘 are one."""
    return _OKURIGANA.sub("", name)


def written_alike(a: str, b: str) -> bool:
    """Whether two names share a kanji or some kana in a row: what only sounds alike may be another thing (歯医者, 廃車)."""
    in_a_row = (a[at : at + _SHORTEST_RUN] for at in range(len(a) - _SHORTEST_RUN + 1))
    return shares_a_kanji(a, b) or any(part in b for part in in_a_row)


def may_be_one(a: str, b: str) -> bool:
    """Whether two names that sound alike may be of one thing. Of those in kanji alone the dictionary knows: 蒲団 is 布団, but
    neither 水道, which differs in a voicing, nor 水稲 is 水筒."""
    if _IN_KANJI.fullmatch(a) and _IN_KANJI.fullmatch(b):
        return [t.lemma for t in tokens(a)] == [t.lemma for t in tokens(b)]
    return written_alike(a, b)


def shares_a_kanji(a: str, b: str) -> bool:
    return not set(_KANJI.findall(a)).isdisjoint(b)


def has_kanji(text: str) -> bool:
    return _KANJI.search(text) is not None
