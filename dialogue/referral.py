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
from retrieval.names import fold

#: What follows the name of what is asked about. What lies near it is not the facility's.
_ASKED_ABOUT = re.compile("は|って|も|の(?!近く|ちかく|そば|前|隣|となり|横|裏|周り|まわり|辺|手前|向かい)")


def spoken_of(asked: Asked, before: str | None) -> Facility | None:
    """The one facility that a text asks about, whatever it asks (「児童館は何歳から」), or that was spoken of `before`."""
    found = asked.city.facilities.named_in(asked.text)
    if found:
        return found[0] if len(found) == 1 and asked.city.facilities.asked_after(asked.text, _ASKED_ABOUT) else None
    return asked.city.facilities.called(before) if before else None


def is_about(entry: Entry, facility: Facility) -> bool:
    """Whether an entry is about such as a facility. What another counter answers, and is not asked by its name or kind, is about
    other places: the car park of the city hall is no library's, and a gym is booked elsewhere than a camp site."""
    asked = [fold(question) for question in entry.questions]
    names = (*facility.words, fold(facility.kind))
    return entry.department == facility.department or any(name and name in question for name in names for question in asked)


def referred(asked: Asked, facility: Facility, entries: Sequence[Entry], confidence: float) -> Answer:
    """The facility to ask, with the choice between the entries about such as it."""
    near = [entry for entry in entries if is_about(entry, facility)]
    contact, topic = contact_of(asked, facility), Topic(subject=Subject.PLACE, place=facility.name)
    if not near:
        return replace(sent_to_counter(NOT_FOUND, contact, Audience.RESIDENT, confidence), topic=topic)
    ask = f"くわしくは、{contact.department}（電話{contact.phone}）にお尋ねください。" if contact else ""
    return replace(offered(near[:CHOICES], ask + WHICH, confidence, contact), topic=topic)
