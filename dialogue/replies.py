"""An utterance in, the kinds of reply to it out, each or none: from the city's tables, of an article, from the knowledge base."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date

from core.audience import Audience
from core.errors import NotReady
from core.settings import Settings
from dialogue.alike import Sounds
from dialogue.answer import CHOICES, Act, Answer, Band, Suggestion
from dialogue.article import Rulebooks, about_an_article
from dialogue.asked import Asked, which
from dialogue.aspect import without_opening
from dialogue.certainty import SAME_WORDS, has_only_the_number, is_certain, is_named
from dialogue.city import City
from dialogue.collection import about_collection
from dialogue.counter import about_a_counter
from dialogue.denied import leaves_out, without_denied
from dialogue.desk import Desk, near
from dialogue.dialect import in_standard
from dialogue.duty import about_duty
from dialogue.effect import cited_in
from dialogue.ellipsis import names_a_matter, names_nothing, says, says_all
from dialogue.elsewhere import (
    Elsewhere,
    asked_elsewhere,
    names_another_place,
    names_only_ours,
    somebody_lives_elsewhere,
    without_names,
)
from dialogue.emergency import Emergency
from dialogue.facility import about_a_facility
from dialogue.followup import asks_for_what_is_said
from dialogue.parts import without_story
from dialogue.referral import is_about, referred, spoken_of
from dialogue.relatives import of_people, of_the_family
from dialogue.rubbish import about_a_bare_name, about_an_unknown_thing, about_rubbish, is_about_rubbish, thing_or_matter
from dialogue.smalltalk import reply_to
from dialogue.steering import before_any_answer
from dialogue.suggestions import OFFER_WITHIN, WHICH, WHICH_IS_RIGHT, choices_of, offered, passages_of
from dialogue.utterance import Before, Utterance
from retrieval.analysis import has_words, normalise, same_question, strip_politeness
from retrieval.articles import reference
from retrieval.entry import Entry
from retrieval.hit import Found, fused
from retrieval.synonyms import shipped

#: Where who is beaten may turn, as it is asked and as entries ask it: of other matters of theirs, another counter knows.
_OF_VIOLENCE = "暴力はどこに相談できますか"
_SAYS_WHERE_TO_TURN = re.compile("(?:暴力|虐待|DV).*(?:相談|連絡|通報)")
OF_TABLES = ("garbage:", "collection:", "facility:", "department:", "duty:")  #: how the ids begin of what is from tables


class Replies:
    """The kinds of reply. What is said does not depend on what was said before, but for the utterance itself. Thread-safe."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk, self._settings = desk, settings
        self._sounds, self._rulebooks = Sounds(), Rulebooks()

    def taken(self, utterance: Utterance, city: City) -> Answer | None:
        """The answer of the very entry that was offered; that it is gone, where it was withdrawn since: what is found for its
        question now is another's answer."""
        if utterance.entry_id is None or utterance.entry_id.startswith(OF_TABLES):
            return None
        if found := self._desk.find(utterance.entry_id, utterance):
            return self._desk.quote(*found, 1.0, utterance, city)
        return self._desk.sent_to_counter(utterance, f"「{utterance.text}」のご案内は、終わりました。", 0.0, city)

    def small_talk(self, utterance: Utterance, city: City) -> Answer | None:
        """A greeting, thanks, an emergency, chatter; nothing where an entry is asked for in the same words."""
        reception = self._desk.contact(city.directory.get(None))
        if steered := before_any_answer(utterance.text, reception, utterance.audience):
            return steered
        reply = reply_to(utterance.text, self._settings.city, goes_on=utterance.before is not None)
        if reply is None or (reply.act is Act.CHATTER and (self._is_known(utterance) or city.garbage.look_up(utterance.text))):
            return None
        band = Band.HANDOFF if reply.act is Act.CHATTER else Band.ANSWER
        contact = reception if reply.act is Act.CHATTER else None
        text = reply.text + (self._who_listens(utterance, city) if reply.danger is Emergency.VIOLENCE else "")
        return Answer(band=band, act=reply.act, text=text, confidence=1.0, contact=contact)

    def _who_listens(self, utterance: Utterance, city: City) -> str:
        """The city's own counter for who is beaten, where an entry says where to turn; the nearest to what was said. What to do
        is told without, where there is none, or no knowledge base yet."""
        found = (self._desk.search(utterance, text, guess=False) for text in (utterance.text, _OF_VIOLENCE))
        hits = (hit for each in found if each.confidence >= each.clarify_from for hit in each.hits)
        with suppress(NotReady):
            entry = next((hit.entry for hit in hits if _SAYS_WHERE_TO_TURN.search(hit.entry.question)), None)
            counter = self._desk.contact(city.directory.get(entry.department)) if entry else None
            if counter:
                return f"市役所では、{counter.department}（電話{counter.phone}、{counter.hours}）で相談できます。"
        return ""

    def _is_known(self, utterance: Utterance) -> bool:
        """「児童手当は何歳まで」 has the words of chatter, and an answer that is asked for in the same words."""
        found = self._desk.search(utterance, top=1)
        if not found.hits or found.confidence < found.answer_from:
            return False
        evidence = found.hits[0].evidence
        same_words = evidence.question_coverage >= SAME_WORDS and len(set(shipped().lemmas(utterance.text))) > 1
        return evidence.exact or same_words

    def an_article(self, utterance: Utterance, city: City) -> Answer | None:
        """The article that is asked for by its number, unless the very question has an approved answer."""
        wanted = reference(utterance.text)
        if wanted is None or self._is_an_entry(utterance, its_question=False):
            return None
        told = about_an_article(
            wanted,
            self._rulebooks.of(self._desk.version(utterance).index),
            lambda entry_id: self._desk.find(entry_id, utterance),
            lambda department: self._desk.contact(city.directory.get(department)),
            lambda why: self._desk.sent_to_counter(utterance, why, 0.0, city),
            document_of=utterance.before.entry_id if utterance.before else None,
        )
        return self._desk.explained(told, utterance) if told and told.citations else told

    def about_elsewhere(self, utterance: Utterance, city: City) -> Answer | None:
        """That another city's matters are not known here, with what this one has of the kind; unless an entry names that city."""
        asked = self._desk.asked(utterance, city)
        elsewhere = asked_elsewhere(asked)
        if elsewhere is None or any(h.entry.says(elsewhere.place.name) for h in self._desk.search(utterance, top=1).hits):
            return None
        text = elsewhere.reply(asked.city_name)
        if has_words(elsewhere.rest) and (offer := self._offer(replace(utterance, text=elsewhere.rest), elsewhere, city)):
            offered = offer.suggestions or tuple(map(Suggestion.of, offer.citations))
            more = f"{asked.city_name}には、次のご案内があります。近いものを選んでください。"
            return which(offer.act, text + more, offered, offer.contact, offer.topic)
        return Answer(
            band=Band.HANDOFF, act=Act.QUESTION, text=text, confidence=0.0, contact=self._desk.contact(city.directory.get(None))
        )

    def _offer(self, here: Utterance, elsewhere: Elsewhere, city: City) -> Answer | None:
        """What this city has of what another is asked about; of its office, only what a table has."""
        told = self.from_tables(here, city)
        if told or elsewhere.is_office:
            return told if told and told.band is not Band.HANDOFF else None
        found = self._desk.search(here)
        return self._desk.clarify(found, city) if found.hits and found.confidence >= found.clarify_from else None

    def from_tables(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of the city's tables answers, unless the very question has an approved answer; what it is in the forms of
        standard Japanese, or without what opens it (「じゃあライターは」), where it is nothing as it stands."""
        asked = normalise(utterance.text)
        standard = in_standard(asked)
        others = [text for text in dict.fromkeys((standard, without_opening(standard))) if text not in ("", asked)]
        tried = (self._from_tables(replace(utterance, text=text), city) for text in others)
        return self._from_tables(utterance, city) or next(filter(None, tried), None)

    def _from_tables(self, utterance: Utterance, city: City) -> Answer | None:
        asked = self._asked(utterance, city)
        if names_another_place(asked) or _is_of_the_others(asked):
            return None
        if dated := about_duty(asked) or about_collection(asked):
            return None if self._is_an_entry(utterance, its_question=True) else dated
        told = about_a_facility(asked) or about_a_counter(asked) or self._about_a_thing(utterance, asked)
        names_a_day = told is not None and told.topic is not None and told.topic.day is not None
        return None if told and self._is_an_entry(utterance, its_question=names_a_day) else told

    def _asked(self, utterance: Utterance, city: City) -> Asked:
        """The question to the tables, without what it turns down and without politeness."""
        return self._desk.asked(replace(utterance, text=strip_politeness(without_denied(utterance.text))), city)

    def _is_an_entry(self, utterance: Utterance, *, its_question: bool) -> bool:
        """Whether an entry asks the very same; `its_question` leaves paraphrases out: a table's date says more."""
        hits = self._desk.search(utterance, top=1).hits
        if not hits or not hits[0].evidence.exact:
            return False
        return not its_question or same_question(hits[0].entry.question) == same_question(utterance.text)

    def _about_a_thing(self, utterance: Utterance, asked: Asked) -> Answer | None:
        """How to put it out; who says no more than its name may want something else of it (印鑑 is registered, too)."""
        told = self._told_before(utterance)
        if told and not is_about_rubbish(told[0].question) and _is_of_it(utterance.text, told[0]):
            return None
        found = about_rubbish(asked)
        if found is None or found.band is not Band.ANSWER or not asked.city.garbage.is_name(utterance.text):
            return found
        hits = self._desk.search(utterance, top=CHOICES - 1).hits
        return thing_or_matter(asked, found, [hit.entry for hit in hits])

    def from_knowledge(self, utterance: Utterance, city: City) -> Answer:
        """The entry that answers, the choice between those that may, or the counter."""
        found = self._desk.search(utterance, spoken=utterance.spoken)
        if told := self._still_of_it(utterance, found, city) or self._certain_as_said(utterance, found, city):
            return told
        gone_on = self._at_a_facility(utterance, found, city) or self._gone_on(utterance, found, city)
        if gone_on or names_only_ours(self._desk.asked(utterance, city)):
            return gone_on or self._desk.hand_over(utterance, found, city)
        found = self._more_generally(utterance, found, city)
        likely = max(found.confidence, found.guessed) if utterance.spoken else found.confidence
        is_likely = bool(found.hits) and likely >= found.clarify_from and not has_only_the_number(utterance.text, found.hits[0])
        is_known = is_likely and found.hits[0].evidence.question_coverage >= SAME_WORDS  # a 介護ベッド is rented, not thrown away
        named = is_named(utterance.text, found)
        asked, entries = self._desk.asked(utterance, city), [hit.entry for hit in found.hits]
        thing = None if is_known or named else about_a_bare_name(asked)
        if thing := thing or about_an_unknown_thing(asked, entries):
            return thing
        if not named and found.confidence < found.answer_from and (meant := self._meant(utterance, found, city)):
            return meant
        if is_likely or named:
            return self._desk.clarify(found, city)
        return self._desk.hand_over(utterance, found, city)

    def _certain_as_said(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The first entry, where it is known to answer the words as they stand and in the forms of standard Japanese: what only
        one of them finds may rest on an ending that is taken for another word."""
        told = self._certain(utterance, found, city)
        standard = in_standard(normalise(utterance.text))
        if standard == normalise(utterance.text) or (told and found.hits[0].evidence.exact):
            return told
        again = self._desk.search(utterance, standard, spoken=utterance.spoken)
        if not again.hits or not found.hits or again.hits[0].entry.id != found.hits[0].entry.id:
            return None
        return told or self._certain(replace(utterance, text=standard), again, city)

    def _certain(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The first entry, where it is known to answer."""
        if not is_certain(utterance.text, found) or self._is_of_other_places(utterance, found, city):
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
        if somebody_lives_elsewhere(self._asked(utterance, city)) and not found.hits[0].evidence.exact:
            return True
        facility = spoken_of(self._asked(utterance, city), None)
        if facility is None or utterance.audience is not Audience.RESIDENT:
            return False
        return not found.hits[0].evidence.exact and not is_about(found.hits[0].entry, facility)

    def _at_a_facility(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """What only the facility can say that a resident asks about, or goes on about, with what is near of such."""
        asked, before = self._asked(utterance, city), utterance.before
        facility = spoken_of(asked, before.department if before else None)
        if facility is None or utterance.audience is not Audience.RESIDENT:
            return None
        if before:
            together = self._desk.search(utterance, f"{facility.name} {utterance.text}", spoken=utterance.spoken)
            found = max(found, together, key=lambda each: each.confidence)
        likely = near(found) if found.hits and found.confidence >= found.clarify_from else []
        return referred(asked, facility, likely, found.confidence)

    def _more_generally(self, utterance: Utterance, found: Found, city: City) -> Found:
        """What is found without the names of other cities, which no entry has, of the family instead of a relative, in the forms
        of standard Japanese, or without the story around the question, if that is likelier. It is offered, never told: it may
        matter which city it was, or what happened."""
        asked = utterance.text
        texts = {without_names(self._desk.asked(utterance, city)), of_the_family(asked), without_story(asked)}
        texts = {in_standard(text) for text in texts} - {normalise(asked), ""}
        ways = [found, *(self._desk.search(utterance, text, spoken=utterance.spoken) for text in sorted(texts))]
        best = max(ways, key=lambda each: each.confidence)
        more = best if best is found else replace(best, hits=fused(best.hits, [(found.hits, 0.5)])[:CHOICES])
        return of_people(asked, more)

    def _still_of_it(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What was just told, where it says the verb of a question without a subject: 「翌年度に繰り越せる？」 after the days of
        leave; or has the hours, the time limit, the price or the age that is asked for. What has more of its words is offered
        besides."""
        told = self._told_before(utterance)
        if told is None or not (says(told[0].answer, utterance.text) or asks_for_what_is_said(utterance.text, told[0].answer)):
            return None
        quoted = self._desk.quote(*told, alone.confidence, utterance, city)
        shown = {*cited_in(quoted), *(s.entry_id for s in quoted.suggestions)}
        is_rival = bool(quoted.citations and alone.hits) and alone.confidence >= alone.answer_from
        others = [e for e in near(alone) if e.id not in shown] if is_rival else []
        return replace(quoted, suggestions=(*quoted.suggestions, *choices_of(others))[:CHOICES])

    def _told_before(self, utterance: Utterance) -> tuple[Entry, date] | None:
        """What the question before was answered with, as it stands now."""
        before = utterance.before
        return self._desk.find(before.entry_id, utterance) if before and before.entry_id else None

    def _gone_on(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What a few words find together with the question before them. It is offered, never told; what was just told is not
        offered again, and its counter is named for the rest."""
        before = utterance.before
        if before is None:
            return None
        if quoted := self._told_again(utterance, alone, city):
            return quoted
        if (before.entry_id or "").startswith(OF_TABLES):  # that is no question which the knowledge base could go on from
            return self._desk.hand_over(utterance, alone, city) if names_nothing(utterance.text) else None
        together = self._desk.search(utterance, f"{in_standard(before.question)} {utterance.text}", spoken=utterance.spoken)
        if not together.hits or together.confidence < together.clarify_from:
            return self._desk.hand_over(utterance, alone, city) if names_nothing(utterance.text) else None
        near = [h for h in together.hits if together.hits[0].score - h.score <= OFFER_WITHIN]
        told = before.entry_id in {h.entry.id for h in near}
        named = [h for h in near if says_all("\n".join(h.entry.questions), utterance.text)]
        if not named and _is_another_matter(utterance.text, alone, before):
            near, told = [], False
        elif alone.hits and alone.confidence >= alone.clarify_from and names_a_matter(utterance.text):
            near = [*(named or near)[: CHOICES - 1], alone.hits[0], *(named or near)[CHOICES - 1 :]]
            told = told and not city.facilities.one_name_of(utterance.text)  # of which its counter has no more to say
        else:
            near = named or near
        entries = {h.entry.id: h.entry for h in near if h.entry.id != before.entry_id}
        if not entries:
            return self._desk.hand_over(utterance, alone, city) if told else None
        others = tuple(entries.values())[:CHOICES]
        contact = self._desk.contact(city.directory.get(before.department if told else others[0].department))
        more = (
            f"今のご案内について、くわしくは{contact.department}（電話{contact.phone}）にお尋ねください。"
            if told and contact
            else ""
        )
        return offered(others, more + WHICH, alone.confidence, contact)

    def _told_again(self, utterance: Utterance, alone: Found, city: City) -> Answer | None:
        """What was just told, where it says what a few words name: 「写真はいりますか」 after how a card is made. A resident is
        offered besides what is asked by that name; to staff, a table may say it of each of many."""
        told, text = self._told_before(utterance), utterance.text
        is_staff = utterance.audience is Audience.STAFF
        if told is None or not says_all(told[0].answer, text) or not (is_staff or names_a_matter(text)):
            return None
        quoted = self._desk.quote(*told, alone.confidence, utterance, city)
        if is_staff or not alone.hits or alone.confidence < alone.clarify_from:
            return quoted
        named = [e for e in near(alone) if e.id != told[0].id and says_all("\n".join(e.questions), text)]
        return replace(quoted, suggestions=(*quoted.suggestions, *choices_of(named))[:CHOICES])

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

    def told(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of several questions is answered with certainty."""
        asked = self._desk.asked(utterance, city)
        if asked_elsewhere(asked):
            return None
        if told := self.from_tables(utterance, city):
            return told if told.band is Band.ANSWER else None
        bare = self._desk.bare(utterance, city)
        certain = self._certain(bare, self._desk.search(bare, guess=False), city)
        return certain if certain and certain.band is Band.ANSWER else None


def _is_of_it(text: str, told: Entry) -> bool:
    """Whether a few words are about what was just told: 「写真は？」 of what a card is made of, or 「書類は」, which all have."""
    return says_all(told.answer, text) or not names_a_matter(text)


def _is_another_matter(text: str, alone: Found, before: Before) -> bool:
    """Whether a few words name a matter of another counter than the one that was spoken of: 「水道は」 after rubbish."""
    return names_a_matter(text) and is_named(text, alone) and alone.hits[0].entry.department != before.department


def _is_of_the_others(asked: Asked) -> bool:
    """Whether all but what is named is asked for, which no table is looked up by; a thing may be called so (アルミ以外の鍋)."""
    return leaves_out(asked.text) and not any(leaves_out(item.name) for item in asked.city.garbage.look_up(asked.text))
