"""Somebody who asks in; what they may read, quoted as it stands, what is offered them, and the counter that goes on, out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from core.audience import Audience
from core.clock import Clock
from core.settings import Settings
from dialogue.answer import CHOICES, Act, Answer, Band, Citation, Contact
from dialogue.article import referred
from dialogue.asked import Asked
from dialogue.beside import WITHIN, Beside, beside
from dialogue.certainty import asks_more, is_rival
from dialogue.city import City
from dialogue.counter import DISPUTED, NEARLY_FOUND, NOT_FOUND, sent_to_counter
from dialogue.denied import without_denied
from dialogue.directory import Department
from dialogue.effect import Effects, cited_in, marked, standing, with_effect
from dialogue.elsewhere import without_ours
from dialogue.parts import without_greeting
from dialogue.rubbish import COUNTER, is_about_rubbish
from dialogue.suggestions import OFFER_WITHIN, WHETHER, WHICH, choices_of, offered, passages_of
from dialogue.utterance import Utterance
from retrieval.analysis import normalise, same_question, strip_politeness
from retrieval.effect import Effect
from retrieval.entry import Entry
from retrieval.hit import Found
from retrieval.knowledge import Knowledge
from retrieval.version import Version

FAR_OFF = 0.5  #: of the first one's score; what has less has only a word or two in common


def near(found: Found) -> list[Entry]:
    """The entries that are a real choice: the first two unless the second is far off, those scarcely behind, and what asks more
    of the question."""
    first = found.hits[0]
    return [
        hit.entry
        for i, hit in enumerate(found.hits)
        if (i < 2 and hit.score >= FAR_OFF * first.score)
        or first.score - hit.score <= OFFER_WITHIN
        or asks_more(hit.evidence, first.evidence)
    ]


class Desk:
    """What is given to those who ask. Thread-safe."""

    def __init__(self, knowledge: Knowledge, settings: Settings, clock: Clock) -> None:
        self._knowledge, self._settings, self._clock = knowledge, settings, clock
        self._effects = Effects()

    def asked(self, utterance: Utterance, city: City) -> Asked:
        """The question with what it is answered from."""
        return Asked(text=utterance.text, at=self._clock(), city=city, city_name=self._settings.city)

    def asked_plainly(self, utterance: Utterance, city: City) -> Asked:
        """The question to the tables, without what it turns down and without politeness."""
        return self.asked(replace(utterance, text=strip_politeness(without_denied(utterance.text))), city)

    def contact(self, department: Department | None) -> Contact | None:
        """A department as it stands at this hour."""
        return department.contact(self._clock()) if department else None

    def bare(self, utterance: Utterance, city: City) -> Utterance:
        """Without what says nothing about the matter: a greeting, and whose city it is."""
        asked = self.asked(replace(utterance, text=without_greeting(utterance.text)), city)
        return replace(utterance, text=without_ours(asked))

    def search(
        self, utterance: Utterance, text: str | None = None, *, top: int = CHOICES, spoken: bool = False, guess: bool = True
    ) -> Found:
        """What those who ask may read of what their words, or other ones, find."""
        return self._knowledge.search(
            text or utterance.text,
            utterance.kb,
            audience=utterance.audience,
            department=utterance.department,
            top=top,
            spoken=spoken,
            guess=guess,
        )

    def version(self, utterance: Utterance) -> Version:
        """The index version that those who ask are answered from."""
        return self._knowledge.version(utterance.kb, utterance.audience, utterance.department)

    def find(self, entry_id: str, utterance: Utterance) -> tuple[Entry, date] | None:
        """An entry, where those who ask may read it now."""
        return self._knowledge.find(entry_id, utterance.kb, audience=utterance.audience, department=utterance.department)

    def has_the_very_question(self, utterance: Utterance, *, its_question: bool) -> bool:
        """Whether an entry asks the very same; `its_question` leaves paraphrases out: a table's date says more. Search takes
        time, and most of what tables answer no entry has at all."""
        if not self.version(utterance).index.has_question(strip_politeness(normalise(utterance.text))):
            return False
        hits = self.search(utterance, top=1, guess=False).hits
        if not hits or not hits[0].evidence.exact:
            return False
        return not its_question or same_question(hits[0].entry.question) == same_question(utterance.text)

    def told_before(self, utterance: Utterance) -> tuple[Entry, date] | None:
        """What the question before was answered with, as it stands now."""
        before = utterance.before
        return self.find(before.entry_id, utterance) if before and before.entry_id else None

    def rivals(self, entry: Entry, utterance: Utterance) -> tuple[Entry, ...]:
        """What those who ask are shown, too, that is asked in the same words as an entry and contradicts it."""
        return self._knowledge.rivals(
            entry, utterance.text, utterance.kb, audience=utterance.audience, department=utterance.department
        )

    def quote(self, entry: Entry, updated_on: date, confidence: float, utterance: Utterance, city: City) -> Answer:
        """An approved text, letter by letter, with its source, and what staff should look at besides. A resident is told none of
        two that contradict each other."""
        if utterance.audience is Audience.RESIDENT and self.rivals(entry, utterance):
            counter = self.contact(city.directory.get(entry.department))
            return sent_to_counter(DISPUTED, counter, utterance.audience, confidence)
        besides = self._beside(entry, utterance)
        told = Answer(
            band=Band.ANSWER,
            act=Act.QUESTION,
            text=entry.answer,
            confidence=confidence,
            speech=entry.speech,
            easy=entry.answer_easy,
            citations=(Citation.of(entry, updated_on),),
            beside=besides.quoted,
            suggestions=choices_of(besides.likely),
            contact=self.contact(city.directory.get(entry.department)),
        )
        return self.explained(told, utterance)

    def explained(self, told: Answer, utterance: Utterance) -> Answer:
        """The same with since when what it cites is in force, or that it no longer is; staff are offered what that refers to."""
        cited = cited_in(told)
        told = with_effect(told, self._effects_of(cited, utterance), self._clock().date())
        if utterance.audience is not Audience.STAFF:
            return told
        found = referred(self.version(utterance).index, cited)
        ids = (self._shown(utterance, found) if found else set()) - {s.entry_id for s in told.suggestions}
        more = choices_of([e for e in found if e.id in ids][:CHOICES])
        return replace(told, suggestions=(*told.suggestions, *more))

    def marked(self, answer: Answer, utterance: Utterance) -> Answer:
        """The same with what is offered of documents that are not in force last, and named so."""
        if not answer.suggestions:
            return answer
        effects = self._effects_of([s.entry_id for s in answer.suggestions], utterance)
        return replace(answer, suggestions=marked(answer.suggestions, effects, self._clock().date()))

    def is_superseded(self, found: Found, utterance: Utterance) -> bool:
        """Whether the first hit is of a document that is not in force while another, which is, may be meant as well."""
        first, *others = found.hits
        rivals = [hit for hit in others if hit.entry.is_passage and is_rival(hit, first)] if first.entry.is_passage else []
        if not rivals:
            return False
        today, effects = self._clock().date(), self._effects_of([h.entry.id for h in (first, *rivals)], utterance)
        return bool(standing(first.entry.id, effects, today)) and not all(standing(h.entry.id, effects, today) for h in rivals)

    def _effects_of(self, entry_ids: Collection[str], utterance: Utterance) -> Mapping[str, Effect]:
        return self._effects.of(self.version(utterance).index, entry_ids, partial(self._shown, utterance))

    def _shown(self, utterance: Utterance, entries: Sequence[Entry]) -> set[str]:
        """Of some entries the ids of those that who asks may read now."""
        return self._knowledge.still_shown(entries, utterance.kb, audience=utterance.audience, department=utterance.department)

    def _beside(self, entry: Entry, utterance: Utterance) -> Beside:
        if utterance.audience is not Audience.STAFF or entry.is_passage:
            return Beside()
        search = partial(self.search, utterance, top=WITHIN, guess=False)
        return beside((utterance.text, entry.question), entry.answer, search, self.version(utterance).calibrations)

    def clarify(self, found: Found, city: City, text: str = WHICH) -> Answer:
        """The choice between what was found near the question."""
        entries = near(found)
        text = WHETHER if len(entries) == 1 and text == WHICH else text
        return offered(entries, text, found.confidence, self.contact(city.directory.get(entries[0].department)))

    def hand_over(self, utterance: Utterance, found: Found, city: City) -> Answer:
        """That nothing answers the question, and who does; staff are told to look into what is near it first."""
        passages = passages_of(found, utterance.audience)
        owner = next((h.entry.department for h in found.hits if passages and h.entry.id == passages[0].entry_id), None)
        why = NEARLY_FOUND if passages else NOT_FOUND
        return replace(self.sent_to_counter(utterance, why, found.confidence, city, owner=owner), suggestions=passages)

    def sent_to_counter(
        self, utterance: Utterance, why: str, confidence: float, city: City, *, owner: str | None = None
    ) -> Answer:
        """`why` nothing is told, and the counter that the question names or that deals with it, else the `owner` of what is
        near."""
        before = (utterance.before.department if utterance.before else None) or owner
        department = (
            city.directory.named_in(without_denied(utterance.text))
            or city.directory.dealing_with(utterance.text)
            or city.directory.get(before or (COUNTER if is_about_rubbish(utterance.text) else None))
        )
        return sent_to_counter(why, self.contact(department), utterance.audience, confidence)
