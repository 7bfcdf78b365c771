"""Kanji of names that people type in one form or another: 髙橋 and 高橋 are looked for alike."""

from __future__ import annotations

_PAIRS = "髙高﨑崎德徳濵浜濱浜邉辺邊辺齊斉齋斎澤沢廣広瀨瀬栁柳桒桑槗橋眞真國国塚塚𠮷吉曾曽"

#: The usual form of each, for `str.translate`; neither NFKC nor a dictionary of words knows them all.
USUAL = str.maketrans(_PAIRS[::2], _PAIRS[1::2])


def others(word: str) -> list[tuple[str, str]]:
    """The other forms of what is in a word, each with the usual one, which `normalise` makes of it: 髙 of 高, ケ of ヶ."""
    pairs = _PAIRS + "ケヶ"
    return [(other, usual) for other, usual in zip(pairs[::2], pairs[1::2], strict=True) if usual in word]
