"""Descriptions of sessions as peers of many makers offer them."""

from __future__ import annotations

import base64

import pytest

from telephony.sip.sdp import MOST_SECTIONS, Answered, Description, Direction, Section, Unreadable, read_sections
from telephony.streams import Codec, Received

KEY = base64.b64encode(bytes(range(30))).decode()


def section_of(text: str, head: str = "c=IN IP4 192.0.2.9\nt=0 0\n") -> Section:
    (section,) = read_sections(f"v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\n{head}{text}".encode())
    return section


def test_static_forms_need_no_map_and_others_are_known_by_theirs() -> None:
    section = section_of("m=audio 4000 RTP/AVP 0 8 9 111 101 13\na=rtpmap:111 opus/48000/2\na=rtpmap:101 telephone-event/8000\n")
    assert [(c.payload_type, c.name) for c in section.codecs] == [
        (0, "PCMU"),
        (8, "PCMA"),
        (9, "G722"),
        (111, "OPUS"),
        (101, "TELEPHONE-EVENT"),
        (13, "CN"),
    ]
    assert (section.codecs[3].clock_hz, section.codecs[3].channels) == (48_000, 2)


def test_a_map_may_give_a_static_type_another_meaning() -> None:
    assert section_of("m=audio 4000 RTP/AVP 0\na=rtpmap:0 PCMA/8000\n").codecs == (Codec(0, "PCMA", 8000),)


def test_a_section_without_its_own_takes_the_address_and_direction_of_all() -> None:
    section = section_of("m=audio 4000 RTP/AVP 0\n", head="c=IN IP4 192.0.2.9/127\na=sendonly\n")
    assert section.host == "192.0.2.9" and section.direction is Direction.SENDS
    own = section_of("m=audio 4000 RTP/AVP 0\nc=IN IP6 2001:db8::1\na=inactive\n", head="c=IN IP4 192.0.2.9\na=sendonly\n")
    assert own.host == "2001:db8::1" and own.direction is Direction.NEITHER


def test_neither_a_time_nor_an_address_is_needed() -> None:
    (section,) = read_sections(b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n")
    assert section.host == "" and section.codecs


def test_the_first_key_that_is_understood_is_taken() -> None:
    section = section_of(
        "m=audio 4000 RTP/SAVP 0\n"
        f"a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}\n"
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4\n"
        f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP\n"
        f"a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{KEY[:-4]}\n"
        f"a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20\n"
    )
    assert section.crypto is not None and section.crypto.tag == "5" and section.crypto.keys.master == bytes(range(30))
    assert section.encrypted and section.is_sound


@pytest.mark.parametrize("protocol", ["UDP/TLS/RTP/SAVPF", "TCP/MRCPv2", "UDPTL"])
def test_what_is_carried_otherwise_is_no_sound(protocol: str) -> None:
    assert not section_of(f"m=audio 4000 {protocol} 0\n").is_sound


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\ns=-\r\n",
        b"m=audio 4000 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 99999 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio\r\n",
        b"v=0\r\n" + b"m=audio 4000 RTP/AVP 0\r\n" * (MOST_SECTIONS + 1),
        b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n" + b"a=x\r\n" * 5_000,
    ],
)
def test_what_describes_nothing_or_too_much_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_sections(body)


def test_an_answer_has_every_section_in_its_place() -> None:
    offered = read_sections(
        b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=label:7\r\n"
        b"m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    )
    codecs = Codec(8, "PCMA", 8000), Codec(107, "OPUS", 48_000, 2), Codec(101, "TELEPHONE-EVENT", 8000)
    received = Received(port=10_000, codecs=codecs)
    answers = (Answered(offered=offered[0], received=received, direction=Direction.RECEIVES), Answered(offered=offered[1]))
    written = Description("192.0.2.1", 5, 2, answers).write()
    sound, video = read_sections(written)
    assert (sound.port, sound.host, sound.label, sound.direction) == (10_000, "192.0.2.1", "7", Direction.RECEIVES)
    assert sound.codecs == received.codecs and b"o=- 5 2 IN IP4 192.0.2.1" in written
    assert all(said in written for said in (b"a=rtpmap:107 opus/48000/2\r\n", b"a=fmtp:107 maxplay", b"a=fmtp:101 0-15"))
    assert (video.kind, video.port, video.formats) == ("video", 0, ("96",))
