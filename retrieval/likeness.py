"""A question in, the entries that ask most nearly the same out, each with its likeness: nearness of meaning and words in common.

A city has families of questions that differ in one word: 転入, 転出 and 転居, or one for each park. So two entries are compared
with those around them. They ask the same where they are nearer to each other than to their next of kin (CSLS, Conneau et al.
2018), and where they share the words that tell the entries around them apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models.embedder import Vectors
from retrieval.analysis import same_question
from retrieval.entry import Entry
from retrieval.wording import Wording

WORDS_WEIGHT = 8.0  #: to share all words that matter is worth so many standard deviations from both sides

COMPARED = 8  #: entries nearest in meaning that are looked at
NEXT_OF_KIN = 10  #: entries whose nearness is what is usual around a question
FAMILY = 32  #: entries in which a word is the less worth the more of them have it
NEAREST_TEXTS = 20  #: those that differ in politeness alone are among them
AT_ONCE = 32  #: entries whose vectors are multiplied together: many make it quick, and take memory

# How near the next of kin are, and how they are spread: of the sample city, for a knowledge base that has too few.
FEWEST_ENTRIES = 40
USUAL_COSINE, USUAL_DEVIATION = 0.93, 0.0126


@dataclass(frozen=True, slots=True)
class _Nearest:
    """The entries that are nearest to a question by their places, nearest first, with their cosines."""

    places: npt.NDArray[np.int64]
    cosines: Vectors

    @classmethod
    def of(cls, near: Vectors, wanted: int) -> _Nearest:
        """The first `wanted` of all."""
        wanted = min(wanted, len(near))
        places = np.argpartition(-near, wanted - 1)[:wanted]
        places = places[np.argsort(-near[places])]
        return cls(places, near[places])


class Asked:
    """What some entries ask, to be compared with others."""

    def __init__(self, entries: Sequence[Entry], vectors: Mapping[str, Vectors], wording: Wording) -> None:
        """`vectors` has those of every question and paraphrase, also of what is compared later."""
        self._ids = [e.id for e in entries]
        self._texts = [e.questions for e in entries]
        self._flat = [t for texts in self._texts for t in texts]
        self._rows = np.stack([vectors[t] for t in self._flat])
        self._first = np.cumsum([0, *map(len, self._texts)])[:-1]
        self._owners = np.repeat(np.arange(len(entries)), [len(t) for t in self._texts])
        self._versions = max(Counter(self._ids).values())
        self._vectors, self._wording = vectors, wording
        self._around: dict[int, _Nearest] = {}
        self._lemmas: dict[int, set[str]] = {}
        self._key = lru_cache(maxsize=None)(lambda row: same_question(self._flat[row]))

    def like(self, checked: Sequence[Entry]) -> Iterator[list[tuple[int, float]]]:
        """For each entry the others that are most like it by their places, likest first, with how like they are: endlessly where
        a text of one is a text of the other, else in standard deviations."""
        for start in range(0, len(checked), AT_ONCE):
            yield from self._like(checked[start : start + AT_ONCE])

    def _like(self, checked: Sequence[Entry]) -> Iterator[list[tuple[int, float]]]:
        starts = np.cumsum([0, *(len(e.questions) for e in checked)])
        cosines = np.stack([self._vectors[t] for e in checked for t in e.questions]) @ self._rows.T
        near = self._of_entries(cosines[starts[:-1]])
        nearest = [_Nearest.of(row, FAMILY + 2 * self._versions) for row in near]
        others = [[i for i in n.places.tolist() if self._ids[i] != e.id] for n, e in zip(nearest, checked, strict=True)]
        self._look_around({i for places in others for i in places[:COMPARED]})
        for k, entry in enumerate(checked):
            weights = self._weights(entry.question, others[k][:FAMILY])
            deviation = float(near[k].std()) if len(near[k]) >= FEWEST_ENTRIES else USUAL_DEVIATION
            likeness = {
                i: (2 * near[k, i] - self._kin(nearest[k], entry, i) - self._kin(self._around[i], entry, i)) / deviation
                + WORDS_WEIGHT * self._shared(weights, i)
                for i in others[k][:COMPARED]
            }
            likeness |= dict.fromkeys(self._with_a_text_of(entry, cosines[starts[k] : starts[k + 1]]), math.inf)
            yield sorted(likeness.items(), key=lambda item: -item[1])

    def _of_entries(self, cosines: Vectors) -> Vectors:
        """The cosine of each entry's nearest text, (questions, entries), of those of all texts."""
        return np.maximum.reduceat(cosines, self._first, axis=1)

    def _look_around(self, places: Collection[int]) -> None:
        """Find what lies around the questions of some entries."""
        new = [i for i in places if i not in self._around]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            near = self._of_entries(self._rows[self._first[some]] @ self._rows.T)
            self._around |= {i: _Nearest.of(row, NEXT_OF_KIN + 2 * self._versions) for i, row in zip(some, near, strict=True)}

    def _kin(self, nearest: _Nearest, entry: Entry, i: int) -> float:
        """How near the next of kin are, but for the two that are compared and other versions of them."""
        compared = (entry.id, self._ids[i])
        found = [
            cosine
            for place, cosine in zip(nearest.places.tolist(), nearest.cosines.tolist(), strict=True)
            if self._ids[place] not in compared
        ][:NEXT_OF_KIN]
        return sum(found, USUAL_COSINE * (NEXT_OF_KIN - len(found))) / NEXT_OF_KIN

    def _weights(self, question: str, family: Sequence[int]) -> dict[str, float]:
        """What each word of a question tells about which of the family is meant."""
        words = dict.fromkeys(self._wording.lemmas(question))
        known = [self._words(i) for i in family]
        return {w: math.log((FAMILY + 1) / (sum(w in each for each in known) + 0.5)) for w in words}

    def _shared(self, weights: Mapping[str, float], i: int) -> float:
        """The share of a question's words by their weights, 0..1, that an entry's questions have."""
        known = self._words(i)
        return sum(weight for word, weight in weights.items() if word in known) / (sum(weights.values()) or 1.0)

    def _words(self, i: int) -> set[str]:
        if i not in self._lemmas:
            self._lemmas[i] = {lemma for text in self._texts[i] for lemma in self._wording.lemmas(text)}
        return self._lemmas[i]

    def _with_a_text_of(self, entry: Entry, cosines: Vectors) -> set[int]:
        """The others that have a text of this one but for politeness and punctuation."""
        keys = {same_question(t) for t in entry.questions}
        most = min(NEAREST_TEXTS + len(cosines), len(self._rows))  # its own texts may be among them
        rows = np.unique(np.argpartition(-cosines, most - 1, axis=1)[:, :most]).tolist()
        owners = {int(self._owners[r]) for r in rows if self._key(r) in keys}
        return {i for i in owners if self._ids[i] != entry.id}
