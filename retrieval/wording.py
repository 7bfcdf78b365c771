"""A city's own words in (synonyms and terms with their readings), analysed text out: what its index and its questions share."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from retrieval.analysis import normalise, strip_politeness
from retrieval.numerals import number_tokens
from retrieval.tokens import Token, tokens

_FUNCTION_POS = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白", "接頭辞", "感動詞", "接続詞", "代名詞", "連体詞"})
_COMPOUND_POS = frozenset({"名詞", "接尾辞", "接頭辞", "形状詞"})
_MARKS = frozenset({"補助記号", "記号", "空白"})

# Lemmas that a question has because it is a question, not because of what it asks.
_QUESTION_LEMMAS = frozenset(
    "為る 居る 有る 成る 出来る 言う 教える 知る 下さる 呉れる 貰う 頂く 致す 御座る 良い 良う 何 何処 何時 如何 誰 何れ 幾つ "
    "事 物 方 時 場合 所 訳 為 様 上 思う 分かる 遣る 見る 欲しい 願う 質問 どう そう こう".split()
)
_NEVER_INFLECTED = re.compile("[ァ-ヶーa-z0-9]+")

_REMEMBERED = 1_000  #: texts; an answer takes 120 kB, and an index is made of more answers than there is memory for

Group = tuple[str, ...]
"""Words that mean the same; the first stands for all of them."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one of the city's words stands in a row of tokens."""

    length: int
    word: str  #: as it was looked up


class _Words:
    """Words by what they are made of: the longest that begins at a token, never within one."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` gives the name of each by its parts put together."""
        self._names = dict(words)
        self._beginnings = {word[:n] for word in words for n in range(1, len(word) + 1)}

    def at(self, parts: Sequence[str], start: int) -> _Place | None:
        found, text = None, ""
        for i in range(start, len(parts)):
            text += parts[i]
            if text not in self._beginnings:
                break
            if text in self._names:
                found = _Place(i - start + 1, self._names[text])
        return found


class Wording:
    """Analyses text with the words of one knowledge base. Two are equal when they analyse alike."""

    def __init__(self, groups: Sequence[Group] = (), terms: Mapping[str, str] | None = None) -> None:
        """`terms` are kept whole; each has its reading in hiragana, or nothing where that is not known."""
        self.groups = tuple(tuple(normalise(word) for word in group) for group in groups)
        self.terms = {normalise(term): kana for term, kana in sorted((terms or {}).items())}
        self._names = {word: group[0] for group in self.groups for word in group}
        self._by_surface = _Words(self._names)
        self._by_stem = _Words(dict(self._stems()))
        self._kept = _Words({term: term for term in self.terms})
        self._instead = {group[0]: self._expanded(group[0], frozenset()) for group in self.groups}
        self.lemmas = lru_cache(maxsize=_REMEMBERED)(self._lemmas)
        self.words = lru_cache(maxsize=_REMEMBERED)(self._words)
        self.kana_grams = lru_cache(maxsize=_REMEMBERED)(self._kana_grams)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Wording) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def only(self, terms: Iterable[str]) -> Wording:
        """The same with these terms alone: an index must not have words that its readers' entries don't have."""
        return Wording(self.groups, {term: self.terms[term] for term in terms})

    def to_json(self) -> str:
        return json.dumps({"groups": self.groups, "terms": self.terms}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Wording:
        content = json.loads(text)
        return cls([tuple(group) for group in content["groups"]], content["terms"])

    def _lemmas(self, text: str) -> tuple[str, ...]:
        """The content lemmas of a text in order, particles and the wording of asking left out."""
        found = number_tokens(normalise(text))
        return tuple(chain.from_iterable(self._named(found, lambda name: self._instead[name], frozenset())))

    def _words(self, text: str) -> tuple[tuple[str, str], ...]:
        """The words of a text as they are written, each with its reading in hiragana as far as it is known."""
        found = tokens(normalise(text))
        surfaces, at, words = [t.surface for t in found], 0, []
        while at < len(found):
            term = self._kept.at(surfaces, at)
            if term and self.terms[term.word]:
                words.append((term.word, self.terms[term.word]))
            elif found[at].pos not in _MARKS:
                words.append((found[at].surface, found[at].kana))
            at += term.length if term and self.terms[term.word] else 1
        return tuple(words)

    def _kana_grams(self, text: str) -> tuple[str, ...]:
        """Pieces of two and three kana of the reading: they match where no dictionary cuts a text into words."""
        kana = re.sub("[^ぁ-んー]", "", "".join(k for _, k in self.words(strip_politeness(text))))
        return tuple(kana[i : i + n] for n in (2, 3) for i in range(len(kana) - n + 1))

    def reading(self, text: str) -> str:
        """The text's reading in hiragana."""
        return "".join(kana for _, kana in self.words(text))

    def _named(
        self, found: Sequence[Token], instead: Callable[[str], tuple[str, ...]], without: frozenset[str]
    ) -> Iterator[tuple[str, ...]]:
        """What each token, or each of the city's words but those of the names in `without`, comes to."""
        surfaces, stems, at = [t.surface for t in found], [_sounding(t) for t in found], 0
        while at < len(found):
            places = [p for p in (self._by_surface.at(surfaces, at), self._by_stem.at(stems, at)) if p and p.word not in without]
            longest = max(places, key=lambda p: p.length, default=None)
            if longest and not (len(found[at].surface) == longest.length == 1 and _in_a_compound(found, at)):
                yield instead(longest.word)
                at += longest.length
            else:
                yield _content(found[at])
                at += 1

    def _expanded(self, name: str, within: frozenset[str]) -> tuple[str, ...]:
        """A name's own lemmas, in which other groups may have words; `within` are the names that it is part of."""
        seen = within | {name}
        return tuple(chain.from_iterable(self._named(number_tokens(name), lambda other: self._expanded(other, seen), seen)))

    def _stems(self) -> Iterator[tuple[str, str]]:
        """Words that have other forms or spellings by their stems: 引越 for 引っ越した."""
        for word, name in self._names.items():
            if not _NEVER_INFLECTED.fullmatch(word):
                yield "".join(map(_sounding, number_tokens(word))), name


def _sounding(token: Token) -> str:
    """A stem as it is read: who stops (止める) the water does not quit (辞める)."""
    return f"{token.stem}\t{token.sound}\t"


def _in_a_compound(found: Sequence[Token], at: int) -> bool:
    """A word of one letter is mostly part of another: 車 is no 自動車 in 自転車 and 車いす."""
    return any(token.pos in _COMPOUND_POS for token in (*found[max(0, at - 1) : at], *found[at + 1 : at + 2]))


def asks(token: Token) -> bool:
    """Whether a question has a token because it is a question, not because of what it asks."""
    return token.pos in _FUNCTION_POS or token.lemma in _QUESTION_LEMMAS


def _content(token: Token) -> tuple[str, ...]:
    return () if asks(token) else (token.stem,)


def words_of(row: Mapping[str, str]) -> Group:
    """The words of one row, the one that stands for all of them first."""
    words = (row.get("表記", ""), *row.get("同義語", "").split("|"))
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
