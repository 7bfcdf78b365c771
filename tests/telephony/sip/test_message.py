"""Messages as they come, well formed and not. The hard cases follow RFC 4475, in words of our own."""

from __future__ import annotations

import time

import pytest

from telephony.sip.address import Address, Uri
from telephony.sip.message import Request, Response, Unreadable, read_message, write_request
from telephony.sip.refusal import Refusal
from telephony.sip.validity import require_understood, require_valid
from telephony.sip.via import Via

PLAIN = """INVITE sip:0986760000@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKa;rport
From: "鈴木" <sip:0986760001@192.0.2.9>;tag=x
To: <sip:0986760000@192.0.2.1>
Call-ID: a@192.0.2.9
CSeq: 1 INVITE
Max-Forwards: 70
Contact: <sip:0986760001@192.0.2.9>
Content-Type: application/sdp
Content-Length: 4

v=0
"""


def request_of(text: str | bytes) -> Request:
    data = text.replace("\n", "\r\n").encode() if isinstance(text, str) else text
    message = read_message(data)
    assert isinstance(message, Request)
    return message


def status_of(text: str | bytes) -> int:
    """With what a request is refused; 0 where it is none."""
    try:
        require_valid(request_of(text))
        require_understood(request_of(text))
    except Refusal as refusal:
        return refusal.status
    return 0


def changed(old: str, new: str) -> str:
    assert old in PLAIN
    return PLAIN.replace(old, new)


def test_a_message_that_is_written_reads_the_same() -> None:
    request = request_of(PLAIN)
    assert (request.method, request.uri, request.body) == ("INVITE", "sip:0986760000@192.0.2.1", b"v=0\r")
    again = request_of(write_request(request))
    assert again.headers["from"] == request.headers["from"] and again.body == request.body


def test_tortuous_but_valid_is_read() -> None:
    request = request_of(
        "\n\nINVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\n"
        "TO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n"
        'from   : "J Rosenberg \\\\\\"" <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\n'
        "MaX-fOrWaRdS: 0068\nCall-ID: wsinv.ndaksdj@192.0.2.1\nContent-Length   : 2\ncseq: 0009\n  INVITE\n"
        "Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\ns :\n"
        "NewFangledHeader:   newfangled value\n continued newfangled value\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\nv:  SIP  / 2.0  / TCP     spindle.example.com   ;\n"
        "  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n"
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33\n\nab'
    )
    require_valid(request)
    assert (
        Address.read(request.headers["from"]).name == 'J Rosenberg \\"'
        and Address.read(request.headers["to"]).tag == "1918181833n"
    )
    assert [Via.read(v).host for v in request.headers.listed("via")] == ["192.0.2.2", "spindle.example.com", "192.168.255.111"]
    assert Via.read(request.headers.listed("via")[1]).branch == "z9hG4bK9ikj8"
    assert Address.read(request.headers.listed("contact")[0]).target == "sip:jdrosen@example.com"
    assert request.body == b"ab"


def test_every_character_that_a_method_may_have_is_taken() -> None:
    request = request_of(PLAIN.replace("INVITE", "!interesting-Method0123456789_*+`.%indeed'~"))
    assert request.method == "!interesting-Method0123456789_*+`.%indeed'~" and status_of(PLAIN.replace("INVITE", "!a")) == 0


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE", 400),
        ("CSeq: 1 INVITE", "CSeq: 1 REGISTER", 400),
        ("CSeq: 1 INVITE", "CSeq: INVITE", 400),
        ("Content-Length: 4", "Content-Length: 9999", 400),
        ("Content-Length: 4", "Content-Length: -4", 400),
        ("Content-Length: 4", "Content-Length: 4\nContent-Length: 5", 400),
        ("From: ", "From: <sip:other@192.0.2.1>;tag=2\nFrom: ", 400),
        ('"鈴木" <sip', '"鈴木 <sip', 400),
        ('"鈴木" <sip', "Bell, Alexander <sip", 400),
        ("Call-ID: a@192.0.2.9\n", "", 400),
        ("To: <sip:0986760000@192.0.2.1>\n", "", 400),
        ("INVITE sip:0986760000@192.0.2.1 SIP", "INVITE <sip:0986760000@192.0.2.1> SIP", 400),
        ("INVITE sip:0986760000@192.0.2.1 SIP", "INVITE sip:0986760000@192.0.2.1; lr SIP", 400),
        ("192.0.2.1 SIP/2.0", "192.0.2.1 SIP/7.0", 505),
        ("INVITE sip:0986760000@192.0.2.1 SIP", "INVITE nobodyKnowsThisScheme:totallyopaquecontent SIP", 416),
        ("Max-Forwards: 70", "Require: nothingSupportsThis, nothingSupportsThisEither", 420),
        ("Max-Forwards: 70", "Require: 100relsiprec", 0),
        ("Max-Forwards: 70", "Accept: text/nobodyKnowsThis", 406),
        ("Max-Forwards: 70", "Max-Forwards: 0", 0),
        ("INVITE sip:0986760000@192.0.2.1 SIP", "INVITE  sip:0986760000@192.0.2.1  SIP", 0),
        ("To: <sip:0986760000@192.0.2.1>", "t:\n <sip:0986760000@192.0.2.1>", 0),
        ("To: <sip:0986760000@192.0.2.1>", "To: isbn:2983792873", 0),
        ('"鈴木" <sip', "caller<sip", 0),
    ],
)
def test_what_is_wrong_with_a_request_is_told_by_its_status(old: str, new: str, status: int) -> None:
    assert status_of(changed(old, new)) == status


