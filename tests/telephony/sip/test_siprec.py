"""Calls of which a recording client sends the sound and tells who takes part."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest
from peers import METADATA, MIXED, REQUIRED, SDP, TWO_STREAMS, Call, parts, recording_client, run, serving, tcp_peer, udp_peer

from telephony.ongoing import Before, Happened
from telephony.sip.sdp import Direction, read_sections
from telephony.streams import Codec

THIRD = "m=audio 41004 RTP/AVP 0 8\r\na=label:3\r\na=sendonly\r\n"
ONE_STREAM = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 41000 RTP/AVP 0\r\na=sendonly\r\n"


def test_both_parties_are_received_each_on_a_leg_and_known_by_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            assert response.status == 200 and "+sip.srs" in response.headers["contact"]
            sections = read_sections(response.body)
            assert [(s.label, s.direction) for s in sections] == [("1", Direction.RECEIVES), ("2", Direction.RECEIVES)]
            assert [s.port for s in sections] == [served.media.begun[0].sockets[leg].getsockname()[1] for leg in (0, 1)]
            (ongoing,) = served.ongoing
            known = ongoing.call
            assert (known.other_name, known.other_number) == ("鈴木 花子", "0986760001")
            assert (known.our_name, known.our_number, known.our_leg) == ("市民課", "0986760000", 1)
            assert known.protocol == "SIPREC" and not known.lone_leg
            assert (await call.bye()).status == 200
            await served.until(lambda: served.ended)

    run(scenario)


def test_opus_is_received_under_the_clients_own_number_and_before_what_it_likes_less(tmp_path: Path) -> None:
    offer = TWO_STREAMS.replace(
        "RTP/AVP 0 8\r\n", "RTP/AVP 107 18 0\r\na=rtpmap:107 opus/48000/2\r\na=fmtp:107 useinbandfec=1\r\n"
    )

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.invite(parts(offer, METADATA), MIXED, extra=REQUIRED)
            for section in read_sections(response.body):
                assert section.codecs == (Codec(107, "OPUS", 48_000, 2), Codec(0, "PCMU", 8_000))
                assert section.direction is Direction.RECEIVES
            assert (await call.bye()).status == 200

    run(scenario)


def test_the_recording_goes_on_whatever_is_wrong_with_the_metadata(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.invite(parts(TWO_STREAMS, "<recording><broken"), MIXED, extra=REQUIRED)
            assert response.status == 200 and len(served.media.begun[0].offered) == 2
            asked = await call.peer.request("UPDATE")
            assert b"requestsnapshot" in asked.body and asked.headers["content-disposition"] == "recording-session"
            assert (await call.ask("UPDATE", METADATA, "application/rs-metadata")).status == 200
            assert served.ongoing[0].call.other_number == "0986760001" and not served.ongoing[0].events()

    run(scenario)


def test_metadata_that_comes_alone_before_any_offer_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.ask("INVITE", METADATA, "application/rs-metadata+xml", extra=REQUIRED)
            (offer,) = read_sections(response.body)
            assert offer.direction is Direction.RECEIVES
            call.to = response.headers["to"]
            call.say("ACK", ONE_STREAM, number=1)
            assert (await call.ask("UPDATE")).status == 200
            assert served.ongoing[0].call.our_number == "0986760000" and served.ongoing[0].call.lone_leg

    run(scenario)


def test_streams_are_paused_go_on_are_taken_away_and_added(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            ports = served.media.begun[0]
            before = {leg: s.getsockname() for leg, s in ports.sockets.items()}
            await call.invite(TWO_STREAMS.replace("label:2\r\na=sendonly", "label:2\r\na=inactive"))
            assert [o.sends for o in ports.offered.values()] == [True, False]
            await call.invite(TWO_STREAMS)
            assert {leg: s.getsockname() for leg, s in ports.sockets.items()} == before
            removed = await call.invite(TWO_STREAMS.replace("m=audio 41002", "m=audio 0"))
            assert [s.port > 0 for s in read_sections(removed.body)] == [True, False] and list(ports.offered) == [0]
            added = await call.invite(TWO_STREAMS.replace("m=audio 41002", "m=audio 0") + THIRD)
            assert [s.port > 0 for s in read_sections(added.body)] == [True, False, True] and sorted(ports.offered) == [0, 1]
            events = [(e.kind, e.leg) for e in served.ongoing[0].events()]
            assert events == [(Happened.HELD, 1), (Happened.RESUMED, 1)]

    run(scenario)


def test_of_three_streams_the_mixed_one_is_left_out(tmp_path: Path) -> None:
    mixed = (
        METADATA.replace("</recording>", '<stream stream_id="mix"><label>3</label></stream></recording>')
        .replace("<send>c3RyZWFtMQ==</send>", "<send>c3RyZWFtMQ==</send><send>mix</send>")
        .replace("<send>c3RyZWFtMg==</send>", "<send>c3RyZWFtMg==</send><send>mix</send>")
    )
    first = TWO_STREAMS.replace("label:1", "label:3") + THIRD.replace("label:3", "label:1")

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.invite(parts(first, mixed), MIXED, extra=REQUIRED)
            assert [s.direction for s in read_sections(response.body)] == [
                Direction.NEITHER,
                Direction.RECEIVES,
                Direction.RECEIVES,
            ]
            assert {o.port for o in served.media.begun[0].offered.values()} == {41_002, 41_004}
            known = served.ongoing[0].call
            assert (known.our_number, known.other_number, known.our_leg) == ("0986760000", "0986760001", 0) and not known.lone_leg

    run(scenario)


def test_a_third_party_is_received_once_a_leg_is_free(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            response = await call.invite(parts(TWO_STREAMS + THIRD, METADATA), MIXED, extra=REQUIRED)
            assert [s.direction for s in read_sections(response.body)] == [
                Direction.RECEIVES,
                Direction.RECEIVES,
                Direction.NEITHER,
            ]
            response = await call.invite(TWO_STREAMS.replace("m=audio 41002", "m=audio 0") + THIRD)
            assert [(s.port > 0, s.direction) for s in read_sections(response.body)][2] == (True, Direction.RECEIVES)

    run(scenario)


def test_a_transfer_to_somebody_else_is_noted(tmp_path: Path) -> None:
    news = """<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>partial</datamode>
    <participant participant_id="new"><nameID aor="sip:0986760002@example.jp"><name>税務課</name></nameID></participant>
    <participantsessionassoc participant_id="Y2FsbGVk">
    <disassociate-time>2026-11-28T09:00:00Z</disassociate-time></participantsessionassoc>
    <participantstreamassoc participant_id="new"><send>c3RyZWFtMg==</send></participantstreamassoc></recording>"""

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            assert (await call.ask("UPDATE", news, "application/rs-metadata+xml")).status == 200
            (ongoing,) = served.ongoing
            known, (event,) = ongoing.call, ongoing.events()
            assert (known.our_name, known.other_name) == ("税務課", "鈴木 花子")
            assert (event.kind, event.leg) == (Happened.CHANGED, 1)
            assert known.before == (Before(leg=1, until_s=event.at_s, name="市民課", number="0986760000"),)

    run(scenario)


def test_a_transfer_that_is_told_late_stands_where_the_client_says_that_it_was(tmp_path: Path) -> None:
    began = (
        '<participantsessionassoc participant_id="Y2FsbGVk"><associate-time>2026-11-28T09:00:00</associate-time>'
        "</participantsessionassoc></recording>"
    )
    news = METADATA.replace("市民課", "税務課").replace("0986760000", "0986760002")

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA.replace("</recording>", began)), MIXED, extra=REQUIRED)
            await asyncio.sleep(1.0)
            news_late = news.replace("</recording>", began.replace("09:00:00", "09:00:00.250"))
            assert (await call.ask("UPDATE", news_late, "application/rs-metadata+xml")).status == 200
            (earlier,) = served.ongoing[0].call.before
            assert earlier.name == "市民課" and 0.25 <= earlier.until_s < 0.9
            assert [e.at_s for e in served.ongoing[0].events()] == [earlier.until_s]

    run(scenario)


def test_a_number_that_is_not_to_be_recorded_is_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760000",)) as served:
            call = recording_client(await tcp_peer(served))
            assert (await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)).status == 603
            assert not served.folders and not served.media.begun

    run(scenario)


def test_of_a_call_that_turns_out_not_to_be_recorded_nothing_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760000",)) as served:
            call = recording_client(await tcp_peer(served))
            assert (await call.invite(TWO_STREAMS, extra=REQUIRED)).status == 200
            assert (await call.ask("UPDATE", METADATA, "application/rs-metadata+xml")).status == 200
            await call.peer.request("BYE")
            await served.until(lambda: not served.folders)
            assert served.media.begun[0].closed and not served.ended

    run(scenario)


def test_a_call_that_is_transferred_to_such_a_number_is_kept_up_to_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986769999",)) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            transferred = METADATA.replace("0986760000", "0986769999")
            assert (await call.ask("UPDATE", transferred, "application/rs-metadata+xml")).status == 200
            await call.peer.request("BYE")
            await served.until(lambda: served.ended)
            ended = served.ended[0]
            assert ended.ended is not None and ended.ended.why == "refused" and ended.call.our_number == "0986760000"

    run(scenario)


@pytest.mark.parametrize(
    ("contact", "extra"),
    [(";src", ""), (";+sip.src", ""), ("", "Require: 100relsiprec\r\n"), (';+sip.src="audio"', "Require: siprec\r\n")],
)
def test_recording_clients_of_many_makers_are_known_as_such(tmp_path: Path, contact: str, extra: str) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            call.contact = contact
            response = await call.invite(TWO_STREAMS.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0"), extra=extra)
            assert "+sip.srs" in response.headers["contact"]
            assert served.ongoing[0].call.protocol == "SIPREC" and all(o.sends for o in served.media.begun[0].offered.values())

    run(scenario)


def test_a_gateway_of_ciscos_tells_of_both_in_its_own_header(tmp_path: Path) -> None:
    told = (
        'X-Cisco-Recording-Participant: sip:0986760001@192.0.2.5;media-index="0"\r\n'
        'X-Cisco-Recording-Participant: sip:0986760000@192.0.2.6;media-index="1"\r\n'
    )

    async def scenario() -> None:
        async with serving(tmp_path, our_numbers=("0986760000",)) as served:
            assert (await Call(await udp_peer(served)).invite(TWO_STREAMS, extra=told)).status == 200
            known = served.ongoing[0].call
            assert (known.our_number, known.other_number, known.our_leg) == ("0986760000", "0986760001", 1) and not known.lone_leg

    run(scenario)


def test_of_a_call_of_which_only_the_caller_was_known_nothing_is_kept_either(tmp_path: Path) -> None:
    caller = METADATA[: METADATA.index('  <participant participant_id="Y2FsbGVk">')] + "</recording>"

    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986760000",)) as served:
            call = recording_client(await tcp_peer(served))
            assert (await call.invite(parts(TWO_STREAMS, caller), MIXED, extra=REQUIRED)).status == 200
            assert served.ongoing[0].call.other_number == "0986760001"
            assert (await call.ask("UPDATE", METADATA, "application/rs-metadata+xml")).status == 200
            await served.until(lambda: not served.folders)
            assert not served.ended

    run(scenario)


def test_a_number_that_only_an_exchange_asserts_is_not_recorded_either(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986769999",)) as served:
            for header in ("Remote-Party-ID", "History-Info", "Diversion"):
                call = Call(await udp_peer(served))
                call.call_id = f"{header}@test"
                assert (await call.invite(extra=f"{header}: <sip:0986769999@pbx.local>\r\n")).status == 603
            assert not served.folders

    run(scenario)


def test_a_phone_that_is_connected_to_such_a_number_is_recorded_no_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, unrecorded_numbers=("0986769999",)) as served:
            call = Call(await udp_peer(served))
            assert (await call.invite()).status == 200
            asserted = "P-Asserted-Identity: <sip:0986769999@pbx.local>\r\n"
            assert (await call.ask("INVITE", SDP, extra=asserted)).status == 200
            call.say("ACK", number=call.number)
            await call.peer.request("BYE")
            await served.until(lambda: served.ended)
            assert served.ended[0].ended is not None and served.ended[0].ended.why == "refused"

    run(scenario)


def test_a_recording_client_that_goes_on_without_an_offer_is_offered_to_be_heard_and_not_to_hear(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS + THIRD, METADATA), MIXED, extra=REQUIRED)
            await call.invite((TWO_STREAMS + THIRD).replace("sendonly", "inactive"))
            sections = read_sections((await call.ask("INVITE")).body)
            directions = [s.direction for s in sections]
            assert directions == [Direction.RECEIVES, Direction.RECEIVES, Direction.NEITHER]
            assert [s.label for s in sections] == ["1", "2", "3"]
            call.say("ACK", TWO_STREAMS + THIRD.replace("sendonly", "inactive"), number=call.number)
            assert (await call.ask("OPTIONS")).status == 200
            assert [o.sends for o in served.media.begun[0].offered.values()] == [True, True]
            assert [(e.kind, e.leg) for e in served.ongoing[0].events()] == [(Happened.HELD, None), (Happened.RESUMED, None)]

    run(scenario)


TAX = '<participant participant_id="{}"><nameID aor="sip:0986760002@example.jp"><name>税務課</name></nameID></participant>'
CALLER, CALLED = "Y2FsbGVy", "Y2FsbGVk"


def turned(metadata: str) -> str:
    """The same, whose participants are told of in another order."""
    head, first, second = metadata.split("  <participant ")
    second, tail = second.split("  <stream ", 1)
    return f"{head}  <participant {second}  <participant {first}  <stream {tail}"


@pytest.mark.parametrize(
    "news",
    [
        pytest.param([turned(METADATA)], id="turned"),
        pytest.param([turned(METADATA.replace(CALLED, "new").replace("0986760000", "0986760002"))], id="answerer replaced"),
        pytest.param([turned(METADATA.replace(CALLER, "new").replace("0986760001", "0986760002"))], id="caller replaced"),
        pytest.param([turned(METADATA).replace(CALLER, "one").replace(CALLED, "two")], id="ids made anew"),
        pytest.param(
            [
                f"""<recording><datamode>partial</datamode><participantsessionassoc participant_id="{CALLER}">
                <disassociate-time>2026-11-28T09:00:00Z</disassociate-time></participantsessionassoc></recording>""",
                f"""<recording><datamode>partial</datamode>{TAX.format("new")}
                <participantstreamassoc participant_id="new"><send>c3RyZWFtMQ==</send></participantstreamassoc></recording>""",
            ],
            id="caller leaves before another comes",
        ),
    ],
)
def test_whoever_is_told_of_and_in_whatever_order_nothing_that_was_said_changes_sides(tmp_path: Path, news: list[str]) -> None:
    """Where neither the city's numbers nor the client says who called."""

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            assert served.ongoing[0].call.our_leg == 1
            for told in news:
                assert (await call.ask("UPDATE", told, "application/rs-metadata+xml")).status == 200
                assert served.ongoing[0].call.our_leg == 1
            assert len(served.ongoing[0].events()) == len(served.ongoing[0].call.before) <= 1

    run(scenario)


