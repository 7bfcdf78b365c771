"""Messages in a stream (RFC 3261 18.3): bytes as they come in, whole messages out, and what is to be said to keepalives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from telephony.sip.message import LONGEST_HEAD_BYTES, Unreadable, length_of, read_head

LONGEST_BODY_BYTES = 262_144
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_PING = b"\r\n\r\n"


class Framer:
    """The messages of one connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._needed: int | None = None

    @property
    def begun(self) -> bool:
        """Whether a part of a message is waited for."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now; an empty one is a keepalive that wants its answer (RFC 5626 4.4.1).

        Raises Unreadable where a message is too large or its end can't be known: nothing more can be read of such a stream.
        """
        self._buffer += data
        while (message := self._cut()) is not None:
            yield message

    def _cut(self) -> bytes | None:
        while self._needed is None and self._buffer.startswith((b"\r", b"\n")):  # between messages
            if self._buffer.startswith(_PING):
                del self._buffer[: len(_PING)]
                return b""
            if _PING.startswith(self._buffer):
                return None  # half a keepalive waits for its other half
            del self._buffer[:1]
        if self._needed is None:
            self._needed = self._measure()
        if self._needed is None or len(self._buffer) < self._needed:
            return None
        message = bytes(self._buffer[: self._needed])
        del self._buffer[: self._needed]
        self._needed, self._searched = None, 0
        return message

    def _measure(self) -> int | None:
        """How many bytes the next message has; None while its head is not there."""
        end = _HEAD_ENDS.search(self._buffer, max(0, self._searched - 3))
        if end is None:
            self._searched = len(self._buffer)
            if self._searched > LONGEST_HEAD_BYTES:
                raise Unreadable
            return None
        if end.start() > LONGEST_HEAD_BYTES:
            raise Unreadable
        length = length_of(read_head(bytes(self._buffer[: end.start()])))
        if length is not None and not 0 <= length <= LONGEST_BODY_BYTES:
            raise Unreadable
        return end.end() + (length or 0)
