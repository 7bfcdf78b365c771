"""The port of what grows: a query's vector in, the entries of one audience's index version that are near it out.

`retrieval/dense.py` is it in memory, exact; `retrieval/postgres/passages.py` in PostgreSQL. Both keep the same promises
(`tests/retrieval/test_nearest.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.embedder import Vectors

Numbers = npt.NDArray[np.int64]


class Nearest(Protocol):
    """The rows of one field of one index version; each belongs to an entry, which may own several."""

    def nearest(self, query: Vectors, rows: int) -> Numbers:
        """The entries of the most similar rows, at least `rows` rows looked at, about in that order; an entry may come twice."""
        ...

    def cosines(self, query: Vectors, entries: Numbers) -> Vectors:
        """The similarity of each entry's best row, (entries,)."""
        ...

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the query's similarity over all rows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The two fields that are searched by meaning."""

    question: Nearest  #: a row for each question and paraphrase
    answer: Nearest  #: a row for each entry: its question with its answer
