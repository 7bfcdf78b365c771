"""The vectors of index versions in PostgreSQL: arrays in, a field that is searched there out (https://github.com/pgvector/pgvector)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from sqlalchemy.engine import Connection, Engine

from core.audience import Audience
from core.errors import NotReady
from models.embedder import Vectors
from retrieval.nearest import Numbers
from retrieval.postgres.schema import partition_of

QUESTION, ANSWER = 1, 2  #: the fields

# Chosen by measurement (docs/scale.md). Fewer rows are compared one by one: exact, and nothing to build.
EXACT_ROWS = 10_000
LINKS, BUILD_NEAR = 24, 200  #: of a graph: `m` and `ef_construction`


_GONE = (
    "この機械では新しい索引を読めません。管理者は、ほかの機械の学習したモデル(adapted)を写すか、"
    "プログラムの版をそろえてください。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the rows of one field of one version lie."""

    audience: Audience
    version: int
    field: int
    dimensions: int

    @property
    def where(self) -> str:
        """In words and numbers of our own, not as parameters: the planner picks the partition and its graph by them."""
        return f"audience = '{self.audience.value}' AND version = {int(self.version)} AND field = {int(self.field)}"

    @property
    def vector(self) -> str:
        return f"(vector::halfvec({int(self.dimensions)}))"

    @property
    def graph(self) -> str:
        return f"near_{int(self.version)}_{int(self.field)}"


class PostgresField:
    """One field of one version, searched where it lies."""

    def __init__(self, engine: Engine, place: Place, mean: Vectors, covariance: Vectors) -> None:
        self._engine, self._mean, self._covariance = engine, mean, covariance
        # The sum and the sign are of pgvector: <#> is the negative inner product.
        near = f"{place.vector} <#> CAST(:query AS halfvec({int(place.dimensions)}))"
        self._nearest = sa.text(f"SELECT owner FROM passages WHERE {place.where} ORDER BY {near} LIMIT :rows")  # noqa: S608
        self._cosines = sa.text(
            f"SELECT owner, max(-({near})) AS cosine FROM passages WHERE {place.where} AND owner = ANY(:owners) GROUP BY owner"  # noqa: S608
        )

    def nearest(self, query: Vectors, rows: int) -> Numbers:
        """The entries of the most similar rows."""
        with self._engine.connect() as c:
            found = c.execute(self._nearest, {"query": _text(query), "rows": rows}).scalars().all()
        return np.array(found, np.int64)

    def cosines(self, query: Vectors, entries: Numbers) -> Vectors:
        """The similarity of each entry's best row, (entries,). Raises NotReady when the version was taken away: this machine
        lacks what the newer ones were made with."""
        with self._engine.connect() as c:
            rows = c.execute(self._cosines, {"query": _text(query), "owners": entries.tolist()}).all()
        found = {r.owner: r.cosine for r in rows}
        if any(i not in found for i in entries.tolist()):
            raise NotReady(_GONE)
        return np.array([found[i] for i in entries.tolist()], np.float32)

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the query's similarity over all rows, from their mean and covariance."""
        return float(self._mean @ query), max(float(query @ self._covariance @ query), 1e-9) ** 0.5


def write(c: Connection, place: Place, vectors: Vectors, owners: Numbers) -> None:
    """Add the rows of a field, within a transaction."""
    driver: Any = c.connection.driver_connection
    register_vector(driver)
    with driver.cursor().copy(
        f"COPY {partition_of(place.audience)} (audience, version, field, owner, vector) FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["text", "int4", "int2", "int4", "halfvec"])
        for vector, owner in zip(vectors.astype(np.float16), owners.tolist(), strict=True):
            copy.write_row((place.audience.value, place.version, place.field, owner, HalfVector(vector)))


def build_graph(c: Connection, place: Place) -> None:
    """A graph of this field of this version alone, so that no other city's rows are on the way. Outside a transaction:
    nobody waits for it, neither readers nor those who write other versions."""
    c.exec_driver_sql(
        f"CREATE INDEX CONCURRENTLY {place.graph} ON {partition_of(place.audience)} USING hnsw ({place.vector} halfvec_ip_ops) "
        f"WITH (m = {LINKS}, ef_construction = {BUILD_NEAR}) WHERE version = {int(place.version)} AND field = {int(place.field)}"
    )


def forget(c: Connection, audience: Audience, version: int) -> None:
    """Take the rows of a version away, outside a transaction. May be done twice."""
    for field in (QUESTION, ANSWER):
        place = Place(audience=audience, version=version, field=field, dimensions=0)
        c.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {place.graph}")
    where = {"audience": audience.value, "version": version}
    c.execute(sa.text("DELETE FROM passages WHERE audience = :audience AND version = :version"), where)


@lru_cache(maxsize=256)  # a question looks four times with one vector
def _written(query: bytes) -> str:
    return f"[{','.join(map(repr, np.frombuffer(query, np.float32).tolist()))}]"


def _text(query: Vectors) -> str:
    return _written(query.astype(np.float32, copy=False).tobytes())
