"""Cosine similarity over rows of vectors with faiss, and the distribution of a query's similarity to all rows."""

from __future__ import annotations

import faiss
import numpy as np
import numpy.typing as npt

from models.embedder import Vectors

faiss.omp_set_num_threads(1)  # waking further threads costs more than a city's index takes


class DenseField:
    """Rows of one field; several rows may belong to one entry (its question and the paraphrases)."""

    def __init__(self, vectors: Vectors, owners: npt.NDArray[np.int64], entries: int) -> None:
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))
        self._vectors, self._owners, self._entries = vectors, owners, entries
        self._mean = vectors.sum(axis=0) / max(1, len(vectors))  # an audience may have no entries yet
        centred = vectors - self._mean
        self._covariance = centred.T @ centred / max(1, len(vectors))
        order = np.argsort(owners, kind="stable")
        self._order, self._starts = order, np.searchsorted(owners[order], np.arange(entries + 1))

    def nearest(self, query: Vectors, rows: int) -> list[int]:
        """The entries of the `rows` most similar rows."""
        _, found = self._index.search(query.reshape(1, -1), min(rows, len(self._vectors)))
        return list(dict.fromkeys(int(self._owners[r]) for r in found[0] if r >= 0))

    def cosine(self, query: Vectors, entry: int) -> float:
        """The similarity of the entry's best row."""
        rows = self._order[self._starts[entry] : self._starts[entry + 1]]
        return float((self._vectors[rows] @ query).max()) if len(rows) else -1.0

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the query's similarity over all rows, from their mean and covariance."""
        mean = float(self._mean @ query)
        variance = float(query @ self._covariance @ query)
        return mean, max(variance, 1e-9) ** 0.5