def test_a_request_of_before_rfc_3261_is_served() -> None:
    old = PLAIN.replace(";branch=z9hG4bKa;rport", "").replace(";tag=x", "").replace("Max-Forwards: 70\n", "")
    assert status_of(old) == 0 and Via.read(request_of(old).headers["via"]).branch == ""


def test_a_branch_that_is_the_cookie_alone_names_nothing() -> None:
    assert Via.read("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK").branch == ""


def test_the_way_back_is_told_as_it_came_but_for_where_it_was_seen() -> None:
    via = Via.read('SIP / 2.0 / UDP proxy:5070;X-Id="a;b,c";branch=z9hG4bKa ;rport;received=192.0.2.9, SIP/2.0/UDP far')
    assert via.seen_from("192.0.2.1", 4) == ('SIP / 2.0 / UDP proxy:5070;X-Id="a;b,c";branch=z9hG4bKa;received=192.0.2.1;rport=4')
    assert Via.read("SIP/2.0/UDP [::1]:5060").seen_from("::1", 5060) == "SIP/2.0/UDP [::1]:5060;received=::1"


def test_what_follows_the_length_in_a_datagram_is_not_of_the_message() -> None:
    assert request_of(PLAIN + "INVITE sip:another@192.0.2.1 SIP/2.0\n").body == b"v=0\r"


def test_line_ends_without_carriage_return_and_null_characters_are_borne() -> None:
    request = request_of(PLAIN.replace("Call-ID: a", "Call-ID: a\0b").encode())
    assert request.headers["call-id"] == "a\0b@192.0.2.9" and request.body == b"v=0\n"


def test_a_display_name_in_shift_jis_is_read_and_sent_back_as_it_came() -> None:
    data = PLAIN.replace("鈴木", "表 ソ").replace("\n", "\r\n").encode("cp932")
    request = request_of(data)
    assert Address.read(request.headers["from"]).name == "表 ソ"
    assert '"表 ソ"'.encode("cp932") in write_request(request)


def test_unusual_reasons_of_responses_are_read() -> None:
    for line, reason in [("SIP/2.0 200 = 2**3 * 5**2 но сто", "= 2**3 * 5**2 но сто"), ("SIP/2.0 100 ", ""), ("SIP/2.0 100", "")]:
        message = read_message(f"{line}\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n".encode())
        assert isinstance(message, Response) and message.reason == reason


@pytest.mark.parametrize(
    "data", [b"", b"\r\n", b"SIP/2.0 4294967301 better not break\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100]
)
def test_what_is_no_message_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(data)


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ('"鈴木 花子" <sip:0986760001@192.0.2.9>;tag=1', "鈴木 花子", "0986760001"),
        ("鈴木 <sip:0986-76-0001@192.0.2.9;user=phone>", "鈴木", "0986760001"),
        ("sip:+81986760001@192.0.2.9;tag=1", "", "+81986760001"),
        ("<tel:+81-986-76-0001;phone-context=example.jp>", "", "+81986760001"),
        ("<sip:#31#0986760001@192.0.2.9>", "", "#31#0986760001"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', "", ""),
        ('"非通知" <sip:0000@anonymous.invalid>', "", ""),
        ('"公衆電話" <sip:unavailable@192.0.2.9>', "公衆電話", ""),
        ("<sip:%30986760001@192.0.2.9>", "", "0986760001"),
        ("<sip:user;par=u%40example.net@example.com>", "", "user"),
        ('"a<b>;c" <sip:101:secret@[2001:db8::1]:5060>', "a<b>;c", "101"),
        ("<sip:user%00x@192.0.2.9>", "", "userx"),
        ('"\u202eevil\u0007" <sip:1@192.0.2.9>', "evil", "1"),
    ],
)
def test_who_calls_is_read_from_an_address(text: str, name: str, number: str) -> None:
    address = Address.read(text)
    assert (address.name, address.uri.number) == (name, number)


@pytest.mark.parametrize(
    "text", ["", "no scheme", "sip:", "sip:a b@c", "<sip:a@b", '"open <sip:a@b>', "<sip:a@b:99999>", "sip:a@[::1"]
)
def test_what_is_no_address_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Address.read(text)


def test_parameters_within_the_uri_are_its_own() -> None:
    uri = Uri.read("sip:1001@192.0.2.9:5062;x-nearend;x-refci=26528012;transport=TCP")
    assert (uri.host, uri.port) == ("192.0.2.9", 5062) and uri.parameters == {
        "x-nearend": "",
        "x-refci": "26528012",
        "transport": "TCP",
    }


@pytest.mark.timed
@pytest.mark.parametrize("filling", [" ", "\t", "\n ", '"', "<", ";", ",", "\\", "=", "a:\n", "@", "("])
def test_reading_takes_no_longer_than_the_message_is_long(filling: str) -> None:
    long = changed("Call-ID: a", "Call-ID: " + (filling * 30_000)[:30_000] + "a")
    also = changed('"鈴木" <sip', (filling * 30_000)[:30_000] + " <sip")
    began = time.process_time()
    for text in (long, also):
        try:
            require_valid(request_of(text))
        except (Refusal, Unreadable):
            continue
    assert time.process_time() - began < 0.5
