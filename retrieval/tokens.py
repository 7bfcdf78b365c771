"""Normalised Japanese text in, its tokens as UniDic knows them out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from fugashi import UnidicFeatures26

from core.dictionary import dictionary

_REMEMBERED = 20_000  #: words; a city's texts have some ten thousand

_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}

# 連用形: what a verb of five rows ends in when a noun is made of it.
_NOUN_ENDING = dict(zip("うくぐすつぬぶむる", "いきぎしちにびみり", strict=True))


@dataclass(frozen=True, slots=True)
class Token:
    """A token. Not keyword-only: an index of a million passages makes half a billion of them."""

    surface: str
    lemma: str  #: spellings of one word share it: 申込, 申込み and 申し込み
    stem: str  #: the lemma; of a verb, the noun that is made of it: 申し込み of 申し込む
    kana: str  #: reading in hiragana, the surface where the dictionary has none
    pos: str  #: part of speech, such as 名詞
    kind: str  #: the part of speech in more detail, such as 数詞, or 地名 of a name
    sound: str = ""  #: reading of the stem: 止める and 辞める share a lemma


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens in order, spaces left out. The channels of an entry ask for the same texts one after the other."""
    with dictionary() as tagger:
        return tuple(_token(word.surface, word.feature_raw) for word in tagger(text))


@lru_cache(maxsize=_REMEMBERED)
def is_word(text: str) -> bool:
    """Whether the dictionary has it, as one word."""
    with dictionary() as tagger:
        found = tagger(text)
        return len(found) == 1 and not found[0].is_unk


@lru_cache(maxsize=_REMEMBERED)
def _token(surface: str, features: str) -> Token:
    """Of what the dictionary has on a word, as it has it: reading that anew costs three times as much as finding the word."""
    known = dict(zip(UnidicFeatures26._fields, _fields(features), strict=False))  # a word that is not there has few
    pos, lemma = known["pos1"], (known.get("lemma") or surface).split("-")[0]
    kind = known["pos3"] if known["pos2"] == "固有名詞" else known["pos2"]
    stem, sound = lemma, to_hiragana(known.get("lForm") or "")
    if pos == "動詞":
        stem, sound = (_noun_of(form, known["cType"]) for form in (lemma, sound))
    return Token(surface, lemma, stem, to_hiragana(known.get("kana") or surface), pos, kind, sound)


def _fields(features: str) -> list[str]:
    return next(csv.reader([features])) if '"' in features else features.split(",")


def _noun_of(verb: str, conjugation: str) -> str:
    """申し込み of 申し込む, 届け出 of 届け出る: residents say either, and a single kanji would mean too much."""
    if conjugation.startswith("五段") and len(verb) > 1:
        return verb[:-1] + _NOUN_ENDING.get(verb[-1], verb[-1])
    if "一段" in conjugation and verb.endswith("る") and len(verb) > 2:
        return verb[:-1]
    return verb


def to_hiragana(kana: str) -> str:
    return kana.translate(_HIRAGANA)
