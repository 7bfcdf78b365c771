"""The JSON of calls that go on, for lists and for who reads one along; docs/protocol.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from asr.handover import tells_who
from server.offers import Offer
from server.schemas import AnswerBody
from telephony.call import OTHER_NAME, OUR_NAME, Side, side_of
from telephony.captions import Captions
from telephony.chronicle import Item
from telephony.followed import Hearing, Standing
from telephony.ongoing import Event, Happened, LiveCall
from telephony.said import Said

Message = dict[str, Any]

_BEHIND_S = 5  #: that a text may take before it is told; told in such steps, as each is read out to who can't see
_SHORTEST_LOSS_S = 0.1  #: a shorter one takes no sound of a word away


class OngoingBody(BaseModel):
    """A call that goes on."""

    id: str
    our_name: str
    our_number: str
    other_name: str
    other_number: str
    began_at: datetime
    held: bool
    hearing: Hearing = Field(description="heard=文字にしている、waiting=順番待ち、off=設定で文字にしない、over=終わった")

    @classmethod
    def of(cls, standing: Standing) -> OngoingBody:
        call = standing.call
        return cls(
            id=call.id,
            our_name=call.our_name,
            our_number=call.our_number,
            other_name=call.other_name or OTHER_NAME,
            other_number=call.other_number,
            began_at=call.began_at,
            held=standing.is_held,
            hearing=standing.hearing,
        )


class OngoingCallsBody(BaseModel):
    """The calls that go on, the oldest first; those of before while they can't be read, of which `wrong` is a sentence."""

    calls: list[OngoingBody]
    wrong: str | None

    @classmethod
    def of(cls, captions: Captions) -> OngoingCallsBody:
        return cls(calls=[OngoingBody.of(s) for s in captions.standings()], wrong=captions.wrong)


def standing_message(standing: Standing, *, recorded: bool) -> Message:
    """How a call stands, with what is being said in it."""
    call = standing.call
    saying = [
        {"side": _side(s.leg, call), "speaker": _speaker(s.leg, s.start_s, call), "text": s.text, "start": s.start_s}
        for s in standing.saying
        if s.text
    ]
    return {
        "type": "call",
        "call": OngoingBody.of(standing).model_dump(mode="json"),
        "ended_at": standing.ended_at.isoformat() if standing.ended_at else None,
        "recorded": recorded,
        "behind_s": int(standing.behind_s) // _BEHIND_S * _BEHIND_S,
        "wrong": standing.wrong,
        "saying": saying,
    }


def missing_message(*, recorded: bool) -> Message:
    """Of a call that does not go on: it is in the records, or nobody knows it."""
    return {"type": "missing", "recorded": recorded}


def lines_message(items: Sequence[Item], call: LiveCall, *, whole: bool) -> Message:
    """What came or changed. Where it is `whole`, that is all there is."""
    return {"type": "lines", "whole": whole, "lines": [line for item in items if (line := _line(item, call))]}


def offer_message(offer: Offer | None) -> Message:
    """What the knowledge base says of what the caller asked; None takes back what was offered."""
    if offer is None:
        return {"type": "offer", "asked": None, "answer": None}
    return {"type": "offer", "asked": offer.asked, "answer": AnswerBody.of(offer.answer).model_dump(mode="json")}


def _line(item: Item, call: LiveCall) -> Message | None:
    leg, who_s = item.what.leg, item.at_s
    if isinstance(item.what, Said):
        told_s = (earlier.until_s for earlier in call.before if earlier.leg == leg)
        who_s = tells_who(item.what.start_s, item.what.end_s, told_s)  # as in the record
    line: Message = {"key": item.key, "start": item.at_s, "side": _side(leg, call), "speaker": _speaker(leg, who_s, call)}
    match item.what:
        case Said(text=text):
            return line | {"kind": "said", "text": text}
        case Event(kind=Happened.LOST, lasts_s=lasts_s):
            return line | {"kind": "lost", "lasts": round(lasts_s, 1)} if lasts_s >= _SHORTEST_LOSS_S else None
        case Event(kind=kind):
            return line | {"kind": kind.value}


def _side(leg: int | None, call: LiveCall) -> Side | None:
    """Whose leg it is; None where both are meant, or one leg has both."""
    if leg is None or call.lone_leg:
        return None
    return side_of(leg, call.our_leg)


def _speaker(leg: int | None, at_s: float, call: LiveCall) -> str | None:
    """Who is heard on a leg at a moment; None as for its side."""
    side = _side(leg, call)
    if leg is None or side is None:
        return None
    name, _ = call.who(leg, at_s)
    return name or (OUR_NAME if side is Side.OURS else OTHER_NAME)
