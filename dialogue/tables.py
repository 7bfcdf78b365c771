"""An utterance in, what one of the city's tables answers, or none, out."""

from __future__ import annotations

from dataclasses import replace

from dialogue.answer import CHOICES, Answer, Band
from dialogue.asked import Asked
from dialogue.aspect import without_opening
from dialogue.city import City
from dialogue.collection import about_collection
from dialogue.counter import about_a_counter
from dialogue.denied import leaves_out
from dialogue.desk import Desk
from dialogue.dialect import in_standard
from dialogue.duty import about_duty
from dialogue.ellipsis import names_a_matter, says_all
from dialogue.elsewhere import names_another_place
from dialogue.facility import about_a_facility
from dialogue.rubbish import about_rubbish, is_about_rubbish, thing_or_matter
from dialogue.utterance import Utterance
from retrieval.analysis import normalise
from retrieval.entry import Entry

OF_TABLES = ("garbage:", "collection:", "facility:", "department:", "duty:")  #: how the ids begin of what is from tables


class Tables:
    """What the city's tables reply, in their order. Thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reply(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of the city's tables answers, unless the very question has an approved answer; what it is in the forms of
        standard Japanese, or without what opens it (「じゃあライターは」), where it is nothing as it stands."""
        asked = normalise(utterance.text)
        standard = in_standard(asked)
        others = [text for text in dict.fromkeys((standard, without_opening(standard))) if text not in ("", asked)]
        tried = (self._as_said(replace(utterance, text=text), city) for text in others)
        return self._as_said(utterance, city) or next(filter(None, tried), None)

    def _as_said(self, utterance: Utterance, city: City) -> Answer | None:
        asked = self._desk.asked_plainly(utterance, city)
        if names_another_place(asked) or _is_of_the_others(asked):
            return None
        if dated := about_duty(asked) or about_collection(asked):
            return None if self._desk.has_the_very_question(utterance, its_question=True) else dated
        told = about_a_facility(asked) or about_a_counter(asked) or self._about_a_thing(utterance, asked)
        names_a_day = told is not None and told.topic is not None and told.topic.day is not None
        return None if told and self._desk.has_the_very_question(utterance, its_question=names_a_day) else told

    def _about_a_thing(self, utterance: Utterance, asked: Asked) -> Answer | None:
        """How to put it out; who says no more than its name may want something else of it (印鑑 is registered, too, and
        「写真は」 may be asked of a certificate)."""
        told = self._desk.told_before(utterance)
        if told and not is_about_rubbish(told[0].question) and _is_of_it(utterance.text, told[0]):
            return None
        found = about_rubbish(asked)
        if found is None or found.band is not Band.ANSWER or not asked.city.garbage.is_name(utterance.text):
            return found
        hits = self._desk.search(utterance, top=CHOICES - 1).hits
        spoken_of = told[0].department if told and not is_about_rubbish(told[0].question) else None
        return thing_or_matter(asked, found, [hit.entry for hit in hits], spoken_of)


def _is_of_it(text: str, told: Entry) -> bool:
    """Whether a few words are about what was just told: 「写真は？」 of what a card is made of, or 「書類は」, which all have."""
    return says_all(told.answer, text) or not names_a_matter(text)


def _is_of_the_others(asked: Asked) -> bool:
    """Whether all but what is named is asked for, which no table is looked up by; a thing may be called so (アルミ以外の鍋)."""
    return leaves_out(asked.text) and not any(leaves_out(item.name) for item in asked.city.garbage.look_up(asked.text))
