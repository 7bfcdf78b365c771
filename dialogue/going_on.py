"""A few words that go on from a question in, what is replied to them with it, or none, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.audience import Audience
from dialogue.answer import CHOICES, Answer
from dialogue.certainty import HALF, is_named
from dialogue.city import City
from dialogue.counter import of_what_was_told
from dialogue.desk import Desk, near
from dialogue.dialect import in_standard
from dialogue.effect import cited_in
from dialogue.ellipsis import FAILED, lone_verb, names_a_matter, names_nothing, says, says_all, says_how_many
from dialogue.followup import asks_for_what_is_said
from dialogue.referral import referred, spoken_of
from dialogue.suggestions import OFFER_WITHIN, WHICH, choices_of, offered
from dialogue.tables import OF_TABLES
from dialogue.utterance import Before, Utterance
from retrieval.hit import Found, Hit

_OF_ANOTHER_MATTER = 2  #: entries that are offered besides where something can't be done


class GoingOn:
    """Replies to what can hardly be understood alone. Thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def still_of_it(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What was just told, where it says the verb of a question without a subject: 「翌年度に繰り越せる？」 after the days of
        leave; or has the hours, the time limit, the price or the age that is asked for. What has more of its words is offered
        besides."""
        told = self._desk.told_before(utterance)
        if told is None or not (says(told[0].answer, utterance.text) or asks_for_what_is_said(utterance.text, told[0].answer)):
            return None
        quoted = self._desk.quote(*told, alone.confidence, utterance, city)
        shown = {*cited_in(quoted), *(s.entry_id for s in quoted.suggestions)}
        is_rival = bool(quoted.citations and alone.hits) and alone.confidence >= alone.answer_from
        others = [e for e in near(alone) if e.id not in shown] if is_rival else []
        return replace(quoted, suggestions=(*quoted.suggestions, *choices_of(others))[:CHOICES])

    def at_a_facility(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """What only the facility can say that a resident asks about, or goes on about, with what is near of such."""
        asked, before = self._desk.asked_plainly(utterance, city), utterance.before
        facility = spoken_of(asked, before.department if before else None)
        if facility is None or utterance.audience is not Audience.RESIDENT:
            return None
        if before:
            together = self._desk.search(utterance, f"{facility.name} {utterance.text}", spoken=utterance.spoken)
            found = max(found, together, key=lambda each: each.confidence)
        likely = near(found) if found.hits and found.confidence >= found.clarify_from else []
        return referred(asked, facility, likely, found.confidence)

    def with_the_question_before(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What a few words find together with the question before them. It is offered, never told; what was just told is not
        offered again, and its counter is named for the rest."""
        before = utterance.before
        if before is None:
            return None
        if quoted := self._told_again(utterance, alone, city):
            return quoted
        if (before.entry_id or "").startswith(OF_TABLES):  # that is no question which the knowledge base could go on from
            return None if names_a_matter(utterance.text) else self._desk.hand_over(utterance, alone, city)
        together = self._desk.search(utterance, after(before, utterance.text), spoken=utterance.spoken)
        if not together.hits or together.confidence < together.clarify_from:
            return self._desk.hand_over(utterance, alone, city) if names_nothing(utterance.text) else None
        likely = [h for h in together.hits if together.hits[0].score - h.score <= OFFER_WITHIN]
        told = before.entry_id in {h.entry.id for h in likely}
        named = [h for h in likely if says_all("\n".join(h.entry.questions), utterance.text)]
        if not named and _is_another_matter(utterance.text, alone, before):
            likely, told = [], False
        elif own := _asked_alone(utterance.text, alone):
            likely = [*(named or likely)[: CHOICES - len(own)], *own, *(named or likely)[CHOICES - len(own) :]]
            told = told and not city.facilities.one_name_of(utterance.text)  # of which its counter has no more to say
        else:
            likely = named or likely
        entries = {h.entry.id: h.entry for h in likely if h.entry.id != before.entry_id}
        if not entries:
            return self._desk.hand_over(utterance, alone, city) if told else None
        others = tuple(entries.values())[:CHOICES]
        contact = self._desk.contact(city.directory.get(before.department if told else others[0].department))
        more = of_what_was_told(contact) if told and contact else ""
        return offered(others, more + WHICH, alone.confidence, contact)

    def _told_again(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What was just told, where it says what a few words name, and how many if that is asked: 「写真はいりますか」 after how
        a card is made. A resident is offered besides what is asked by that name; to staff, a table may say it of each of many."""
        told, text = self._desk.told_before(utterance), utterance.text
        is_staff = utterance.audience is Audience.STAFF
        if told is None or not says_all(told[0].answer, text) or not says_how_many(told[0].answer, text):
            return None
        if not is_staff and not names_a_matter(text):
            return None
        quoted = self._desk.quote(*told, alone.confidence, utterance, city)
        if is_staff or not alone.hits or alone.confidence < alone.clarify_from:
            return quoted
        named = [e for e in near(alone) if e.id != told[0].id and says_all("\n".join(e.questions), text)]
        return replace(quoted, suggestions=(*quoted.suggestions, *choices_of(named))[:CHOICES])


def after(before: Before, text: str) -> str:
    """A few words together with the question that they go on from."""
    return f"{in_standard(before.question)} {text}"


def _is_another_matter(text: str, alone: Found, before: Before) -> bool:
    """Whether a few words name a matter of another counter than the one that was spoken of: 「水道は」 after rubbish, but not
    「電話でいい？」 after water, which is a word of many."""
    if not names_a_matter(text) or not is_named(text, alone):
        return False
    counters = {entry.department for entry in near(alone)}
    return before.department not in counters and (len(counters) == 1 or _is_asked_alone(alone))


def _asked_alone(text: str, alone: Found) -> Sequence[Hit]:
    """What a few words may mean without the question before them. What can't be done may be a step of what was told, or another
    matter altogether: 「払えない」, 「働けない」."""
    if not alone.hits or alone.confidence < alone.clarify_from or not names_a_matter(text):
        return ()
    if lone_verb(text, endings=FAILED):
        return sorted(alone.hits, key=lambda hit: -hit.evidence.question_coverage)[:_OF_ANOTHER_MATTER]
    return alone.hits[:1] if _is_asked_alone(alone) else ()


def _is_asked_alone(alone: Found) -> bool:
    """Whether a few words are much of what an entry asks that may be meant, not one of many in it."""
    return any(hit.evidence.covered_by >= HALF for hit in alone.hits)
