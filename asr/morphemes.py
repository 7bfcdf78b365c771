"""Japanese text in, its morphemes with their places out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

import fugashi

_local = threading.local()


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


@lru_cache(maxsize=4_000)
def morphemes(text: str) -> tuple[Morpheme, ...]:
    """The morphemes in order, spaces left out."""
    found, at = [], 0
    for word in tagger()(text):
        start = text.index(word.surface, at)
        at = start + len(word.surface)
        f = word.feature
        found.append(
            Morpheme(
                start=start,
                end=at,
                surface=word.surface,
                pos=f.pos1,
                kind=f.pos2,
                lemma=(f.lemma or word.surface).partition("-")[0],
                reading=f.kana or "",
                conjugation=f.cType or "",
                form=f.cForm or "",
            )
        )
    return tuple(found)


def tagger() -> fugashi.Tagger:
    """A tagger of the thread's own: MeCab's lattice must not be shared."""
    own: fugashi.Tagger | None = getattr(_local, "tagger", None)
    if own is None:
        own = _local.tagger = fugashi.Tagger()
    return own
