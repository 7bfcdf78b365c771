"""Connections of satellites in, each served on its own: how many there may be, from where, and what they may hold together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wyoming.error import Error
from wyoming.event import async_write_event

from core.errors import Busy, SettingsError
from core.logging import logger
from core.settings import Zone
from server.satellites.connection import Connection
from server.satellites.frames import LINE_LIMIT_BYTES
from server.satellites.services import Services
from server.service import Service

MOST_CONNECTIONS, MOST_FROM_ONE_ADDRESS = 64, 32
MOST_HELD_BYTES = 64_000_000  #: of sound, by all of them: 32 questions of a minute, at 16 kHz
GRACE_S = 5.0
_log = logger("satellite")


class Listener:
    """Listens where the settings say. Of one event loop."""

    def __init__(self, service: Service) -> None:
        self._host, self._port = service.settings.wyoming_host, service.settings.wyoming_port
        self._services = Services(service)
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._from: Counter[str] = Counter()

    async def start(self) -> None:
        """Raises SettingsError when the address can't be had."""
        try:
            self._server = await asyncio.start_server(self._meet, self._host, self._port, limit=LINE_LIMIT_BYTES)
        except OSError:
            raise SettingsError(
                f"スマートスピーカー(Wyoming)を {self._host} のポート {self._port} で待ち受けられません。"
                "ほかのものが使っていないか、アドレスが正しいかを確認してください。"
            ) from None

    async def stop(self) -> None:
        """Serve what is being served to its end, if that is soon."""
        assert self._server is not None, "it was started"
        self._server.close()
        for connection in self._connections.values():
            connection.end()
        if left := list(self._connections):
            _, left_over = await asyncio.wait(left, timeout=GRACE_S)
            for task in left_over:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address: str = (writer.get_extra_info("peername") or ("",))[0]
        if len(self._connections) >= MOST_CONNECTIONS or self._from[address] >= MOST_FROM_ONE_ADDRESS:
            _log.warning("too many satellites", extra={"connections": len(self._connections)})
            await _turn_away(writer)
            return
        task = asyncio.current_task()
        assert task is not None
        connection = self._connections[task] = Connection(self._services, reader, writer, self._may_hold)
        self._from[address] += 1
        try:
            await connection.run()
        except asyncio.CancelledError:
            return  # by `stop` alone; asyncio would report it as an error
        finally:
            del self._connections[task]
            self._from -= Counter([address])  # what comes to nothing is dropped

    def _may_hold(self) -> bool:
        return sum(c.held_bytes for c in self._connections.values()) <= MOST_HELD_BYTES


async def _turn_away(writer: asyncio.StreamWriter) -> None:
    """A few bytes, which no peer has to read."""
    try:
        await async_write_event(Error(text=Busy.default, code=Busy.code).event(), writer)
    except ConnectionError:
        return
    finally:
        writer.close()


@asynccontextmanager
async def satellites(service: Service) -> AsyncIterator[None]:
    """Serve them meanwhile, where residents are served and the settings name a port. What fails is told by /readyz."""
    if not service.settings.wyoming_port or service.settings.zone is Zone.STAFF:
        yield
        return
    listener = Listener(service)
    try:
        await listener.start()
    except SettingsError as error:
        service.failures["satellites"] = error.message
        _log.error("part not ready", extra={"part": "satellites", "code": error.code})
        yield
        return
    try:
        yield
    finally:
        await listener.stop()
