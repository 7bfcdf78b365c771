"""utterance -> query -> hits -> answer. Approved text is quoted; where there is none, the right counter is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from core.audience import Audience
from core.clock import Clock, now
from core.errors import InvalidInput
from core.settings import Settings
from dialogue.alike import Sounds
from dialogue.answer import CHOICES, Act, Answer, Band, Citation, Contact, Quotation, Suggestion
from dialogue.article import Rulebooks, about_an_article
from dialogue.asked import Asked, which
from dialogue.beside import WITHIN, beside
from dialogue.certainty import SAME_WORDS, is_certain, is_named
from dialogue.choice import place_in
from dialogue.city import Cities, City
from dialogue.collection import about_collection
from dialogue.counter import NOT_FOUND, about_a_counter, sent_to_counter
from dialogue.cue import Cue, after_correction, cue_in
from dialogue.directory import Department
from dialogue.duty import about_duty
from dialogue.effect import Effects, with_effect
from dialogue.ellipsis import goes_on
from dialogue.elsewhere import Elsewhere, asked_elsewhere, names_another_place, without_names, without_ours
from dialogue.emergency import WHAT_TO_DO
from dialogue.english import choices_in_english, emergency_in_english, in_japanese, is_foreign, what_to_do
from dialogue.english import reply as reply_in_english
from dialogue.facility import about_a_facility
from dialogue.followup import followed_up
from dialogue.joined import in_parts, may_be_several
from dialogue.parts import Part, parts_of, without_greeting, without_story
from dialogue.romaji import in_hiragana
from dialogue.rubbish import COUNTER, about_a_bare_name, about_rubbish, is_about_rubbish, thing_or_matter
from dialogue.session import Sessions, Turn, chosen
from dialogue.smalltalk import reply_to
from dialogue.steering import BY_NUMBER, before_any_answer, by_telephone, ended, other_words, told_all, waiting
from dialogue.suggestions import OFFER_WITHIN, WHICH, offered, passages_of
from dialogue.twice import agreed
from dialogue.utterance import Before, Utterance
from retrieval.analysis import has_words, normalise, same_question
from retrieval.articles import reference
from retrieval.entry import Entry
from retrieval.hit import Found, fused
from retrieval.knowledge import Knowledge
from retrieval.synonyms import shipped
from retrieval.version import Version

OF_TABLES = ("garbage:", "collection:", "facility:", "department:", "duty:")  #: how the ids begin of what is from tables


class Answerer:
    """Answers utterances from the knowledge base. Thread-safe."""

    def __init__(self, knowledge: Knowledge, settings: Settings, *, clock: Clock = now) -> None:
        self._knowledge, self._settings, self._clock = knowledge, settings, clock
        self._sessions = Sessions(timedelta(minutes=settings.session_minutes), clock)
        self._sounds = Sounds()
        self._rulebooks, self._effects = Rulebooks(), Effects()
        self._cities = Cities(knowledge.repository, settings.holidays)

    def answer(self, utterance: Utterance) -> Answer:
        """The reply to an utterance.

        Raises:
            InvalidInput: nothing was said, or too much.
            NotReady: no knowledge base was imported yet.
        """
        utterance = self._within_limits(utterance)
        city = self._cities.get(utterance.kb)
        last = self._sessions.last(utterance.session)
        if last and (steered := self._steered(utterance, last, city)):
            self._sessions.remember(last.utterance, steered)
            return steered
        understood = self._understood(utterance, city)
        answer = self._reply(understood, city)
        if utterance.first_heard and utterance.first_heard != utterance.text:
            first = replace(utterance, text=utterance.first_heard, first_heard=None)
            answer = agreed(self._reply(self._understood(first, city), city), answer, WHICH)
        self._sessions.remember(understood, answer)
        return answer

    def _reply(self, utterance: Utterance, city: City) -> Answer:
        if foreign := self._in_another_language(utterance, city):
            return foreign
        whole = self._reply_to_all(utterance, city)
        return self._in_parts(utterance, whole, city) or whole

    def _reply_to_all(self, utterance: Utterance, city: City) -> Answer:
        """The reply to a text as one question."""
        return (
            self._taken(utterance, city)
            or self._small_talk(utterance, city)
            or self._an_article(utterance, city)
            or self._about_elsewhere(utterance, city)
            or self._from_tables(utterance, city)
            or self._from_knowledge(self._bare(utterance, city), city)
        )

    def _within_limits(self, utterance: Utterance) -> Utterance:
        text = utterance.text.strip()
        if not text:
            raise InvalidInput("質問を入力してください。")
        if len(text) > self._settings.max_question_chars:
            limit = self._settings.max_question_chars
            raise InvalidInput(f"質問が長すぎます。{limit}字以内で、知りたいことを1つずつお尋ねください。")
        return replace(utterance, text=text)

    def _understood(self, utterance: Utterance, city: City) -> Utterance:
        """「2番」 and 「じゃあ金曜は」 are replaced by the question that they stand for."""
        last = self._sessions.last(utterance.session)
        if last is None:
            return utterance
        text = after_correction(utterance.text)
        if picked := chosen(text, last.answer.suggestions):
            return replace(utterance, text=picked.question, entry_id=picked.entry_id)
        if whole := followed_up(text, last.answer, city, self._clock().date(), earlier=last.topic):
            return replace(utterance, text=whole)
        return replace(utterance, text=text, before=last.before if goes_on(text) else None)

    def _asked(self, utterance: Utterance, city: City) -> Asked:
        return Asked(text=utterance.text, at=self._clock(), city=city, city_name=self._settings.city)

    def _contact(self, department: Department | None) -> Contact | None:
        return department.contact(self._clock()) if department else None

    def _bare(self, utterance: Utterance, city: City) -> Utterance:
        """Without what says nothing about the matter: a greeting, and whose city it is."""
        asked = self._asked(replace(utterance, text=without_greeting(utterance.text)), city)
        return replace(utterance, text=without_ours(asked))

    def _search(
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

    def _version(self, utterance: Utterance) -> Version:
        return self._knowledge.version(utterance.kb, utterance.audience, utterance.department)

    def _find(self, entry_id: str, utterance: Utterance) -> tuple[Entry, date] | None:
        """An entry, where those who ask may read it now."""
        return self._knowledge.find(entry_id, utterance.kb, audience=utterance.audience, department=utterance.department)

    # -- what somebody wants of the conversation itself

    def _steered(self, utterance: Utterance, last: Turn, city: City) -> Answer | None:
        """The reply to what is no question: 「もう一度」, 「違う」, a number that was not offered. What was offered stands."""
        # What is heard with the knowledge base in mind sounds like one of its questions.
        cue = Cue.AGAIN if utterance.again else cue_in(utterance.first_heard or "") or cue_in(utterance.text)
        offered = last.answer.suggestions
        place = place_in(utterance.text, len(offered)) if offered else None
        answer: Answer | None = None
        if (place is not None and place >= len(offered)) or (cue is Cue.YES and len(offered) > 1):
            answer = replace(self._again(last, city), text=BY_NUMBER)
        elif cue is Cue.MORE and last.answer.citations:
            answer = told_all(last.answer, self._counter_of(last, city))
        elif cue in (Cue.AGAIN, Cue.SLOWLY, Cue.MORE):
            answer = self._again(last, city)
        elif cue is Cue.WRONG or (cue is Cue.NO and offered):
            answer = other_words(self._counter_of(last, city))
        elif cue is Cue.STOP:
            answer = ended()
        elif cue is Cue.PAUSE and offered:
            answer = waiting()
        elif cue is Cue.PERSON:
            answer = by_telephone(self._counter_of(last, city), utterance.audience)
        return answer

    def _again(self, last: Turn, city: City) -> Answer:
        """The last answer as it stands now: what was quoted or offered may have been edited or withdrawn since."""
        standing = [now for s in last.answer.suggestions if (now := self._standing(s, last.utterance))]
        if standing:
            return replace(last.answer, suggestions=tuple(standing))
        if last.answer.parts:
            return self._reply(last.utterance, city)
        quoted = next((c for c in last.answer.citations if not c.entry_id.startswith(OF_TABLES)), None)
        asked = replace(last.utterance, text=quoted.question, entry_id=quoted.entry_id) if quoted else last.utterance
        return self._reply(asked, city)

    def _standing(self, offered: Suggestion, utterance: Utterance) -> Suggestion | None:
        """A choice as it is worded now; None where it was withdrawn."""
        if offered.entry_id.startswith(OF_TABLES):
            return offered
        found = self._find(offered.entry_id, utterance)
        if found and offered.question.startswith(found[0].question):
            return offered  # it may say of which document it is
        return replace(offered, question=found[0].question) if found else None

    def _counter_of(self, last: Turn, city: City) -> Contact | None:
        """As it stands at this hour."""
        return self._contact(city.directory.get(last.answer.contact.department if last.answer.contact else None))

    # -- the kinds of reply, in the order in which they are tried

    def _in_another_language(self, utterance: Utterance, city: City) -> Answer | None:
        """Choices and a few words in English for a question that is not in Japanese; the reply to Japanese in Latin letters.
        Who speaks is heard as Japanese, and staff's abbreviations are their own."""
        if utterance.spoken or utterance.entry_id or utterance.audience is not Audience.RESIDENT:
            return None
        if danger := emergency_in_english(utterance.text):
            said, english = WHAT_TO_DO[danger], what_to_do(danger)
            return Answer(band=Band.ANSWER, act=Act.EMERGENCY, text=said, english=english, confidence=1.0)
        if not is_foreign(utterance.text):
            return None
        words = in_japanese(utterance.text)
        kana = in_hiragana(normalise(utterance.text)) if words is None or " " in utterance.text else None
        if kana:  # as it sounds
            answer = self._reply(replace(utterance, text=kana, spoken=True), city)
            if answer.band is not Band.HANDOFF:
                return answer
        if " " not in utterance.text and (thing := self._from_tables(utterance, city)) and thing.band is not Band.HANDOFF:
            return thing  # a dvd is called so in Japanese, too
        return self._in_english(utterance, words, city)

    def _in_english(self, utterance: Utterance, words: str | None, city: City) -> Answer:
        """What tables and knowledge base have of it, offered and never told. `words` are what is asked in Japanese."""
        found, told = self._search(utterance), None
        if words:
            found = replace(found, hits=fused(self._search(utterance, words).hits, [(found.hits, 0.5)])[:CHOICES])
            told = self._from_tables(replace(utterance, text=words), city)
        choices = choices_in_english(found, told)
        reception = city.directory.get(None)
        answer = self._small_talk(utterance, city) or (
            which(Act.QUESTION, WHICH, choices, self._contact(reception)) if choices else self._hand_over(utterance, found, city)
        )
        return replace(answer, english=reply_in_english(reception, has_choices=bool(answer.suggestions)))

    def _in_parts(self, utterance: Utterance, whole: Answer, city: City) -> Answer | None:
        """The answers to several questions in one text; None where it is one, or one answer is all there is to it."""
        if utterance.entry_id or not may_be_several(whole):
            return None

        def alone(part: Part) -> Utterance:
            return replace(utterance, text=part.question, before=None)

        return in_parts(
            whole,
            parts_of(utterance.text),
            told=lambda part: self._told(alone(part), city),
            otherwise=lambda part: self._reply_to_all(alone(part), city),
        )

    def _told(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of several questions is answered with certainty."""
        asked = self._asked(utterance, city)
        if asked_elsewhere(asked):
            return None
        if told := self._from_tables(utterance, city):
            return told if told.band is Band.ANSWER else None
        bare = self._bare(utterance, city)
        return self._certain(bare, self._search(bare, guess=False), city)

    def _taken(self, utterance: Utterance, city: City) -> Answer | None:
        """The answer of the very entry that was offered; that it is gone, where it was withdrawn since: what is found for its
        question now is another's answer."""
        if utterance.entry_id is None or utterance.entry_id.startswith(OF_TABLES):
            return None
        if found := self._find(utterance.entry_id, utterance):
            return self._quote(*found, 1.0, utterance, city)
        return self._sent_to_counter(utterance, f"「{utterance.text}」のご案内は、終わりました。", 0.0, city)

    def _small_talk(self, utterance: Utterance, city: City) -> Answer | None:
        reception = self._contact(city.directory.get(None))
        if steered := before_any_answer(utterance.text, reception, utterance.audience):
            return steered
        reply = reply_to(utterance.text, self._settings.city)
        if reply is None or (reply.act is Act.CHATTER and (self._is_known(utterance) or city.garbage.look_up(utterance.text))):
            return None
        band = Band.HANDOFF if reply.act is Act.CHATTER else Band.ANSWER
        contact = reception if reply.act is Act.CHATTER else None
        return Answer(band=band, act=reply.act, text=reply.text, confidence=1.0, contact=contact)

    def _is_known(self, utterance: Utterance) -> bool:
        """「児童手当は何歳まで」 has the words of chatter, and an answer that is asked for in the same words."""
        found = self._search(utterance, top=1)
        if not found.hits or found.confidence < found.answer_from:
            return False
        evidence = found.hits[0].evidence
        same_words = evidence.question_coverage >= SAME_WORDS and len(set(shipped().lemmas(utterance.text))) > 1
        return evidence.exact or same_words

    def _an_article(self, utterance: Utterance, city: City) -> Answer | None:
        """The article that is asked for by its number, unless the very question has an approved answer."""
        wanted = reference(utterance.text)
        if wanted is None or self._is_an_entry(utterance, its_question=False):
            return None
        told = about_an_article(
            wanted,
            self._rulebooks.of(self._version(utterance).index),
            lambda entry_id: self._find(entry_id, utterance),
            lambda department: self._contact(city.directory.get(department)),
            lambda why: self._sent_to_counter(utterance, why, 0.0, city),
            document_of=utterance.before.entry_id if utterance.before else None,
        )
        return self._with_effect(told, utterance) if told else None

    def _about_elsewhere(self, utterance: Utterance, city: City) -> Answer | None:
        """That another city's matters are not known here, with what this one has of the kind; unless an entry names that city."""
        asked = self._asked(utterance, city)
        elsewhere = asked_elsewhere(asked)
        if elsewhere is None or any(h.entry.says(elsewhere.place.name) for h in self._search(utterance, top=1).hits):
            return None
        text = elsewhere.reply(asked.city_name)
        if has_words(elsewhere.rest) and (offer := self._offer(replace(utterance, text=elsewhere.rest), elsewhere, city)):
            offered = offer.suggestions or tuple(map(Suggestion.of, offer.citations))
            more = f"{asked.city_name}には、次のご案内があります。近いものを選んでください。"
            return which(offer.act, text + more, offered, offer.contact, offer.topic)
        return Answer(
            band=Band.HANDOFF, act=Act.QUESTION, text=text, confidence=0.0, contact=self._contact(city.directory.get(None))
        )

    def _offer(self, here: Utterance, elsewhere: Elsewhere, city: City) -> Answer | None:
        """What this city has of what another is asked about; of its office, only what a table has."""
        told = self._from_tables(here, city)
        if told or elsewhere.is_office:
            return told if told and told.band is not Band.HANDOFF else None
        found = self._search(here)
        return self._clarify(found, city) if found.hits and found.confidence >= found.clarify_from else None

    def _from_tables(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of the city's tables answers, unless the very question has an approved answer."""
        asked = self._asked(utterance, city)
        if names_another_place(asked):
            return None
        if dated := about_duty(asked) or about_collection(asked):
            return None if self._is_an_entry(utterance, its_question=True) else dated
        told = about_a_facility(asked) or about_a_counter(asked) or self._about_a_thing(utterance, asked)
        names_a_day = told is not None and told.topic is not None and told.topic.day is not None
        return None if told and self._is_an_entry(utterance, its_question=names_a_day) else told

    def _is_an_entry(self, utterance: Utterance, *, its_question: bool) -> bool:
        """Whether an entry asks the very same; `its_question` leaves paraphrases out: a table's date says more."""
        hits = self._search(utterance, top=1).hits
        if not hits or not hits[0].evidence.exact:
            return False
        return not its_question or same_question(hits[0].entry.question) == same_question(utterance.text)

    def _about_a_thing(self, utterance: Utterance, asked: Asked) -> Answer | None:
        """How to put it out; who says no more than its name may want something else of it (印鑑 is registered, too)."""
        found = about_rubbish(asked)
        if found is None or found.band is not Band.ANSWER or not asked.city.garbage.is_name(utterance.text):
            return found
        hits = self._search(utterance, top=CHOICES - 1).hits
        return thing_or_matter(asked, found, [hit.entry for hit in hits])

    def _from_knowledge(self, utterance: Utterance, city: City) -> Answer:
        found = self._search(utterance, spoken=utterance.spoken)
        if certain := self._certain(utterance, found, city):
            return certain
        if utterance.before and (gone_on := self._gone_on(utterance, utterance.before, found, city)):
            return gone_on
        found = self._more_generally(utterance, found, city)
        likely = max(found.confidence, found.guessed) if utterance.spoken else found.confidence
        is_likely = bool(found.hits) and likely >= found.clarify_from
        is_known = is_likely and found.hits[0].evidence.question_coverage >= SAME_WORDS  # a 介護ベッド is rented, not thrown away
        named = is_named(utterance.text, found)
        if not (is_known or named) and (thing := about_a_bare_name(self._asked(utterance, city))):
            return thing
        if not named and found.confidence < found.answer_from and (meant := self._meant(utterance, found, city)):
            return meant
        if is_likely or named:
            return self._clarify(found, city)
        return self._hand_over(utterance, found, city)

    def _certain(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """The first entry, where it is known to answer."""
        if not is_certain(utterance.text, found):
            return None
        first = found.hits[0]
        told = self._quote(first.entry, first.updated_on, found.confidence, utterance, city)
        shown = {first.entry.id, *(quoted.citation.entry_id for quoted in told.beside)}
        return replace(told, suggestions=passages_of(found, utterance.audience, without=shown))

    def _more_generally(self, utterance: Utterance, found: Found, city: City) -> Found:
        """What is found without the names of other cities, which no entry has, or without the story around the question, if that
        is likelier. It is offered, never told: it may matter which city it was, or what happened."""
        texts = {without_names(self._asked(utterance, city)), without_story(utterance.text)} - {normalise(utterance.text), ""}
        ways = [found, *(self._search(utterance, text, spoken=utterance.spoken) for text in sorted(texts))]
        best = max(ways, key=lambda each: each.confidence)
        return found if best is found else replace(best, hits=fused(best.hits, [(found.hits, 0.5)])[:CHOICES])

    def _gone_on(self, utterance: Utterance, before: Before, alone: Found, city: City) -> Answer | None:
        """What a few words find together with the question before them. It is offered, never told; what was just told is not
        offered again, and its counter is named for the rest."""
        together = self._search(utterance, f"{before.question} {utterance.text}", spoken=utterance.spoken)
        if not together.hits or together.confidence < together.clarify_from:
            return None
        near = [h for h in together.hits if together.hits[0].score - h.score <= OFFER_WITHIN]
        if alone.hits and alone.confidence >= alone.clarify_from:
            near = [*near[: CHOICES - 1], alone.hits[0], *near[CHOICES - 1 :]]
        entries = {h.entry.id: h.entry for h in near if h.entry.id != before.entry_id}
        told = before.entry_id in {h.entry.id for h in near}
        if not entries:
            return self._hand_over(utterance, alone, city) if told else None
        others = tuple(entries.values())[:CHOICES]
        contact = self._contact(city.directory.get(before.department if told else others[0].department))
        more = (
            f"今のご案内について、くわしくは{contact.department}（電話{contact.phone}）にお尋ねください。"
            if told and contact
            else ""
        )
        return offered(others, more + WHICH, alone.confidence, contact)

    def _meant(self, utterance: Utterance, found: Found, city: City) -> Answer | None:
        """Asks back whether a word was meant that sounds like what was written, and that an entry which is shown now has."""
        meant = self._sounds.meant(utterance.text, self._version(utterance).index, spoken=utterance.spoken)
        if meant is None:
            return None
        other = self._search(utterance, meant.text)
        is_shown = any(h.entry.says(meant.word) for h in other.hits)
        if not is_shown or other.confidence < max(other.clarify_from, found.confidence):
            return None
        return self._clarify(other, city, f"「{meant.word}」のことでしょうか。近いものを選んでください。")

    def _quote(self, entry: Entry, updated_on: date, confidence: float, utterance: Utterance, city: City) -> Answer:
        told = Answer(
            band=Band.ANSWER,
            act=Act.QUESTION,
            text=entry.answer,
            confidence=confidence,
            speech=entry.speech,
            easy=entry.answer_easy,
            citations=(Citation.of(entry, updated_on),),
            beside=self._beside(entry, utterance),
            contact=self._contact(city.directory.get(entry.department)),
        )
        return self._with_effect(told, utterance)

    def _with_effect(self, told: Answer, utterance: Utterance) -> Answer:
        return with_effect(told, self._effects.of(self._version(utterance).index), self._clock().date())

    def _beside(self, entry: Entry, utterance: Utterance) -> tuple[Quotation, ...]:
        if utterance.audience is not Audience.STAFF or entry.is_passage:
            return ()
        search = partial(self._search, utterance, top=WITHIN, guess=False)
        return beside((utterance.text, entry.question), search, self._version(utterance).calibrations)

    def _clarify(self, found: Found, city: City, text: str = WHICH) -> Answer:
        best = found.hits[0].score
        near = [h.entry for i, h in enumerate(found.hits) if i < 2 or best - h.score <= OFFER_WITHIN]
        return offered(near, text, found.confidence, self._contact(city.directory.get(near[0].department)))

    def _hand_over(self, utterance: Utterance, found: Found, city: City) -> Answer:
        answer = self._sent_to_counter(utterance, NOT_FOUND, found.confidence, city)
        return replace(answer, suggestions=passages_of(found, utterance.audience))

    def _sent_to_counter(self, utterance: Utterance, why: str, confidence: float, city: City) -> Answer:
        before = utterance.before.department if utterance.before else None
        department = (
            city.directory.named_in(utterance.text)
            or city.directory.dealing_with(utterance.text)
            or city.directory.get(before or (COUNTER if is_about_rubbish(utterance.text) else None))
        )
        return sent_to_counter(why, self._contact(department), utterance.audience, confidence)
