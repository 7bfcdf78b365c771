"""What a peer that calls is answered with, and what is recorded of its call."""

from __future__ import annotations

from pathlib import Path

from peers import Call, run, serving, udp_peer

from telephony.sip.sdp import read_sections


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
