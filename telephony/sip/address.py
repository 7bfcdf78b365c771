"""Who is meant: the addresses of From, To and Contact, and the telephone numbers in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote

from core.printable import printable
from telephony.sip.message import Unreadable
from telephony.sip.text import read_parameters, split_outside, unquoted

LONGEST = 4_096  #: characters of an address with all that belongs to it
LONGEST_NAME = 100
LONGEST_NUMBER = 40
_NOBODY = frozenset({"anonymous", "unavailable", "unknown", "private", "restricted", "withheld", "coinline", "nonumber"})
_UNNAMED = frozenset(
    {"anonymous", "unavailable", "unknown", "private", "restricted", "withheld", "非通知", "通知不可能", "表示圏外"}
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_NUMBER = re.compile(r"\+?[0-9*#]+")
_VISUAL = re.compile(r"[\s\-.()‐−–ー]")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Uri:
    """A `sip:`, `sips:` or `tel:` URI; others keep their scheme alone."""

    scheme: str
    user: str = ""
    host: str = ""
    port: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Uri:
        """Raises Unreadable."""
        if len(text) > LONGEST:
            raise Unreadable
        scheme, colon, rest = text.strip().partition(":")
        if not colon or not _SCHEME.fullmatch(scheme) or any(c.isspace() for c in text.strip()):
            raise Unreadable
        if scheme.lower() == "tel":
            number, *parameters = rest.split(";")
            return cls("tel", unquote(number), parameters=read_parameters(parameters))
        if scheme.lower() not in ("sip", "sips"):
            return cls(scheme.lower())
        userinfo, at, place = rest.rpartition("@")
        place, *parameters = place.partition("?")[0].split(";")
        host, port = split_port(place)
        user = unquote(userinfo.partition(";")[0].partition(":")[0]) if at else ""
        return cls(scheme.lower(), user, host, port, read_parameters(parameters))

    @property
    def number(self) -> str:
        """The telephone number, or the name of an extension; nothing where it is withheld."""
        if self.user.lower() in _NOBODY or self.host.lower().endswith("anonymous.invalid"):
            return ""
        return read_number(self.user)


def read_number(text: str) -> str:
    """A number without the marks that divide it; what is no number is kept as a short word."""
    plain = unicodedata.normalize("NFKC", text)
    bare = _VISUAL.sub("", plain)
    return bare[:LONGEST_NUMBER] if _NUMBER.fullmatch(bare) else printable(plain)[:LONGEST_NUMBER]


def split_port(place: str) -> tuple[str, int | None]:
    """`host`, `host:port` or `[IPv6]:port`. Raises Unreadable."""
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        colon, port = rest[:1], rest[1:]
        if not bracket or (rest and colon != ":"):
            raise Unreadable
    else:
        host, colon, port = place.partition(":")
    host, port = host.strip(), port.strip()
    if not host or (colon and not (_PORT.fullmatch(port) and 0 < int(port) < 65_536)):
        raise Unreadable
    return host, int(port) if colon else None


@dataclass(frozen=True, slots=True)
class Address:
    """`"name" <uri>;parameters`, or the bare URI with the parameters behind it."""

    name: str
    uri: Uri
    target: str  #: the URI as it was written
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Address:
        """Raises Unreadable."""
        if len(text) > LONGEST:
            raise Unreadable
        first, *parameters = split_outside(text, ";")
        if "<" not in first:
            target, name = first, ""
        else:
            name, target = _bracketed(first)
        return cls(read_name(name), Uri.read(target), target.strip(), read_parameters(parameters))

    @property
    def tag(self) -> str:
        return self.parameters.get("tag", "")


def _bracketed(text: str) -> tuple[str, str]:
    """The name and what the brackets hold; a name may itself hold brackets where it stands in quotation marks."""
    quoted = _closing(text) + 1 if text.startswith('"') else 0
    name, _, target = text[quoted:].partition("<")
    if not target.endswith(">") or (name.strip() if quoted else "," in name):
        raise Unreadable
    return text[:quoted] or name, target[:-1]


def _closing(text: str) -> int:
    """Where a quoted string that begins a text ends. Raises Unreadable."""
    escaped = False
    for at, c in enumerate(text[1:], 1):
        if c == '"' and not escaped:
            return at
        escaped = c == "\\" and not escaped
    raise Unreadable


def read_name(name: str) -> str:
    """A name for people; nothing where it only says that there is none."""
    shown = printable(unicodedata.normalize("NFC", unquoted(name.strip())))[:LONGEST_NAME]
    return "" if shown.lower() in _UNNAMED else shown
