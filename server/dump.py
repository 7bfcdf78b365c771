"""The database as one file of one moment, written while others go on writing, and a database made of such a file.

SQLite writes itself anew, without what was deleted (https://sqlite.org/lang_vacuum.html#vacuuminto); PostgreSQL is read and
filled by its own `pg_dump` and `pg_restore`. The queue of jobs stays out: what waits or was being worked on is taken up from the
rows of its recordings.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from pysqlite3 import dbapi2

from core.database import open_engine
from core.durable import sync_file
from core.errors import DatabaseDamaged, DatabaseError, NotFound, Refused
from core.settings import Settings

SQLITE, POSTGRES = "madoguchi.db", "madoguchi.dump"
_QUEUE = "dbos"  # the schema of the queue's tables


def dump(settings: Settings, folder: Path) -> None:
    """Write the database of the settings into the folder.

    Raises:
        NotFound: there is no database yet.
        DatabaseDamaged: it can't be read whole.
        DatabaseError: PostgreSQL's program could not do it, and said why on standard error.
    """
    if settings.database_url:
        _postgres("pg_dump", settings, "--format=custom", f"--exclude-schema={_QUEUE}", f"--file={folder / POSTGRES}")
        sync_file(folder / POSTGRES)
    elif (settings.home / SQLITE).exists():
        _copy_sqlite(settings.home / SQLITE, folder / SQLITE)
    else:
        raise NotFound(f"データのフォルダ {settings.home} にデータベースがありません。MADOGUCHI_HOME を確かめてください。")


def load(folder: Path, settings: Settings) -> None:
    """Fill the database of the settings, which is empty, with what the folder has.

    Raises:
        NotFound: the folder has none of this kind.
        Refused: the database is not empty.
        DatabaseDamaged, DatabaseError: as `dump`.
    """
    name = POSTGRES if settings.database_url else SQLITE
    if not (folder / name).exists():
        raise NotFound(f"{folder} はバックアップではありません({name} がありません)。フォルダの名前を確かめてください。")
    if not settings.database_url:
        _copy_sqlite(folder / SQLITE, settings.home / SQLITE)
        return
    _require_empty(settings.database_url)
    _postgres("pg_restore", settings, "--no-owner", "--exit-on-error", "--single-transaction", str(folder / POSTGRES))


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(dbapi2.connect(source)) as old:
        old.execute("VACUUM INTO ?", (str(target),))
    with closing(dbapi2.connect(target)) as new:
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise DatabaseDamaged()
    sync_file(target)


def _require_empty(url: str) -> None:
    engine = open_engine(url)
    try:
        inspector = sa.inspect(engine)
        schemas = [s for s in inspector.get_schema_names() if s != "information_schema" and inspector.get_table_names(schema=s)]
        if schemas:
            raise Refused(
                f"データベースが空ではありません(スキーマ {'、'.join(schemas)} に表があります)。"
                "新しいデータベースを作り、MADOGUCHI_DATABASE_URL に書いてください。"
            )
    finally:
        engine.dispose()


def _postgres(program: str, settings: Settings, *arguments: str) -> None:
    """Run it on the database. The password is not for the list of processes."""
    url = sa.make_url(settings.database_url)
    environment = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    named = url._replace(drivername="postgresql", password=None).render_as_string()
    try:
        done = subprocess.run([program, f"--dbname={named}", *arguments], env=environment, check=False)  # noqa: S603 - a fixed program
    except FileNotFoundError:
        raise DatabaseError(f"{program} がありません。「apt-get install postgresql-client」で入れてください。") from None
    if done.returncode:
        raise DatabaseError(f"{program} が失敗しました。上に出た英語の文を確かめて、もう一度実行してください。")
