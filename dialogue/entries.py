"""An utterance in, what the knowledge base says to it out: the entry that answers, the choice between some, or the counter."""

from __future__ import annotations

from dataclasses import replace

from core.audience import Audience
from dialogue.alike import Sounds
from dialogue.answer import CHOICES, Answer
from dialogue.certainty import ALL_WORDS, SAME_WORDS, has_only_the_number, is_certain, is_named
from dialogue.city import City
from dialogue.counter import NOTHING_NAMED
from dialogue.desk import Desk
from dialogue.dialect import in_standard
from dialogue.effect import cited_in
from dialogue.ellipsis import names_a_matter, names_nothing, only_goes_on, says_all
from dialogue.elsewhere import names_only_ours, somebody_lives_elsewhere, without_names
from dialogue.going_on import GoingOn, after
from dialogue.parts import without_story
from dialogue.referral import is_about, spoken_of
from dialogue.relatives import of_people, of_the_family
from dialogue.rubbish import about_a_bare_name, about_an_unknown_thing, with_the_thing
from dialogue.suggestions import WHICH_IS_RIGHT, offered, passages_of
from dialogue.tables import OF_TABLES
from dialogue.utterance import Utterance
from retrieval.analysis import normalise
from retrieval.hit import Found, fused
from retrieval.synonyms import shipped


