"""Bodies that hold several parts (RFC 5621): a description of the session beside what a recording client tells of the call."""

from __future__ import annotations

import base64
import binascii
import itertools
import quopri
import re
from dataclasses import dataclass

from telephony.sip.message import Headers, Unreadable, read_fields
from telephony.sip.text import read_parameters, split_outside

MOST_PARTS = 16
_HEAD_ENDS = re.compile(rb"\A\r?\n|\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    kind: str  #: its media type, in small letters
    content: bytes


def read_parts(headers: Headers, body: bytes) -> tuple[Part, ...]:
    """The parts of a body; one that isn't divided is its only part. Raises Unreadable."""
    kind, parameters = read_kind(headers["content-type"])
    if not body.strip():
        return ()
    if not kind.startswith("multipart/"):
        return (Part(kind, _plain(headers, body)),)
    boundary = parameters.get("boundary", "").encode()
    if not boundary or len(boundary) > 200:
        raise Unreadable
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)", body)
    if len(pieces) > 2 * MOST_PARTS + 3:  # with the last mark and what is around
        raise Unreadable
    marked = zip(pieces[1::2], pieces[2::2], strict=True)  # what stands before the first mark and behind the last is for nobody
    found = (_part(piece) for _, piece in itertools.takewhile(lambda m: m[0] is None, marked))
    return tuple(part for part in found if part.content.strip())


def read_kind(content_type: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters."""
    kind, *parameters = split_outside(content_type, ";")
    return kind.replace(" ", "").lower(), read_parameters(parameters)


def _part(piece: bytes) -> Part:
    piece = re.sub(rb"\A\r?\n", b"", piece)
    end = _HEAD_ENDS.search(piece)
    head, content = (piece[: end.start()], piece[end.end() :]) if end else (b"", piece)
    headers = read_fields(head)
    return Part(read_kind(headers["content-type"])[0] or "text/plain", _plain(headers, content))


def _plain(headers: Headers, content: bytes) -> bytes:
    """SIP carries bytes as they are (RFC 3261 7.4), but makers whose library writes mail encode parts all the same (RFC 2045 6).
    What isn't encoded as it says is left for its reader, who knows what it should be."""
    match headers["content-transfer-encoding"].lower():
        case "base64":
            try:
                return base64.b64decode(b"".join(content.split()), validate=True)
            except binascii.Error:
                return content
        case "quoted-printable":
            return quopri.decodestring(content)
        case _:
            return content
