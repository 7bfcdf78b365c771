"""How search by vector grows: a number of passages in, what building, memory and a search take out, in memory and in PostgreSQL.

Run by hand (`python -m eval.scale --help`); figures and what they mean are in docs/scale.md. Processor time stands beside the
clock's, since a machine is seldom quiet for so long.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.database import open_database, open_engine
from core.settings import CHECKOUT, Settings, load_settings
from eval.cpu import cpu_s
from eval.crowd import Crowd, crowd_of, texts_of
from models.embedder import Vectors, load_embedder
from retrieval.benchmark import read_questions
from retrieval.dense import DenseField, moments
from retrieval.nearest import Nearest, Numbers
from retrieval.postgres.passages import EXACT_ROWS, QUESTION, Place, PostgresField, build_graph, forget, write
from retrieval.postgres.schema import NEAR, create_tables, partition_of, searching
from retrieval.repository import Repository

CANDIDATES, SHOWN = 64, 10
SEED = 1
SAMPLES = CHECKOUT / "samples" / "soo"

Cpu = Callable[[], float]
"""Seconds of processor time that the search has taken so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one size takes. `mb` are of what stays in memory, or on disk and in the cache of PostgreSQL."""

    store: str
    rows: int
    build_s: float
    build_cpu_s: float
    mb: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float  #: of one search, mean
    recall_at_10: float


def exact(vectors: Vectors, queries: Vectors) -> Numbers:
    """The numbers of the ten nearest rows of each query, (queries, 10), in no order."""
    similar = np.concatenate([queries @ vectors[i : i + 50_000].T for i in range(0, len(vectors), 50_000)], axis=1)
    return np.argpartition(-similar, SHOWN - 1, axis=1)[:, :SHOWN]


def searched(field: Nearest, queries: Vectors, right: Numbers, cpu: Cpu) -> dict[str, float]:
    """What a question does with a field: look for what is near, then ask how near the entries are."""
    for query in queries:
        field.nearest(query, CANDIDATES)  # the first look at a row may come from the disk
    times, hits, began = [], [], cpu()
    for query, best in zip(queries, right, strict=True):
        start = time.perf_counter()
        found = np.unique(field.nearest(query, CANDIDATES))
        first = found[np.argsort(-field.cosines(query, found))[:SHOWN]]
        times.append((time.perf_counter() - start) * 1000)
        hits.append(len(np.intersect1d(first, best)) / SHOWN)
    p50, p95 = np.percentile(times, [50, 95])
    cpu_ms = (cpu() - began) * 1000 / len(queries)
    return {"p50_ms": float(p50), "p95_ms": float(p95), "cpu_ms": cpu_ms, "recall_at_10": float(np.mean(hits))}


def in_memory(vectors: Vectors, queries: Vectors, right: Numbers) -> Figures:
    before = _resident_mb()
    start, cpu = time.perf_counter(), time.process_time()
    field = DenseField(vectors, np.arange(len(vectors)), len(vectors))
    took = {"build_s": time.perf_counter() - start, "build_cpu_s": time.process_time() - cpu}
    mb = _resident_mb() - before + vectors.nbytes / 1e6
    return Figures(store="memory", rows=len(vectors), **took, mb=mb, **searched(field, queries, right, time.thread_time))


def in_postgres(engine: Engine, vectors: Vectors, queries: Vectors, right: Numbers, nears: list[int]) -> list[Figures]:
    """One version of these rows, searched with each width of view; it is taken away afterwards."""
    create_tables(engine)
    place = Place(audience=Audience.STAFF, version=1, field=QUESTION, dimensions=vectors.shape[1])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        forget(c, place.audience, place.version)
        c.exec_driver_sql("VACUUM passages")
        cpu, start = _of_backend(c), time.perf_counter()
        began, size = cpu(), _stored_bytes(c, place)
        write(c, place, vectors, np.arange(len(vectors)))
        if len(vectors) > EXACT_ROWS:
            build_graph(c, place)
        took = {"build_s": time.perf_counter() - start, "build_cpu_s": cpu() - began}
        mb = (_stored_bytes(c, place) - size) / 1e6
        figures = [
            Figures(store=f"postgres {near}", rows=len(vectors), **took, mb=mb, **_viewed(engine, place, near, queries, right))
            for near in nears
        ]
        forget(c, place.audience, place.version)
    return figures


def _viewed(engine: Engine, place: Place, near: int, queries: Vectors, right: Numbers) -> dict[str, float]:
    searcher = searching(engine, near=near)
    with searcher.connect() as c:  # the pool gives the same connection again
        cpu = _of_backend(c)
    field = PostgresField(searcher, place, *moments(queries))
    found = searched(field, queries, right, cpu)
    searcher.dispose()
    return found


def _of_backend(c: sa.Connection) -> Cpu:
    """Processor time of the server's process for this connection; it has to be on this machine."""
    return partial(cpu_s, int(c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()))


def _stored_bytes(c: sa.Connection, place: Place) -> int:
    return int(c.exec_driver_sql(f"SELECT pg_total_relation_size('{partition_of(place.audience)}')").scalar_one())


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _crowd(settings: Settings, tables: list[Path]) -> Crowd:
    repository = Repository(open_database(settings))
    texts = texts_of([*sorted(SAMPLES.glob("*.csv")), *sorted(SAMPLES.glob("garbage/*.csv")), *tables])
    asked = [q.text for q in read_questions(CHECKOUT / "eval" / "data" / "soo_questions.csv")]
    return crowd_of(repository, settings.kb, load_embedder(settings), texts, asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="+", help="numbers of passages")
    parser.add_argument("--postgres", default="", help="URL of a PostgreSQL with pgvector on this machine; else in memory")
    parser.add_argument("--near", type=int, nargs="+", default=[NEAR], help="rows that a graph keeps in view")
    parser.add_argument("--tables", type=Path, nargs="*", default=[], help="further real texts: CSV, a passage a row")
    given = parser.parse_args()
    crowd = _crowd(load_settings(), given.tables)
    for rows in given.rows:
        vectors = np.concatenate(list(crowd.blocks(rows, SEED)))
        right = exact(vectors, crowd.queries)
        if given.postgres:
            engine = open_engine(given.postgres)
            figures = in_postgres(engine, vectors, crowd.queries, right, given.near)
            engine.dispose()
        else:
            figures = [in_memory(vectors, crowd.queries, right)]
        for f in figures:
            sys.stdout.write(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(f).items()}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
