"""What a peer may change of a call that goes on, and what it may not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from peers import SDP, Call, ok, run, serving, udp_peer

from telephony.ongoing import Happened
from telephony.sip import recording
from telephony.sip.address import Address
from telephony.sip.dialog import MOST_REMEMBERED
from telephony.sip.message import Request
from telephony.sip.sdp import Direction, read_sections
from telephony.sip.watch import EVERY_S

SIP = "v=0\r\nc=IN IP4 127.0.0.1\r\n"


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


def test_a_cancel_of_a_change_comes_too_late_and_harms_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            await call.invite(SDP)
            assert (await call.ask("CANCEL", number=call.number, branch=call.branch)).status == 481  # that is the ACK's
            changed = await call.ask("INVITE", SDP)
            assert changed.status == 200
            assert (await call.ask("CANCEL", number=call.number, branch=call.branch)).status == 200
            call.say("ACK", number=call.number)
            assert (await call.bye()).status == 200

    run(scenario)


@pytest.mark.parametrize("withheld", [False, True])
@pytest.mark.parametrize("ours", ["0986760000", "0986760001"])
def test_a_transfer_that_an_exchange_asserts_is_followed_and_nothing_changes_sides(
    tmp_path: Path, ours: str, *, withheld: bool
) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, our_numbers=(ours,)) as served:
            call = Call(await udp_peer(served))
            await call.invite(extra="P-Asserted-Identity: <tel:+81986760001>\r\n")
            began = served.ongoing[0].call
            await call.invite(SDP, extra="P-Asserted-Identity: <sip:+81986760001@pbx.local>\r\n")  # a hold, perhaps
            assert served.ongoing[0].call == began
            privacy = "Privacy: id\r\n" if withheld else ""
            await call.ask("UPDATE", extra=f'P-Asserted-Identity: "山田" <sip:0986770001@pbx.local>\r\n{privacy}')
            await call.invite(SDP)  # tells nothing of it
            now = served.ongoing[0].call
            assert now.our_leg == began.our_leg and now.before[0].number == "0986760001"
            assert now.who(0, 60.0) == (("", "") if withheld else ("山田", "0986770001"))
            assert now.who(1, 60.0) == began.who(1, 60.0)
            await call.ask("UPDATE", extra="P-Asserted-Identity: <tel:+81986760001>\r\n")
            assert served.ongoing[0].call.who(0, 60.0) == began.who(0, 0.0)
            kinds = [e.kind for e in served.ongoing[0].events()]
            assert kinds == [Happened.CHANGED] * (1 if withheld else 2)

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


def test_who_knows_nothing_of_timers_is_not_told_to_refresh(tmp_path: Path) -> None:
    """A proxy on the way asked for it (RFC 4028 9, table 2)."""

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            asked = "Session-Expires: 1800\r\nAllow: INVITE, UPDATE\r\n"
            taken = await Call(await udp_peer(served)).invite(extra=asked)
            assert taken.headers["session-expires"] == "1800;refresher=uas" and taken.headers["require"] == ""

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


def test_of_many_requests_the_last_are_remembered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            texts = [call.text("OPTIONS") for _ in range(MOST_REMEMBERED + 5)]
            for text in texts:
                call.peer.say(text)
                await call.peer.response(200)
            call.peer.say(texts[-1])
            await call.peer.response(200)
            call.peer.say(texts[0])
            await call.peer.response(500)  # it is older than what was served since

    run(scenario)


def test_remarks_alone_never_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_NOTED", 3)

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            for _ in range(5):
                assert (await call.ask("INFO", "Signal=1", "application/dtmf-relay")).status == 200
            assert len(served.ongoing[0].events()) == 3

    run(scenario)


@pytest.mark.parametrize(
    ("host", "may"),
    [("192.168.1.5", True), ("8.8.8.8", False), ("pbx.example.jp", False), ("224.0.0.1", False)],
)
def test_sound_is_never_sent_to_where_nobody_may_call_from(tmp_path: Path, host: str, may: bool) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            await Call(await udp_peer(served)).invite(SDP.replace("c=IN IP4 127.0.0.1", f"c=IN IP4 {host}"))
            offered = served.media.begun[0].offered[0]
            assert offered.host == host and offered.may_be_sent_to is may

    run(scenario)


def test_a_session_that_nobody_refreshes_is_over_once_nothing_is_heard(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=2.0) as served:
            call = Call(await udp_peer(served))
            await call.invite(SDP.replace("sendrecv", "inactive"), extra="Session-Expires: 90\r\nSupported: timer\r\n")
            await asyncio.sleep(0.6)
            assert len(served.ongoing) == 1
            served.let_pass(90)
            await call.peer.request("BYE")

    run(scenario)


def test_we_refresh_a_session_where_that_is_ours_to_do(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=20.0) as served:
            call = Call(await udp_peer(served))
            await call.invite(extra="Session-Expires: 90;refresher=uas\r\nSupported: timer\r\nAllow: INVITE, UPDATE\r\n")
            served.let_pass(50)
            update = await call.peer.request("UPDATE")
            assert update.headers["session-expires"] == "90;refresher=uac" and not update.body
            assert Address.read(update.headers["contact"]).uri.port == served.server.port  # RFC 3311's table
            await call.peer.silence(0.6)
            assert len(served.ongoing) == 1

    run(scenario)


@pytest.mark.parametrize("status", ["491 Request Pending", "500 Server Internal Error"])
def test_a_refresh_that_fails_is_tried_again_until_the_session_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr("telephony.sip.watch.REFRESHED_AGAIN_S", 0.1)

    async def scenario() -> None:
        async with serving(tmp_path, silence_s=1.0) as served:
            call = Call(await udp_peer(served))
            call.peer.answers = False
            await call.invite(
                SDP.replace("sendrecv", "inactive"),
                extra="Session-Expires: 90;refresher=uas\r\nSupported: timer\r\nAllow: INVITE, UPDATE\r\n",
            )
            served.let_pass(50)
            for _ in range(2):
                call.peer.say(ok(await call.peer.request("UPDATE")).replace("200 OK", status))
            call.peer.say(ok(await call.peer.request("UPDATE")))
            await call.peer.silence(0.6)
            served.let_pass(50)
            update = await call.peer.request("UPDATE")
            served.let_pass(50)  # nobody answers, and nothing need be heard
            while (request := await call.peer.next()) == update:
                pass
            assert isinstance(request, Request) and request.method == "BYE"

    run(scenario)


def test_a_phone_that_plays_music_or_nothing_has_put_us_on_hold_and_is_waited_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=20.0) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            held = await call.invite(SDP.replace("sendrecv", "sendonly"))
            assert read_sections(held.body)[0].direction is Direction.RECEIVES and served.media.begun[0].offered[0].sends
            served.fall_silent(30)
            await call.peer.silence(2 * EVERY_S)
            assert [e.kind for e in served.ongoing[0].events()] == [Happened.HELD]
            await call.invite(SDP)
            await call.peer.silence(2 * EVERY_S)  # it may have said nothing yet
            served.fall_silent(30)
            await call.peer.request("BYE")  # it is silent still
            assert [e.kind for e in served.media.begun[0].call.events()] == [Happened.HELD, Happened.RESUMED]

    run(scenario)


def test_who_only_ever_sends_holds_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=20.0) as served:
            call = Call(await udp_peer(served))
            await call.invite(SDP.replace("sendrecv", "sendonly"))
            await call.invite(SDP.replace("sendrecv", "sendonly"))
            served.fall_silent(30)
            await call.peer.request("BYE")
            assert not served.media.begun[0].call.events()

    run(scenario)


def test_an_offer_of_ours_that_nobody_answers_in_the_middle_of_a_call_ends_it_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            assert (await call.invite("")).status == 200  # and an ACK without an answer
            assert (await call.ask("UPDATE", SDP)).status == 200 and len(served.ongoing) == 1

    run(scenario)


@pytest.mark.parametrize("direction", ["inactive", "sendonly", "recvonly"])
def test_who_goes_on_after_a_hold_without_an_offer_is_offered_all_that_we_can(tmp_path: Path, direction: str) -> None:
    """RFC 6337 5.1: an offer that repeats the hold could only be answered with it."""

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite(SDP.replace("RTP/AVP 0 8 9 101", "RTP/AVP 0 101"))
            held = await call.invite(SDP.replace("sendrecv", direction))
            offered = await call.ask("INVITE")
            (offer,) = read_sections(offered.body)
            assert offer.direction is Direction.BOTH and offer.port == read_sections(held.body)[0].port
            assert [c.name for c in offer.codecs] == ["PCMU", "PCMA", "G722", "TELEPHONE-EVENT", "OPUS"]
            assert version(offered.body) == version(held.body) + 1
            call.say("ACK", SDP, number=call.number)
            assert (await call.ask("OPTIONS")).status == 200
            assert served.media.begun[0].offered[0].sends
            assert [e.kind for e in served.ongoing[0].events()] == [Happened.HELD, Happened.RESUMED]

    run(scenario)


def version(description: bytes) -> int:
    return int(description.partition(b"o=")[2].split()[2])


def test_an_offer_of_ours_that_is_answered_with_music_goes_on_with_the_hold(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=20.0) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            await call.invite(SDP.replace("sendrecv", "sendonly"))
            await call.ask("INVITE")
            call.say("ACK", SDP.replace("sendrecv", "sendonly"), number=call.number)
            assert (await call.ask("OPTIONS")).status == 200
            served.fall_silent(30)
            await call.peer.silence(2 * EVERY_S)
            assert [e.kind for e in served.ongoing[0].events()] == [Happened.HELD]

    run(scenario)


def test_who_answers_our_first_offer_by_sending_only_holds_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, silence_s=20.0) as served:
            call = Call(await udp_peer(served))
            call.to = (await call.ask("INVITE")).headers["to"]
            call.say("ACK", SDP.replace("sendrecv", "sendonly"), number=call.number)
            assert (await call.ask("OPTIONS")).status == 200
            served.fall_silent(30)
            await call.peer.request("BYE")
            assert not served.media.begun[0].call.events()

    run(scenario)


def test_a_stream_that_was_taken_back_in_the_answer_to_our_offer_is_not_offered_again(tmp_path: Path) -> None:
    both = SDP + "m=audio 40002 RTP/AVP 0\r\n"

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite(both)
            await call.ask("INVITE")
            call.say("ACK", both.replace("40002", "0"), number=call.number)
            again = await call.ask("INVITE")
            assert [s.port > 0 for s in read_sections(again.body)] == [True, False]

    run(scenario)


def test_an_offer_of_ours_whose_ack_never_comes_bars_no_later_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, t1_s=0.02) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            await call.ask("INVITE")
            assert (await call.ask("UPDATE", SDP)).status == 491
            await served.until(lambda: not served.waits)
            while not call.peer.quiet:
                await call.peer.next()
            assert (await call.ask("UPDATE", SDP)).status == 200

    run(scenario)
