"""A few thousand real passages in, any number of vectors that lie as theirs do out.

A real knowledge base of a million passages is not at hand, and uniform noise would flatter no index and every wrong idea:
nothing is near anything in it. So each vector made here is the middle of a real question's wordings, moved by a step as real
as that: one drawn from the covariance of how wordings lie about their middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.table import read_table
from models.embedder import Embedder, Vectors
from retrieval.index import Rows
from retrieval.repository import Repository

_ROWS_AT_ONCE = 50_000
_READ_CHARS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Real vectors, the middles of those that say the same, and how wordings lie about such a middle."""

    real: Vectors
    middles: Vectors  #: one for each real vector
    steps: Vectors  #: a square root of the covariance of wordings about their middle, (dimensions, dimensions)
    queries: Vectors  #: real questions of residents, embedded as queries

    def blocks(self, count: int, seed: int) -> Iterator[Vectors]:
        """`count` vectors of length 1; the same seed gives the same. The real ones come first."""
        rng = np.random.default_rng(seed)
        yield self.real[:count]
        made = min(count, len(self.real))
        while made < count:
            n = min(_ROWS_AT_ONCE, count - made)
            moved = self.middles[rng.integers(len(self.middles), size=n)]
            moved = moved + rng.standard_normal(moved.shape, dtype=np.float32) @ self.steps.T
            yield moved / np.linalg.norm(moved, axis=1, keepdims=True)
            made += n


def crowd_of(repository: Repository, kb: str, embedder: Embedder, texts: Sequence[str], questions: Sequence[str]) -> Crowd:
    """From a knowledge base, further texts, and residents' questions."""
    entries = [s.entry for s in repository.load(kb)]
    rows = Rows.embedded(entries, lambda of_entries: repository.embed(of_entries, embedder, lambda *_: None))
    others = np.concatenate([rows.answer_vectors, repository.embed(texts, embedder, lambda *_: None)])
    steps, middles = _wordings(rows.question_vectors, rows.question_owners)
    shrunk = float(np.sqrt(max(0.0, 1 - (steps**2).sum())))  # a step makes up for it: the length is 1 again
    return Crowd(
        real=np.concatenate([rows.question_vectors, others]),
        middles=np.concatenate([middles, shrunk * others]),
        steps=steps,
        queries=embedder.queries(list(questions)),
    )


def texts_of(tables: Sequence[Path]) -> list[str]:
    """The rows of tables as texts, each different one once."""
    rows = (" ".join(row.cells.values())[:_READ_CHARS] for path in tables for row in read_table(path).rows)
    return list(dict.fromkeys(rows))


def _wordings(vectors: Vectors, owners: npt.NDArray[np.int64]) -> tuple[Vectors, Vectors]:
    """The Cholesky factor of the covariance of wordings about the middle of their question's, and each one's middle."""
    sums = np.zeros((owners.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, owners, vectors)
    counts = np.bincount(owners)
    middles = (sums / np.maximum(counts, 1)[:, None])[owners].astype(np.float32)
    several = counts[owners] > 1
    apart = (vectors - middles)[several].astype(np.float64)
    covariance = apart.T @ apart / (several.sum() - (counts > 1).sum())  # a mean of n wordings leaves n - 1 free
    return np.linalg.cholesky(covariance + 1e-7 * np.eye(len(covariance))).astype(np.float32), middles
