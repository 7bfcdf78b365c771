"""What is received of an offer, and what becomes of a call whose new offer can't be taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers import METADATA, MIXED, REQUIRED, SDP, TWO_STREAMS, Call, parts, recording_client, run, serving, tcp_peer, udp_peer

from telephony.sip.sdp import Direction, read_sections

HEAD = "v=0\r\nc=IN IP4 127.0.0.1\r\n"
KEY = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n"


def sound(protocol: str, port: int, label: str = "") -> str:
    labelled = f"a=label:{label}\r\na=sendonly\r\n" if label else ""
    return f"m=audio {port} RTP/{protocol} 0\r\n{labelled}{KEY if protocol == 'SAVP' else ''}"


@pytest.mark.parametrize("may_be_encrypted", [True, False])
@pytest.mark.parametrize("order", [("SAVP", "AVP"), ("AVP", "SAVP")])
def test_of_a_phones_stream_that_is_offered_encrypted_and_plain_one_is_received(
    tmp_path: Path, order: tuple[str, str], may_be_encrypted: bool
) -> None:
    offer = HEAD + sound(order[0], 4000) + sound(order[1], 4002)
    received = "RTP/SAVP" if may_be_encrypted else "RTP/AVP"

    async def scenario() -> None:
        async with serving(tmp_path, keys_in_clear=may_be_encrypted) as served:
            call = Call(await udp_peer(served))
            for _ in range(2):
                answer = await call.invite(offer)
                assert [s.protocol for s in read_sections(answer.body) if s.port] == [received]
                assert list(served.media.begun[0].offered) == [0] and served.ongoing[0].call.lone_leg

    run(scenario)


def test_both_sides_of_a_recording_client_that_offers_each_encrypted_and_plain_are_received(tmp_path: Path) -> None:
    offer = HEAD + "".join(sound(protocol, 4000, label) for label in "12" for protocol in ("SAVP", "AVP"))

    async def scenario() -> None:
        async with serving(tmp_path, keys_in_clear=True) as served:
            call = recording_client(await tcp_peer(served))
            answer = await call.invite(parts(offer, METADATA), MIXED, extra=REQUIRED)
            taken = [(s.protocol, s.label) for s in read_sections(answer.body) if s.port]
            assert taken == [("RTP/SAVP", "1"), ("RTP/SAVP", "2")]
            known = served.ongoing[0].call
            assert (known.our_number, known.our_leg, known.lone_leg) == ("0986760000", 1, False)

    run(scenario)


def test_a_recording_goes_on_without_a_new_stream_for_which_no_port_is_free(tmp_path: Path) -> None:
    first = TWO_STREAMS.replace("m=audio 41002", "m=audio 0")

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = recording_client(await tcp_peer(served))
            begun = await call.invite(parts(first, METADATA), MIXED, extra=REQUIRED)
            served.media.full = True
            changed = await call.invite(parts(TWO_STREAMS, METADATA.replace("鈴木 花子", "佐藤 一郎")), MIXED)
            kept, new = read_sections(changed.body)
            assert changed.status == 200 and kept.port == read_sections(begun.body)[0].port
            assert (new.port > 0, new.direction) == (True, Direction.NEITHER)
            assert served.ongoing[0].call.other_name == "佐藤 一郎" and list(served.media.begun[0].offered) == [0]
            served.media.full = False
            again = await call.invite(TWO_STREAMS)
            assert [s.direction for s in read_sections(again.body)] == [Direction.RECEIVES] * 2
            served.media.full = True
            assert (await recording_client(call.peer).invite(TWO_STREAMS)).status == 503  # another recorder may have one

    run(scenario)


@pytest.mark.parametrize("form", ["RTP/AVP 18\r\na=rtpmap:18 G729/8000", "RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000"])
def test_a_form_that_nobody_understands_in_the_place_of_the_stream_takes_nothing_from_it(tmp_path: Path, form: str) -> None:
    offer = SDP.replace("m=audio 40000", "m=audio 0") + f"m=audio 40002 {form}\r\n"

    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            before = served.media.begun[0].offered[0]
            assert (await call.invite(offer)).status == 488
            assert served.media.begun[0].offered == {0: before} and len(served.ongoing) == 1

    run(scenario)


def test_a_form_of_sound_that_nobody_understands_is_refused_in_the_middle_of_a_call_which_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path) as served:
            call = Call(await udp_peer(served))
            await call.invite()
            before = served.media.begun[0].offered[0]
            assert (await call.invite(SDP.replace("RTP/AVP 0 8 9 101", "RTP/AVP 18\r\na=rtpmap:18 G729/8000"))).status == 488
            assert served.media.begun[0].offered == {0: before} and len(served.ongoing) == 1

    run(scenario)