class Entries:
    """What is replied from the knowledge base. Thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._going_on, self._sounds = desk, GoingOn(desk), Sounds()

    def reply(self, utterance: Utterance, city: City) -> Answer:
        """What is certain, else what the words find with the question before them, else what may be meant."""
        found = self._desk.search(utterance, spoken=utterance.spoken)
        return (
            self._of_nothing(utterance, found, city)
            or self._going_on.still_of_it(utterance, found, city)
            or self._certain_as_said(utterance, found, city)
            or self._going_on.at_a_facility(utterance, found, city)
            or self._going_on.with_the_question_before(utterance, found, city)
            or self._of_a_place_alone(utterance, found, city)
            or self._uncertain(utterance, self._more_generally(utterance, found, city), city)
        )

    def certain(self, utterance: Utterance, city: City) -> Answer | None:
        """The entry that is known to answer, without a guess at how the words were meant."""
        return self._certain(utterance, self._desk.search(utterance, guess=False), city)

    def _of_nothing(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """That it was not understood what 「どうすればいいの」 is asked of, where nothing was spoken of before: search takes
        words that say nothing for such as sound like them (道路)."""
        is_known = bool(found.hits) and found.hits[0].evidence.exact
        if is_known or utterance.before or not names_nothing(utterance.text) or shipped().lemmas(utterance.text):
            return None
        return self._desk.sent_to_counter(utterance, NOTHING_NAMED, found.confidence, city)

    def _of_a_place_alone(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The counter, where nothing but a place of the city is named, which any entry may have."""
        return self._desk.hand_over(utterance, found, city) if names_only_ours(self._desk.asked(utterance, city)) else None

    def _uncertain(self, utterance: Utterance, found: Found, city: City) -> Answer:
        """The choice between what is likely, or the counter."""
        likely = max(found.confidence, found.guessed) if utterance.spoken else found.confidence
        is_likely = bool(found.hits) and likely >= found.clarify_from and not has_only_the_number(utterance.text, found.hits[0])
        is_known = is_likely and found.hits[0].evidence.question_coverage >= SAME_WORDS  # a 介護ベッド is rented, not thrown away
        named = is_named(utterance.text, found)
        asked = self._desk.asked(utterance, city)
        thing = None if is_known or named else about_a_bare_name(asked)
        if thing := thing or about_an_unknown_thing(asked, [hit.entry for hit in found.hits]):
            return thing
        if not named and found.confidence < found.answer_from and (meant := self._meant(utterance, found, city)):
            return meant
        if not is_likely and not named:
            return self._desk.hand_over(utterance, found, city)
        offered_now = self._desk.clarify(found, city)
        return offered_now if is_known or named else with_the_thing(asked, offered_now, [hit.entry for hit in found.hits])

    def _certain_as_said(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The first entry, where it is known to answer the words as they stand and in the forms of standard Japanese: what only
        one of them finds may rest on an ending that is taken for another word."""
        is_known = bool(found.hits) and found.hits[0].evidence.exact
        if not is_known and names_only_ours(self._desk.asked(utterance, city)):
            return None  # 「末吉のは何時から」 has all of its words in an entry that only names the place
        if not is_known and utterance.before and only_goes_on(utterance.text):
            return None  # 「どこに持っていけばいい」 after a thing to throw away is not asked of every place
        told = self._certain(utterance, found, city)
        standard = in_standard(normalise(utterance.text))
        if standard == normalise(utterance.text) or (told and found.hits[0].evidence.exact):
            return told
        if not found.hits:
            return None
        # What is told already needs the same entry first; else only what is certain is told, and no guess is.
        again = self._desk.search(utterance, standard, spoken=utterance.spoken, guess=told is not None)
        if not again.hits or again.hits[0].entry.id != found.hits[0].entry.id:
            return None
        return told or self._certain(replace(utterance, text=standard), again, city)

    def _holds_with_the_question_before(self, utterance: Utterance, found: Found) -> bool:
        """Whether what a few words find alone is found with the question before them, too, if they go on from one that the
        knowledge base knows: 「代理でも取れる？」 is asked of a passport, not of the entry that asks it in the same words. Who
        says most of what an entry asks means that one, unless what was told has it: 「証人は何人」 after a divorce."""
        before, text = utterance.before, utterance.text
        if before is None or (before.entry_id or "").startswith(OF_TABLES) or not names_a_matter(text):
            return True
        known, told = found.hits[0].evidence, self._desk.told_before(utterance)
        share = ALL_WORDS if told and says_all(told[0].answer, text) else SAME_WORDS
        if min(known.question_coverage, known.covered_by) >= share:
            return True
        together = self._desk.search(utterance, after(before, text), spoken=utterance.spoken)
        return together.confidence >= together.answer_from and together.hits[0].entry.id == found.hits[0].entry.id

    def _certain(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The first entry, where it is known to answer."""
        if not is_certain(utterance.text, found) or self._is_of_other_places(utterance, found, city):
            return None
        if not found.hits[0].evidence.exact and not self._holds_with_the_question_before(utterance, found):
            return None
        first = found.hits[0]
        if utterance.audience is Audience.STAFF and (rivals := self._desk.rivals(first.entry, utterance)):
            counter = self._desk.contact(city.directory.get(first.entry.department))
            return offered((first.entry, *rivals), WHICH_IS_RIGHT, found.confidence, counter)
        if self._desk.is_superseded(found, utterance):
            return self._desk.clarify(found, city)
        told = self._desk.quote(first.entry, first.updated_on, found.confidence, utterance, city)
        shown = {*cited_in(told), *(s.entry_id for s in told.suggestions)}
        return replace(told, suggestions=(*told.suggestions, *passages_of(found, utterance.audience, without=shown)))

    def _is_of_other_places(self, utterance: Utterance, found: Found, city: City) -> bool:
        """Whether somebody lives in another city, whose matter it may be, or a resident asks about a facility and the first entry
        is about none such as it."""
        if somebody_lives_elsewhere(self._desk.asked_plainly(utterance, city)) and not found.hits[0].evidence.exact:
            return True
        facility = spoken_of(self._desk.asked_plainly(utterance, city), None)
        if facility is None or utterance.audience is not Audience.RESIDENT:
            return False
        return not found.hits[0].evidence.exact and not is_about(found.hits[0].entry, facility)

    def _more_generally(self, utterance: Utterance, found: Found, city: City) -> Found:
        """What is found without the names of other cities, which no entry has, of the family instead of a relative, in the forms
        of standard Japanese, or without the story around the question, if that is likelier. It is offered, never told: it may
        matter which city it was, or what happened."""
        asked = utterance.text
        texts = {without_names(self._desk.asked(utterance, city)), of_the_family(asked), without_story(asked)}
        texts = {in_standard(text) for text in texts} - {normalise(asked), ""}
        likely = {text: self._desk.search(utterance, text, guess=False).confidence for text in sorted(texts)}
        best = max(likely, key=likely.__getitem__, default="")
        if not best or likely[best] <= found.confidence:
            return of_people(asked, found)
        more = self._desk.search(utterance, best, spoken=utterance.spoken)
        return of_people(asked, replace(more, hits=fused(more.hits, [(found.hits, 0.5)], CHOICES)))

    def _meant(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """Asks back whether a word was meant that sounds like what was written, and that an entry which is shown now has."""
        meant = self._sounds.meant(utterance.text, self._desk.version(utterance).index, spoken=utterance.spoken)
        if meant is None:
            return None
        other = self._desk.search(utterance, meant.text)
        is_shown = any(h.entry.says(meant.word) for h in other.hits)
        if not is_shown or other.confidence < max(other.clarify_from, found.confidence):
            return None
        return self._desk.clarify(other, city, f"「{meant.word}」のことでしょうか。近いものを選んでください。")
