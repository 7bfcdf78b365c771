"""Promises of the database: durable settings on every connection, foreign keys, and moments that keep their zone."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.engine import Engine

import core.database
from core.clock import JST
from core.database import OLDEST_SAFE_SQLITE, erasing, open_database, open_engine
from core.errors import DiskFull, SettingsError
from core.moment import Moment
from core.settings import Settings


def test_every_connection_is_durable(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            found = {
                p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
            }
            assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_library_is_one_that_does_not_corrupt(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.connect() as c:
        version = str(c.exec_driver_sql("SELECT sqlite_version()").scalar())
    assert tuple(map(int, version.split("."))) >= OLDEST_SAFE_SQLITE
    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(SettingsError, match="SQLite"):
        open_engine("sqlite://")


def test_a_new_home_is_made_with_all_tables_and_opened_again_as_it_was(settings: Settings) -> None:
    home = settings.home / "deep" / "home"
    for _ in range(2):
        engine = open_database(Settings(home=home))
        names = set(sa.inspect(engine).get_table_names())
        assert {"entries", "city_tables", "embeddings", "recordings"} <= names
        assert names == set(core.database.metadata.tables)
        engine.dispose()
    assert (home / "madoguchi.db").is_file()


def test_a_file_that_a_full_disk_keeps_from_being_opened_is_told_as_a_full_disk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.home / "madoguchi.db").mkdir()
    with pytest.raises(sa.exc.OperationalError):
        open_database(settings)
    full = shutil.disk_usage(settings.home)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(DiskFull):
        open_database(settings)


def test_those_that_start_at_the_same_time_make_the_tables_once(settings: Settings) -> None:
    began = threading.Barrier(6)

    def start(home: Path) -> set[str]:
        began.wait()
        engine = open_database(Settings(home=home))
        names = set(sa.inspect(engine).get_table_names())
        engine.dispose()
        return names

    with ThreadPoolExecutor(6) as pool:
        for number in range(3):
            made = list(pool.map(start, [settings.home / f"new-{number}"] * 6))
            assert made == [set(core.database.metadata.tables)] * 6


def test_what_a_reader_keeps_in_the_journal_is_said_and_goes_with_the_next_deletion(
    settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    @sa.event.listens_for(engine, "checkout")
    def _impatient(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")

    journal = settings.home / "madoguchi.db-wal"
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE said (x)")
        c.exec_driver_sql("INSERT INTO said VALUES ('secret')")
    with engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        assert reader.exec_driver_sql("SELECT count(*) FROM said").scalar() == 1
        with erasing(engine) as c:
            c.exec_driver_sql("DELETE FROM said")
    assert caplog.messages == ["journal_not_emptied"]
    assert b"secret" in journal.read_bytes()
    with erasing(engine) as c:
        c.exec_driver_sql("DELETE FROM said")
    assert caplog.messages == ["journal_not_emptied"]
    assert b"secret" not in journal.read_bytes() + journal.with_name("madoguchi.db").read_bytes()


def test_what_is_deleted_in_any_transaction_is_overwritten(settings: Settings, engine: Engine) -> None:
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE said (x)")
        for n in range(200):
            c.exec_driver_sql(f"INSERT INTO said VALUES ('secret {n} {'あ' * 200}')")
    with engine.begin() as c:
        c.exec_driver_sql("DELETE FROM said")
    with erasing(engine) as c:
        c.exec_driver_sql("DROP TABLE said")
    assert b"secret" not in b"".join(path.read_bytes() for path in settings.home.glob("madoguchi.db*"))


def test_an_error_does_not_quote_what_was_to_be_written(engine: Engine) -> None:
    table = sa.Table("said", sa.MetaData(), sa.Column("text", sa.Text, unique=True))
    table.create(engine)
    with pytest.raises(sa.exc.IntegrityError) as error, engine.begin() as c:
        c.execute(sa.insert(table), [{"text": "私の住所は"}] * 2)
    assert "住所" not in str(error.value)


def test_writers_take_turns_instead_of_failing(engine: Engine) -> None:
    table = sa.Table("turns", sa.MetaData(), sa.Column("n", sa.Integer))
    table.create(engine)

    def write() -> None:
        for n in range(20):
            with engine.begin() as c:
                c.execute(sa.insert(table).values(n=n))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with engine.connect() as c:
        assert c.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 80


def test_a_moment_comes_back_as_the_same_instant_in_japans_time(engine: Engine) -> None:
    table = sa.Table("moments", sa.MetaData(), sa.Column("at", Moment))
    table.create(engine)
    tokyo = datetime(2026, 11, 22, 8, 30, tzinfo=JST)
    utc = (tokyo + timedelta(minutes=1)).astimezone(UTC)
    with engine.begin() as c:
        c.execute(sa.insert(table), [{"at": tokyo}, {"at": utc}, {"at": None}])
        first, second, third = c.execute(sa.select(table.c.at)).scalars()
        later = c.execute(sa.select(table.c.at).where(table.c.at > tokyo)).scalars().all()
    assert (first, second, third) == (tokyo, utc, None)
    assert first.tzinfo is JST
    assert later == [utc]
