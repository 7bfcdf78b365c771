"""The tables of index versions in PostgreSQL, and the engine that searches them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.audience import Audience
from core.database import open_postgres
from core.errors import SettingsError

NEAR = 400  #: rows that a graph keeps in view (hnsw.ef_search): recall@10 over .98 at 100,000 rows; see docs/scale.md

# A row of `passages` is never changed. Its partition is its audience's: what residents search has no staff row in it.
_TABLES = """
CREATE TABLE IF NOT EXISTS index_versions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kb text NOT NULL,
    audience text NOT NULL,
    name text NOT NULL,
    manifest json NOT NULL,
    is_whole boolean NOT NULL DEFAULT false,
    UNIQUE (kb, audience, name)
);
CREATE TABLE IF NOT EXISTS index_current (
    kb text,
    audience text,
    version integer NOT NULL REFERENCES index_versions (id),
    PRIMARY KEY (kb, audience)
);
CREATE TABLE IF NOT EXISTS index_parts (
    version integer REFERENCES index_versions (id) ON DELETE CASCADE,
    part text,
    position integer,
    content bytea NOT NULL,
    PRIMARY KEY (version, part, position)
);
CREATE TABLE IF NOT EXISTS passages (
    audience text NOT NULL,
    version integer NOT NULL,
    field smallint NOT NULL,
    owner integer NOT NULL,
    vector halfvec NOT NULL
) PARTITION BY LIST (audience);
CREATE INDEX IF NOT EXISTS passages_of_version ON passages (version, field, owner);
"""


def partition_of(audience: Audience) -> str:
    return f"passages_{audience.value}"


def create_tables(engine: Engine) -> None:
    """Raises SettingsError where PostgreSQL has no pgvector and this user can't add it."""
    with engine.begin() as c:
        c.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('madoguchi tables'))")  # two processes may start at once
        _create_extension(c)
        c.exec_driver_sql(_TABLES)
        for audience in Audience:
            name = partition_of(audience)
            c.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF passages FOR VALUES IN ('{audience.value}')")


def add_pgvector(engine: Engine) -> None:
    """Raises SettingsError as `create_tables`."""
    with engine.begin() as c:
        _create_extension(c)


def _create_extension(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector")
    except sa.exc.DBAPIError:
        raise SettingsError(
            "PostgreSQL で pgvector を使えません。データベースの管理者に「CREATE EXTENSION vector」を頼んでください。"
        ) from None


def searching(engine: Engine, *, near: int = NEAR) -> Engine:
    """Connections that only read: no transactions, and a graph is used wherever there is one.

    Statistics know too little of single versions for the planner to tell a graph from a sort; where there is no graph it
    sorts all the same.
    """
    options = f"-c hnsw.ef_search={near} -c enable_sort=off -c jit=off"
    searcher = open_postgres(engine.url, options, isolation_level="AUTOCOMMIT")
    sa.event.listen(engine, "engine_disposed", lambda _: searcher.dispose())
    return searcher
