"""INVITE, CANCEL, OPTIONS and what is none of them: what each is answered with, and what is begun by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from peers import SDP, Call, Ports, run, serving, tcp_peer, udp_peer

from telephony.sip.agreement import Agreement
from telephony.sip.sdp import read_sections

SIP = "v=0\r\nc=IN IP4 127.0.0.1\r\n"


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
            await served.until(lambda: not served.waits)
            while not call.peer.quiet:
                await call.peer.next()
            await call.peer.silence(0.5)

    run(scenario)


def test_a_refusal_is_sent_until_it_is_acknowledged_where_it_may_be_lost(tmp_path: Path) -> None:
    """The caller was told to wait, and so asks no more."""

    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760000",), t1_s=0.05) as served:
            call, reliable = Call(await udp_peer(served)), Call(await tcp_peer(served))
            reliable.call_id = "another@test"
            first = await call.ask("INVITE", SDP)
            assert first.status == 603 and await call.peer.response() == first
            call.take_no(first)
            assert (await call.ask("OPTIONS")).status == 200  # which comes after the ACK
            await call.peer.silence(0.5)
            assert (await reliable.ask("INVITE", SDP)).status == 603
            await reliable.peer.silence(0.5)

    run(scenario)


def test_a_refusal_that_nobody_acknowledges_is_given_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760000",), t1_s=0.02) as served:
            call = Call(await udp_peer(served))
            assert (await call.ask("INVITE", SDP)).status == 603
            await asyncio.sleep(64 * 0.02 + 0.2)
            while not call.peer.quiet:
                assert (await call.peer.response()).status == 603
            await call.peer.silence(0.5)

    run(scenario)


def test_a_call_that_is_cancelled_before_it_is_answered_is_not_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            call.say("INVITE", SDP)
            call.say("CANCEL", number=1, branch=call.branch)
            said = {r.status: r for r in (await call.peer.response(), await call.peer.response())}
            assert sorted(said) == [200, 487]
            call.take_no(said[487])
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
            assert (await call.invite(sdp)).status == status
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


def test_of_numbers_that_are_not_to_be_recorded_nothing_touches_the_disk(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986-76-0000",)) as served:
            assert (await Call(await udp_peer(served)).invite()).status == 603
            assert not served.media.begun and not served.folders

    run(scenario)


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


ASSERTED = "P-Asserted-Identity: <sip:0986760001@127.0.0.1>\r\n"


@pytest.mark.parametrize("privacy", ["id", "header;user;id", "user; critical"])
def test_who_wants_to_stay_unknown_does(tmp_path: Path, privacy: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            await Call(await udp_peer(served)).invite(extra=f"Privacy: {privacy}\r\n{ASSERTED}")
            known = served.ongoing[0].call
            assert (known.other_name, known.other_number, known.our_number) == ("", "", "0986760000")

    run(scenario)


def test_a_phone_of_the_citys_that_withholds_its_number_is_the_citys(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, our_numbers=("0986760001",)) as served:
            call = Call(
                await udp_peer(served), caller="<sip:anonymous@anonymous.invalid>", called="<sip:1860986770000@127.0.0.1>"
            )
            await call.invite(extra=f"Privacy: id\r\n{ASSERTED}")
            known = served.ongoing[0].call
            assert (known.our_number, known.other_number, known.our_leg) == ("0986760001", "0986770000", 0)

    run(scenario)


@pytest.mark.parametrize(
    "extra", [f"Privacy: id\r\n{ASSERTED}", "Diversion: <sip:+81986760001@127.0.0.1>;reason=unconditional\r\n"]
)
def test_a_number_that_is_not_to_be_recorded_is_found_wherever_it_is_named(tmp_path: Path, extra: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760001",)) as served:
            call = Call(await udp_peer(served), caller="<sip:anonymous@anonymous.invalid>")
            assert (await call.invite(extra=extra)).status == 603
            assert not served.folders

    run(scenario)


def test_numbers_are_kept_as_people_write_them_and_names_only_where_they_say_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            await Call(await udp_peer(served), caller='"0986-76-0001" <sip:+81986760001@127.0.0.1>').invite()
            assert (served.ongoing[0].call.other_number, served.ongoing[0].call.other_name) == ("0986760001", "")

    run(scenario)


def test_a_caller_of_before_rfc_3261_is_recorded(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            text = Call(peer, caller=f"<sip:0986760001@127.0.0.1:{peer.local[1]}>").text("INVITE", SDP)
            old = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("Contact", "Max-Forwards")))
            peer.say(old.replace(f";branch={peer_branch(text)};rport", "").replace(";tag=theirs", ""))
            answer = await peer.response(200)
            assert answer.headers["from"] == f"<sip:0986760001@127.0.0.1:{peer.local[1]}>" and len(served.ongoing) == 1

    run(scenario)


def peer_branch(text: str) -> str:
    return text.partition("branch=")[2].partition(";")[0]


def test_without_rport_the_answer_goes_to_the_port_that_is_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            sender, named = await udp_peer(served), await udp_peer(served)
            text = Call(sender).text("OPTIONS").replace(";rport", "").replace(f":{sender.local[1]}", f":{named.local[1]}")
            sender.say(text)
            await named.response(200)
            await sender.silence()

    run(scenario)


def test_media_that_fails_costs_its_own_call_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(self: Ports, leg: int, offered: object) -> None:
        raise RuntimeError

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            with monkeypatch.context() as broken:
                broken.setattr(Ports, "receive", fail)
                assert (await Call(peer).invite()).status == 500
            await served.until(lambda: not served.folders)
            assert (await Call(peer).invite()).status == 200 and served.server.counts.ongoing == 1

    run(scenario)


def test_a_call_that_can_not_be_answered_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            peer = await udp_peer(served)
            with monkeypatch.context() as broken:
                broken.setattr(Agreement, "_description", lambda *_: 1 / 0)
                assert (await Call(peer).invite()).status == 500
            await served.until(lambda: not served.folders)
            assert served.media.begun[0].closed and served.server.counts.ongoing == 0

    run(scenario)
