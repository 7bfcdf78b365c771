"""A question as recognition, or a hurried hand, wrote it in; the same in the knowledge base's own words that sound alike out.

Recognition gets the sound of 母子手帳 and writes 押して上. The likeliest way through the text is looked for as a noisy channel
does (Brill & Moore 2000): every word stays, or one or two of the knowledge base's stand in its place, which costs the more the
farther they sound from it; and all are as likely as they are behind each other in the knowledge base. Of what was spoken a
language model then says how likely each of the nearest is as Japanese.
"""

from __future__ import annotations

import math
import re
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

from core.sounds.lattice import lattice
from core.sounds.matching import Breadth, TermIndex
from models.language_model import LanguageModel
from models.priors import QUESTION, log_priors
from retrieval.analysis import normalise
from retrieval.bigrams import START, Bigrams
from retrieval.spelling import Word
from retrieval.tokens import is_word, tokens
from retrieval.wording import Wording, asks

# In nats; chosen on the sample city's questions, spoken by the product's voices and recognised.
_UNKNOWN, _UNKNOWN_LETTER = 10.0, 1.0  #: cost of a word that the knowledge base does not have, and of each letter after its first
_BROKEN = 2.0  #: more for a letter that stands alone although it is part of a word
_INSTEAD, _PER_PHONEME = 3.0, 4.0  #: cost of other words, and of each phoneme that differs
_GAIN = 3.0  #: by so much the new text must be likelier

_BREADTH = Breadth(shortest=4, cost=0.34, any_voice=True)
_MOST_COMPARED, _MOST_COMPARED_IF_SPOKEN = 300, 1000
_MOST_THAT_SOUND_THE_SAME = 50
_MOST_NAMES = 30_000
_AROUND = 6  #: letters beside a word that the knowledge base does not have which may be part of the same mistake
_WAYS, _NEAREST = 8, 16  #: last words that are followed up at each place, and names that are tried there
_MEANT, _KEPT = 3, 4  #: texts that may have been meant; and ways to each last word, since several give the same text
_TEMPER = 0.3  #: of a nat: costs are rougher than likelihoods
_OTHERS = 0.5  #: share of other texts where the text itself is no way to be meant
_LEAST_SHARE = 0.02  #: less is not worth a search
_SAME_SOUND = 0.5  #: phonemes by which a word may differ from one that somebody has typed, and that there is
_LONGEST_CHARS = 80  #: who writes more is no victim of single words
_CONTENT = frozenset({"名詞", "形状詞", "接頭辞", "接尾辞", "動詞", "形容詞"})
_MARKS = re.compile("[、。,.?？!！ ]")
_HIRAGANA = re.compile("[ぁ-んー]+")
_FUNCTIONAL = re.compile("[ぁ-ん]{1,2}")

