"""Promises of waiting for PostgreSQL: for work that takes long without end, for a server that is gone a few seconds."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

import core.pulse
from core.database import open_engine
from core.errors import DatabaseError
from core.faults import fault_of
from core.hurry import hurried
from core.jobs import Role, open_jobs
from core.settings import Settings


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.pulse, "PATIENCE_S", 0.3)
    monkeypatch.setattr(core.pulse, "_ANSWERED_WITHIN_S", 0.7)
    monkeypatch.setattr(core.pulse, "HURRY_S", 0.5)


@contextmanager
def stopped(postgres_url: str) -> Iterator[None]:
    """All processes of the server stand still, as on a machine that hangs: the kernel goes on to take what is sent to them."""
    data = Path(str(sa.make_url(postgres_url).query["host"]))
    parent = (data / "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for process in (parent, *children):
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGSTOP)
    try:
        yield
    finally:
        for process in (*children, parent):
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGCONT)


@contextmanager
def hung(*connections: sa.Connection) -> Iterator[None]:
    """Their processes stand still; the server goes on to answer others."""
    processes = [c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for c in connections]
    for c in connections:
        c.commit()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def reached(engine: sa.Engine, within_s: float = 2.0) -> None:
    """Once who tries again has come through."""
    end = time.monotonic() + within_s
    while True:
        try:
            with engine.connect() as c:
                assert c.exec_driver_sql("SELECT 1").scalar() == 1
                return
        except sa.exc.OperationalError:
            assert time.monotonic() < end, "it was not reached again"
            time.sleep(0.05)


def taken_s(attempt: Callable[[], object]) -> float:
    """How long it takes to be told of an outage."""
    began = time.monotonic()
    with pytest.raises(sa.exc.OperationalError) as raised:
        attempt()
    assert type(fault_of(raised.value)) is DatabaseError
    return time.monotonic() - began


def test_a_server_that_stands_still_is_an_outage_of_seconds_and_is_worked_with_again(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as begun:
        begun.exec_driver_sql("SELECT 1")
        with stopped(postgres_url):
            assert taken_s(lambda: begun.exec_driver_sql("SELECT 1")) < 4
            assert taken_s(engine.connect) < 4
        said = [r.message for r in caplog.records]
        assert said == ["database_gone"], "one line, however many ask"
    reached(engine)
    assert [r.message for r in caplog.records] == [*said, "database_back"]
    engine.dispose()


def test_while_a_server_is_known_to_be_gone_one_tries_and_all_others_are_told_at_once(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    reached(engine)
    with stopped(postgres_url):
        taken_s(engine.connect)
        with ThreadPoolExecutor(10) as pool:
            took = sorted(pool.map(taken_s, [engine.connect] * 10))
        assert took[8] < 0.3, took
        time.sleep(core.pulse._TRIED_AGAIN_AFTER_S)
        with ThreadPoolExecutor(10) as pool:
            took = sorted(pool.map(taken_s, [engine.connect] * 10))
        assert took[8] < 0.3 and 1.5 < took[9] < 3, took
    reached(engine)
    engine.dispose()


def test_a_connection_whose_process_stands_still_is_given_to_nobody(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as c, hung(c):
        c.close()
        began = time.monotonic()
        reached(engine)
        assert time.monotonic() - began < 1.5
    engine.dispose()


def test_who_is_hurried_waits_for_no_process_that_stands_still_in_the_middle(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as c, hung(c), hurried():
        assert 0.4 < taken_s(lambda: c.exec_driver_sql("SELECT 1")) < 1.5
        reached(engine)
    assert caplog.records == [], "the server is there"
    engine.dispose()


def test_what_takes_long_is_waited_for_while_the_server_is_there(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as c:
        assert c.exec_driver_sql("SELECT 1 FROM pg_sleep(1.2)").scalar() == 1
    engine.dispose()


def test_who_listens_for_news_that_may_never_come_asks_seldom_but_asks(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    answers = core.pulse._answers
    monkeypatch.setattr(core.pulse, "_answers", lambda *address: asked.append(address) or answers(*address))
    engine = open_engine(postgres_url)
    with engine.connect() as c:
        c.exec_driver_sql("LISTEN news")
        c.commit()
        listening: Any = c.connection.driver_connection
        assert list(listening.notifies(timeout=1.0)) == []
        assert asked == []
        monkeypatch.setattr(core.pulse, "NEWS_PATIENCE_S", 0.3)
        with stopped(postgres_url), pytest.raises(psycopg.OperationalError, match="does not answer"):
            list(listening.notifies(timeout=10))
        assert asked
    engine.dispose()


def test_a_server_of_the_network_is_asked_in_the_same_way() -> None:
    """By a byte that any answer begins with."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        port = server.getsockname()[1]
        assert not core.pulse.Pulse().beats("127.0.0.1", port), "it takes connections and says nothing"
        server.accept()[0].close()

        def answer() -> bytes:
            connection, _ = server.accept()
            with connection:
                asked = connection.recv(8)
                connection.sendall(b"N")
                return asked

        asked = pool.submit(answer)
        assert core.pulse.Pulse().beats("127.0.0.1", port)
        assert asked.result() == bytes([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x30])
    assert not core.pulse.Pulse().beats("127.0.0.1", port), "it is not there"


def test_the_queue_does_not_tell_again_and_again_that_it_waits_for_the_database(
    postgres_url: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = open_jobs(Settings(home=home, database_url=postgres_url), Role.WORKER)
    ran = threading.Event()
    jobs.define("note", lambda _: ran.set())
    jobs.start()
    with stopped(postgres_url):
        time.sleep(10)
    engine = open_engine(postgres_url)
    reached(engine)
    engine.dispose()
    jobs.enqueue("note", "a")
    assert ran.wait(20)
    jobs.stop()
    told = [f"{r.name} {r.message}" for r in caplog.records if r.levelno >= logging.WARNING]
    assert [line for line in told if line.startswith("madoguchi.core")] == [
        "madoguchi.core.database database_gone",
        "madoguchi.core.database database_back",
    ]
    assert len(told) <= 5, told
