"""Who speaks on which leg of a call, and which of them is the city hall: from the request, what is told beside it, and the city's
numbers. What nobody says is taken from the order: the caller comes first, and it is the city that is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from telephony.ongoing import LEGS
from telephony.sip.address import Address
from telephony.sip.message import Request, Unreadable
from telephony.sip.numbers import Numbers, comparable, domestic
from telephony.sip.recording_metadata import Metadata, Participant

_INDEX = re.compile(r'media-index="?(\d)"?')
_CISCO = "x-cisco-recording-participant"
_NAMING = ("from", "to", "p-asserted-identity", "remote-party-id", "diversion", "history-info", _CISCO)
_WITHHOLDS = frozenset({"id", "user", "header"})  #: RFC 3323, RFC 3325


@dataclass(frozen=True, slots=True)
class Party:
    number: str = ""
    name: str = ""

    @classmethod
    def told(cls, number: str, name: str) -> Party:
        """A name that only repeats the number is none."""
        return cls(domestic(number), "" if name and comparable(name) == comparable(number) else name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Both, and where the city hall is heard."""

    ours: Party = Party()
    other: Party = Party()
    our_leg: int = 1


def parties_of_phone(request: Request, our_numbers: Numbers, connected: Party | None = None) -> Parties:
    """A phone or an exchange calls us itself: mostly its sound alone is heard, on the first leg. `connected` is who is there
    since; sides stay as they were, for what was said."""
    caller, called = _party(request.headers["from"]), _party(request.headers["to"])
    asserted = _asserted(request)
    if asserted.number in our_numbers:
        caller = asserted  # a phone of the city hall's that withholds its number is the city hall's all the same
    elif _withholds(request):
        caller = Party()
    parties = _sided(caller, called, caller_leg=0, our_numbers=our_numbers)
    if connected is None:
        return parties
    return replace(parties, ours=connected) if parties.our_leg == 0 else replace(parties, other=connected)


def connected_since(request: Request, invite: Request, our_numbers: Numbers, before: Party | None) -> Party | None:
    """Who is on a phone's side of a call since this request within it, as its exchange asserts after a transfer (RFC 3325); None:
    who began it."""
    now = _asserted(request)
    if not now.number:
        return before
    if now.number in (_asserted(invite).number, _party(invite.headers["from"]).number):
        return None
    return Party() if _withholds(request) and now.number not in our_numbers else now


def _asserted(request: Request) -> Party:
    return _party(next(iter(request.headers.listed("p-asserted-identity")), ""))


def _withholds(request: Request) -> bool:
    return bool({part.strip().lower() for part in request.headers["privacy"].split(";")} & _WITHHOLDS)


def numbers_named(request: Request) -> list[str]:
    """All that a call is from, for and by way of, be they withheld."""
    named = (value for header in _NAMING for value in request.headers.listed(header))
    return [party.number for address in (*named, request.uri) if (party := _party(address)).number]


def parties_of_recording(labels: dict[int, str], metadata: Metadata, our_numbers: Numbers, our_leg: int | None = None) -> Parties:
    """A recording client tells who speaks on the streams, whose labels are given by leg. One stream alone has one or both.
    `our_leg` is what `our_leg_of` knew before."""
    on_leg = _on_legs(_linked(labels, metadata), metadata)
    our_leg = our_leg_of(labels, metadata, our_numbers, our_leg)
    if our_leg is None:
        our_leg = 1 - _caller_leg(on_leg, metadata)
    parties = [_told(metadata.participants.get(who)) for who in on_leg]
    return Parties(ours=parties[our_leg], other=parties[1 - our_leg], our_leg=our_leg)


def our_leg_of(labels: dict[int, str], metadata: Metadata, our_numbers: Numbers, before: int | None) -> int | None:
    """Where the city hall is heard: by the city's numbers, else where it was before, whoever was told of since: what was said
    there stays its own. Else by who called, once both are told of and linked to streams. None: it can only be guessed."""
    linked = _linked(labels, metadata)
    on_leg = _on_legs(linked, metadata)
    ours = [leg for leg in LEGS if _told(metadata.participants.get(on_leg[leg])).number in our_numbers]
    if len(ours) == 1:
        return ours[0]
    if before is not None or not linked or len(metadata.participants) < len(LEGS):
        return before
    return 1 - _caller_leg(on_leg, metadata)


def _linked(labels: dict[int, str], metadata: Metadata) -> dict[int, str]:
    """Who alone sends the stream of a leg; nobody where that is the same on both."""
    linked = {leg: who[0] for leg, label in labels.items() if len(who := metadata.speakers(label)) == 1}
    return linked if len(set(linked.values())) == len(linked) else {}


def _on_legs(linked: dict[int, str], metadata: Metadata) -> list[str]:
    """Who is heard on each leg; who is linked to none takes what is left."""
    rest = iter([who for who in metadata.participants if who not in linked.values()])
    return [linked.get(leg) or next(rest, "") for leg in LEGS]


def _caller_leg(on_leg: list[str], metadata: Metadata) -> int:
    """Where who called is heard, as the client says or as the order tells."""
    told = metadata.participants.items()
    caller = next((who for who, p in told if p.calls), next((who for who, p in told if p.calls is None), ""))
    return on_leg.index(caller) if caller in on_leg else 0


def parties_of_gateway(request: Request, our_numbers: Numbers) -> Parties | None:
    """A gateway of Cisco's tells in a header of its own who is on which stream; None where there is none."""
    parties = [Party(), Party()]
    for value in request.headers.listed(_CISCO):
        if (index := _INDEX.search(value)) and int(index[1]) in LEGS:
            parties[int(index[1])] = _party(value.partition(";")[0])
    if parties == [Party(), Party()]:
        return None
    return _sided(*parties, caller_leg=0, our_numbers=our_numbers)


def _told(participant: Participant | None) -> Party:
    return Party.told(participant.number, participant.name) if participant else Party()


def _party(address: str) -> Party:
    """Nobody where an address can't be read: the recording goes on all the same."""
    try:
        read = Address.read(address)
    except Unreadable:
        return Party()
    return Party.told(read.uri.number, read.name)


def _sided(caller: Party, called: Party, *, caller_leg: int, our_numbers: Numbers) -> Parties:
    """The city hall is whose number is the city's, and who was called where that says nothing."""
    we_call = caller.number in our_numbers and called.number not in our_numbers
    ours, other = (caller, called) if we_call else (called, caller)
    return Parties(ours=ours, other=other, our_leg=caller_leg if we_call else 1 - caller_leg)
