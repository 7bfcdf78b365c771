"""A request and the way it came: what names it among others, and how it is responded to."""

from __future__ import annotations

from dataclasses import dataclass

from telephony.sip.message import Fields, Headers, Request, Response, write_response
from telephony.sip.refusal import REASONS, Refusal
from telephony.sip.transport import Way
from telephony.sip.via import Via

Transaction = tuple[str, str, str]  #: branch, who sent it, method


def cseq_of(request: Request) -> tuple[int, str]:
    """Raises Refusal where it isn't a number below 2^31 and a method."""
    number, _, method = request.headers["cseq"].partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) < 2**31):
        raise Refusal(400)
    return int(number), method.strip()


@dataclass(frozen=True, slots=True)
class Asked:
    request: Request
    way: Way
    via: Via

    @classmethod
    def read(cls, request: Request, way: Way) -> Asked:
        """Raises Unreadable where the way back isn't told: it can't even be refused."""
        return cls(request, way, Via.read(request.headers["via"]))

    @property
    def number(self) -> int:
        return cseq_of(self.request)[0]

    @property
    def reply_port(self) -> int:
        return self.via.reply_port(self.way.port)

    @property
    def transaction(self) -> Transaction:
        """What a request that comes again has in common with its first."""
        return self.transaction_of(self.request.method)

    def transaction_of(self, method: str) -> Transaction:
        """That of another method, which a CANCEL means. Peers of before RFC 3261 have no branch for it."""
        headers = self.request.headers
        branch = self.via.branch or "|".join((headers["call-id"], headers["cseq"].partition(" ")[0], self.request.uri))
        return branch, f"{self.via.host}:{self.via.port}".lower(), method

    def reply(self, status: int, tag: str, fields: Fields = (), body: bytes = b"") -> bytes:
        """Send a response with our tag. Returned is what was sent, for when the request comes again."""
        request = self.request
        to, (_, *further) = request.headers["to"], request.headers.listed("via")
        tagged = ";tag=" in "".join(to.rpartition(">")[2].lower().split())
        headers = (
            ("via", self.via.seen_from(self.way.host, self.way.port)),
            *(("via", value) for value in further),
            ("from", request.headers["from"]),
            ("to", to if tagged or status == 100 else f"{to};tag={tag}"),
            ("call-id", request.headers["call-id"]),
            ("cseq", request.headers["cseq"]),
            *fields,
        )
        response = Response(status=status, reason=REASONS[status], headers=Headers(headers), body=body)
        data = write_response(response, request.charset)
        self.way.send(data, self.reply_port)
        return data
