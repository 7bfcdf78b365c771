"""What a search gives: entries with a score and the evidence that the score is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from retrieval.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an entry was found. Cosines are -1..1, coverage 0..1, z-values in standard deviations."""

    exact: bool  #: the query is the entry's question or one of its paraphrases, up to politeness and punctuation
    question_cosine: float
    answer_cosine: float
    question_z: float
    answer_z: float
    lexical_z: float
    coverage: float  #: of the query by the whole entry
    question_coverage: float  #: of the query by the entry's question and paraphrases
    covered_by: float  #: of the entry's best-matching question by the query
    together: float  #: of the query by the entry's answer and any one of its questions and paraphrases
    same_words: bool = False  #: one of its questions says the same in the same words, but for particles and endings
    reranked: float | None = None  #: what the cross-encoder says, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One found entry."""

    entry: Entry
    score: float
    evidence: Evidence
    updated_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a search, best first, with the probability that the first hit answers the question."""

    hits: tuple[Hit, ...]
    confidence: float  #: 0..1, calibrated on the knowledge base itself
    guessed: float = 0.0  #: the same of the knowledge base's words that sound like the text: enough to offer, never to answer
    answer_from: float  #: confidence from which the first hit may be given as the answer
    clarify_from: float  #: confidence, of the text or of the guess, from which the hits are worth offering

    def likelihood(self, hit: Hit) -> float:
        """0..1: how likely one of the hits answers, to be compared over questions; the first's confidence, and less the farther
        a hit's score lies behind the first's."""
        return self.confidence * math.exp(min(0.0, hit.score - self.hits[0].score))


def fused(asked: tuple[Hit, ...], guesses: Sequence[tuple[tuple[Hit, ...], float]], top: int) -> tuple[Hit, ...]:
    """The best hits of a question and of guesses at what it means, each with its share of the score. What one way did not find
    scores there as its last hit does. Evidence is the question's where there is some; a guess is never the very question."""
    own = 1 - sum(share for _, share in guesses)
    ways = [({h.entry.id: h for h in hits}, share) for hits, share in ((asked, own), *guesses)]
    lowest = [min((h.score for h in way.values()), default=0.0) for way, _ in ways]

    def score(entry_id: str) -> float:
        return sum(share * _score(way, entry_id, low) for (way, share), low in zip(ways, lowest, strict=True))

    every: dict[str, Hit] = {}
    for way, _ in reversed(ways):
        every |= way
    scores = {i: score(i) for i in every}
    best = sorted(every, key=lambda i: -scores[i])[:top]
    own_hits = ways[0][0]
    return tuple(replace(every[i] if i in own_hits else _guessed(every[i]), score=scores[i]) for i in best)


def _guessed(hit: Hit) -> Hit:
    return replace(hit, evidence=replace(hit.evidence, exact=False, same_words=False))


def _score(way: Mapping[str, Hit], entry_id: str, low: float) -> float:
    hit = way.get(entry_id)
    return low if hit is None else hit.score
