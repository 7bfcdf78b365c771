"""SIP messages (RFC 3261): bytes in, requests and responses out, and back. Tolerant of form, as exchanges of many makers are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from telephony.sip.text import split_outside

LONGEST_HEAD_BYTES = 32_768
MOST_FIELDS = 256
_VERSION = "SIP/2.0"
_CHARSETS = ("utf-8", "cp932", "latin-1")  #: in this order; the last reads everything
_COMPACT = {
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "s": "subject",
    "t": "to",
    "v": "via",
    "x": "session-expires",
}
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_VERSIONED = re.compile(r"SIP/\d{1,3}\.\d{1,3}", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 +(?P<status>\d{3})(?: (?P<reason>.*))?", re.IGNORECASE)
_SINGLE = frozenset({"from", "to", "call-id", "cseq", "content-length", "content-type", "max-forwards"})

Fields = tuple[tuple[str, str], ...]


class Unreadable(ValueError):
    """What came can't be read as what it should be. Says nothing of what it was."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a message, names in small letters and written out, in their order."""

    fields: Fields = ()

    def __getitem__(self, name: str) -> str:
        """The first of that name, or nothing."""
        return next((value for n, value in self.fields if n == name), "")

    def __contains__(self, name: str) -> bool:
        return any(n == name for n, _ in self.fields)

    def every(self, name: str) -> list[str]:
        return [value for n, value in self.fields if n == name]

    def listed(self, name: str) -> list[str]:
        """The elements of a field that is a list, on one line or on several."""
        return [part for value in self.every(name) for part in split_outside(value, ",") if part]

    def tokens(self, name: str) -> frozenset[str]:
        """The same without parameters, in small letters."""
        return frozenset(part.partition(";")[0].strip().lower() for part in self.listed(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    uri: str
    version: str = _VERSION
    headers: Headers
    body: bytes = b""
    charset: str = "utf-8"  #: of the head, so that what is sent back is what came
    whole: bool = True  #: False: the body is shorter than was said, or its length no number

    @property
    def repeats(self) -> bool:
        """Whether a field that may stand once stands twice."""
        names = [name for name, _ in self.headers.fields if name in _SINGLE]
        return len(names) > len(set(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


Message = Request | Response


def read_message(data: bytes) -> Message:
    """One message, as a datagram brings it: the body ends with the datagram where no length is said.

    Raises Unreadable where not even its first line can be read.
    """
    data = data.lstrip(b"\r\n")
    end = _HEAD_ENDS.search(data, 0, LONGEST_HEAD_BYTES + 4)
    if end is None and len(data) > LONGEST_HEAD_BYTES:
        raise Unreadable
    head, rest = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    charset, lines = _lines(head)
    headers = _fields(lines[1:])
    length = length_of(headers)
    body = rest if length is None else rest[: max(length, 0)]
    if answered := _STATUS_LINE.fullmatch(lines[0]):
        return Response(status=int(answered["status"]), reason=answered["reason"] or "", headers=headers, body=body)
    method, _, asked = lines[0].partition(" ")
    uri, _, version = asked.strip().rpartition(" ")
    if not _NAME.fullmatch(method) or not _VERSIONED.fullmatch(version):
        raise Unreadable
    return Request(
        method=method,
        uri=uri.strip(),
        version=version.upper(),
        headers=headers,
        body=body,
        charset=charset,
        whole=length is None or 0 <= length <= len(rest),
    )


def length_of(headers: Headers) -> int | None:
    """What Content-Length says, -1 where that is no length, None where it says nothing."""
    if "content-length" not in headers:
        return None
    said = headers["content-length"]
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1


def read_head(head: bytes) -> Headers:
    """The fields of a head alone, as a stream brings it before the body."""
    return _fields(_lines(head.lstrip(b"\r\n"))[1][1:])


def read_fields(head: bytes) -> Headers:
    """Fields without a first line, as a part of a multipart body has them."""
    return _fields(_lines(head)[1])


def _lines(head: bytes) -> tuple[str, list[str]]:
    """The lines of a head, those that are folded put together, and the characters' encoding."""
    for charset in _CHARSETS:
        try:
            text = head.decode(charset)
        except UnicodeDecodeError:
            continue
        break
    lines: list[list[str]] = [[]]
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", " ").split("\n")):
        if at and line[:1] in (" ", "\t"):
            lines[-1].append(line.strip())
        else:
            lines.append([line.rstrip()])
    return charset, [" ".join(parts) for parts in lines[1:]]


def _fields(lines: Iterable[str]) -> Headers:
    """Lines that are no field are left out: it is for the reader to miss what was needed."""
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon and _NAME.fullmatch(name):
            fields.append((_COMPACT.get(name, name), value.strip()))
        if len(fields) > MOST_FIELDS:
            raise Unreadable
    return Headers(tuple(fields))


def write_request(request: Request) -> bytes:
    return _write(f"{request.method} {request.uri} {_VERSION}", request.headers, request.body, request.charset)


def write_response(response: Response, charset: str = "utf-8") -> bytes:
    return _write(f"{_VERSION} {response.status} {response.reason}", response.headers, response.body, charset)


def _write(first: str, headers: Headers, body: bytes, charset: str) -> bytes:
    lines = [first, *(f"{_written(name)}: {value}" for name, value in headers.fields), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode(charset, "replace") + body


def _written(name: str) -> str:
    """Names as RFC 3261 writes them, for peers that look at capitals."""
    special = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "min-se": "Min-SE"}
    return special.get(name) or "-".join(part.capitalize() for part in name.split("-"))
