"""Where messages come in and go out: datagrams and streams, encrypted or not (RFC 3261 18), and the way back to who sent one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from core.errors import SettingsError
from telephony.networks import within
from telephony.sip.framing import Framer
from telephony.sip.message import Unreadable
from telephony.sip.settings import Certificate, SipSettings

IDLE_S = 4 * 3600.0
HANDSHAKE_S = 10.0
CONNECTED_WITHIN_S = 10.0
PART_WITHIN_S = 30.0  #: for the rest of a message that has begun
_CHUNK_BYTES = 65_536
_MOST_UNREAD_BYTES = 1_000_000  #: that a peer leaves waiting in its connection
_PONG = b"\r\n"
_PORT, _TLS_PORT = 5060, 5061  #: of a peer that names none


class Way(Protocol):
    """How a message came, which is the way back."""

    @property
    def host(self) -> str:
        """The peer's address."""

    @property
    def port(self) -> int:
        """The peer's."""

    @property
    def name(self) -> str:
        """UDP, TCP or TLS."""

    @property
    def local(self) -> tuple[str, int]:
        """Our address and port, as the peer reaches them."""

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""

    def send(self, data: bytes, port: int | None = None) -> None:
        """Datagrams may go to another port of the same host."""


Take = Callable[[bytes, Way], None]


@dataclass(frozen=True, slots=True)
class DatagramWay:
    transport: asyncio.DatagramTransport
    host: str
    port: int
    name: str = "UDP"

    @property
    def local(self) -> tuple[str, int]:
        own: tuple[str, int] = self.transport.get_extra_info("sockname")[:2]
        return _reached_at(self.host, own[0]), own[1]

    @property
    def is_open(self) -> bool:
        return not self.transport.is_closing()

    def send(self, data: bytes, port: int | None = None) -> None:
        if self.is_open:
            self.transport.sendto(data, (self.host, port or self.port))


@dataclass(frozen=True, slots=True)
class StreamWay:
    writer: asyncio.StreamWriter
    host: str
    port: int
    name: str
    local: tuple[str, int]

    @property
    def is_open(self) -> bool:
        return not self.writer.is_closing()

    def send(self, data: bytes, port: int | None = None) -> None:  # noqa: ARG002  # a stream has but one end
        if not self.is_open:
            return
        self.writer.write(data)
        if self.writer.transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
            self.writer.transport.abort()


def _reached_at(host: str, bound: str) -> str:
    """Our address as a peer sees it, where we listen at all of them. Nothing is sent for it."""
    if bound not in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return bound
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((host, 9))
        own: str = s.getsockname()[0]
    return own


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Take) -> None:
        self._take = take

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        self._take(data, DatagramWay(self._transport, address[0], address[1]))


class Listeners:
    """All that is listened at. Of one event loop."""

    def __init__(self, settings: SipSettings, take: Take) -> None:
        self._settings, self._take = settings, take
        self._datagrams: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._streams: dict[asyncio.Task[None], StreamWay] = {}  #: the longest idle one first
        self._spoke: set[asyncio.Task[None]] = set()  #: those of them on which a message came

    @property
    def connections(self) -> int:
        return len(self._streams)

    @property
    def port(self) -> int:
        assert self._datagrams is not None, "it was started"
        port: int = self._datagrams.get_extra_info("sockname")[1]
        return port

    @property
    def tls_port(self) -> int:
        port: int = self._servers[-1].sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Raises SettingsError where an address can't be had or the certificate can't be used."""
        settings, loop = self._settings, asyncio.get_running_loop()
        try:
            place = (settings.host, settings.port)
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self._take), local_addr=place)
            self._servers.append(await asyncio.start_server(self._meet, settings.host, self.port, limit=_CHUNK_BYTES))
            if settings.certificate:
                self._servers.append(await self._start_encrypted(_context(settings.certificate)))
        except OSError:
            await self.stop()
            raise SettingsError(
                f"通話の信号(SIP)を {settings.host} のポート {settings.port} で待ち受けられません。"
                "ほかのものが使っていないか、アドレスと証明書のファイルが正しいかを確認してください。"
            ) from None

    async def _start_encrypted(self, context: ssl.SSLContext) -> asyncio.Server:
        host, port = self._settings.host, self._settings.tls_port
        return await asyncio.start_server(self._meet, host, port, ssl=context, ssl_handshake_timeout=HANDSHAKE_S)

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        left = list(self._streams)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self._datagrams:
            self._datagrams.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if within(writer.get_extra_info("peername")[0], self._settings.networks):
            await self._hold(reader, _way(writer))
        else:
            writer.transport.abort()

    async def connect(self, host: str, port: int | None, *, secure: bool) -> Way:
        """A connection of our own, to a peer that closed its (RFC 3261 18.1.1), by its address. Raises OSError where none comes
        about in time."""
        context = None
        if secure:
            assert self._settings.certificate is not None, "else nobody could have spoken TLS before"
            context = _context(self._settings.certificate, calling=True)
        async with asyncio.timeout(CONNECTED_WITHIN_S):
            port = port or (_TLS_PORT if secure else _PORT)
            reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=_CHUNK_BYTES)
        way = _way(writer, listens_at=self.tls_port if secure else self.port)
        asyncio.get_running_loop().create_task(self._hold(reader, way))
        return way

    async def _hold(self, reader: asyncio.StreamReader, way: StreamWay) -> None:
        """Read a connection to its end."""
        task = asyncio.current_task()
        assert task is not None, "it runs"
        if len(self._streams) >= self._settings.most_connections:
            self._make_room()
        self._streams[task] = way
        try:
            await self._read(reader, way, task)
        except (Unreadable, TimeoutError, OSError, asyncio.CancelledError):
            return  # asyncio would report what is but the end of this connection
        finally:
            del self._streams[task]
            self._spoke.discard(task)
            way.writer.transport.abort() if way.writer.is_closing() else way.writer.close()

    def _make_room(self) -> None:
        """Who never said anything goes first, for an exchange is silent while a call goes on; else who was silent longest."""
        next((task for task in self._streams if task not in self._spoke), next(iter(self._streams))).cancel()

    async def _read(self, reader: asyncio.StreamReader, way: StreamWay, task: asyncio.Task[None]) -> None:
        framer = Framer()
        while True:
            async with asyncio.timeout(PART_WITHIN_S if framer.begun else IDLE_S):
                data = await reader.read(_CHUNK_BYTES)
            if not data:
                return
            self._streams[task] = self._streams.pop(task)
            for message in framer.feed(data):
                if message:
                    self._spoke.add(task)
                    self._take(message, way)
                else:
                    way.send(_PONG)


def _way(writer: asyncio.StreamWriter, listens_at: int | None = None) -> StreamWay:
    """Who connects from here is told the port that we listen at."""
    host, port = writer.get_extra_info("peername")[:2]
    own, own_port = writer.get_extra_info("sockname")[:2]
    name = "TCP" if writer.get_extra_info("ssl_object") is None else "TLS"
    return StreamWay(writer, host, port, name, (own, listens_at or own_port))


def _context(certificate: Certificate, *, calling: bool = False) -> ssl.SSLContext:
    """TLS 1.2 at least; peers show a certificate where authorities are named (RFC 7866 12), who calls and who is called alike.
    They are known by addresses, so no name is looked for in it."""
    purpose = ssl.Purpose.SERVER_AUTH if calling else ssl.Purpose.CLIENT_AUTH
    context = ssl.create_default_context(purpose, cafile=certificate.authorities)
    context.load_cert_chain(certificate.chain, certificate.key)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if certificate.authorities else ssl.CERT_NONE
    return context