Names = tuple[str, ...]
"""One word, or two that follow each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Respelled:
    """A text that may have been meant by another."""

    text: str
    share: float  #: 0..1, what it counts; what is left of 1 is the text's own
    likelier: bool  #: whether it is much likelier than the text itself


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch of the text, up to `end`, and what may stand there."""

    end: int
    words: Names
    cost: float  #: of all but its first word, which depends on what stands before
    first: float  #: cost of its first word where nothing is known of what stands before


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest way to a place with a certain last word: what it costs, and the way that it goes on from."""

    cost: float
    before: _Way | None
    words: Names

    def text(self) -> str:
        return (self.before.text() if self.before else "") + "".join(self.words)


_COST = attrgetter("cost")


class Respeller:
    """Knows the words of a knowledge base, which of them follow each other, and how they sound."""

    def __init__(self, wording: Wording, words: Mapping[Word, int], pairs: Mapping[tuple[str, str], int]) -> None:
        counts: Counter[str] = Counter()
        readings: dict[str, Counter[str]] = defaultdict(Counter)
        for (surface, kana), count in words.items():
            counts[surface] += count
            readings[surface][kana] += count
        self._wording, self._likely = wording, Bigrams(counts, pairs)
        self._alone = {word: self._likely.alone(word) for word in counts}
        self._stems = {token.stem for word in counts for token in tokens(word)}
        reading = {surface: found.most_common(1)[0][0] for surface, found in readings.items()}
        names = {name: "".join(reading[w] for w in name) for name in _names(counts, pairs, set(reading))}
        self._names = list(names)
        self._by_sound = TermIndex(list(names.values()), _BREADTH)

    def respell(self, text: str, *, spoken: bool, model: LanguageModel | None = None) -> tuple[Respelled, ...]:
        """What may have been meant by the text, the likeliest first: of what was typed one text at most, and that only where
        it is much likelier than the text itself. Typed words that the knowledge base has are left alone: that saves most
        questions the time; others that the dictionary has give way only to what sounds the same (街灯 is no 自治法, but 該当 may
        be 街灯). With a language model they are as likely as Japanese, too, which takes some 10 ms for each text."""
        bare = normalise(_MARKS.sub("", normalise(text)))  # what stood around a mark may grow together
        if not bare or len(bare) > _LONGEST_CHARS:
            return ()
        own = self._own(bare)
        doubtful = own if spoken else {start: step for start, step in own.items() if not self._has(step.words[0])}
        if not doubtful:
            return ()
        slips = doubtful if spoken else {start: step for start, step in doubtful.items() if not _is_meant(step.words[0])}
        most = _MOST_COMPARED_IF_SPOKEN if spoken else _MOST_COMPARED if slips else _MOST_THAT_SOUND_THE_SAME
        instead = self._instead(bare, doubtful, slips, most)
        if not instead:
            return ()
        steps = self._steps(bare, own, instead)
        costs: dict[str, float] = {}
        for way in self._likeliest(bare, steps, _KEPT if spoken else 1):
            costs.setdefault(way.text(), way.cost)
        as_it_is = min(self._as_it_is(own), costs.pop(bare, math.inf))
        nearest = list(costs.items())[: _MEANT if spoken else 1]
        own_prior, *priors = log_priors([bare, *(text for text, _ in nearest)], model, QUESTION)
        likely = [(text, cost - prior) for (text, cost), prior in zip(nearest, priors, strict=True)]
        found = _weighed(sorted(likely, key=lambda other: other[1]), as_it_is - own_prior)
        return found if spoken else tuple(each for each in found if each.likelier)

    def alike(self, text: str) -> str:
        """The likeliest text that sounds like this one, without marks; the text itself where it is too long to be tried."""
        bare = normalise(_MARKS.sub("", normalise(text)))
        if not bare or len(bare) > _LONGEST_CHARS:
            return text
        own = self._own(bare)
        return self._likeliest(bare, self._steps(bare, own, self._instead(bare, own, own, _MOST_COMPARED_IF_SPOKEN)), 1)[0].text()

    def cost(self, text: str) -> float:
        """How unlikely a text is in the knowledge base's language, in nats."""
        return self._as_it_is(self._own(normalise(_MARKS.sub("", normalise(text)))))

    def _has(self, word: str) -> bool:
        """Whether the knowledge base has a word, in any spelling or inflection; what every question may have, it need not. In
        hiragana the encoder does not know it by its kanji (にんしん)."""
        if word in self._alone:
            return True
        known = () if _HIRAGANA.fullmatch(word) else self._stems
        return _is_meant(word) and all(token.stem in known or asks(token) for token in tokens(word))

    def _as_it_is(self, own: Mapping[int, _Step]) -> float:
        before, cost = START, 0.0
        for step in own.values():
            cost += step.cost + self._likely.behind(before, step.words[0], step.first)
            before = step.words[-1]
        return cost

    def _own(self, text: str) -> dict[int, _Step]:
        """The text's own words by where they begin."""
        found, at = {}, 0
        for surface, _ in self._wording.words(text):
            start = text.index(surface, at)
            at = start + len(surface)
            found[start] = self._step(at, (surface,), 0.0)
        return found

    def _instead(
        self, text: str, doubtful: Mapping[int, _Step], slips: Mapping[int, _Step], most: int
    ) -> Mapping[int, Sequence[_Step]]:
        """What may stand around what is doubtful of a text instead of it. It sounds the same but around slips."""
        nearest: dict[int, list[tuple[float, int, Names]]] = defaultdict(list)
        around, anything = _around(doubtful), _around(slips)
        edges = [edge for edge in lattice(text) if edge.start in around]
        for match in self._by_sound.find(edges, len(text), most):
            name = self._names[match.term]
            may_be = match.cost <= _SAME_SOUND or not anything.isdisjoint(range(match.start, match.end))
            if may_be and text[match.start : match.end] != "".join(name):
                nearest[match.start].append((match.cost, match.end, name))
        return {
            start: [
                self._step(end, name, _INSTEAD + _PER_PHONEME * cost)
                for cost, end, name in sorted(found, key=lambda other: other[0])[:_NEAREST]
            ]
            for start, found in nearest.items()
        }

    def _steps(
        self, text: str, own: Mapping[int, _Step], instead: Mapping[int, Sequence[_Step]]
    ) -> Mapping[int, Sequence[_Step]]:
        """What may stand at each place: the text's own words and letters, and others."""
        steps: dict[int, list[_Step]] = {start: [self._step(start + 1, (letter,), _BROKEN)] for start, letter in enumerate(text)}
        for start, step in own.items():
            steps[start] = [step] if step.end == start + 1 else [step, *steps[start]]
        for start, others in instead.items():
            steps[start] += others
        return steps

    def _likeliest(self, text: str, steps: Mapping[int, Sequence[_Step]], kept: int) -> list[_Way]:
        """The best ways to the end of the text, the cheapest first (Viterbi over places and last words; of each the cheapest
        `kept`)."""
        behind = self._likely.behind
        reached: list[dict[str, list[_Way]]] = [{} for _ in range(len(text) + 1)]
        reached[0][START] = [_Way(0.0, None, ())]
        for start in range(len(text)):
            for previous, ways in sorted(reached[start].items(), key=lambda item: item[1][0].cost)[:_WAYS]:
                for step in steps[start]:
                    further = step.cost + behind(previous, step.words[0], step.first)
                    best = reached[step.end].setdefault(step.words[-1], [])
                    for way in ways:
                        cost = way.cost + further
                        if len(best) == kept:
                            if cost >= best[-1].cost:
                                break
                            best.pop()
                        insort(best, _Way(cost, way, step.words), key=_COST)
        return sorted((way for ways in reached[-1].values() for way in ways), key=_COST)

    def _step(self, end: int, words: Names, cost: float) -> _Step:
        inner = sum(self._likely.behind(before, word, self._own_cost(word)) for before, word in pairwise(words))
        return _Step(end, words, cost + inner, self._own_cost(words[0]))

    def _own_cost(self, word: str) -> float:
        known = self._alone.get(word)
        return _UNKNOWN + _UNKNOWN_LETTER * (len(word) - 1) if known is None else known


