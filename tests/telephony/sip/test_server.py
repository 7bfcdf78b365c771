"""What a peer that calls is answered with, and what is recorded of its call."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from peers import SDP, Call, ok, run, serving, tcp_peer, udp_peer

from telephony.ongoing import Happened
from telephony.sip.sdp import Direction, read_sections

FAST_S = 0.02  #: T1 where a test waits for the end of a transaction
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


def test_an_invite_that_comes_again_is_answered_the_same_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            text = call.text("INVITE", SDP)
            call.peer.say(text)
            first = await call.peer.response(200)
            call.peer.say(text)
            assert await call.peer.response(200) == first and len(served.ongoing) == 1

    run(scenario)


def test_an_invite_that_comes_again_after_the_call_is_no_new_call(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            text = call.text("INVITE", SDP)
            call.peer.say(text)
            call.to = (await call.peer.response(200)).headers["to"]
            call.say("ACK", number=1)
            bye = call.text("BYE")
            call.peer.say(bye)
            await call.peer.response(200)
            call.peer.say(bye)
            assert (await call.peer.response()).status == 200
            call.peer.say(text)
            assert (await call.peer.response()).status == 200
            await served.until(lambda: served.ended)
            assert not served.ongoing and len(served.media.begun) == 1

    run(scenario)


def test_the_same_invite_by_another_way_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            call.to = call.called
            assert (await call.ask("INVITE", SDP, number=1)).status == 482

    run(scenario)


def test_an_answer_is_sent_until_it_is_acknowledged(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=0.05) as served:
            call = Call(await udp_peer(served))
            response = await call.ask("INVITE", SDP)
            assert await call.peer.response() == response and await call.peer.response() == response
            call.to = response.headers["to"]
            call.say("ACK", number=1)
            await asyncio.sleep(0.05)
            while not call.peer.quiet:
                await call.peer.next()
            await call.peer.silence(0.5)

    run(scenario)


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


def test_a_call_that_is_cancelled_before_it_is_answered_is_not_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            call.say("INVITE", SDP)
            call.say("CANCEL", number=1, branch=call.branch)
            assert sorted([(await call.peer.response()).status, (await call.peer.response()).status]) == [200, 487]
            call.say("ACK", number=1, branch=call.branch)
            await served.until(lambda: not served.folders)
            assert not served.ended

    run(scenario)


def test_a_cancel_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            call.say("INVITE", SDP)
            branch = call.branch
            await call.peer.response(200)
            assert (await call.ask("CANCEL", number=1, branch=branch)).status == 200
            assert len(served.ongoing) == 1
            assert (await Call(call.peer).ask("CANCEL")).status == 481

    run(scenario)


def test_options_are_told_and_what_is_unknown_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            options = await call.ask("OPTIONS")
            assert options.status == 200 and "siprec" in options.headers["supported"] and "INVITE" in options.headers["allow"]
            assert (await call.ask("SUBSCRIBE")).status == 405
            assert (await call.ask("NEWMETHOD")).status == 405
            call.to += ";tag=unknown"
            for method in ("BYE", "INVITE", "UPDATE", "INFO"):
                assert (await call.ask(method)).status == 481
            call.say("ACK")
            await call.peer.silence()
            assert not served.media.begun

    run(scenario)


@pytest.mark.parametrize(
    ("sdp", "status"),
    [
        (f"{SIP}m=audio 4000 RTP/AVP 18 4\r\n", 488),
        (f"{SIP}m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n", 488),
        (f"{SIP}m=audio 0 RTP/AVP 0\r\n", 488),
        (f"{SIP}m=video 4000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", 488),
        (f"{SIP}m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", 488),
        (f"{SIP}m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n", 488),
        ("no description", 400),
    ],
)
def test_an_offer_without_anything_that_can_be_received_leaves_nothing_behind(tmp_path: Path, sdp: str, status: int) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            assert (await call.ask("INVITE", sdp)).status == status
            assert not served.folders and not served.ended
            assert all(ports.closed for ports in served.media.begun)

    run(scenario)


def test_keys_are_taken_over_plain_signalling_only_where_that_is_allowed(tmp_path: Path) -> None:
    key = "inline:" + "A" * 40
    sdp = f"{SIP}m=audio 4000 RTP/SAVP 0\r\na=crypto:3 AES_CM_128_HMAC_SHA1_80 {key}\r\n"

    async def scenario() -> None:
        async with serving(tmp_path, keys_in_clear=True) as served:
            call = Call(await udp_peer(served))
            (section,) = read_sections((await call.invite(sdp)).body)
            assert section.protocol == "RTP/SAVP" and section.crypto is not None and section.crypto.tag == "3"
            assert served.media.begun[0].offered[0].keys is not None

    run(scenario)


def test_only_as_many_calls_as_are_allowed_are_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, most_calls=1) as served:
            peer = await udp_peer(served)
            await Call(peer).invite()
            refused = await Call(peer).ask("INVITE", SDP)
            assert refused.status == 503 and refused.headers["retry-after"]
            assert len(served.ongoing) == 1 and served.server.counts.refused == {503: 1}

    run(scenario)


def test_without_room_on_the_disk_no_call_is_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, least_free_bytes=2**62) as served:
            assert (await Call(await udp_peer(served)).ask("INVITE", SDP)).status == 503

    run(scenario)


def test_from_foreign_networks_nothing_is_answered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, networks=()) as served:
            call = Call(await udp_peer(served))
            call.say("OPTIONS")
            await call.peer.silence()
            assert served.server.counts.strangers == 1

    run(scenario)


def test_of_numbers_that_are_not_to_be_recorded_nothing_touches_the_disk(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986-76-0000",)) as served:
            assert (await Call(await udp_peer(served)).ask("INVITE", SDP)).status == 603
            assert not served.media.begun and not served.folders

    run(scenario)


def test_hold_and_going_on_are_noted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            held = await call.invite(SDP.replace("sendrecv", "sendonly").replace("sendonly", "inactive"))
            assert read_sections(held.body)[0].direction is Direction.NEITHER
            assert not served.media.begun[0].offered[0].sends
            await call.invite(SDP)
            await call.invite(SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0"))
            await call.ask("UPDATE", SDP)
            events = [e.kind for e in served.ongoing[0].events()]
            assert events == [Happened.HELD, Happened.RESUMED, Happened.HELD, Happened.RESUMED]

    run(scenario)


def test_an_offer_that_can_not_be_taken_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            assert (await call.invite(f"{SIP}m=video 4000 RTP/AVP 96\r\n")).status == 488
            assert list(served.media.begun[0].offered) == [0] and (await call.bye()).status == 200

    run(scenario)


def test_who_calls_without_an_offer_is_made_one_and_answers_with_the_ack(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            response = await call.ask("INVITE")
            (offer,) = read_sections(response.body)
            assert response.status == 200 and [c.name for c in offer.codecs][:3] == ["PCMU", "PCMA", "G722"] and offer.port
            call.to = response.headers["to"]
            assert (await call.ask("UPDATE", SDP)).status == 491
            call.say("ACK", SDP, number=1)
            await served.until(lambda: served.media.begun[0].offered[0].port == 40_000)
            assert (await call.ask("UPDATE", SDP)).status == 200
            again = await call.ask("INVITE")
            assert read_sections(again.body)[0].port == offer.port
            call.say("ACK", SDP, number=call.number)
            assert (await call.bye()).status == 200

    run(scenario)


def test_an_offer_of_ours_that_is_not_taken_ends_the_call(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            call.to = (await call.ask("INVITE")).headers["to"]
            call.say("ACK", SDP.replace("m=audio 40000", "m=audio 0"), number=1)
            await call.peer.request("BYE")
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "refused"

    run(scenario)


def test_requests_out_of_order_are_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite(number=50)
            assert (await call.ask("UPDATE", number=49)).status == 500
            assert (await call.ask("BYE", number=51)).status == 200

    run(scenario)


def test_a_call_without_a_packet_is_over_but_not_while_it_is_held(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.3) as served:
            peer = await udp_peer(served)
            held, lost = Call(peer), Call(peer)
            await held.invite(SDP.replace("sendrecv", "inactive"))
            await lost.invite()
            bye = await peer.request("BYE")
            assert bye.headers["call-id"] == lost.call_id and "tag=theirs" in bye.headers["to"]
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "silence" and len(served.ongoing) == 1

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


def test_routes_are_kept_and_the_way_back_is_where_the_request_came_from(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=0.2) as served:
            call = Call(await udp_peer(served))
            routes = "Record-Route: <sip:proxy@192.0.2.1;lr>\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKfar\r\n"
            response = await call.invite(extra=routes)
            assert response.headers["record-route"] == "<sip:proxy@192.0.2.1;lr>"
            via, far = response.headers.every("via")
            assert f"rport={call.peer.local[1]}" in via and "received=127.0.0.1" in via and "192.0.2.7" in far
            assert (await call.peer.request("BYE")).headers["route"] == "<sip:proxy@192.0.2.1;lr>"

    run(scenario)


def test_sessions_are_refreshed_or_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            short = await call.ask("INVITE", SDP, extra="Session-Expires: 30\r\nSupported: timer\r\n")
            assert short.status == 422 and short.headers["min-se"] == "90"
            call.say("ACK", number=1, branch=call.branch)
            long = await call.invite(extra="Session-Expires: 1800\r\nSupported: timer\r\nRequire: timer\r\n")
            assert long.headers["session-expires"] == "1800;refresher=uac" and long.headers["require"] == "timer"
            refreshed = await call.ask("UPDATE", extra="x: 1800;refresher=uac\r\nSupported: timer\r\n")
            assert refreshed.status == 200 and refreshed.headers["session-expires"] == "1800;refresher=uac" and not refreshed.body

    run(scenario)


def test_who_has_us_refresh_must_take_an_update_for_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            asked = "Session-Expires: 1800;refresher=uas\r\nSupported: timer\r\n"
            assert (await Call(peer).invite(extra=asked)).headers["session-expires"] == ""
            taken = await Call(peer).invite(extra=f"{asked}Allow: INVITE, UPDATE\r\n")
            assert taken.headers["session-expires"] == "1800;refresher=uas"

    run(scenario)


def test_keys_told_by_info_are_noted_without_which(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            assert (await call.ask("INFO", "Signal=5\r\nDuration=160", "application/dtmf-relay")).status == 200
            assert [e.kind for e in served.ongoing[0].events()] == [Happened.KEY]
            assert "5" not in (served.ongoing[0].folder / "events.jsonl").read_text().replace("at_s", "").split('"leg"')[1]

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
            await Call(call.peer).ask("INVITE", SDP)
            await call.ask("SUBSCRIBE")
            await call.bye()
            await served.until(lambda: served.ended)

    run(scenario)
    logged = "".join(str(vars(r)) for r in caplog.records if r.name.startswith("madoguchi"))
    assert "call ended" in logged and not any(private in logged for private in ("鈴木", "098676", "127.0.0.1"))


def test_what_begins_twice_with_one_call_id_are_two_calls(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            call.to = call.called
            assert (await call.invite(number=7)).status == 200
            assert len(served.ongoing) == 2
            assert (await call.ask("BYE", number=8)).status == 200
            await served.until(lambda: len(served.ongoing) == 1)

    run(scenario)


def test_a_label_alone_makes_no_recording_client(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            assert "+sip.srs" not in (await call.invite(SDP + "a=label:1\r\n")).headers["contact"]
            assert served.ongoing[0].call.protocol == "SIP"

    run(scenario)
