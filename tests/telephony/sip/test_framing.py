"""Messages in a stream, however it is cut."""

from __future__ import annotations

import pytest

from telephony.sip.framing import LONGEST_BODY_BYTES, Framer
from telephony.sip.message import LONGEST_HEAD_BYTES, Unreadable

ONE = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c\r\nl: 5\r\n\r\nhello"
TWO = b"BYE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"


def test_messages_are_found_wherever_the_stream_is_cut() -> None:
    stream = ONE + b"\r\n" + TWO + b"\r\n\r\n" + ONE
    for size in (1, 2, 3, 7, len(stream)):
        framer = Framer()
        found = [m for at in range(0, len(stream), size) for m in framer.feed(stream[at : at + size])]
        assert found == [ONE, TWO, b"", ONE] and not framer.begun


def test_without_a_length_there_is_no_body() -> None:
    assert list(Framer().feed(b"ACK sip:a@b SIP/2.0\r\nVia: x\r\n\r\n" + TWO)) == [b"ACK sip:a@b SIP/2.0\r\nVia: x\r\n\r\n", TWO]


@pytest.mark.parametrize(
    "stream",
    [
        b"x" * (LONGEST_HEAD_BYTES + 10),
        b"BYE sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"BYE sip:a@b SIP/2.0\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY_BYTES + 1),
    ],
)
def test_a_stream_whose_message_can_have_no_end_is_given_up(stream: bytes) -> None:
    with pytest.raises(Unreadable):
        list(Framer().feed(stream))


def test_many_line_ends_are_skipped_at_once() -> None:
    assert list(Framer().feed(b"\n" * 200_000 + TWO)) == [TWO]
