"""A dialog with a peer that called (RFC 3261 12): what both sides know of each other while a call goes on."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from telephony.sip.address import Address, Uri
from telephony.sip.asked import Asked, Transaction
from telephony.sip.forked_phone import ForkedPhone
from telephony.sip.message import Fields, Headers, Request, Unreadable
from telephony.sip.parties import Party
from telephony.sip.peers_clock import PeersClock
from telephony.sip.recording_metadata import Metadata
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import Answered, Direction
from telephony.sip.session_timer import SessionTimer
from telephony.sip.transport import Way
from telephony.sip.via import COOKIE

MOST_REMEMBERED = 32  #: responses of the last requests, for those that come again
MOST_WAITING = 16  #: requests of one dialog
_MAX_FORWARDS = "70"

Key = tuple[str, str, str]  #: Call-ID, our tag, theirs


@dataclass(slots=True, kw_only=True, eq=False)
class Dialog:
    invite: Request
    way: Way
    reply_port: int
    tag: str  #: ours
    siprec: bool
    target: str  #: their Contact
    routes: tuple[str, ...]
    their_cseq: int
    forked: ForkedPhone | None = None
    metadata: Metadata = field(default_factory=Metadata)
    clock: PeersClock = field(default_factory=PeersClock)  #: by which its metadata tells times
    connected: Party | None = None  #: who is on a phone's side since it was transferred
    our_leg: int | None = None  #: where the city hall is heard, as the metadata told first
    our_cseq: int = 0
    session: int = field(default_factory=lambda: secrets.randbelow(2**31))  #: of our descriptions
    version: int = 0
    sections: tuple[Answered, ...] = ()  #: as they were agreed on last, or as we offer them
    two_way: set[int] = field(default_factory=set)  #: places of those that once went both ways
    offered: int | None = None  #: the number of the INVITE whose ACK brings the answer that our offer waits for
    unacknowledged: dict[int, asyncio.Event] = field(default_factory=dict)  #: by the numbers of the INVITEs that were answered
    confirmed: bool = False  #: whether the peer ever said anything that only who got our answer can say
    cancelled: bool = False
    ended: bool = False
    timer: SessionTimer | None = None
    fresh_until_s: float = 0.0  #: by the loop's clock, while there is a timer
    refreshed_at_s: float = 0.0  #: where that is ours to do
    asked_at_s: float = 0.0  #: when it is next asked whether it goes on, should it be on hold then
    unanswered_since_s: float = math.inf  #: such questions are
    answers: bool = False  #: whether one ever was answered
    told_whole: bool = False  #: whether its metadata was complete once
    asked_again: bool = False  #: for the whole of it
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    responses: OrderedDict[Transaction, bytes] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, asked: Asked, tag: str, *, siprec: bool) -> Dialog:
        """Raises Refusal where nothing could be sent to the peer later on."""
        invite = asked.request
        contact = next(iter(invite.headers.listed("contact")), "") or invite.headers["from"]  # as before RFC 3261
        try:
            target = Address.read(contact).target
        except Unreadable:
            raise Refusal(400) from None
        return cls(
            invite=replace(invite, body=b""),  # which is read once, and as long as a peer likes
            way=asked.way,
            reply_port=asked.reply_port,
            tag=tag,
            siprec=siprec,
            target=target,
            routes=tuple(invite.headers.listed("record-route")),
            their_cseq=asked.number,
        )

    @property
    def call_id(self) -> str:
        return self.invite.headers["call-id"]

    @property
    def key(self) -> Key:
        return self.call_id, self.tag, Address.read(self.invite.headers["from"]).tag

    @property
    def next_hop(self) -> Uri:
        """To whom a request of ours goes: the first of the proxies on the way, or the peer's Contact (RFC 3261 12.2.1.1). Raises
        Unreadable."""
        return Address.read(self.routes[0]).uri if self.routes else Uri.read(self.target)

    def contact(self, told_host: str) -> str:
        """Where we are reached, at that host if one is told."""
        own, port = self.way.local
        host = told_host or own
        transport = "" if self.way.name == "UDP" else f";transport={self.way.name.lower()}"
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return f"<sip:madoguchi@{place}{transport}>{';+sip.srs' if self.siprec else ''}"

    def follow(self, asked: Asked) -> None:
        """The peer may move: to another connection, behind another address, to another Contact."""
        self.way, self.reply_port = asked.way, asked.reply_port
        self.unanswered_since_s = math.inf
        if asked.request.method in ("INVITE", "UPDATE"):
            for contact in asked.request.headers.listed("contact")[:1]:
                try:
                    self.target = Address.read(contact).target
                except Unreadable:
                    return

    def agree_on(self, sections: tuple[Answered, ...]) -> None:
        self.sections = sections
        if self.offered is None:  # else it is a wish of ours
            self.two_way |= {at for at, answered in enumerate(sections) if answered.direction is Direction.BOTH}

    def refresh(self, timer: SessionTimer | None) -> None:
        """What an INVITE or UPDATE says of how long the session lasts."""
        self.timer = timer
        interval_s, now_s = timer.interval_s if timer else 0, asyncio.get_running_loop().time()
        self.fresh_until_s, self.refreshed_at_s = now_s + interval_s, now_s + interval_s / 2

    def remember(self, transaction: Transaction, response: bytes) -> None:
        self.responses[transaction] = response
        while len(self.responses) > MOST_REMEMBERED:
            self.responses.popitem(last=False)

    def request(self, method: str, branch: str, fields: Fields = (), body: bytes = b"") -> Request:
        """A request of ours within this dialog."""
        self.our_cseq += 1
        host, port = self.way.local
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = (
            ("via", f"SIP/2.0/{self.way.name} {place};branch={COOKIE}{branch};rport"),
            ("max-forwards", _MAX_FORWARDS),
            *(("route", route) for route in self.routes),
            ("from", f"{self.invite.headers['to']};tag={self.tag}"),
            ("to", self.invite.headers["from"]),
            ("call-id", self.invite.headers["call-id"]),
            ("cseq", f"{self.our_cseq} {method}"),
            *fields,
        )
        return Request(method=method, uri=self.target, headers=Headers(headers), body=body, charset=self.invite.charset)
