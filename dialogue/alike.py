"""A question written in other characters than it was meant in, the same in the knowledge base's own words out.

Recognition, a hurried choice of kanji and a word half in kana have the sound right and the characters wrong: 教聖 for 矯正,
しかく確認書 for 資格確認書. A word of the knowledge base is put in where it sounds like what stands there, if some entry then
covers much more of the question. That is a guess at what somebody meant: good enough to ask back, never to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from core.sounds.lattice import lattice
from core.sounds.matching import Breadth, TermIndex
from retrieval.analysis import normalise, strip_politeness
from retrieval.index import Index
from retrieval.tokens import tokens

_BREADTH = Breadth(cost=0.12)  # distance of two words, of the phonemes of the one that is put in
_GAIN = 0.2  # of the question's information: by so much more an entry must cover it
_PRICE, _PRICE_OF_DISTANCE = 0.03, 0.1  # of a word that is put in, and of each phoneme that differs; in the same measure
_MOST_WORDS = 3
_LONGEST_CHARS = 80  # somebody who writes more is no victim of one word
_KANJI, _WORD = re.compile("[一-鿿々]"), re.compile("[一-鿿々]{2,}|[一-鿿々]+[ぁ-ん]+")
_NAMES = frozenset({"名詞", "形状詞", "接頭辞", "接尾辞"})


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of the question that sounds like a word."""

    start: int
    end: int
    word: str
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What somebody may have meant."""

    text: str  #: the question
    word: str  #: of the words that were put in, the one that says most


@dataclass(frozen=True, slots=True)
class _Names:
    """The words of an index that name something."""

    names: list[str]
    by_sound: TermIndex  #: their places in the list
    known: frozenset[str]

    @classmethod
    def of(cls, names: Sequence[tuple[str, str]]) -> _Names:
        """Of words with their readings."""
        written = [surface for surface, _ in names]
        return cls(written, TermIndex([kana for _, kana in names], _BREADTH), frozenset(written))


class Sounds:
    """The words of indexes by their sound, each index's made ready when it is first asked for."""

    def __init__(self) -> None:
        self._words: WeakKeyDictionary[Index, _Names] = WeakKeyDictionary()
        self._making = Lock()

    def meant(self, text: str, index: Index, *, spoken: bool = False) -> Meant | None:
        """The question as it may have been meant; None where nothing in the index comes much nearer to it. Who typed a word of
        kanji that there is, or one of the index, meant it; a recogniser may have written it for another."""
        written = strip_politeness(normalise(text))
        if len(written) > _LONGEST_CHARS:
            return None
        before = index.covered(written)
        if 1 - _PRICE - before < _GAIN:  # whatever is put in
            return None
        known = self._of(index).known
        places = [
            p
            for p in self._places(written, index)
            if spoken or not (_is_typed_word(written, p) or written[p.start : p.end] in known)
        ]
        best = before
        chosen: tuple[_Place, ...] = ()
        while len(chosen) < _MOST_WORDS:
            tried = [(_worth((*chosen, p), written, index), (*chosen, p)) for p in places if not _overlaps(p, chosen)]
            worth, more = max(tried, key=lambda t: t[0], default=(0.0, ()))
            if worth <= best:
                break
            best, chosen = worth, more
        return Meant(text=_with(chosen, written), word=chosen[0].word) if best - before >= _GAIN else None

    def _places(self, text: str, index: Index) -> Iterator[_Place]:
        names = self._of(index)
        edges, content = _words(text)
        for match in names.by_sound.find(lattice(text), len(text)):
            start, end, name = match.start, match.end, names.names[match.term]
            is_whole = start in edges and end in edges and any(start <= a and b <= end for a, b in content)
            if is_whole and text[start:end] != name:
                yield _Place(start, end, name, _PRICE + _PRICE_OF_DISTANCE * match.cost)

    def _of(self, index: Index) -> _Names:
        with self._making:  # once for all who ask of a new index at the same time
            found = self._words.get(index)
            if found is None:
                words = [w.split("\t") for w in index.terms.words.lexicon.terms]
                names = [(surface, kana) for surface, kana in words if len(surface) > 1 and _is_name(surface)]
                found = self._words[index] = _Names.of(names)
            return found


def _is_typed_word(text: str, place: _Place) -> bool:
    """Whether a stretch is a word of two kanji or more, or with kana after them (好き), or as the dictionary writes it
    (キャンプ); or a particle with the word after it."""
    stretch = text[place.start : place.end]
    first, *more = tokens(stretch)
    is_word = not more and first.pos in _NAMES and bool(_WORD.fullmatch(stretch) or stretch == first.lemma)
    return is_word or (first.pos == "助詞" and _KANJI.search(stretch) is not None)


def _is_name(surface: str) -> bool:
    return all(t.pos in _NAMES and t.kind != "数詞" for t in tokens(surface))


def _words(text: str) -> tuple[set[int], list[tuple[int, int]]]:
    """Where words begin and end, and where those stand that say something."""
    at, edges, content = 0, {0}, []
    for token in tokens(text):
        start = text.index(token.surface, at)
        at = start + len(token.surface)
        edges |= {start, at}
        if token.pos in _NAMES or (token.pos == "動詞" and token.surface != token.kana):
            content.append((start, at))
    return edges, content


def _overlaps(place: _Place, chosen: tuple[_Place, ...]) -> bool:
    return any(place.start < c.end and c.start < place.end for c in chosen)


def _worth(chosen: tuple[_Place, ...], text: str, index: Index) -> float:
    return index.covered(_with(chosen, text)) - sum(c.price for c in chosen)


def _with(chosen: tuple[_Place, ...], text: str) -> str:
    for place in sorted(chosen, key=lambda c: -c.start):
        text = text[: place.start] + place.word + text[place.end :]
    return text
