"""Japanese in Latin letters in, the same in hiragana out: 「gomi no hi wa itsu」. (Hepburn, with what people type besides.)"""

from __future__ import annotations

import re
from collections.abc import Iterator

_VOWELS = "aiueo"
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
}  # fmt: skip
_SINGLE = {
    "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を", "shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ",
    "n": "ん", "n'": "ん",
}  # fmt: skip
_GLIDES = {
    "ky": "き", "gy": "ぎ", "ny": "に", "hy": "ひ", "by": "び", "py": "ぴ", "my": "み", "ry": "り", "sh": "し", "sy": "し",
    "ch": "ち", "ty": "ち", "j": "じ", "jy": "じ", "zy": "じ",
}  # fmt: skip
_SMALL = {"a": "ゃ", "u": "ゅ", "o": "ょ"}
_LONG = str.maketrans(dict(zip("āīūēōâîûêô", ("aa", "ii", "uu", "ei", "ou") * 2, strict=True)))
#: Words that are written as they sound, in kana as they are not.
_PARTICLES = {"wa": "は", "o": "を", "e": "へ", "konnichiwa": "こんにちは", "konbanwa": "こんばんは"}


def _syllables() -> Iterator[tuple[str, str]]:
    for consonant, row in _ROWS.items():
        yield from ((consonant + vowel, kana) for vowel, kana in zip(_VOWELS, row, strict=True))
    for glide, kana in _GLIDES.items():
        yield from ((glide + vowel, kana + small) for vowel, small in _SMALL.items())
    yield from _SINGLE.items()


_KANA = dict(_syllables())
_DOUBLED = re.compile(r"([kstpcgdbjz])(?=\1)|t(?=ch)")
_SYLLABLE = re.compile("|".join(sorted(map(re.escape, _KANA), key=len, reverse=True)) + "|っ")
_WORD = re.compile(r"[a-zāīūēōâîûêô']+")


def in_hiragana(folded: str) -> str | None:
    """A normalised text in kana; None where any of its words is none in Latin letters: English nearly always has one."""
    words = re.split(r"[\s\-,.!?、。]+", folded)
    kana = [_PARTICLES.get(word) or _word(word) for word in words if word]
    return "".join(word for word in kana if word) if kana and all(kana) else None


def _word(word: str) -> str | None:
    if not _WORD.fullmatch(word):
        return None
    spelt = _DOUBLED.sub("っ", word.translate(_LONG))
    found = _SYLLABLE.findall(spelt)
    return "".join(_KANA.get(s, s) for s in found) if "".join(found) == spelt else None
