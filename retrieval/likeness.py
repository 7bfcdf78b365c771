"""A question in, the entries that ask most nearly the same out, each with its likeness: nearness of meaning and words in common.

A city has families of questions that differ in one word: 転入, 転出 and 転居, or one for each park. So two entries are compared
with those around them. They ask the same where they are nearer to each other than to their next of kin (CSLS, Conneau et al.
2018), and where they share the words that tell the entries around them apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

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

# How near the next of kin are, and how they are spread: of the sample city, for a knowledge base that has too few.
FEWEST_ENTRIES = 40
USUAL_COSINE, USUAL_DEVIATION = 0.93, 0.0126


class Asked:
    """What some entries ask, to be compared with others."""

    def __init__(self, entries: Sequence[Entry], vectors: Mapping[str, Vectors], wording: Wording) -> None:
        """`vectors` has those of every question and paraphrase, also of what is compared later."""
        self._ids = np.array([e.id for e in entries])
        self._texts = [(e.question, *e.paraphrases) for e in entries]
        self._flat = [t for texts in self._texts for t in texts]
        self._rows = np.stack([vectors[t] for t in self._flat])
        self._first = np.cumsum([0, *map(len, self._texts)])[:-1]
        self._owners = np.repeat(np.arange(len(entries)), [len(t) for t in self._texts])
        self._vectors, self._wording = vectors, wording
        self._lemmas: dict[int, set[str]] = {}

    def like(self, entry: Entry) -> list[tuple[int, float]]:
        """The others that are most like an entry by their places, likest first, with how like they are: endlessly where a text of
        one is a text of the other, else in standard deviations."""
        (near,) = self._near(self._vectors[entry.question][None])
        by_nearness = [int(i) for i in np.argsort(-near) if self._ids[i] != entry.id]
        compared, weights = by_nearness[:COMPARED], self._weights(entry.question, by_nearness[:FAMILY])
        deviation = float(near.std()) if len(near) >= FEWEST_ENTRIES else USUAL_DEVIATION
        likeness = {
            i: (2 * near[i] - self._kin(near, entry, i) - self._kin(near_other, entry, i)) / deviation
            + WORDS_WEIGHT * self._shared(weights, i)
            for i, near_other in zip(compared, self._near(self._rows[self._first[compared]]), strict=True)
        }
        likeness |= dict.fromkeys(self._with_a_text_of(entry), math.inf)
        return sorted(likeness.items(), key=lambda item: -item[1])

    def _near(self, questions: Vectors) -> Vectors:
        """The cosine of each entry's nearest text to each question, (questions, entries)."""
        return np.maximum.reduceat(questions @ self._rows.T, self._first, axis=1)

    def _kin(self, near: Vectors, entry: Entry, i: int) -> float:
        """How near the next of kin are, but for the two that are compared and other versions of them."""
        others = near[(self._ids != entry.id) & (self._ids != self._ids[i])]
        nearest = np.sort(others)[::-1][:NEXT_OF_KIN]
        return float(np.append(nearest, [USUAL_COSINE] * (NEXT_OF_KIN - len(nearest))).mean())

    def _weights(self, question: str, family: Sequence[int]) -> dict[str, float]:
        """What each word of a question tells about which of the family is meant."""
        having = Counter(word for i in family for word in self._words(i))
        return {w: math.log((FAMILY + 1) / (having[w] + 0.5)) for w in self._wording.lemmas(question)}

    def _shared(self, weights: Mapping[str, float], i: int) -> float:
        """The share of a question's words by their weights, 0..1, that an entry's questions have."""
        known = self._words(i)
        return sum(weight for word, weight in weights.items() if word in known) / (sum(weights.values()) or 1.0)

    def _words(self, i: int) -> set[str]:
        if i not in self._lemmas:
            self._lemmas[i] = {lemma for text in self._texts[i] for lemma in self._wording.lemmas(text)}
        return self._lemmas[i]

    def _with_a_text_of(self, entry: Entry) -> set[int]:
        """The others that have a text of this one but for politeness and punctuation."""
        texts = (entry.question, *entry.paraphrases)
        keys = {same_question(t) for t in texts}
        rows = self._nearest_rows(np.stack([self._vectors[t] for t in texts]))
        owners = {int(self._owners[r]) for r in rows if same_question(self._flat[r]) in keys}
        return {i for i in owners if self._ids[i] != entry.id}

    def _nearest_rows(self, vectors: Vectors) -> npt.NDArray[np.int64]:
        most = min(NEAREST_TEXTS + len(vectors), len(self._rows))  # its own texts may be among them
        return np.unique(np.argpartition(-(vectors @ self._rows.T), most - 1, axis=1)[:, :most])
