"""The other ends of a SIP server in tests: a peer that says exactly what it is told to, and media that only opens ports."""

from __future__ import annotations

import asyncio
import itertools
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.clock import now
from core.errors import Busy, SettingsError
from telephony.ongoing import OngoingCall, calls_in
from telephony.sip.framing import Framer
from telephony.sip.message import Message, Request, Response, read_message
from telephony.sip.server import SipServer
from telephony.sip.settings import SipSettings
from telephony.streams import CallMedia, Offered, Received

UNDERSTOOD = {"PCMU", "PCMA", "G722", "OPUS", "TELEPHONE-EVENT"}
WITHIN_S = 10.0


@dataclass
class OpenPorts:
    """Media that understands what the product does and counts packets."""

    begun: list[Ports] = field(default_factory=list)
    full: bool = False  #: no port is free

    def begin(self, call: OngoingCall) -> CallMedia:
        self.begun.append(Ports(call, self))
        return self.begun[-1]


class Ports:
    """The ports of one call."""

    def __init__(self, call: OngoingCall, media: OpenPorts) -> None:
        self.call, self._media = call, media
        self.sockets: dict[int, socket.socket] = {}
        self.offered: dict[int, Offered] = {}
        self.offered_ever: list[Offered] = []
        self.heard = 0  #: packets
        self.quiet_since = time.monotonic()
        self.closed = False

    async def receive(self, leg: int, offered: Offered) -> Received | None:
        codecs = tuple(c for c in offered.codecs if c.name in UNDERSTOOD)
        if not any(c.name != "TELEPHONE-EVENT" for c in codecs):
            return None
        if leg not in self.sockets:
            if self._media.full:
                raise Busy("ポートがありません。")
            self.sockets[leg] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[leg].bind(("127.0.0.1", 0))
            self.sockets[leg].setblocking(False)
        self.offered[leg] = offered
        self.offered_ever.append(offered)
        return Received(port=self.sockets[leg].getsockname()[1], codecs=codecs, keys=offered.keys)

    def drop(self, leg: int) -> None:
        self.sockets.pop(leg).close()
        del self.offered[leg]

    def packets(self, leg: int) -> int:
        """How many came since this was last asked."""
        for count in itertools.count():
            try:
                self.sockets[leg].recv(2048)
            except BlockingIOError:
                self.heard += count
                return count
        raise AssertionError

    @property
    def silent_s(self) -> float:
        if not any(o.sends for o in self.offered.values()):
            return math.inf
        if any(self.packets(leg) for leg in self.sockets):
            self.quiet_since = time.monotonic()
        return time.monotonic() - self.quiet_since

    def sound(self, leg: int) -> None:
        """A packet comes."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"sound", self.sockets[leg].getsockname())

    async def close(self) -> None:
        self.closed = True
        sum(self.packets(leg) for leg in self.sockets)
        for s in self.sockets.values():
            s.close()


@dataclass
class Served:
    """A server in this process, and what became of its calls."""

    server: SipServer
    media: OpenPorts
    calls: Path
    ended: list[OngoingCall]
    peers: list[Peer] = field(default_factory=list)

    @property
    def ongoing(self) -> list[OngoingCall]:
        return [call for call in calls_in(self.calls) if call.ended is None]

    @property
    def folders(self) -> list[str]:
        """Of calls, whole or not."""
        return [folder.name for folder in self.calls.iterdir()]

    def let_pass(self, seconds: float) -> None:
        """Of the time for which sessions last: a minute and a half at least."""
        for dialog in self.server._dialogs.ongoing:
            dialog.fresh_until_s -= seconds
            dialog.refreshed_at_s -= seconds

    def fall_silent(self, seconds: float) -> None:
        """So long no packet came."""
        for dialog in self.server._dialogs.ongoing:
            if recording := self.server._recorder.of(dialog):
                recording._expected_s -= seconds
        for ports in self.media.begun:
            ports.quiet_since -= seconds

    @property
    def waits(self) -> bool:
        """Whether the server says something again until it is answered."""
        return bool(self.server._client._waiting) or any(d.unacknowledged for d in self.server._dialogs.ongoing)

    async def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < end, "it did not come to that"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(calls: Path, **settings: object) -> AsyncIterator[Served]:
    media, ended = OpenPorts(), list[OngoingCall]()
    chosen = SipSettings(**{"port": 0, "tls_port": 0, "least_free_bytes": 0} | settings)  # type: ignore[arg-type]
    for attempt in itertools.count():
        server = SipServer(chosen, media, calls, ended.append, now)
        try:
            await server.start()
            break
        except SettingsError:
            assert attempt < 20  # a port that is free for UDP may not be for TCP
    try:
        yield (served := Served(server, media, calls, ended))
    finally:
        await server.stop()
        for peer in served.peers:
            peer.close()
        await asyncio.sleep(0)


class Peer:
    """Talks to a server over UDP or TCP. `next` gives what comes, in its order."""

    answers = True  #: what the server asks for, with 200
    transport: str
    _transport: asyncio.Transport | asyncio.DatagramTransport

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._branches = itertools.count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    @property
    def local(self) -> tuple[str, int]:
        own: tuple[str, int] = self._transport.get_extra_info("sockname")[:2]
        return own

    def take(self, data: bytes) -> None:
        if data and self.answers and isinstance(message := read_message(data), Request):
            self.say(ok(message))
        self._inbox.put_nowait(data)

    def close(self) -> None:
        self._transport.close()

    def say(self, text: str | bytes) -> None:
        self.send(text.encode() if isinstance(text, str) else text)

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    async def next(self) -> Message:
        return read_message(await asyncio.wait_for(self._inbox.get(), WITHIN_S))

    async def response(self, status: int | None = None) -> Response:
        """The next response that is not provisional."""
        while isinstance(message := await self.next(), Request) or message.status == 100:
            pass
        assert status in (None, message.status), message
        return message

    async def request(self, method: str) -> Request:
        """The next request of the server's, other messages left out."""
        while not isinstance(message := await self.next(), Request):
            pass
        assert message.method == method
        return message

    async def silence(self, for_s: float = 0.2) -> None:
        try:
            data = await asyncio.wait_for(self._inbox.get(), for_s)
        except TimeoutError:
            return
        raise AssertionError(data)

    @property
    def quiet(self) -> bool:
        """Whether nothing waits to be read."""
        return self._inbox.empty()

    @property
    def closed(self) -> bool:
        return self._transport.is_closing()

    def branch(self) -> str:
        return f"z9hG4bKtest{next(self._branches)}"


def ok(request: Request) -> str:
    """200 to a request of the server's."""
    kept = "".join(f"{n}: {v}\r\n" for n, v in request.headers.fields if n in ("via", "from", "to", "call-id", "cseq"))
    return f"SIP/2.0 200 OK\r\n{kept}Content-Length: 0\r\n\r\n"


class _Datagrams(Peer, asyncio.DatagramProtocol):
    transport = "UDP"

    def datagram_received(self, data: bytes, address: object) -> None:
        self.take(data)

    def send(self, data: bytes) -> None:
        self._transport.sendto(data)


class StreamPeer(Peer, asyncio.Protocol):
    transport = "TCP"

    def __init__(self) -> None:
        super().__init__()
        self._framer = Framer()

    def data_received(self, data: bytes) -> None:
        for message in self._framer.feed(data):
            self.take(message)

    def send(self, data: bytes) -> None:
        self._transport.write(data)


async def udp_peer(served: Served) -> Peer:
    _, peer = await asyncio.get_running_loop().create_datagram_endpoint(_Datagrams, remote_addr=("127.0.0.1", served.server.port))
    served.peers.append(peer)
    return peer


async def tcp_peer(served: Served) -> Peer:
    _, peer = await asyncio.get_running_loop().create_connection(StreamPeer, "127.0.0.1", served.server.port)
    served.peers.append(peer)
    return peer


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 30))  # type: ignore[arg-type]


SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 0 8 9 101
a=rtpmap:101 telephone-event/8000
a=sendrecv
""".replace("\n", "\r\n")


class Call:
    """What a peer says in a call of its."""

    def __init__(
        self, peer: Peer, *, caller: str = '"鈴木" <sip:0986760001@127.0.0.1>', called: str = "<sip:0986760000@127.0.0.1>"
    ) -> None:
        self.peer, self.caller, self.called = peer, caller, called
        self.call_id, self.number, self.to = f"{peer.branch()}@test", 0, called
        self.branch = ""

    def text(
        self,
        method: str,
        body: str = "",
        kind: str = "application/sdp",
        *,
        number: int | None = None,
        branch: str = "",
        extra: str = "",
    ) -> str:
        if number is None:
            self.number += 1
            number = self.number
        self.branch = branch or self.peer.branch()
        host, port = self.peer.local
        typed = f"Content-Type: {kind}\r\n" if body else ""
        return (
            f"{method} {self.called.strip('<>')} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.peer.transport} {host}:{port};branch={self.branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {self.caller};tag=theirs\r\nTo: {self.to}\r\nCall-ID: {self.call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:peer@{host}:{port}>{self.contact}\r\n{extra}{typed}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    contact = ""

    def say(self, method: str, body: str = "", kind: str = "application/sdp", **more: object) -> None:
        self.peer.say(self.text(method, body, kind, **more))  # type: ignore[arg-type]

    async def ask(self, method: str, body: str = "", kind: str = "application/sdp", **more: object) -> Response:
        self.say(method, body, kind, **more)
        return await self.peer.response()

    async def invite(self, body: str = SDP, kind: str = "application/sdp", **more: object) -> Response:
        """Up to its ACK."""
        response = await self.ask("INVITE", body, kind, **more)
        if response.status == 200:
            self.to = response.headers["to"]
            self.say("ACK", number=self.number)
        else:
            self.take_no(response)
        return response

    def take_no(self, refusal: Response) -> None:
        """The ACK of a refusal, which belongs to the transaction and makes no dialog (RFC 3261 17.1.1.3)."""
        to, self.to = self.to, refusal.headers["to"]
        self.say("ACK", number=self.number, branch=self.branch)
        self.to = to

    async def bye(self) -> Response:
        return await self.ask("BYE")


def recording_client(peer: Peer) -> Call:
    """A call of a recording client's, as RFC 7866 has it."""
    call = Call(peer, caller="<sip:gateway@127.0.0.1>", called="<sip:recorder@127.0.0.1>")
    call.contact = ";+sip.src"
    return call


TWO_STREAMS = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 41000 RTP/AVP 0 8
a=label:1
a=sendonly
m=audio 41002 RTP/AVP 0 8
a=label:2
a=sendonly
""".replace("\n", "\r\n")

METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
  <datamode>complete</datamode>
  <session session_id="c2Vzc2lvbg=="/>
  <participant participant_id="Y2FsbGVy">
    <nameID aor="sip:0986760001@example.jp"><name xml:lang="ja">鈴木 花子</name></nameID>
  </participant>
  <participant participant_id="Y2FsbGVk">
    <nameID aor="sip:0986760000@example.jp"><name xml:lang="ja">市民課</name></nameID>
  </participant>
  <stream stream_id="c3RyZWFtMQ==" session_id="c2Vzc2lvbg=="><label>1</label></stream>
  <stream stream_id="c3RyZWFtMg==" session_id="c2Vzc2lvbg=="><label>2</label></stream>
  <participantstreamassoc participant_id="Y2FsbGVy"><send>c3RyZWFtMQ==</send><recv>c3RyZWFtMg==</recv></participantstreamassoc>
  <participantstreamassoc participant_id="Y2FsbGVk"><send>c3RyZWFtMg==</send><recv>c3RyZWFtMQ==</recv></participantstreamassoc>
</recording>
"""
MIXED = "multipart/mixed;boundary=part"
REQUIRED = "Require: siprec\r\nAllow: INVITE, ACK, BYE, UPDATE\r\n"


def parts(sdp: str, metadata: str) -> str:
    """Both as one body."""
    return (
        f"--part\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n"
        "--part\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n"
        f"{metadata}\r\n--part--\r\n"
    )
