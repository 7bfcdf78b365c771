"""Offer and answer (RFC 3264): which sections of an offer are received, and what is said to each."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from telephony.networks import within
from telephony.sip.recording import Recording
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
    """Whether it may be received at all. A key that others could have read keeps nothing secret."""
    if not section.is_sound or not section.port or not section.codecs:
        return False
    return not section.encrypted or (section.crypto is not None and (terms.secure or terms.settings.keys_in_clear))


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
    """The answer to each section, in their order, both legs received that may be."""
    wanted = [(terms.call_id, at) for at, section in enumerate(sections) if acceptable(section, terms)]
    for stream in recording.streams(terms.call_id):
        if stream not in wanted:
            recording.drop(stream)
    mixed = _mixed(sections, terms) if len(wanted) > 2 else set()
    answers = []
    for at, section in enumerate(sections):
        stream = (terms.call_id, at)
        if stream not in wanted:
            answers.append(Answered(offered=section))
        elif at in mixed or recording.leg_of(stream) is None:
            answers.append(_not_now(section))
        else:
            offered = offered_by(section, terms)
            received = await recording.receive(stream, offered, held=terms.holds(at, section))
            answers.append(Answered(offered=section, received=received, direction=seen_from_here(section.direction)))
    return tuple(answers)


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
