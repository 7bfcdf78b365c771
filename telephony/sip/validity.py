"""Whether a request can be served at all (RFC 3261 8.2, 16.3; the cases are RFC 4475's)."""

from __future__ import annotations

from telephony.sip.address import Address, Uri
from telephony.sip.asked import cseq_of
from telephony.sip.content import ACCEPTED
from telephony.sip.message import Request, Unreadable
from telephony.sip.refusal import Refusal

ALLOWED = ("allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO")
SUPPORTED = ("supported", "siprec, timer")
EXTENSIONS = frozenset({"siprec", "timer", "100rel"})  #: the last concerns provisional responses, of which there are none


def require_valid(request: Request) -> None:
    """Raises Refusal."""
    if request.version != "SIP/2.0":
        raise Refusal(505)
    headers = request.headers
    if not request.whole or request.repeats or not headers["call-id"]:
        raise Refusal(400)
    _, method = cseq_of(request)
    if method != request.method:
        raise Refusal(400)
    try:
        Address.read(headers["from"])
        Address.read(headers["to"])
        uri = Uri.read(request.uri)
    except Unreadable:
        raise Refusal(400) from None
    if uri.scheme not in ("sip", "sips", "tel"):
        raise Refusal(416)


def require_understood(request: Request) -> None:
    """What an INVITE must be understood in, and in what it is answered. Raises Refusal."""
    if unknown := [name for name in sorted(request.headers.tokens("require")) if not _known(name)]:
        raise Refusal(420, ("unsupported", ", ".join(unknown)), SUPPORTED)
    accepted = request.headers.tokens("accept")
    if accepted and not accepted & {"application/sdp", "application/*", "*/*"}:
        raise Refusal(406, ACCEPTED)


def _known(name: str) -> bool:
    """Cisco's gateways write two of them as one word."""
    for known in EXTENSIONS:
        name = name.replace(known, "")
    return not name


def is_siprec(request: Request, *, tells: bool) -> bool:
    """Whether a recording client calls (RFC 7866 6.1): it requires so, its Contact says so, or it tells of a call."""
    contact = next(iter(request.headers.listed("contact")), "").lower()
    features = {part.partition("=")[0].strip() for part in contact.rpartition(">")[2].split(";")}
    return tells or "siprec" in request.headers["require"].lower() or bool(features & {"+sip.src", "src"})
