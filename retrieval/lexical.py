"""BM25 over the words of each field (Robertson & Zaragoza 2009), and how much of a query a text covers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
import numpy.typing as npt

from retrieval.entry import Entry

Scores = npt.NDArray[np.float32]
Analysis = Callable[[str], tuple[str, ...]]

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it would log every index at DEBUG, whatever the root level

_NOTHING = "∅"  # bm25s can't index an empty document


class LexicalField:
    """One field of all entries, as tokens."""

    def __init__(self, tokens: Sequence[Sequence[str]]) -> None:
        self._entries = len(tokens)
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75)
        self._bm25.index([list(t) or [_NOTHING] for t in tokens] or [[_NOTHING]], show_progress=False)

    def scores(self, query: Sequence[str]) -> Scores:
        """BM25 of every entry, (entries,)."""
        known = [q for q in query if q in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._entries, np.float32)
        return np.asarray(self._bm25.get_scores(known), np.float32)


class Rarity:
    """How much a lemma says: its inverse document frequency over whole entries. Unknown lemmas say the most."""

    def __init__(self, documents: Sequence[set[str]]) -> None:
        counts = Counter(t for d in documents for t in d)
        n = len(documents)
        self._idf = {t: float(np.log(1 + (n - c + 0.5) / (c + 0.5))) for t, c in counts.items()}
        self._unknown = float(np.log(1 + (n + 0.5) / 0.5))

    def coverage(self, query: Sequence[str], document: set[str]) -> float:
        """Share of the query's information that the document has, 0..1; 0 for a query without content."""
        weights = {q: self._idf.get(q, self._unknown) for q in set(query)}
        total = sum(weights.values())
        return sum(w for q, w in weights.items() if q in document) / total if total else 0.0


class Words:
    """The words of all entries under one analysis: content lemmas, or pieces of the reading."""

    def __init__(self, entries: Sequence[Entry], analyse: Analysis, question_share: float) -> None:
        self.analyse = analyse
        self._question_share = question_share  # of a lexical score; the rest goes to the answer
        questions = [[analyse(t) for t in (e.question, *e.paraphrases)] for e in entries]
        categories = [analyse(e.category or "") for e in entries]
        answers = [analyse(e.answer) for e in entries]
        self._question = LexicalField([[t for q in (*qs, c) for t in q] for qs, c in zip(questions, categories, strict=True)])
        self._answer = LexicalField(answers)
        self._question_sets = [[set(q) for q in qs] for qs in questions]
        self._asked = [set().union(*sets) for sets in self._question_sets]
        self._all = [asked | set(answer) for asked, answer in zip(self._asked, answers, strict=True)]
        self._rarity = Rarity(self._all)

    def z(self, query: Sequence[str]) -> Scores:
        """How far each entry stands out, in standard deviations, (entries,)."""
        question, answer = standardise(self._question.scores(query)), standardise(self._answer.scores(query))
        return self._question_share * question + (1 - self._question_share) * answer

    def coverage(self, query: Sequence[str], entry: int) -> tuple[float, float, float]:
        """Shares of information, 0..1: of the query in the entry; of the query in its questions; of its best question in the
        query."""
        asked = set(query)
        return (
            self._rarity.coverage(query, self._all[entry]),
            self._rarity.coverage(query, self._asked[entry]),
            max(self._rarity.coverage(tuple(s), asked) for s in self._question_sets[entry]),
        )


def standardise(scores: Scores) -> Scores:
    """Mean 0, standard deviation 1; all 0 where every score is the same."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
