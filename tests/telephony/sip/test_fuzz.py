"""Whatever bytes come: each reader reads them or says in its own word that it can't, and the server answers the next."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peers import METADATA, MIXED, REQUIRED, SDP, TWO_STREAMS, Call, Peer, parts, recording_client, run, serving, udp_peer

from telephony.sip import message, recording_metadata, sdp
from telephony.sip.address import Address, Uri
from telephony.sip.framing import Framer
from telephony.sip.message import Headers, read_message
from telephony.sip.multipart import read_parts
from telephony.sip.numbers import Numbers
from telephony.sip.parties import parties_of_recording
from telephony.sip.recording_metadata import read_metadata
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import read_sections
from telephony.sip.validity import require_understood, require_valid
from telephony.sip.via import Via

INVITE = (
    "INVITE sip:0986760000@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKa;rport\r\n"
    f'From: "鈴木" <sip:0986760001@192.0.2.9>;tag=x\r\nTo: <sip:0986760000@192.0.2.1>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n'
    f"Contact: <sip:a@192.0.2.9>;+sip.src\r\n{REQUIRED}Content-Type: {MIXED}\r\n\r\n"
).encode() + parts(TWO_STREAMS, METADATA).encode()


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Something that was right, with some places cut out, doubled, or written over."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["cut", "double", "write"])):
            case "cut":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length]
            case _:
                data[at : at + length] = draw(
                    st.binary(max_size=8) | st.sampled_from([b"\r\n", b";", b'"', b"<", b">", b",", b":", b"\0", b"="])
                )
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | damaged(INVITE))
def test_a_message_is_read_or_unreadable(data: bytes) -> None:
    with contextlib.suppress(message.Unreadable):
        request = read_message(data)
        if isinstance(request, message.Request):
            with contextlib.suppress(Refusal):
                require_valid(request)
                require_understood(request)
            message.write_request(request)
    with contextlib.suppress(message.Unreadable):
        list(Framer().feed(data))


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=100)
    | damaged('"鈴木" <sip:0986760001@[2001:db8::1]:5060;a=b>;tag="x"'.encode()).map(lambda b: b.decode("latin-1"))
)
def test_an_address_is_read_or_unreadable(text: str) -> None:
    for read in (Address.read, Uri.read, Via.read):
        with contextlib.suppress(message.Unreadable):
            read(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | damaged(TWO_STREAMS.encode()) | damaged(SDP.encode()))
def test_a_description_is_read_or_unreadable(body: bytes) -> None:
    with contextlib.suppress(sdp.Unreadable):
        for section in read_sections(body):
            assert 0 <= section.port < 65_536


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | damaged(METADATA.encode()))
def test_metadata_is_read_or_unreadable(body: bytes) -> None:
    with contextlib.suppress(recording_metadata.Unreadable):
        metadata = read_metadata(body)
        parties_of_recording({0: "1", 1: "2"}, metadata, Numbers.read(("1",)))
        metadata.with_news(metadata)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | damaged(parts(TWO_STREAMS, METADATA).encode()))
def test_a_body_is_divided_or_unreadable(body: bytes) -> None:
    with contextlib.suppress(message.Unreadable):
        read_parts(Headers((("content-type", MIXED),)), body)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=200) | damaged(INVITE), max_size=30))
def test_after_anything_the_next_is_answered(caplog: pytest.LogCaptureFixture, messages: list[bytes]) -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as calls:
            async with serving(Path(calls)) as served:
                peer: Peer = await udp_peer(served)
                for data in messages:
                    peer.say(data)
                call = Call(peer)
                call.call_id = "the-last"
                call.say("OPTIONS")
                while True:
                    answer = await peer.next()
                    if answer.headers["call-id"] == "the-last":
                        break
                assert isinstance(answer, message.Response) and answer.status == 200

    run(scenario)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_after_anything_within_a_call_it_still_ends_and_is_kept(caplog: pytest.LogCaptureFixture, data: st.DataObject) -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as calls:
            async with serving(Path(calls)) as served:
                call = recording_client(await udp_peer(served))
                await call.invite(parts(TWO_STREAMS, METADATA), MIXED, extra=REQUIRED)
                for method in data.draw(st.lists(st.sampled_from(["INVITE", "UPDATE", "INFO", "ACK"]), max_size=20)):
                    body = data.draw(damaged(parts(TWO_STREAMS, METADATA).encode()).map(lambda b: b.decode("utf-8", "replace")))
                    call.say(method, body, MIXED)
                call.say("BYE", number=2**31 - 1)
                await served.until(lambda: served.ended)

    run(scenario)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
