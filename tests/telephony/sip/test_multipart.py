"""Bodies of several parts, as their makers divide them."""

from __future__ import annotations

import pytest

from telephony.sip.message import Headers, Unreadable
from telephony.sip.multipart import read_parts


def kinds_of(body: str, content_type: str = 'multipart/mixed;boundary="b"') -> dict[str, str]:
    parts = read_parts(Headers((("content-type", content_type),)), body.encode())
    return {part.kind: part.content.decode() for part in parts}


def test_parts_are_found_between_their_marks() -> None:
    assert kinds_of(
        "preamble\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: text/x\r\n\r\nX\r\n--b--\r\nend"
    ) == {
        "application/sdp": "v=0",
        "text/x": "X",
    }


def test_other_line_ends_no_space_and_lengths_of_parts_are_borne() -> None:
    assert kinds_of(
        "--b\nContent-Type:application/rs-metadata+xml\nContent-Length: 4\n\n<x/>\n"
        "--b\nContent-Type:application/sdp\n\nv=0\n--b--\n"
    ) == {
        "application/rs-metadata+xml": "<x/>",
        "application/sdp": "v=0",
    }


def test_a_last_mark_that_is_missing_loses_no_part() -> None:
    assert kinds_of("--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n") == {"application/sdp": "v=0\r\n"}


def test_a_mark_within_a_line_is_text() -> None:
    assert kinds_of("--b\r\nContent-Type: text/x\r\n\r\na --b\r\n--bb\r\n--b--") == {"text/x": "a --b\r\n--bb"}


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("base64", "PG5hbWU+6Yi05pyo\r\nPC9uYW1lPg==\r\n"),
        ("Quoted-Printable", "<name>=E9=88=B4=\r\n=E6=9C=A8</name>"),
        ("binary", "<name>鈴木</name>"),
        ("base64", "<name>鈴木</name>"),
    ],
)
def test_a_part_that_is_written_as_in_mail_is_read_and_one_that_only_says_so_is_left(encoding: str, written: str) -> None:
    part = f"Content-Type: text/x\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{written}"
    assert kinds_of(f"--b\r\n{part}\r\n--b--") == {"text/x": "<name>鈴木</name>"}


def test_an_undivided_body_is_its_only_part() -> None:
    assert kinds_of("v=0", "application/SDP; charset=utf-8") == {"application/sdp": "v=0"}


def test_no_mark_and_too_many_parts_are_unreadable() -> None:
    for body, content_type in [("x", "multipart/mixed"), ("--b\r\n\r\nx\r\n" * 20 + "--b--", "multipart/mixed;boundary=b")]:
        with pytest.raises(Unreadable):
            kinds_of(body, content_type)