def test_who_called_may_be_told_after_the_call_began(tmp_path: Path) -> None:
    """What is guessed until then binds nobody."""
    bare = METADATA[: METADATA.index("  <stream ")] + "</recording>"
    crossed = TWO_STREAMS.replace("label:1", "label:x").replace("label:2", "label:1").replace("label:x", "label:2")

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(crossed, bare), MIXED, extra=REQUIRED)
            assert served.ongoing[0].call.our_leg == 1
            assert (await call.ask("UPDATE", METADATA, "application/rs-metadata+xml")).status == 200
            known = served.ongoing[0].call
            assert (known.our_leg, known.our_number, known.other_number) == (0, "0986760000", "0986760001")
            assert not known.before, "nobody has left"

    run(scenario)


def test_who_took_part_is_told_at_the_end_where_the_disk_was_full_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = METADATA.replace(CALLED, "new").replace("0986760000", "0986760002")

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            (ongoing,) = served.ongoing
            with monkeypatch.context() as full:
                full.setattr("telephony.ongoing.write_durably", _is_full)
                assert (await call.ask("UPDATE", handed, "application/rs-metadata+xml")).status == 200
            assert ongoing.call.our_number == "0986760000"
            assert (await call.ask("BYE")).status == 200
            await served.until(lambda: served.ended)
            assert (ongoing.call.our_number, [b.number for b in ongoing.call.before]) == ("0986760002", ["0986760000"])

    run(scenario)


def _is_full(path: Path, text: str) -> None:
    raise OSError(errno.ENOSPC, "full")


def test_the_citys_own_call_stays_its_own_when_it_is_handed_to_a_number_that_nobody_listed(tmp_path: Path) -> None:
    handed = METADATA.replace(CALLER, "new").replace("0986760001", "09012345678")

    async def scenario() -> None:
        async with serving(tmp_path, our_numbers=("0986760001",)) as served:
            call = recording_client(await tcp_peer(served))
            await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
            assert served.ongoing[0].call.our_leg == 0
            assert (await call.ask("UPDATE", handed, "application/rs-metadata+xml")).status == 200
            known = served.ongoing[0].call
            assert (known.our_leg, known.our_number, known.other_number) == (0, "09012345678", "0986760000")

    run(scenario)
