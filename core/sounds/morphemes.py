"""Japanese text in, its morphemes with their places out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import fugashi

from core.dictionary import dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Morpheme:
    """A morpheme as UniDic knows it."""

    start: int  #: in the text
    end: int
    surface: str
    pos: str  #: part of speech, such as 名詞
    kind: str  #: the part of speech in more detail, such as 数詞
    lemma: str
    reading: str  #: katakana; empty where the dictionary has none
    conjugation: str  #: how it is inflected, such as 五段-ラ行
    form: str  #: in which form it stands, such as 連用形-一般
    sound: str  #: katakana as it is said, ー for what is drawn out; empty where the dictionary has none
    known: bool  #: whether the dictionary has it


@lru_cache(maxsize=4_000)
def morphemes(text: str) -> tuple[Morpheme, ...]:
    """The morphemes in order, spaces left out."""
    found, at = [], 0
    with dictionary() as tagger:
        for word in tagger(text):
            start = text.index(word.surface, at)
            at = start + len(word.surface)
            found.append(_morpheme(word, start, at))
    return tuple(found)


def _morpheme(word: fugashi.UnidicNode, start: int, end: int) -> Morpheme:
    f = word.feature
    return Morpheme(
        start=start,
        end=end,
        surface=word.surface,
        pos=f.pos1,
        kind=f.pos2,
        lemma=(f.lemma or word.surface).partition("-")[0],
        reading=f.kana or "",
        conjugation=f.cType or "",
        form=f.cForm or "",
        sound=sound_of(word),
        known=not word.is_unk,
    )


def sound_of(word: fugashi.UnidicNode) -> str:
    """A word of the dictionary as it is said, in katakana; empty where that is not known."""
    sound = word.feature.pron or word.feature.kana
    return str(sound) if sound and sound != "*" else ""
