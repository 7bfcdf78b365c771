"""Calls of which a recording client sends the sound and tells who takes part."""

from __future__ import annotations

from pathlib import Path

from peers import METADATA, MIXED, REQUIRED, TWO_STREAMS, parts, recording_client, run, serving, tcp_peer

from telephony.sip.sdp import Direction, read_sections


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
