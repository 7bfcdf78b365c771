"""Offer and answer (RFC 3264): which sections of an offer are received, and what is said to each."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from core.errors import Busy
from core.logging import logger
from telephony.networks import within
from telephony.sip.recording import Recording, Stream
from telephony.sip.recording_metadata import Metadata
from telephony.sip.sdp import Answered, Direction, Section
from telephony.sip.settings import SipSettings
from telephony.streams import Codec, Offered, Received

NOWHERE = "0.0.0.0"  # noqa: S104  # said of who can't be sent to
DISCARD_PORT = 9
ON_HOLD = (NOWHERE, "::")  #: an address that means it, from the time before RFC 3264
OUR_OFFER = (
    Codec(0, "PCMU", 8000),
    Codec(8, "PCMA", 8000),
    Codec(9, "G722", 8000),
    Codec(111, "OPUS", 48000, 2),
    Codec(101, "TELEPHONE-EVENT", 8000),
)
_FORMS = {(c.name, c.clock_hz, c.channels) for c in OUR_OFFER if c.name != "TELEPHONE-EVENT"}  #: of sound that are understood
_log = logger("sip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which an offer is taken."""

    call_id: str
    siprec: bool
    secure: bool  #: whether the offer came encrypted
    metadata: Metadata
    settings: SipSettings
    two_way: frozenset[int]  #: sections that once went both ways: a phone that only sends on one of them has put us on hold

    def holds(self, at: int, section: Section) -> bool:
        return not self.siprec and at in self.two_way and section.direction is Direction.SENDS


def acceptable(section: Section, terms: Terms) -> bool:
    """Whether it can and may be received at all. A key that others could have read keeps nothing secret."""
    if not section.is_sound or not section.port or not any((c.name, c.clock_hz, c.channels) in _FORMS for c in section.codecs):
        return False
    return not section.encrypted or (section.crypto is not None and (terms.secure or terms.settings.keys_in_clear))


def wanted(sections: tuple[Section, ...], terms: Terms) -> list[int]:
    """The places of those that are to be received: of a stream that is offered encrypted and, for who can't do that, plain as
    well, only the former. It is sent once."""
    may = [at for at, section in enumerate(sections) if acceptable(section, terms)]
    return [at for at in may if not any(_encrypts(sections[other], sections[at], terms) for other in may)]


def _encrypts(other: Section, plain: Section, terms: Terms) -> bool:
    """Whether a section is another one, encrypted. A recording client tells its streams apart by labels; a phone has but one."""
    if not other.encrypted or plain.encrypted or other.label != plain.label:
        return False
    return bool(plain.label) or not terms.siprec or other.port == plain.port


def our_offer(*, siprec: bool) -> tuple[Section, ...]:
    """What is offered to who calls without an offer, as if the peer had offered it."""
    formats = tuple(str(c.payload_type) for c in OUR_OFFER)
    direction = Direction.SENDS if siprec else Direction.BOTH
    section = Section(
        kind="audio", port=DISCARD_PORT, protocol="RTP/AVP", formats=formats, codecs=OUR_OFFER, direction=direction, host=NOWHERE
    )
    return (section,)


def offered_anew(before: Answered, *, siprec: bool) -> Answered:
    """A section that is received, as it is offered in the middle of a call: all that we can, whatever hold it was in, as an offer
    that repeats a hold can only be answered with it (RFC 6337 5.1). Numbers mean what they meant before (RFC 3264 8.3.2)."""
    if before.received is None:
        return before
    known = before.received.codecs
    taken, named = {c.payload_type for c in known}, {c.name for c in known}
    more = (c for c in OUR_OFFER if c.payload_type not in taken and c.name not in named)
    direction = Direction.RECEIVES if siprec else Direction.BOTH
    return replace(before, received=replace(before.received, codecs=(*known, *more)), direction=direction)


async def negotiate(recording: Recording, sections: tuple[Section, ...], terms: Terms) -> tuple[Answered, ...]:
    """The answer to each section, in their order, both legs received that may be. Raises Busy where no port is free for the first
    stream of a call; in the middle of one it goes on without what is new."""
    to_receive, before = wanted(sections, terms), recording.streams(terms.call_id)
    for stream in before:
        if stream[1] not in to_receive:
            recording.drop(stream)
    mixed = _mixed(sections, terms) if len(to_receive) > 2 else set()
    answers = []
    for at, section in enumerate(sections):
        stream = (terms.call_id, at)
        if at not in to_receive:
            answers.append(Answered(offered=section))
        elif at in mixed or recording.leg_of(stream) is None:
            answers.append(_not_now(section))
        else:
            try:
                answers.append(await _received(recording, stream, section, terms))
            except Busy:
                if not before:
                    raise
                _log.warning("no port for a stream", extra={"call": recording.call.id})
                answers.append(_not_now(section))
    return tuple(answers)


async def _received(recording: Recording, stream: Stream, section: Section, terms: Terms) -> Answered:
    received = await recording.receive(stream, offered_by(section, terms), held=terms.holds(stream[1], section))
    return Answered(offered=section, received=received, direction=seen_from_here(section.direction))


def _mixed(sections: tuple[Section, ...], terms: Terms) -> set[int]:
    """Where both are heard at once, of no use where each is heard alone."""
    return {at for at, section in enumerate(sections) if len(terms.metadata.speakers(section.label)) > 1}


def _not_now(section: Section) -> Answered:
    """Inactive rather than refused: the client offers it anew with whatever changes, and a leg may be free by then."""
    received = Received(port=DISCARD_PORT, codecs=section.codecs[:1])
    return Answered(offered=section, received=None if section.encrypted else received)  # no key is agreed on for nothing


def offered_by(section: Section, terms: Terms) -> Offered:
    """What media needs of a section."""
    held = not terms.siprec and section.host in ON_HOLD  # a recording client never hears us, so some give no address at all
    return Offered(
        host=section.host,
        port=section.port,
        may_be_sent_to=_may_be_sent_to(section.host, terms.settings),
        codecs=section.codecs,
        keys=section.crypto.keys if section.encrypted and section.crypto else None,
        sends=section.direction.sends and not held,
    )


def _may_be_sent_to(host: str, settings: SipSettings) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return within(host, settings.networks)


def seen_from_here(direction: Direction) -> Direction:
    swapped = {Direction.SENDS: Direction.RECEIVES, Direction.RECEIVES: Direction.SENDS}
    return swapped.get(direction, direction)
