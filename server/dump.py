"""The database as one file of one moment, written while others go on writing, and a database made of such a file.

SQLite writes itself anew, without what was deleted (https://sqlite.org/lang_vacuum.html#vacuuminto); PostgreSQL is read and
filled by its own `pg_dump` and `pg_restore`. Beside the file is its digest: a bit that flips on a disk changes an answer, and
neither of them sees it. The queue of jobs stays out: what waits or was being worked on is taken up from the
rows of its recordings.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.engine import Engine

from core.database import open_engine
from core.durable import sync_file, write_durably
from core.errors import DatabaseDamaged, DatabaseError, NotFound, Refused
from core.settings import Settings
from retrieval.postgres.schema import add_pgvector

SQLITE, POSTGRES = "madoguchi.db", "madoguchi.dump"
_QUEUE = "dbos"  # the schema of the queue's tables
_DEBIAN = "/usr/lib/postgresql/{}/bin"  # where it keeps each version; in the path is only one


def dump(settings: Settings, folder: Path) -> None:
    """Write the database of the settings into the folder.

    Raises:
        NotFound: there is no database yet.
        DatabaseDamaged: it can't be read whole.
        DatabaseError: PostgreSQL's program is not there, or could not do it and said why on standard error.
    """
    if settings.database_url:
        with _opened(settings) as engine:
            program = _program("pg_dump", engine)
        _run(program, settings, "--format=custom", f"--exclude-schema={_QUEUE}", f"--file={folder / POSTGRES}")
        sync_file(folder / POSTGRES)
        name = POSTGRES
    elif (settings.home / SQLITE).exists():
        _copy_sqlite(settings.home / SQLITE, folder / SQLITE)
        name = SQLITE
    else:
        raise NotFound(f"データのフォルダ {settings.home} にデータベースがありません。MADOGUCHI_HOME を確かめてください。")
    write_durably(_digest_of(folder / name), f"{_digest(folder / name)}  {name}\n")  # as sha256sum writes it


def load(folder: Path, settings: Settings) -> None:
    """Fill the database of the settings, which is empty, with what the folder has.

    Raises:
        NotFound: the folder has none of this kind.
        Refused: the database is not empty.
        SettingsError: the dump needs pgvector, which this user may not add.
        DatabaseDamaged, DatabaseError: as `dump`.
    """
    name = POSTGRES if settings.database_url else SQLITE
    if not (folder / name).exists():
        raise NotFound(f"{folder} はバックアップではありません({name} がありません)。フォルダの名前を確かめてください。")
    _require_unchanged(folder / name)
    if not settings.database_url:
        _copy_sqlite(folder / SQLITE, settings.home / SQLITE)
        return
    with _opened(settings) as engine:
        program = _program("pg_restore", engine)
        _require_empty(engine)
        if _needs_pgvector(program, folder / POSTGRES):
            add_pgvector(engine)
    # The comment of an extension is its owner's to make, who is the administrator of the database.
    options = ("--no-owner", "--no-comments", "--exit-on-error", "--single-transaction")
    _run(program, settings, *options, str(folder / POSTGRES))


def _require_unchanged(file: Path) -> None:
    """Raises DatabaseDamaged. Backups of earlier versions have no digest, and are believed."""
    known = _digest_of(file)
    if known.exists() and known.read_bytes().split()[:1] != [_digest(file).encode()]:
        raise DatabaseDamaged(
            f"{file} は壊れています(バックアップを取ったときのものと違います)。"
            "何も戻していません。別のバックアップから戻してください。"
        )


def _digest_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(dbapi2.connect(source)) as old:
        old.execute("VACUUM INTO ?", (str(target),))
    with closing(dbapi2.connect(target)) as new:
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise DatabaseDamaged()
    sync_file(target)


def _require_empty(engine: Engine) -> None:
    inspector = sa.inspect(engine)
    schemas = [s for s in inspector.get_schema_names() if s != "information_schema" and inspector.get_table_names(schema=s)]
    if schemas:
        raise Refused(
            f"データベースが空ではありません(スキーマ {'、'.join(schemas)} に表があります)。"
            "新しいデータベースを作り、MADOGUCHI_DATABASE_URL に書いてください。"
        )


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _program(name: str, engine: Engine) -> str:
    """Where the program of the server's own version is. An older one can't read the server; what a newer one fills it with it may
    not know, as it doesn't the settings that pg_restore 17 begins with.

    Raises:
        DatabaseError: there is none; the sentence says what to install.
    """
    with engine.connect() as c:
        version = int(c.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    places = (_DEBIAN.format(version), os.environ.get("PATH", os.defpath))
    found = shutil.which(name, path=os.pathsep.join(places))
    its = _version(found) if found else ""
    if found and its == str(version):
        return found
    there = f"ここの {name} は {its} です" if found else f"{name} がありません"
    raise DatabaseError(
        f"データベースは PostgreSQL {version} ですが、{there}。「apt-get install postgresql-client-{version}」で、"
        "同じ版を入れてください(見つからないときの手順は、docs/guide.md の「バックアップ」にあります)。"
    )


def _version(program: str) -> str:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a fixed program
    return found[1] if (found := re.search(r"\) (\d+)", told)) else "別の版"


def _run(program: str, settings: Settings, *arguments: str) -> None:
    """Run it on the database. The password is not for the list of processes."""
    url = sa.make_url(settings.database_url)
    environment = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    named = url._replace(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run([program, f"--dbname={named}", *arguments], env=environment, check=False)  # noqa: S603 - a fixed program
    if done.returncode:
        raise DatabaseError(f"{Path(program).name} が失敗しました。上に出た英語の文を確かめて、もう一度実行してください。")


def _needs_pgvector(program: str, file: Path) -> bool:
    listed = subprocess.run([program, "--list", str(file)], capture_output=True, text=True, check=False)  # noqa: S603 - a fixed program
    return " EXTENSION - vector" in listed.stdout
