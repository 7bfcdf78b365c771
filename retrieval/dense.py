"""Cosine similarity over rows of vectors with faiss, and the distribution of a query's similarity to all rows."""

from __future__ import annotations

import faiss
import numpy as np
from threadpoolctl import ThreadpoolController

from models.embedder import Vectors
from retrieval.nearest import Numbers

faiss.omp_set_num_threads(1)  # waking further threads costs more than a city's index takes

EXACT_ROWS = 8_000  #: more rows are first looked through in 8 bits each, which reads a quarter of the memory
SPARE = 4  #: times as many rows are taken from the coarse look, so that rounding loses none


class DenseField:
    """Rows of one field, in the order of the entries that own them; an entry may own several (question and paraphrases)."""

    def __init__(self, vectors: Vectors, owners: Numbers, entries: int) -> None:
        self._vectors, self._owners = np.ascontiguousarray(vectors), owners
        self._index = _coarse(self._vectors) if len(vectors) > EXACT_ROWS else _flat(self._vectors)
        self._spare = SPARE if len(vectors) > EXACT_ROWS else 1
        self._mean, self._covariance = moments(self._vectors)
        self._starts = np.searchsorted(owners, np.arange(entries + 1))

    def nearest(self, query: Vectors, rows: int) -> Numbers:
        """The entries of the most similar rows, at least `rows` rows looked at."""
        if not len(self._vectors):
            return np.empty(0, np.int64)
        _, found = self._index.search(query.reshape(1, -1), min(rows * self._spare, len(self._vectors)))
        owners: Numbers = self._owners[found[0][found[0] >= 0]]
        return owners

    def cosines(self, query: Vectors, entries: Numbers) -> Vectors:
        """The similarity of each entry's best row, (entries,)."""
        first, counts = self._starts[entries], self._starts[entries + 1] - self._starts[entries]
        offsets = np.cumsum(counts) - counts
        rows = np.repeat(first - offsets, counts) + np.arange(counts.sum())
        best: Vectors = np.maximum.reduceat(self._vectors[rows] @ query, offsets)
        return best

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the query's similarity over all rows, from their mean and covariance."""
        mean = float(self._mean @ query)
        variance = float(query @ self._covariance @ query)
        return mean, max(variance, 1e-9) ** 0.5


def moments(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """Mean and covariance of the rows; zeros where an audience has no entries yet."""
    mean: Vectors = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
    centred = vectors - mean
    with ThreadpoolController().limit(limits=1, user_api="blas"):  # more wait for each other, and change the last digit
        covariance = centred.T @ centred / max(1, len(vectors))
    return mean, covariance.astype(np.float32)


def _flat(vectors: Vectors) -> faiss.Index:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _coarse(vectors: Vectors) -> faiss.Index:
    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    return index
