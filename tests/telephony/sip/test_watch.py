"""Calls whose end nobody tells are over all the same, and others are not."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from peers import SDP, Call, ok, run, serving, udp_peer

from telephony.sip.message import Request

ON_HOLD = SDP.replace("sendrecv", "inactive")
FAST_S = 0.02  #: T1 where a test waits for the end of a transaction


def test_of_a_call_that_nobody_acknowledges_and_that_never_sounds_nothing_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=FAST_S) as served:
            call = Call(await udp_peer(served))
            await call.ask("INVITE", SDP)
            await call.peer.request("BYE")
            await served.until(lambda: not served.folders)
            assert served.media.begun[0].closed and not served.ended

    run(scenario)


def test_a_call_that_nobody_acknowledges_goes_on_while_it_sounds(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=FAST_S) as served:
            call = Call(await udp_peer(served))
            await call.ask("INVITE", SDP)
            for _ in range(20):
                served.media.begun[0].sound(0)
                await asyncio.sleep(0.1)
            assert len(served.ongoing) == 1

    run(scenario)


def test_a_call_without_a_packet_is_over_but_not_while_it_is_held(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.3) as served:
            peer = await udp_peer(served)
            held, lost = Call(peer), Call(peer)
            await held.invite(SDP.replace("sendrecv", "inactive"))
            await lost.invite()
            while (bye := await peer.next()) and not (isinstance(bye, Request) and bye.method == "BYE"):
                pass  # whether the other goes on is asked
            assert bye.headers["call-id"] == lost.call_id and "tag=theirs" in bye.headers["to"]
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "silence" and len(served.ongoing) == 1

    run(scenario)


@pytest.mark.parametrize(("allow", "method"), [("INVITE, UPDATE", "UPDATE"), ("INVITE", "OPTIONS")])
def test_a_call_on_hold_that_its_peer_knows_no_more_is_over(tmp_path: Path, allow: str, method: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.8) as served:
            call = Call(await udp_peer(served))
            await call.invite(ON_HOLD, extra=f"Allow: {allow}\r\n")
            await call.peer.request(method)
            call.peer.answers = False
            call.peer.say(ok(await call.peer.request(method)).replace("200 OK", "481 Call/Transaction Does Not Exist"))
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "bye"

    run(scenario)


def test_a_call_on_hold_is_over_when_who_answered_before_answers_no_more_nor_plays_music(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.sip.recording.MUSIC_PAUSES_S", 1.0)

    async def scenario() -> None:
        async with serving(tmp_path, silence_s=1.5, t1_s=FAST_S / 4) as served:
            peer = await udp_peer(served)
            silent, playing = Call(peer), Call(peer)
            await playing.invite()
            await silent.invite(ON_HOLD)
            await playing.invite(SDP.replace("sendrecv", "sendonly"))
            for tick in itertools.count():
                served.media.begun[0].sound(0)
                await asyncio.sleep(0.05)
                peer.answers = tick < 20
                if served.ended:
                    break
            assert [call.call.id for call in served.ongoing] == [served.media.begun[0].call.call.id]
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "silence"

    run(scenario)


def test_who_on_hold_can_never_be_reached_is_waited_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.2, t1_s=FAST_S / 4) as served:
            call = Call(await udp_peer(served))
            call.peer.answers = False
            await call.invite(ON_HOLD)
            await asyncio.sleep(1.5)
            assert len(served.ongoing) == 1

    run(scenario)


def test_no_call_is_longer_than_the_longest(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=1.0, longest_s=0.1) as served:
            call = Call(await udp_peer(served))
            await call.invite(SDP.replace("sendrecv", "inactive"))
            await call.peer.request("BYE")
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "longest"

    run(scenario)


def test_our_bye_is_sent_until_it_is_answered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.2, t1_s=0.05) as served:
            call = Call(await udp_peer(served))
            call.peer.answers = False
            await call.invite()
            first = await call.peer.request("BYE")
            assert await call.peer.request("BYE") == first
            call.peer.say(ok(first))
            await served.until(lambda: not served.waits)
            while not call.peer.quiet:
                await call.peer.next()
            await call.peer.silence(0.5)

    run(scenario)


def test_what_was_recorded_is_kept_when_an_ack_is_lost_in_the_middle_of_a_call(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=FAST_S) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            assert (await call.ask("INVITE", SDP.replace("sendrecv", "inactive"))).status == 200
            await asyncio.sleep(70 * FAST_S)
            assert len(served.ongoing) == 1 and len(served.folders) == 1

    run(scenario)


def test_who_updates_a_call_knows_of_it_without_any_ack(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=FAST_S) as served:
            call = Call(await udp_peer(served))
            call.to = (await call.ask("INVITE", SDP)).headers["to"]
            call.say("UPDATE")
            await asyncio.sleep(70 * FAST_S)
            assert len(served.ongoing) == 1

    run(scenario)
