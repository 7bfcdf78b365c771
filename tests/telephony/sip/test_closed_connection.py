"""A peer that closed its connection is answered and told the end of its call all the same, where it came from."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from certificate_kit import make_certificate
from peers import SDP, Call, Served, StreamPeer, run, serving, tcp_peer


class Exchange(StreamPeer):
    """Listens where others connect to, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.connections += 1


class Elsewhere(Call):
    """A call whose peer is to be reached at another address than it calls from."""

    at = ""

    def text(self, method: str, *given: object, **more: object) -> str:
        return re.sub(r"Contact: <[^>]*>", f"Contact: <sip:peer@{self.at}>", super().text(method, *given, **more))  # type: ignore[arg-type]


@asynccontextmanager
async def listening(host: str = "127.0.0.1", **more: object) -> AsyncIterator[tuple[Exchange, str]]:
    """An exchange, and where it listens."""
    exchange = Exchange()
    server = await asyncio.get_running_loop().create_server(lambda: exchange, host, 0, **more)  # type: ignore[call-overload]
    try:
        yield exchange, f"{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        if exchange.connections:
            exchange.close()


async def closed(served: Served, call: Call) -> None:
    """It was answered, then its connection is closed."""
    assert (await call.invite()).status == 200
    call.peer.close()
    await served.until(lambda: not served.server.counts.connections)


async def ended(served: Served) -> str:
    await served.server.stop()
    (call,) = served.ended
    assert call.ended is not None
    return call.ended.why


@pytest.mark.parametrize("by_route", [False, True])
def test_the_end_of_a_call_is_told_over_a_connection_of_our_own(tmp_path: Path, by_route: bool) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served, listening() as (exchange, at):
            call = Elsewhere(await tcp_peer(served))
            call.at = "127.0.0.1:9" if by_route else at
            route = f"Record-Route: <sip:{at};lr>\r\n" if by_route else ""
            assert (await call.invite(extra=route)).status == 200
            call.peer.close()
            await served.until(lambda: not served.server.counts.connections)
            port = served.server.port
            assert await ended(served) == "stopped"
            bye = await exchange.request("BYE")
            assert bye.uri == f"sip:peer@{call.at}" and bye.headers["call-id"] == call.call_id
            assert bye.headers["via"].startswith(f"SIP/2.0/TCP 127.0.0.1:{port};")
            assert exchange.connections == 1 and exchange.quiet

    run(scenario)


