"""The database: one engine, one metadata that each package adds its tables to.

SQLite goes through `pysqlite3`, whose bundled library is newer than 3.51.3: earlier versions can corrupt a WAL database
when two connections write and checkpoint at the same moment (https://sqlite.org/wal.html).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import SettingsError
from core.settings import Settings

metadata = sa.MetaData()

OLDEST_SAFE_SQLITE = (3, 51, 3)


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite with durable settings (WAL, synchronous=FULL) and a safe library version."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    from pysqlite3 import dbapi2

    if dbapi2.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise SettingsError("SQLite の版が古く、データが壊れるおそれがあります。「make setup」を実行し直してください。")
    engine = sa.create_engine(url, module=dbapi2, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor: Any = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def open_database(settings: Settings) -> Engine:
    """The product's database with all its tables in place. Call after the packages that own tables were imported."""
    if not settings.database_url:
        settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.sqlalchemy_url)
    metadata.create_all(engine)
    return engine
