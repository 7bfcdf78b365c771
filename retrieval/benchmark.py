"""A file of questions with their right entries in, the figures of search on them out."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.audience import Audience
from core.table import read_table
from retrieval.hit import Found
from retrieval.knowledge import Knowledge
from retrieval.scores import SHOWN, auroc, ndcg


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as a resident would ask it. Nothing answers it where `entries` is empty."""

    id: str
    text: str
    manner: str  #: who asks, or how: old, young, foreign, dialect, hurry, voice
    entries: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a measurement gives; shares are 0..1."""

    questions: int
    unanswerable: int
    hit_at_1: float
    hit_at_3: float
    ndcg_at_10: float
    recall_at_10: float
    ndcg_by_manner: dict[str, float]
    auroc: float  #: of confidence, answerable against unanswerable questions
    wrong_answers: float  #: share of all questions that get the band `answer` and an entry that does not answer them
    right_answers: float  #: share of the answerable questions that get the band `answer` and the right entry
    left_alone: float  #: share of the unanswerable questions that are neither answered nor offered a choice
    p50_ms: float
    p95_ms: float


def read_questions(path: Path) -> list[Question]:
    """Columns id, text, manner, entries (several with a bar between). Raises UnreadableTable, NotFound."""
    rows = (row.cells for row in read_table(path).rows)
    return [
        Question(
            id=r["id"],
            text=r["text"],
            manner=r.get("manner", ""),
            entries=frozenset(filter(None, r.get("entries", "").split("|"))),
        )
        for r in rows
    ]


def measure(knowledge: Knowledge, kb: str, questions: list[Question]) -> Figures:
    """Ask every question as a resident."""
    found: list[Found] = []
    times: list[float] = []
    for question in questions:
        start = time.perf_counter()
        found.append(knowledge.search(question.text, kb, audience=Audience.RESIDENT, top=SHOWN))
        times.append((time.perf_counter() - start) * 1000)
    asked = [(q, f) for q, f in zip(questions, found, strict=True) if q.entries]
    strange = [f for q, f in zip(questions, found, strict=True) if not q.entries]
    by_manner: dict[str, list[float]] = defaultdict(list)
    for q, f in asked:
        by_manner[q.manner].append(ndcg(_ids(f), q.entries))
    first = [_first(f) in q.entries for q, f in asked]
    answered = [f.confidence >= f.answer_from for _, f in asked]
    wrong = sum(a and not r for a, r in zip(answered, first, strict=True)) + sum(f.confidence >= f.answer_from for f in strange)
    return Figures(
        questions=len(questions),
        unanswerable=len(strange),
        hit_at_1=_mean(first),
        hit_at_3=_mean([bool(q.entries & set(_ids(f)[:3])) for q, f in asked]),
        ndcg_at_10=_mean([score for scores in by_manner.values() for score in scores]),
        recall_at_10=_mean([len(q.entries & set(_ids(f))) / len(q.entries) for q, f in asked]),
        ndcg_by_manner={manner: _mean(scores) for manner, scores in sorted(by_manner.items())},
        auroc=auroc([f.confidence for _, f in asked], [f.confidence for f in strange]),
        wrong_answers=wrong / max(1, len(questions)),
        right_answers=_mean([a and r for a, r in zip(answered, first, strict=True)]),
        left_alone=_mean([f.confidence < f.clarify_from for f in strange]),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )


def _ids(found: Found) -> list[str]:
    return [h.entry.id for h in found.hits]


def _first(found: Found) -> str | None:
    return found.hits[0].entry.id if found.hits else None


def _mean(values: list[float] | list[bool]) -> float:
    return float(np.mean(values)) if values else 0.0