@pytest.mark.parametrize("named", ["no-such-host.invalid", f"{'a' * 64}.example", "127.0.0.2", "127.0.0.1%lo"])
def test_a_peer_has_us_connect_nowhere_but_to_where_it_came_from_and_look_nothing_up(tmp_path: Path, named: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served, listening() as (exchange, at):
            call = Elsewhere(await tcp_peer(served))
            call.at = f"{named}:{at.partition(':')[2]}"
            await closed(served, call)
            assert await ended(served) == "stopped"
            assert (await exchange.request("BYE")).uri == f"sip:peer@{call.at}"

    run(scenario)


def test_an_exchange_that_the_city_trusts_is_connected_to_at_its_own_address(tmp_path: Path) -> None:
    async def scenario() -> None:
        trusted = (ipaddress.ip_network("127.0.0.2"),)
        async with serving(tmp_path, trusted=trusted) as served, listening("127.0.0.2") as (exchange, at):
            call = Elsewhere(await tcp_peer(served))
            call.at = at
            await closed(served, call)
            assert await ended(served) == "stopped"
            await exchange.request("BYE")

    run(scenario)


def test_an_answer_over_that_connection_is_read(tmp_path: Path) -> None:
    """A session is refreshed over it, and the exchange that doesn't know the call any more has ended it."""

    async def scenario() -> None:
        async with serving(tmp_path) as served, listening() as (exchange, at):
            exchange.answers = False
            call = Elsewhere(await tcp_peer(served))
            call.at = at
            allowing = "Allow: UPDATE\r\nSession-Expires: 90;refresher=uas\r\n"
            assert (await call.invite(extra=allowing)).status == 200
            call.peer.close()
            await served.until(lambda: not served.server.counts.connections)
            served.let_pass(60)
            update = await exchange.request("UPDATE")
            kept = "".join(f"{n}: {v}\r\n" for n, v in update.headers.fields if n in ("via", "from", "to", "call-id", "cseq"))
            exchange.say(f"SIP/2.0 481 Call/Transaction Does Not Exist\r\n{kept}Content-Length: 0\r\n\r\n")
            await served.until(lambda: served.ended)
            await exchange.request("BYE")
            assert exchange.connections == 1

    run(scenario)


@pytest.mark.parametrize("at", ["127.0.0.1:9", "127.0.0.2:{port}", "no-such-host.invalid", "[::1]:{port}", "[::1"])
def test_a_peer_that_can_not_be_reached_holds_up_nothing_and_stands_in_the_log_alone(
    tmp_path: Path, at: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        networks = (ipaddress.ip_network("127.0.0.1"),)
        async with serving(tmp_path, networks=networks) as served, listening("127.0.0.2") as (exchange, heard_at):
            call = Elsewhere(await tcp_peer(served))
            call.at = "127.0.0.1:9"
            await closed(served, call)
            (dialog,) = served.server._dialogs.ongoing
            dialog.target = f"sip:peer@{at.format(port=heard_at.partition(':')[2])}"
            assert await ended(served) == "stopped" and exchange.connections == 0

    run(scenario)
    warned = [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("madoguchi")]
    assert [r.message for r in warned] == ["peer not reached"]
    assert not any(told in str(vars(warned[0])) for told in ("127.0.0", "peer@", "no-such-host"))


@pytest.mark.parametrize("is_known", [True, False])
def test_what_was_encrypted_stays_so_and_is_told_to_whom_the_authorities_know(tmp_path: Path, is_known: bool) -> None:
    (tmp_path / "other").mkdir()
    certificate, other = make_certificate(tmp_path), make_certificate(tmp_path / "other")
    asking = replace(certificate, authorities=certificate.chain)
    theirs = certificate if is_known else other
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(theirs.chain, theirs.key)

    async def scenario() -> None:
        async with serving(tmp_path / "calls", certificate=asking) as served, listening(ssl=shown) as (exchange, at):
            calling = ssl.create_default_context(cafile=certificate.chain)
            calling.load_cert_chain(certificate.chain, certificate.key)
            make = asyncio.get_running_loop().create_connection
            _, peer = await make(StreamPeer, "127.0.0.1", served.server.tls_port, ssl=calling)
            call = Elsewhere(peer)
            call.at = at
            await closed(served, call)
            assert await ended(served) == "stopped"
            if is_known:
                assert (await exchange.request("BYE")).headers["via"].startswith("SIP/2.0/TLS ")
            else:
                assert exchange.quiet

    run(scenario)


@pytest.mark.parametrize("named", ["127.0.0.1", "127.0.0.2", "no-such-host.invalid"])
def test_an_answer_whose_connection_is_closed_goes_to_where_its_request_came_from(tmp_path: Path, named: str) -> None:
    """RFC 3261 18.2.2, but for the address of the Via, which anybody may write."""

    async def scenario() -> None:
        async with serving(tmp_path) as served, listening() as (exchange, at):
            call = Call(await tcp_peer(served))
            port = at.partition(":")[2]
            call.peer.say(re.sub(r"/TCP [^;]*;", f"/TCP {named}:{port};", call.text("INVITE", SDP)))
            await call.peer.response(200)
            call.peer.close()
            response = await exchange.response(200)
            call.peer, call.to = exchange, response.headers["to"]
            call.say("ACK", number=call.number)
            await served.until(lambda: not served.waits)
            assert (await call.bye()).status == 200
            await served.until(lambda: served.ended)
            assert exchange.connections == 1

    run(scenario)
