"""A question about a facility that its table does not answer in; the facility itself to ask, and what is known of such, out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.audience import Audience
from dialogue.answer import CHOICES, Answer
from dialogue.asked import Asked
from dialogue.counter import NOT_FOUND, sent_to_counter
from dialogue.facility import contact_of
from dialogue.suggestions import WHICH, offered
from dialogue.topic import Subject, Topic
from retrieval.city.facilities import Facility
from retrieval.entry import Entry
from retrieval.garbage import fold

#: What follows the name of what is asked about. What lies near it is not the facility's.
_ASKED_ABOUT = re.compile("は|って|も|の(?!近く|ちかく|そば|前|隣|となり|横|裏|周り|まわり|辺|手前|向かい)")


def spoken_of(asked: Asked, before: str | None) -> Facility | None:
    """The one facility that a text asks about, whatever it asks (「児童館は何歳から」), or that was spoken of `before`."""
    found = asked.city.facilities.named_in(asked.text)
    if found:
        return found[0] if len(found) == 1 and asked.city.facilities.asked_after(asked.text, _ASKED_ABOUT) else None
    return asked.city.facilities.called(before) if before else None


def referred(asked: Asked, facility: Facility, entries: Sequence[Entry], confidence: float) -> Answer:
    """The facility to ask, with the choice between the entries about such as it. What another counter answers, and does not name
    it, is about other places: the car park of the city hall is no library's."""
    names = (*facility.words, fold(facility.kind))
    near = [e for e in entries if e.department == facility.department or any(n and n in fold(e.question) for n in names)]
    contact, topic = contact_of(asked, facility), Topic(subject=Subject.PLACE, place=facility.name)
    if not near:
        return replace(sent_to_counter(NOT_FOUND, contact, Audience.RESIDENT, confidence), topic=topic)
    ask = f"くわしくは、{contact.department}（電話{contact.phone}）にお尋ねください。" if contact else ""
    return replace(offered(near[:CHOICES], ask + WHICH, confidence, contact), topic=topic)
