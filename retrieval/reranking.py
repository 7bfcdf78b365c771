"""A query and its hits in, the same hits in the order of a cross-encoder out, each with its score as evidence."""

from __future__ import annotations

from dataclasses import replace

from models.reranker import Reranker
from retrieval.hit import Hit

RERANKED = 20  #: hits that a cross-encoder puts in order; more gains nothing (notes of the retrieval literature)
READ_CHARS = 400  #: of a question with its answer; the cost grows with the length


class Reranking:
    """Puts hits in order."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker

    def order(self, query: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """Hits that the knowledge base has word by word stay first."""
        texts = [f"{h.entry.question}\n{h.entry.answer}"[:READ_CHARS] for h in hits]
        scores = self._reranker.scores(query, texts) if hits else []
        scored = [replace(h, evidence=replace(h.evidence, reranked=score)) for h, score in zip(hits, scores, strict=True)]
        return tuple(sorted(scored, key=lambda h: (not h.evidence.exact, -(h.evidence.reranked or 0.0))))
