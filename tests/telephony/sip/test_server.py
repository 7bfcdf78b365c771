"""The server as a whole: calls in, records out, and nothing that comes in stops it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from peers import SDP, WITHIN_S, Call, Ports, ok, run, serving, tcp_peer, udp_peer

import telephony.sip.server
from telephony.sip.dialogs import Dialogs
from telephony.sip.sdp import read_sections

SIP = "v=0\r\nc=IN IP4 127.0.0.1\r\n"


def test_a_phone_that_calls_is_answered_at_once_and_recorded_until_it_hangs_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            response = await call.invite()
            (section,) = read_sections(response.body)
            assert response.status == 200 and section.direction.value == "sendrecv"
            assert [c.name for c in section.codecs] == ["PCMU", "PCMA", "G722", "TELEPHONE-EVENT"]
            (ongoing,) = served.ongoing
            known = ongoing.call
            assert (known.other_name, known.other_number, known.our_number) == ("鈴木", "0986760001", "0986760000")
            assert known.protocol == "SIP" and known.lone_leg and known.our_leg == 1
            assert (await call.bye()).status == 200
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "bye"
            assert served.media.begun[0].closed

    run(scenario)


def test_only_as_many_calls_as_are_allowed_are_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, most_calls=1) as served:
            peer = await udp_peer(served)
            await Call(peer).invite()
            refused = await Call(peer).invite()
            assert refused.status == 503 and refused.headers["retry-after"]
            assert len(served.ongoing) == 1 and served.server.counts.refused == {503: 1}

    run(scenario)


def test_without_room_on_the_disk_no_call_is_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, least_free_bytes=2**62) as served:
            assert (await Call(await udp_peer(served)).invite()).status == 503

    run(scenario)


def test_from_foreign_networks_nothing_is_answered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, networks=()) as served:
            call = Call(await udp_peer(served))
            call.say("OPTIONS")
            await call.peer.silence()
            assert served.server.counts.strangers == 1

    run(scenario)


def test_a_server_that_stops_ends_its_calls_and_takes_no_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            call.peer.answers = False
            stopping = asyncio.get_running_loop().create_task(served.server.stop())
            bye = await call.peer.request("BYE")
            assert bye.uri.startswith("sip:peer@127.0.0.1")
            assert (await Call(call.peer).ask("INVITE", SDP)).status == 503
            assert (await Call(call.peer).ask("OPTIONS")).status == 503
            call.peer.say(ok(bye))
            await stopping
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "stopped"

    run(scenario)


@pytest.mark.parametrize("why", ["stopped", "bye", "silence"])
def test_a_server_that_stops_waits_for_sound_that_is_written_slowly(
    tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a disk or decoders that have much to do: what was heard is not cut off."""
    monkeypatch.setattr(telephony.sip.server, "GRACE_S", 0.0)
    writing, written, close = asyncio.Event(), asyncio.Event(), Ports.close

    async def close_slowly(ports: Ports) -> None:
        writing.set()
        await written.wait()
        await close(ports)

    monkeypatch.setattr(Ports, "close", close_slowly)

    async def scenario() -> None:
        async with serving(tmp_path, silence_s=1.0 if why == "silence" else 60.0) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            if why == "bye":
                await call.bye()
            if why != "stopped":
                await asyncio.wait_for(writing.wait(), WITHIN_S)
            stopping = asyncio.get_running_loop().create_task(served.server.stop())
            await asyncio.wait_for(writing.wait(), WITHIN_S)
            done, _ = await asyncio.wait([stopping], timeout=0.2)
            assert not done and not served.ended
            written.set()
            await stopping
            (ended,) = served.ended
            assert served.media.begun[0].closed and ended.ended is not None and ended.ended.why == why

    run(scenario)


def test_keepalives_and_rubbish_stop_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer, stream = await udp_peer(served), await tcp_peer(served)
            for rubbish in (
                b"",
                b"\r\n\r\n",
                b"\0",
                b"\xff" * 60_000,
                b"INVITE\r\n\r\n",
                b"BYE sip:a@b SIP/2.0\r\n\r\n",
                bytes(range(256)),
            ):
                peer.say(rubbish)
            stream.say("\r\n\r\n")
            assert (await Call(peer).ask("OPTIONS")).status == 200
            assert (await Call(stream).ask("OPTIONS")).status == 200
            assert served.server.counts.unreadable >= 3

    run(scenario)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def test_a_stream_that_sends_rubbish_is_closed_and_others_go_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, most_connections=3) as served:
            bad = await tcp_peer(served)
            bad.say(b"x" * 100_000)
            await served.until(lambda: bad.closed)
            peers = [await tcp_peer(served) for _ in range(5)]
            await served.until(lambda: sum(p.closed for p in peers) == 2)
            assert (await Call(peers[-1]).ask("OPTIONS")).status == 200

    run(scenario)


def test_neither_names_nor_numbers_are_in_a_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "madoguchi")

    async def scenario() -> None:
        async with serving(tmp_path, most_calls=1) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            await Call(call.peer).invite()
            await call.ask("SUBSCRIBE")
            await call.bye()
            await served.until(lambda: served.ended)

    run(scenario)
    logged = "".join(str(vars(r)) for r in caplog.records if r.name.startswith("madoguchi"))
    assert "call ended" in logged and not any(private in logged for private in ("鈴木", "098676", "127.0.0.1"))


def test_connections_from_foreign_networks_are_closed_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, networks=()) as served:
            peer = await tcp_peer(served)
            await served.until(lambda: peer.closed)
            assert served.server.counts.connections == 0

    run(scenario)


def test_the_connection_that_was_silent_longest_makes_room_for_a_new_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, most_connections=2) as served:
            used, silent = await tcp_peer(served), await tcp_peer(served)
            assert (await Call(silent).ask("OPTIONS")).status == 200
            assert (await Call(used).ask("OPTIONS")).status == 200
            new = await tcp_peer(served)
            await served.until(lambda: silent.closed)
            assert (await Call(new).ask("OPTIONS")).status == 200 and (await Call(used).ask("OPTIONS")).status == 200

    run(scenario)


def test_connections_that_say_nothing_make_room_before_that_of_a_call(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, most_connections=3) as served:
            call = Call(await tcp_peer(served))
            assert (await call.invite()).status == 200
            others = [await tcp_peer(served) for _ in range(6)]
            for peer in others:
                peer.say("INVITE sip:")
            await served.until(lambda: sum(peer.closed for peer in others) == 4)
            assert (await call.bye()).status == 200

    run(scenario)


def test_what_goes_wrong_with_one_message_is_not_the_next_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            with monkeypatch.context() as broken:
                broken.setattr(Dialogs, "begun_by", lambda *_: 1 / 0)
                Call(peer).say("INVITE", SDP)
                await peer.silence()
            assert (await Call(peer).invite()).status == 200

    run(scenario)
