"""Whether the PostgreSQL that a statement waits for still answers anybody.

A statement may take minutes, so its time says nothing. But a server that was stopped, or whose network was lost without a word,
never ends one: the kernel goes on to acknowledge what is sent to the first, and of the second there is nothing to hear. So who
waits for long asks the same server, on a connection of its own, what it answers to anybody before it asks who they are
(https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-GSSAPI: few servers have it, and who asks for it and
goes leaves no line in the server's log, as who asks for TLS would, but where `log_connections` is on). Without an answer the wait
is over.

One process of a server may stand still, too, while the others answer, and nothing tells it from one that works for long. Where
somebody waits for an answer (`core/hurry.py`) nothing takes long, so there the wait ends soon, whatever the server says to
others. While it is known to be gone, one at a time tries to reach it, and all others are told so at once.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.errors import ConnectionFailure
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import Engine

from core.hurry import hurried, is_hurried
from core.logging import logger

T = TypeVar("T")

PATIENCE_S = 3.0  #: after which, and then again and again, a statement's server is asked whether it is there
NEWS_PATIENCE_S = 60.0  #: the same of who listens for notifications: the queue does so all its life, and nobody waits for it
HURRY_S = 2.5  #: after which who is hurried waits for no statement any more
_HURRY_WHILE_GONE_S = 0.5
_ANSWERED_WITHIN_S = 2.0
_KNOWN_FOR_S = 1.0  #: many may wait at once, and one asks for all
_CONNECTED_WITHIN_S = 3
_SHORTEST_S = 2  #: that libpq takes for a time to connect
_TRIED_AGAIN_AFTER_S = 0.5
_log = logger("core.database")
_REQUEST = struct.pack("!ii", 8, 80877104)


class Pulse:
    """Of the server, or servers, of one database. Thread-safe."""

    def __init__(self) -> None:
        self._asking, self._telling, self._trying = threading.Lock(), threading.Lock(), threading.Lock()
        self._heard: dict[tuple[str, int], tuple[float, bool]] = {}  # when an address was asked, and whether it answered
        self._gone_at: float | None = None
        self._there_at = self._tried_at = -_TRIED_AGAIN_AFTER_S

    @property
    def is_gone(self) -> bool:
        """Whether it could not be reached when it was tried last."""
        return self._gone_at is not None

    def connect(self, arguments: list[Any], named: dict[str, Any]) -> Listening:
        """A new connection. While the server is known to be gone, who asks for one is told so at once, or is the one who tries.

        Raises:
            OperationalError: it can't be reached, or could not a moment ago.
        """
        if not self.is_gone:
            return self._connected(arguments, named)
        if time.monotonic() - self._tried_at < _TRIED_AGAIN_AFTER_S or not self._trying.acquire(blocking=False):
            raise psycopg.OperationalError("the server could not be reached a moment ago")
        try:
            return self._connected(arguments, named)
        finally:
            self._trying.release()

    def _connected(self, arguments: list[Any], named: dict[str, Any]) -> Listening:
        began = time.monotonic()
        within_s = _SHORTEST_S if self.is_gone or is_hurried() else _CONNECTED_WITHIN_S
        try:
            connection = Listening.connect(*arguments, **{"connect_timeout": within_s} | named)
        except psycopg.OperationalError:
            self._tried_at = time.monotonic()
            self._tell(is_gone=True, asked_at=began)
            raise
        self._tell(is_gone=False, asked_at=began)
        connection.pulse = self
        return connection

    def beats(self, host: str, port: int) -> bool:
        """Whether the server answers now, or did a moment ago."""
        with self._asking:
            at, answered = self._heard.get((host, port), (-_KNOWN_FOR_S, True))
            if (began := time.monotonic()) - at >= _KNOWN_FOR_S:
                answered = _answers(host, port)
                self._heard[host, port] = time.monotonic(), answered
                self._tell(is_gone=not answered, asked_at=began)
        return answered

    def _tell(self, *, is_gone: bool, asked_at: float) -> None:
        """One line when it goes, one when it is back, however many ask meanwhile. Who asked before it came back is late."""
        with self._telling:
            since = self._gone_at
            if not is_gone:
                self._there_at = time.monotonic()
            if is_gone and since is None and asked_at > self._there_at:
                self._gone_at = time.monotonic()
                _log.error("database_gone")
            elif since is not None and not is_gone:
                self._gone_at = None
                _log.warning("database_back", extra={"gone_s": round(time.monotonic() - since)})


class Listening(psycopg.Connection[Any]):
    """A connection that listens, where it waits for long, whether the server is still there."""

    pulse: Pulse | None = None  #: None until it is connected

    def wait(self, gen: Generator[Any, Any, T], *limits: Any, **named: Any) -> T:
        return super().wait(self._listening(gen), *limits, **named)

    def _listening(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """The same, which is told of ten times a second that nothing came."""
        heard_s = time.monotonic()
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() - heard_s > self._patience_s:
                    self._require_pulse()
                    heard_s = time.monotonic()
                state = gen.send(ready)
        except StopIteration as e:
            result: T = e.value
            return result

    def __del__(self, _warn: Any = None) -> None:
        """As psycopg's own, without its warning: what is dropped is closed. DBOS drops what it listened on where that went."""

    @property
    def _patience_s(self) -> float:
        if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return NEWS_PATIENCE_S
        if is_hurried():
            return _HURRY_WHILE_GONE_S if self.pulse is not None and self.pulse.is_gone else HURRY_S
        return PATIENCE_S

    def _require_pulse(self) -> None:
        """Raises ConnectionFailure; the connection is closed, since what the server would still send is nobody's any more."""
        info = self.info
        if not is_hurried() and (self.pulse is None or self.pulse.beats(info.hostaddr or info.host, info.port)):
            return
        self.pgconn.finish()
        raise ConnectionFailure("the server does not answer")


def listen(engine: Engine) -> Engine:
    """Have the connections of an engine on PostgreSQL end where their server is gone, and have none given out whose process there
    stands still."""
    pulse = pulse_of(engine)
    engine.dialect.do_ping = hurried()(engine.dialect.do_ping)  # type: ignore[method-assign]  # nobody's ping takes long
    sa.event.listen(engine, "do_connect", lambda _dialect, _record, arguments, named: pulse.connect(arguments, named))
    return engine


def pulse_of(engine: Engine) -> Pulse:
    """That of the engine's database, which all engines of this process on it share."""
    return _pulse(engine.url.render_as_string())


@cache
def _pulse(_database: str) -> Pulse:
    return Pulse()


def _answers(host: str, port: int) -> bool:
    is_path = host.startswith("/")
    address: Any = f"{host}/.s.PGSQL.{port}" if is_path else (host, port)
    with suppress(OSError), socket.socket(socket.AF_UNIX) if is_path else _dialled(address) as s:
        s.settimeout(_ANSWERED_WITHIN_S)
        if is_path:
            s.connect(address)
        s.sendall(_REQUEST)
        return bool(s.recv(1))
    return False


def _dialled(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, _ANSWERED_WITHIN_S)
