"""The database: one engine, one metadata that each package adds its tables to.

SQLite goes through `pysqlite3`, whose bundled library is newer than 3.51.3: earlier versions can corrupt a WAL database
when two connections write and checkpoint at the same moment (https://sqlite.org/wal.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.clock import JST
from core.errors import SettingsError
from core.logging import logger
from core.settings import Settings

metadata = sa.MetaData()
_log = logger("core.database")

OLDEST_SAFE_SQLITE = (3, 51, 3)


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite with durable settings (WAL, synchronous=FULL) and a safe library version."""
    if not url.startswith("sqlite"):
        # Times of the database are read in the city's hour: an entry's day is a day in Japan.
        try:
            return sa.create_engine(url, pool_pre_ping=True, connect_args={"options": f"-c timezone={JST.key}"})
        except (sa.exc.ArgumentError, ImportError):  # no URL, or one of a database that we have no driver for
            raise SettingsError(
                "設定「database_url」の値が正しくありません。postgresql://利用者@機械/名前 の形で書いてください。"
            ) from None
    from pysqlite3 import dbapi2

    if dbapi2.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise SettingsError("SQLite の版が古く、データが壊れるおそれがあります。「make setup」を実行し直してください。")
    engine = sa.create_engine(url, module=dbapi2, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor: Any = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def open_database(settings: Settings) -> Engine:
    """The product's database with all its tables in place. Call after the packages that own tables were imported."""
    if not settings.database_url:
        settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.sqlalchemy_url)
    metadata.create_all(engine)
    _add_new_columns(engine)
    return engine


@contextmanager
def erasing(engine: Engine) -> Iterator[Connection]:
    """A transaction whose deletions leave nothing behind in the journal of SQLite's file either.

    What is deleted in any other is overwritten in the file itself (secure_delete), and in the journal as others take its place.

    The journal is emptied when nobody reads; who reads for longer than the database waits leaves that to the next one.
    PostgreSQL has the rows in its files until VACUUM and later rows have taken their room.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as c:
        yield c
        c.commit()
        if is_sqlite:
            is_busy, _, _ = c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            c.commit()
            if is_busy:
                _log.warning("journal_not_emptied")


def take_turns(connection: Connection, name: str) -> None:
    """Let transactions that say this name first come one after the other, each to see what the one before wrote.

    SQLite has one writer at a time, but its driver begins with the first write: what was read before that may be old.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
    elif not _is_writing(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_writing(connection: Connection) -> bool:
    """Whether SQLite's driver has begun a transaction."""
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.in_transaction)


def _add_new_columns(engine: Engine) -> None:
    """Give the tables of an older version the columns that came later. These are nullable: old rows have nothing there."""
    found = sa.inspect(engine).get_multi_columns(filter_names=list(metadata.tables))  # once: looking takes as long as making them
    present = {(name, column["name"]) for (_, name), columns in found.items() for column in columns}
    for table in metadata.sorted_tables:
        for column in table.columns:
            if (table.name, column.name) not in present:
                _add(engine, table, column)


def _add(engine: Engine, table: sa.Table, column: sa.Column[Any]) -> None:
    assert column.nullable, "a column that comes later has to do without a value"
    quote = engine.dialect.identifier_preparer.quote
    kind = column.type.compile(engine.dialect)
    try:
        with engine.begin() as c:
            c.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}")
    except sa.exc.DBAPIError:
        now_there = {found["name"] for found in sa.inspect(engine).get_columns(table.name)}
        if column.name not in now_there:  # a process that started at the same time may have been first
            raise
