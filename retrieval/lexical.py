"""BM25 over content lemmas, one index a field (Robertson & Zaragoza 2009), and how much of a query a text covers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
import numpy.typing as npt

from retrieval.analysis import lemmas

Scores = npt.NDArray[np.float32]

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it would log every index at DEBUG, whatever the root level

_NOTHING = "∅"  # bm25s can't index an empty document


class LexicalField:
    """One field of all entries."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._tokens = [lemmas(t) for t in texts]
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75)
        self._bm25.index([list(t) or [_NOTHING] for t in self._tokens] or [[_NOTHING]], show_progress=False)

    def scores(self, query: Sequence[str]) -> Scores:
        """BM25 of every entry, (entries,)."""
        known = [q for q in query if q in self._bm25.vocab_dict]
        if not known:
            return np.zeros(len(self._tokens), np.float32)
        return np.asarray(self._bm25.get_scores(known), np.float32)

    def tokens(self, entry: int) -> tuple[str, ...]:
        return self._tokens[entry]


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