def _around(words: Mapping[int, _Step]) -> set[int]:
    return {place for start, step in words.items() for place in range(start - _AROUND, step.end + _AROUND)}


def _is_meant(word: str) -> bool:
    """Whether a word is none that slips of the keys make: it is in the dictionary, and not so short or plain that pieces of
    others look like it."""
    return len(word) > (2 if _HIRAGANA.fullmatch(word) else 1) and is_word(word)


def _weighed(nearest: Sequence[tuple[str, float]], as_it_is: float) -> tuple[Respelled, ...]:
    """Texts with their costs, each with its share beside the text that costs `as_it_is`."""
    gains = [float(as_it_is - cost) for _, cost in nearest]
    odds = [math.exp(_TEMPER * gain) for gain in gains]
    found = [
        Respelled(text=text, share=_OTHERS * odd / (1 + sum(odds)), likelier=gain >= _GAIN)
        for (text, _), gain, odd in zip(nearest, gains, odds, strict=True)
    ]
    return tuple(each for each in found if each.share >= _LEAST_SHARE)


def _names(counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int], known: set[str]) -> Iterable[Names]:
    """The words that say something, and pairs of them; of a great many the more usual."""
    content = [word for word in counts if _is_content(word)]
    found = Counter({(word,): counts[word] for word in content} | dict(_pairs(pairs, known.intersection(content))))
    return (name for name, _ in found.most_common(_MOST_NAMES))


def _pairs(pairs: Mapping[tuple[str, str], int], content: set[str]) -> Iterator[tuple[Names, int]]:
    return ((pair, count) for pair, count in pairs.items() if content.issuperset(pair))


@lru_cache(maxsize=100_000)
def _is_content(word: str) -> bool:
    return not _FUNCTIONAL.fullmatch(word) and all(t.pos in _CONTENT and t.kind != "数詞" for t in tokens(word))
