"""A phone that sends both sides of its call in two calls: one recording."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers import SDP, Call, Peer, run, serving, udp_peer

TOLD = (
    "x-refci=26528012;x-nearendclusterid=A;x-nearenddevice=SEP1;x-nearendaddr=1001;"
    "x-farendrefci=26528013;x-farenddevice=SEP2;x-farendaddr=0986760001"
)


async def side(peer: Peer, kind: str, refci: str = "26528012") -> Call:
    """One of the two calls: without an offer, whose answer is in the ACK."""
    told = TOLD.replace("26528012", refci)
    call = Call(peer, caller=f"<sip:1001@127.0.0.1;{kind};{told}>", called="<sip:8675309@127.0.0.1>")
    call.contact = ";isFocus"
    call.to = (await call.ask("INVITE")).headers["to"]
    call.say("ACK", SDP.replace("sendrecv", "sendonly"), number=1)
    return call


@pytest.mark.parametrize("first", ["x-nearend", "x-farend"])
def test_both_sides_are_one_call_whichever_comes_first(tmp_path: Path, first: str) -> None:
    second = "x-farend" if first == "x-nearend" else "x-nearend"

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            one = await side(peer, first)
            (ongoing,) = served.ongoing
            assert ongoing.call.lone_leg and ongoing.call.our_leg == (0 if first == "x-nearend" else 1)
            other = await side(peer, second)
            assert served.ongoing[0].folder == ongoing.folder and len(served.media.begun) == 1
            known = ongoing.call
            assert (known.our_number, known.other_number) == ("1001", "0986760001") and not known.lone_leg
            assert known.our_leg == (0 if first == "x-nearend" else 1) and sorted(served.media.begun[0].sockets) == [0, 1]
            await one.bye()
            await served.until(lambda: list(served.media.begun[0].sockets) == [1])
            assert not served.ended
            await other.bye()
            await served.until(lambda: served.ended)
            assert len(served.ended) == 1 and served.server.counts.ongoing == 0

    run(scenario)


def test_sides_of_two_calls_are_two_calls(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            await side(peer, "x-nearend")
            await side(peer, "x-farend", "777")
            assert len(served.ongoing) == 2

    run(scenario)


def test_a_side_that_can_not_be_received_harms_not_the_other(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            await side(peer, "x-nearend")
            call = Call(peer, caller=f"<sip:1001@127.0.0.1;x-farend;{TOLD}>")
            assert (await call.ask("INVITE", SDP.replace("RTP/AVP 0 8 9 101", "RTP/AVP 18"))).status == 488
            assert len(served.ongoing) == 1 and list(served.media.begun[0].sockets) == [0]

    run(scenario)
