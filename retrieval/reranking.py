"""A query and its hits in, the same hits in the order of a cross-encoder out, each with its score as evidence."""

from __future__ import annotations

from dataclasses import replace

from models.reranker import Reranker
from retrieval.hit import Hit

RERANKED = 20  #: hits that a cross-encoder puts in order; more gains nothing (notes of the retrieval literature)
READ_CHARS = 400  #: of a question with its answer; the cost grows with the length


class Reranking:
    """Puts hits in order. Made for one purpose and forgotten after it: it remembers what it scored."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker, self._scores = reranker, dict[tuple[str, str], float]()

    def order(self, query: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """Hits that the knowledge base has word by word stay first."""
        texts = [f"{h.entry.question}\n{h.entry.answer}"[:READ_CHARS] for h in hits]
        todo = [t for t in dict.fromkeys(texts) if (query, t) not in self._scores]
        if todo:
            self._scores |= {(query, t): s for t, s in zip(todo, self._reranker.scores(query, todo), strict=True)}
        scored = [
            replace(h, evidence=replace(h.evidence, reranked=self._scores[query, t])) for h, t in zip(hits, texts, strict=True)
        ]
        return tuple(sorted(scored, key=lambda h: (not h.evidence.exact, -(h.evidence.reranked or 0.0))))
