"""Promises of faults: what the disk and the database raise is one sentence that says what to do, wherever it happens."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from core.database import open_database, open_engine
from core.errors import Busy, DatabaseDamaged, DatabaseError, DiskFull, MadoguchiError, SettingsError
from core.faults import fault_of
from core.settings import Settings
from server.app import create_app
from tests.conftest import run_madoguchi


def raised(url: str, *statements: str) -> MadoguchiError | None:
    engine = open_engine(url)
    with pytest.raises(sa.exc.DBAPIError) as caught, engine.connect() as c:
        for statement in statements:
            c.exec_driver_sql(statement)
    engine.dispose()
    return fault_of(caught.value)


def test_a_full_disk_is_said() -> None:
    with pytest.raises(OSError, match="No space") as caught, Path("/dev/full").open("wb", buffering=0) as disk:
        disk.write(b"x")
    assert type(fault_of(caught.value)) is DiskFull


def test_a_database_that_may_not_grow_says_that_the_disk_is_full(tmp_path: Path) -> None:
    grow = "INSERT INTO t VALUES (zeroblob(100000))"
    fault = raised(f"sqlite:///{tmp_path / 'a.db'}", "CREATE TABLE t (x)", "PRAGMA max_page_count = 4", grow)
    assert type(fault) is DiskFull


def test_what_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database" * 1000)
    assert type(raised(f"sqlite:///{tmp_path / 'a.db'}", "SELECT 1 FROM sqlite_master")) is DatabaseDamaged


@pytest.mark.parametrize("url", ["sqlite:////proc/nowhere/a.db", "postgresql://nobody@127.0.0.1:1/a"])
def test_a_database_out_of_reach_is_said(url: str) -> None:
    assert type(raised(url, "SELECT 1")) is DatabaseError


def test_who_may_make_no_tables_in_postgresql_is_told_whom_to_ask(postgres_url: str) -> None:
    forbidden = "DO $$ BEGIN RAISE insufficient_privilege; END $$"  # as of a schema that is another's
    fault = raised(postgres_url, forbidden)
    assert type(fault) is DatabaseError and "所有者" in fault.message


def test_a_database_that_takes_a_connection_and_says_nothing_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        fault = raised(f"postgresql://a@127.0.0.1:{silent.getsockname()[1]}/a?connect_timeout=2", "SELECT 1")
        assert type(fault) is DatabaseError and time.monotonic() - began < 8


def test_a_machine_of_postgresql_that_went_without_a_word_is_given_up_in_time(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as c:
        driver: Any = c.connection.dbapi_connection
        said = driver.info.get_parameters()
    assert (said["connect_timeout"], said["keepalives_idle"], said["tcp_user_timeout"]) == ("3", "30", "30000")
    engine.dispose()


def test_connections_that_are_all_in_use_are_a_crowd_and_no_fault_of_the_program() -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect(), pytest.raises(sa.exc.TimeoutError) as caught:
        engine.connect()
    assert type(fault_of(caught.value)) is Busy
    engine.dispose()


def test_a_database_that_can_t_be_reached_at_a_start_may_be_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="database_url"):
        open_database(Settings(home=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/a"))


def test_a_fault_of_the_program_is_not_blamed_on_the_database(tmp_path: Path) -> None:
    assert raised(f"sqlite:///{tmp_path / 'a.db'}", "SELECT nothing FROM nowhere") is None
    assert fault_of(ValueError()) is None


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "postgresql://a:port/b"])
def test_a_database_of_which_we_know_nothing_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="database_url"):
        open_engine(url)


def test_a_damaged_database_is_one_sentence_on_the_command_line_and_in_the_service(settings: Settings) -> None:
    app = create_app(settings)
    app.state.service.database.dispose()
    file = settings.home / "madoguchi.db"
    file.write_bytes(file.read_bytes()[:5000])
    done = run_madoguchi("kb", "list", "--kb", "soo", home=settings.home, check=False)
    assert (done.returncode, done.stderr.strip()) == (1, DatabaseDamaged.default)
    reply = TestClient(app).post("/api/ask", json={"text": "住民票がほしい"})
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "database_damaged"
    assert "お電話ください" in reply.json()["error"]["message"]  # what is to be mended is no resident's business


def test_a_fault_that_is_not_foreseen_ends_a_command_in_a_sentence_too(home: Path) -> None:
    done = run_madoguchi("kb", "show", "\udcff", "--kb", "soo", home=home, check=False)  # what no database can look for
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == MadoguchiError.default
