"""Kana in, phonemes out; and how alike two phonemes sound to somebody, or something, that listens to Japanese."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import jaconv
import numpy as np
import numpy.typing as npt

LONG, NASAL, STOP = ":", "N", "Q"  #: ー, ん, っ
_VOWELS = "aiueo"
_ROWS = {
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サ スセソ",
    "z": "ザ ズゼゾ",
    "t": "タ  テト",
    "d": "ダ  デド",
    "n": "ナニヌネノ",
    "h": "ハヒ ヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "y": "ヤ ユ ヨ",
    "r": "ラリルレロ",
    "w": "ワ    ",
    "sh": " シ   ",
    "j": " ジ   ",
    "ch": " チ   ",
    "ts": "  ツ  ",
    "f": "  フ  ",
    "v": "  ヴ  ",
}
_ODD = {"ヲ": "o", "ヅ": "z u", "ヂ": "j i", "ヰ": "i", "ヱ": "e", "ヮ": "w a", "ヵ": "k a", "ヶ": "k a"}
_SMALL_Y = {"ャ": "a", "ュ": "u", "ョ": "o"}
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_ALREADY_SOFT = ("sh", "j", "ch")

_ALIKE = {  # pairs of consonants by what it costs, in thousandths, to take one for the other
    100: "b/v",
    200: "h/f",
    300: "z/j hy/sh",
    350: "k/g s/z t/d b/p sh/j",
    400: "ch/j ts/z s/sh s/ts m/n r/d",
    450: "t/ch t/ts",
    500: "p/h ch/sh m/b",
    600: "h/b n/d r/n k/t p/t k/p g/b h/k g/n d/g",
    650: "h/s",
    700: "w/y m/w",
}
_FAMILIES = ("k g", "s z sh j ts ch", "t d", "h f b p v", "m n")
_CONSONANTS = {frozenset(pair.split("/")): cost for cost, pairs in _ALIKE.items() for pair in pairs.split()}
_DIFFERENT, _OTHER_VOWEL, _NEAR_VOWEL, _LENGTHENED, _SOFTENED = 1000, 700, 550, 500, 400
_PUT_IN = {LONG: 200, STOP: 350, NASAL: 550, "y": 600, "w": 600, "h": 650, "i": 600, "u": 550}
_NEAR_VOWELS = ({"i", "e"}, {"u", "o"}, {"a", "o"})


def _table() -> dict[str, str]:
    table = dict(_ODD) | dict(zip("アイウエオ", _VOWELS, strict=True))
    for consonant, row in _ROWS.items():
        table |= {kana: f"{consonant} {v}" for kana, v in zip(row, _VOWELS, strict=False) if kana != " "}
    return table


_TABLE = _table()
SYMBOLS: tuple[str, ...] = (*_VOWELS, LONG, NASAL, STOP, *_ROWS, *(f"{c}y" for c in "kgnhbpmrtd"))
_NUMBER = {s: i for i, s in enumerate(SYMBOLS)}


@lru_cache(maxsize=65_536)  # a knowledge base's words and those in pairs are asked for again by each version
def phonemes(kana: str) -> tuple[int, ...]:
    """The phonemes of a reading in hiragana or katakana, as places in `SYMBOLS`; other characters are passed over."""
    made: list[str] = []
    for c in jaconv.hira2kata(kana):
        last_vowel = made[-1] if made and made[-1] in _VOWELS else None
        if c in _SMALL_Y and len(made) >= 2:
            made[-2:] = [made[-2] if made[-2] in _ALREADY_SOFT else f"{made[-2]}y", _SMALL_Y[c]]
        elif c in _SMALL and last_vowel:
            made[-1] = _SMALL[c]
        elif c == "ー":
            made.append(LONG)
        elif c == "ン":
            made.append(NASAL)
        elif c == "ッ":
            made.append(STOP)
        elif c in _TABLE:
            new = _TABLE[c].split()
            lengthens = len(new) == 1 and last_vowel and (new[0] == last_vowel or (last_vowel + new[0]) in ("ou", "ei"))
            made += [LONG] if lengthens else new
    return tuple(_NUMBER[s] for s in made if s in _NUMBER)


def families() -> list[int]:
    """For each of `SYMBOLS` the first of those that differ from it in little but their voicing."""
    family = {sound: sounds.split()[0] for sounds in _FAMILIES for sound in sounds.split()}
    hard = (s.rstrip("y") or s for s in SYMBOLS)
    return [_NUMBER[family.get(s, s)] for s in hard]


def substitution_costs() -> npt.NDArray[np.int64]:
    """What it costs, in thousandths of a phoneme, to hear one (row) for another (column)."""
    costs = np.full((len(SYMBOLS), len(SYMBOLS)), _DIFFERENT, np.int64)
    for a, b in product(SYMBOLS, repeat=2):
        costs[_NUMBER[a], _NUMBER[b]] = _cost(a, b)
    return costs


def insertion_costs() -> npt.NDArray[np.int64]:
    """What it costs that a phoneme is there, or is not."""
    return np.array([_PUT_IN.get(s, 900) for s in SYMBOLS], np.int64)


def _cost(a: str, b: str) -> int:
    if a == b:
        return 0
    if a in _VOWELS and b in _VOWELS:
        return _NEAR_VOWEL if {a, b} in _NEAR_VOWELS else _OTHER_VOWEL
    if LONG in (a, b) and (a in _VOWELS or b in _VOWELS):
        return _LENGTHENED
    hard = frozenset((a.rstrip("y"), b.rstrip("y")))
    if len(hard) == 1 and "" not in hard:
        return _SOFTENED
    return _CONSONANTS.get(frozenset((a, b)), _CONSONANTS.get(hard, _DIFFERENT))
