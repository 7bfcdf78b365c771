"""The database: one engine, one metadata that each package adds its tables to.

SQLite goes through `pysqlite3`, whose bundled library is newer than 3.51.3: earlier versions can corrupt a WAL database
when two connections write and checkpoint at the same moment (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.clock import JST
from core.errors import DatabaseError, DiskFull, SettingsError
from core.logging import logger
from core.settings import Settings

metadata = sa.MetaData()
_log = logger("core.database")

OLDEST_SAFE_SQLITE = (3, 51, 3)
_PATIENCE_S = 30  #: with others who write
_LOOK_EVERY_S = 0.02
_NO_CONNECTION = (
    "PostgreSQL に接続できません。動いているかと、設定「database_url」の利用者、パスワード、機械、データベースの名前を"
    "確かめてください。"
)
_NETWORK = {"keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}
"""Until a machine that went without a word is believed to be gone: the system's own times are a quarter of an hour and two hours,
in which all threads would come to wait for it; see `core/pulse.py`, too. https://www.postgresql.org/docs/current/libpq-connect.html"""
_OTHER_END = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""The same for the server, which else keeps what a machine of ours that went had locked for two hours.
https://www.postgresql.org/docs/current/runtime-config-connection.html"""
_CONNECTION_WITHIN_S = 5  #: by all that use one engine; a question holds one for some milliseconds
_ROOM_BYTES = 100_000  #: for what the processes that have the file open share


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite with durable settings (WAL, synchronous=FULL) and a safe library version. Its errors don't
    quote what was to be written."""
    if not url.startswith("sqlite"):
        # Times of the database are read in the city's hour: an entry's day is a day in Japan.
        try:
            return open_postgres(url, f"-c timezone={JST.key}", hide_parameters=True)
        except (sa.exc.ArgumentError, ImportError, ValueError):  # no URL, or one of a database that we have no driver for
            raise SettingsError(
                "設定「database_url」の値が正しくありません。postgresql://利用者@機械/名前 の形で書いてください。"
            ) from None
    from pysqlite3 import dbapi2

    if dbapi2.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise SettingsError("SQLite の版が古く、データが壊れるおそれがあります。「make setup」を実行し直してください。")
    engine = sa.create_engine(url, module=dbapi2, hide_parameters=True, connect_args={"timeout": _PATIENCE_S})

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor: Any = connection.cursor()
        _keep_a_journal(cursor)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_PATIENCE_S * 1000}", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def open_postgres(url: str | sa.URL, options: str, **given: Any) -> Engine:
    """An engine on PostgreSQL that waits for no server that is gone. What the URL says of the network itself goes before.

    Raises:
        ArgumentError, ImportError, ValueError: it is no such URL.
    """
    said = sa.make_url(url).query
    arguments = {"options": f"{options} {_OTHER_END}"} | {name: value for name, value in _NETWORK.items() if name not in said}
    given = {"pool_pre_ping": True, "pool_timeout": _CONNECTION_WITHIN_S} | given
    engine = sa.create_engine(url, connect_args=arguments, **given)
    from core.pulse import listen

    return listen(engine)


def _keep_a_journal(cursor: Any) -> None:
    """Have a new file keep a journal aside (WAL). SQLite itself does not wait for another process that is at it."""
    from pysqlite3 import dbapi2

    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except dbapi2.OperationalError as e:
            if not e.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until_s:
                raise
            time.sleep(_LOOK_EVERY_S)


def open_database(settings: Settings) -> Engine:
    """The product's database with all its tables in place. Call after the packages that own tables were imported."""
    if not settings.database_url:
        settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.sqlalchemy_url)
    with _told_why(settings):
        is_lacking = bool(_lacking(engine))
    if is_lacking:
        with engine.begin() as c:
            take_turns(c, "tables")  # processes that start at the same time would all make them
            metadata.create_all(c)
            _add_new_columns(c)
    return engine


@contextmanager
def _told_why(settings: Settings) -> Iterator[None]:
    """What keeps a database from being opened. SQLite, which needs some room even to read, says of a full disk only that it can't
    be read or written; of PostgreSQL the settings may be wrong, too."""
    try:
        yield
    except sa.exc.OperationalError as e:
        if settings.database_url:
            raise DatabaseError(_NO_CONNECTION) from e
        if shutil.disk_usage(settings.home).free < _ROOM_BYTES:
            raise DiskFull from e
        raise


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


def _lacking(place: Engine | Connection) -> list[sa.Column[Any]]:
    """The columns that the database does not have, be it with their whole tables."""
    found = sa.inspect(place).get_multi_columns(filter_names=list(metadata.tables))  # once: looking takes as long as making them
    present = {(name, column["name"]) for (_, name), columns in found.items() for column in columns}
    return [c for table in metadata.sorted_tables for c in table.columns if (table.name, c.name) not in present]


def _add_new_columns(connection: Connection) -> None:
    """Give the tables of an older version the columns that came later. These are nullable: old rows have nothing there."""
    quote = connection.dialect.identifier_preparer.quote
    for column in _lacking(connection):
        assert column.nullable, "a column that comes later has to do without a value"
        kind = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {quote(column.table.name)} ADD COLUMN {quote(column.name)} {kind}")
