"""Search on the sample city: how often the right entry comes first, and how long a question takes."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from core.audience import Audience
from retrieval.knowledge import Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFigures:
    """What a measurement of search gives."""

    questions: int
    first: float  #: share whose entry is the first hit
    among_four: float
    p50_ms: float
    p95_ms: float


def measure_search(knowledge: Knowledge, kb: str) -> SearchFigures:
    """Each entry's short spoken form as the query: the index does not have it, yet it says what the entry is about."""
    asked = [(e.id, e.speech) for e in knowledge.version(kb, Audience.RESIDENT).index.entries if e.speech]
    ranks, times = [], []
    for entry_id, text in asked:
        start = time.perf_counter()
        hits = knowledge.search(text, kb, audience=Audience.RESIDENT, top=4).hits
        times.append((time.perf_counter() - start) * 1000)
        found = [h.entry.id for h in hits]
        ranks.append(found.index(entry_id) + 1 if entry_id in found else 99)
    return SearchFigures(
        questions=len(asked),
        first=float(np.mean([r == 1 for r in ranks])),
        among_four=float(np.mean([r <= 4 for r in ranks])),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )
