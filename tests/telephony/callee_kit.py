"""Just enough signalling for a real caller to begin to send: says yes to every INVITE and to its BYE."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from telephony.streams import Codec, Keys, Offered, Received

Agree = Callable[[Offered], Awaitable[Received | None]]

_STATIC = {0: Codec(0, "PCMU", 8000), 8: Codec(8, "PCMA", 8000), 9: Codec(9, "G722", 8000)}


class Callee(asyncio.DatagramProtocol):
    """Answers on UDP."""

    def __init__(self, agree: Agree) -> None:
        self._agree = agree
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._answered: set[str] = set()
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head, _, body = data.decode().partition("\r\n\r\n")
        method = head.split(" ", 1)[0]
        call_id = "".join(re.findall(r"(?im)^Call-ID:\s*(\S+)", head))
        if method == "INVITE" and call_id not in self._answered:
            self._answered.add(call_id)
            task = asyncio.create_task(self._answer(head, body, addr))
            self._tasks.add(task)
        elif method == "BYE":
            self._send(head, "", addr)
            self.ended.set()

    async def _answer(self, head: str, body: str, addr: tuple[str, int]) -> None:
        received = await self._agree(_offered(body))
        assert received is not None
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
        types = " ".join(str(c.payload_type) for c in received.codecs)
        lines.append(f"m=audio {received.port} RTP/{'SAVP' if received.keys else 'AVP'} {types}")
        lines += [f"a=rtpmap:{c.payload_type} {c.name}/{c.clock_hz}/{c.channels}" for c in received.codecs]
        if received.keys:
            lines.append(f"a=crypto:1 {received.keys.suite} inline:{base64.b64encode(received.keys.master).decode()}")
        self._send(head, "\r\n".join([*lines, "a=sendrecv", ""]), addr)

    def _send(self, head: str, body: str, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        copied = [line for line in head.split("\r\n") if re.match(r"(?i)(via|from|call-id|cseq|record-route):", line)]
        to = "".join(re.findall(r"(?im)^To:[^\r]*", head))
        copied.append(to if ";tag=" in to else f"{to};tag=callee")
        own = f"127.0.0.1:{self._transport.get_extra_info('sockname')[1]}"
        about = [f"Contact: <sip:callee@{own}>", "Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        self._transport.sendto("\r\n".join(["SIP/2.0 200 OK", *copied, *about, "", body]).encode(), addr)


def _offered(body: str) -> Offered:
    host = re.findall(r"(?m)^c=IN IP4 (\S+)", body)[0]
    port, types = re.findall(r"(?m)^m=audio (\d+) \S+ ([\d ]+)", body)[0]
    maps = re.findall(r"(?m)^a=rtpmap:(\d+) ([^/\s]+)/(\d+)(?:/(\d))?", body)
    named = {int(t): Codec(int(t), n.upper(), int(r), int(c or 1)) for t, n, r, c in maps}
    codecs = tuple(known for t in types.split() if (known := (_STATIC | named).get(int(t))))
    crypto = re.findall(r"(?m)^a=crypto:\d+ (\S+) inline:([^|\s]+)", body)
    keys = Keys(crypto[0][0], base64.b64decode(crypto[0][1])) if crypto else None
    return Offered(host=host, port=int(port), codecs=codecs, keys=keys)


@asynccontextmanager
async def answering(agree: Agree) -> AsyncIterator[tuple[Callee, int]]:
    """A callee and its port."""
    transport, callee = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Callee(agree), ("127.0.0.1", 0))
    try:
        yield callee, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
