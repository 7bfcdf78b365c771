"""Promises of search by vector, the same in memory and in PostgreSQL: what an exact search over all rows finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.errors import NotReady
from eval.crowd import Crowd, crowd_of
from models.embedder import Embedder, Vectors
from retrieval.dense import EXACT_ROWS, DenseField, moments
from retrieval.knowledge import Knowledge
from retrieval.nearest import Nearest, Numbers
from retrieval.postgres.passages import ANSWER, QUESTION, Place, PostgresField, build_graph, forget, write
from retrieval.postgres.schema import create_tables, searching

QUESTIONS = """住民票の写しがほしい 犬を飼い始めた 図書館は何時まで 引っ越しの届け出 粗大ごみの出し方 保育園に入れたい
国保の保険料が高い 税金の納付書をなくした 水道が止まった 子どもの予防接種 マイナンバーカードを落とした 選挙の投票所""".split()

FieldOf = Callable[..., Nearest]

VERSIONS = count(1000)
GRAPH_FROM = EXACT_ROWS  #: rows: above it memory looks coarsely first, and PostgreSQL gets a graph here, which takes seconds


@pytest.fixture(scope="module")
def crowd(knowledge: Knowledge, embedder: Embedder) -> Crowd:
    return crowd_of(knowledge.repository, "soo", embedder, [], QUESTIONS)


@pytest.fixture(scope="module")
def engines(postgres_server: str) -> Iterator[tuple[Engine, Engine]]:
    """One that writes and one that searches; each test takes a version of its own."""
    engine = sa.create_engine(postgres_server)
    create_tables(engine)
    yield engine, searching(engine)
    engine.dispose()


@pytest.fixture(params=["memory", "PostgreSQL"])
def field_of(request: pytest.FixtureRequest) -> FieldOf:
    """field_of(vectors, owners) -> the field, where the parameter says."""
    if request.param == "memory":
        return lambda vectors, owners: DenseField(vectors, owners, int(owners.max(initial=-1)) + 1)
    return lambda vectors, owners: postgres_field(request.getfixturevalue("engines"), vectors, owners)


def postgres_field(
    engines: tuple[Engine, Engine],
    vectors: Vectors,
    owners: Numbers,
    *,
    audience: Audience = Audience.RESIDENT,
    version: int = 0,
    exact_rows: int = GRAPH_FROM,
) -> PostgresField:
    engine, searcher = engines
    version = version or next(VERSIONS)
    place = Place(audience=audience, version=version, field=QUESTION, dimensions=vectors.shape[1])
    with engine.begin() as c:
        write(c, place, vectors, owners)
    if len(vectors) > exact_rows:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            build_graph(c, place)
    return PostgresField(searcher, place, *moments(vectors))


def people(crowd: Crowd, number: int) -> Vectors:
    return np.concatenate(list(crowd.blocks(number, seed=3)))


def recall(field: Nearest, vectors: Vectors, queries: Vectors) -> float:
    """Of the ten nearest rows of an exact search, by their similarity: which of rows that are as near comes first is open."""
    shares = []
    for query in queries:
        tenth = np.sort(vectors @ query)[-10]
        found = field.nearest(query, 64)
        first = found[np.argsort(-field.cosines(query, found))[:10]]
        shares.append(float(np.mean(vectors[first] @ query >= tenth - 1e-3)))
    return float(np.mean(shares))


def test_what_is_nearest_comes_first(field_of: FieldOf, crowd: Crowd) -> None:
    vectors = people(crowd, 3_000)
    assert recall(field_of(vectors, np.arange(3_000)), vectors, crowd.queries) == 1.0


def test_many_rows_are_searched_as_well_as_few(field_of: FieldOf, crowd: Crowd) -> None:
    vectors = people(crowd, GRAPH_FROM + 500)
    assert recall(field_of(vectors, np.arange(len(vectors))), vectors, crowd.queries) >= 0.98


def test_an_entry_is_as_near_as_its_best_row(field_of: FieldOf, crowd: Crowd) -> None:
    vectors = people(crowd, 600)
    owners = np.repeat(np.arange(200), 3)
    field = field_of(vectors, owners)
    asked = np.array([7, 0, 199, 55])
    best = (vectors @ crowd.queries[0]).reshape(200, 3).max(axis=1)
    np.testing.assert_allclose(field.cosines(crowd.queries[0], asked), best[asked], atol=1e-3)
    assert field.nearest(crowd.queries[0], 1)[0] == best.argmax()


def test_the_spread_is_that_over_all_rows(field_of: FieldOf, crowd: Crowd) -> None:
    vectors = people(crowd, 500)
    mean, deviation = field_of(vectors, np.arange(500)).spread(crowd.queries[1])
    similarities = vectors @ crowd.queries[1]
    assert (mean, deviation) == pytest.approx((similarities.mean(), similarities.std()), abs=1e-4)


def test_rows_that_are_equally_near_all_come(field_of: FieldOf, crowd: Crowd) -> None:
    vectors = people(crowd, 400)
    vectors[[3, 90, 399]] = crowd.queries[2]
    found = field_of(vectors, np.arange(400)).nearest(crowd.queries[2], 3)
    assert set(found.tolist()) == {3, 90, 399}


def test_no_rows_are_no_error(field_of: FieldOf, crowd: Crowd) -> None:
    field = field_of(np.empty((0, 384), np.float32), np.empty(0, np.int64))
    assert field.nearest(crowd.queries[0], 64).tolist() == []
    assert field.spread(crowd.queries[0])[0] == 0.0


def test_more_rows_than_there_are_may_be_asked_for(field_of: FieldOf, crowd: Crowd) -> None:
    found = field_of(people(crowd, 5), np.arange(5)).nearest(crowd.queries[0], 64)
    assert sorted(found.tolist()) == [0, 1, 2, 3, 4]


def test_a_resident_searches_no_partition_with_rows_of_staff(engines: tuple[Engine, Engine], crowd: Crowd) -> None:
    """The same number of a version in both partitions, which the product never gives: only the audience tells them apart."""
    secret, query = crowd.queries[:1], crowd.queries[0]
    postgres_field(engines, secret, np.array([666]), audience=Audience.STAFF, version=1 << 30)
    resident = postgres_field(engines, people(crowd, 50), np.arange(50), version=1 << 30)
    assert 666 not in resident.nearest(query, 64)
    with pytest.raises(NotReady):
        resident.cosines(query, np.array([666]))
    for statement, more in ((resident._nearest, {"rows": 64}), (resident._cosines, {"owners": [666]})):
        plan = explained(engines[1], str(statement), {"query": str(query.tolist())} | more)
        assert "passages_resident" in plan
        assert "passages_staff" not in plan


def test_a_graph_is_used_where_there_is_one_and_goes_with_its_version(engines: tuple[Engine, Engine], crowd: Crowd) -> None:
    vectors = people(crowd, 2_000)
    field = postgres_field(engines, vectors, np.arange(2_000), version=77, exact_rows=100)
    other = postgres_field(engines, vectors[:100], np.arange(100), version=78)
    asked = {"query": str(crowd.queries[0].tolist()), "rows": 64}
    assert "near_77_1" in explained(engines[1], str(field._nearest), asked)
    assert "near_" not in explained(engines[1], str(other._nearest), asked)
    with engines[0].connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        forget(c, Audience.RESIDENT, 77)
        forget(c, Audience.RESIDENT, 77)
        left = c.execute(sa.text("SELECT count(*) FROM pg_class WHERE relname LIKE 'near_77%'")).scalar()
    assert (left, field.nearest(crowd.queries[0], 64).tolist()) == (0, [])
    assert len(other.nearest(crowd.queries[0], 64)) == 64


def explained(engine: Engine, statement: str, values: dict[str, object]) -> str:
    with engine.connect() as c:
        return "\n".join(c.execute(sa.text(f"EXPLAIN (VERBOSE) {statement}"), values).scalars())


def test_the_fields_of_a_version_are_apart(engines: tuple[Engine, Engine], crowd: Crowd) -> None:
    engine, searcher = engines
    place = Place(audience=Audience.RESIDENT, version=79, field=ANSWER, dimensions=384)
    with engine.begin() as c:
        write(c, place, crowd.queries[:1], np.array([5]))
    field = postgres_field(engines, people(crowd, 10), np.arange(10), version=79)
    assert len(field.nearest(crowd.queries[0], 64)) == 10
    assert PostgresField(searcher, place, *moments(crowd.queries[:1])).nearest(crowd.queries[0], 64).tolist() == [5]
