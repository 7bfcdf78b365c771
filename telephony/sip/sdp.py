"""Descriptions of sessions (SDP, RFC 8866) as they are offered and answered (RFC 3264): bytes in, sections out, and back."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from telephony.streams import Codec, Keys, Received

MOST_SECTIONS = 16
MOST_CODECS = 64
MOST_LINES = 2_000
SUITES = {  #: and the bytes of key and salt
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
_STATIC = {0: Codec(0, "PCMU", 8000), 8: Codec(8, "PCMA", 8000), 9: Codec(9, "G722", 8000), 13: Codec(13, "CN", 8000)}
_MEDIA = re.compile(r"(?P<kind>\S+) +(?P<port>\d{1,5})(?:/\d+)? +(?P<protocol>\S+) +(?P<formats>.+)")
_MAPPED = re.compile(r"(?P<type>\d{1,3}) +(?P<name>[^/\s]+)/(?P<clock>\d{1,7})(?:/(?P<channels>\d))?")
_OF_CODECS = {"TELEPHONE-EVENT": "0-15", "OPUS": "maxplaybackrate=16000"}  #: what is said of them; no more of Opus is kept
_CRYPTO = re.compile(
    r"(?P<tag>\d{1,9}) +(?P<suite>\S+) +inline:(?P<key>[A-Za-z0-9+/=]+)(?P<life>\|[0-9^]+)?(?P<mki>\|\S+)?(?P<rest> .*)?"
)
_CONNECTION = re.compile(r"IN +IP[46] +(?P<host>[0-9A-Za-z.:\-]+)(?:/\S*)?")


class Unreadable(ValueError):
    """What came is no description of a session."""


class Direction(StrEnum):
    """Who sends, as the one who describes sees it."""

    BOTH = "sendrecv"
    SENDS = "sendonly"
    RECEIVES = "recvonly"
    NEITHER = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.BOTH, Direction.SENDS)


@dataclass(frozen=True, slots=True)
class Crypto:
    """A key as `a=crypto` offers it."""

    tag: str
    keys: Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An `m=` line and what belongs to it."""

    kind: str  #: audio, video
    port: int
    protocol: str
    formats: tuple[str, ...]
    host: str = ""
    codecs: tuple[Codec, ...] = ()
    direction: Direction = Direction.BOTH
    label: str = ""
    crypto: Crypto | None = None  #: the first that is understood

    @property
    def is_sound(self) -> bool:
        return self.kind == "audio" and self.protocol in ("RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF")

    @property
    def encrypted(self) -> bool:
        return "SAVP" in self.protocol


def read_sections(body: bytes) -> tuple[Section, ...]:
    """The sections in their order. Raises Unreadable where there is none or too much."""
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES or not any(line.strip() == "v=0" for line in lines):
        raise Unreadable
    common: list[tuple[str, str]] = []
    parts: list[tuple[str, list[tuple[str, str]]]] = []
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if not equals:
            continue
        if kind == "m":
            parts.append((value, []))
        else:
            (parts[-1][1] if parts else common).append((kind, value))
    if not 0 < len(parts) <= MOST_SECTIONS:
        raise Unreadable
    return tuple(_section(media, common, own) for media, own in parts)


def _section(media: str, common: list[tuple[str, str]], own: list[tuple[str, str]]) -> Section:
    read = _MEDIA.fullmatch(media.strip())
    if read is None or int(read["port"]) > 65_535:
        raise Unreadable
    formats = tuple(read["formats"].split())
    attributes = [value for kind, value in own if kind == "a"]
    return Section(
        kind=read["kind"].lower(),
        port=int(read["port"]),
        protocol=read["protocol"].upper(),
        formats=formats,
        host=_host(own) or _host(common),
        codecs=tuple(_codecs(formats, attributes)),
        direction=_direction(attributes) or _direction([v for k, v in common if k == "a"]) or Direction.BOTH,
        label=next((a[6:].strip() for a in attributes if a.startswith("label:")), ""),
        crypto=next((c for a in attributes if a.startswith("crypto:") and (c := _crypto(a[7:].strip()))), None),
    )


def _host(lines: list[tuple[str, str]]) -> str:
    found = (_CONNECTION.fullmatch(value.strip()) for kind, value in lines if kind == "c")
    return next((read["host"] for read in found if read), "")


def _direction(attributes: list[str]) -> Direction | None:
    named = {d.value: d for d in Direction}
    return next((named[a.strip().lower()] for a in attributes if a.strip().lower() in named), None)


def _codecs(formats: tuple[str, ...], attributes: list[str]) -> Iterator[Codec]:
    """Static types need no map (RFC 3551)."""
    mapped = dict(_STATIC)
    for a in attributes:
        if a.startswith("rtpmap:") and (read := _MAPPED.match(a[7:].strip())):
            named = read["name"].upper(), int(read["clock"]), int(read["channels"] or 1)
            mapped[int(read["type"])] = Codec(int(read["type"]), *named)
    for form in dict.fromkeys(formats[:MOST_CODECS]):
        if form.isascii() and form.isdigit() and len(form) < 4 and int(form) in mapped:
            yield mapped[int(form)]


def _crypto(text: str) -> Crypto | None:
    """None where it wants what isn't done here: another suite, a key's name in each packet, parts left unencrypted."""
    read = _CRYPTO.fullmatch(text)
    if read is None or read["mki"] or (read["rest"] or "").strip().upper() not in ("", "WSH=64"):
        return None
    try:
        master = base64.b64decode(read["key"] + "=" * (-len(read["key"]) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    suite = read["suite"].upper()
    return Crypto(read["tag"], Keys(suite, master)) if SUITES.get(suite) == len(master) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is said to a section: received so, or not at all."""

    offered: Section
    received: Received | None = None
    direction: Direction = Direction.NEITHER


@dataclass(frozen=True, slots=True)
class Description:
    """Our side of a session."""

    host: str
    session: int
    version: int
    sections: tuple[Answered, ...]

    def write(self) -> bytes:
        family = "IP6" if ":" in self.host else "IP4"
        head = [f"o=- {self.session} {self.version} IN {family} {self.host}", "s=-", f"c=IN {family} {self.host}", "t=0 0"]
        lines = ["v=0", *head, *(line for section in self.sections for line in _written(section))]
        return "\r\n".join([*lines, ""]).encode()


def _written(section: Answered) -> Iterator[str]:
    offered, received = section.offered, section.received
    if received is None:
        yield f"m={offered.kind} 0 {offered.protocol} {' '.join(offered.formats)}"
        return
    yield f"m={offered.kind} {received.port} {offered.protocol} {' '.join(str(c.payload_type) for c in received.codecs)}"
    for codec in received.codecs:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        name = codec.name.lower() if codec.name in _OF_CODECS else codec.name
        yield f"a=rtpmap:{codec.payload_type} {name}/{codec.clock_hz}{channels}"
        if codec.name in _OF_CODECS:
            yield f"a=fmtp:{codec.payload_type} {_OF_CODECS[codec.name]}"
    yield f"a={section.direction.value}"
    if offered.label:
        yield f"a=label:{offered.label}"
    if received.keys:
        tag = offered.crypto.tag if offered.crypto else "1"
        yield f"a=crypto:{tag} {received.keys.suite} inline:{base64.b64encode(received.keys.master).decode()}"
