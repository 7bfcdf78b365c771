"""utterance -> query -> hits -> answer. Approved text is quoted; where there is none, the right counter is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from core.audience import Audience
from core.clock import Clock, now
from core.errors import InvalidInput
from core.hurry import hurried
from core.settings import Settings
from dialogue.answer import CHOICES, Act, Answer, Band, Contact, Suggestion
from dialogue.asked import which
from dialogue.choice import place_in
from dialogue.city import Cities, City
from dialogue.cue import Cue, after_correction, cue_in
from dialogue.desk import Desk
from dialogue.dialect import in_standard
from dialogue.ellipsis import goes_on
from dialogue.emergency import WHAT_TO_DO
from dialogue.english import choices_in_english, emergency_in_english, in_japanese, what_to_do
from dialogue.english import reply as reply_in_english
from dialogue.followup import followed_up
from dialogue.joined import in_parts, may_be_several
from dialogue.languages import Language, in_easy_japanese, is_foreign, language_of, languages_asked_for
from dialogue.parts import Part, parts_of, without_greeting
from dialogue.replies import Replies
from dialogue.romaji import in_hiragana
from dialogue.session import Sessions, Turn, chosen
from dialogue.steering import BY_NUMBER, by_telephone, ended, other_words, told_all, waiting
from dialogue.suggestions import WHICH
from dialogue.tables import OF_TABLES
from dialogue.twice import agreed
from dialogue.utterance import Utterance
from retrieval.analysis import normalise
from retrieval.hit import fused
from retrieval.knowledge import Knowledge

#: One that is in a knowledge base's words, and one that is in nobody's, which is looked for by its sound, too.
_ASKED_BY_NOBODY = ("住民票の写しがほしい", "ぬへもよむゆ")


class Noted(Protocol):
    """Who hears of each question that was answered; quick, since somebody waits."""

    def __call__(self, utterance: Utterance, answer: Answer, *, is_taken: bool) -> None: ...


class Answerer:
    """Answers utterances from the knowledge base. Thread-safe."""

    def __init__(self, knowledge: Knowledge, settings: Settings, *, clock: Clock = now, noted: Noted | None = None) -> None:
        """`noted` hears what every question was told, and whether it only took a choice that was offered."""
        self._settings, self._clock, self._noted = settings, clock, noted
        self._sessions = Sessions(timedelta(minutes=settings.session_minutes), clock)
        self._cities = Cities(knowledge.repository, settings.holidays)
        self._desk = Desk(knowledge, settings, clock)
        self._replies = Replies(self._desk, settings)

    def get_ready(self, kb: str) -> None:
        """Read what the first questions would wait for, by some that nobody asked. Raises NotReady before the first import."""
        for text in _ASKED_BY_NOBODY:
            self._reply(Utterance(text=text, kb=kb, audience=Audience.RESIDENT), self._cities.get(kb))

    def main_number(self, kb: str) -> str:
        """The telephone of the general counter, as it was when it was read last; empty where there is none. Asks nobody."""
        city = self._cities.known(kb)
        reception = city and city.directory.get(None)
        return reception.phone if reception else ""

    @hurried()
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
        if self._noted:
            offered = last.answer.suggestions if last else ()
            self._noted(understood, answer, is_taken=understood.entry_id in {s.entry_id for s in offered})
        return answer

    def _reply(self, utterance: Utterance, city: City) -> Answer:
        answer = self._in_another_language(utterance, city)
        if answer is None:
            whole = self._reply_to_all(utterance, city)
            answer = self._in_parts(utterance, whole, city) or whole
        return self._desk.marked(answer, utterance)

    def _reply_to_all(self, utterance: Utterance, city: City) -> Answer:
        """The reply to a text as one question."""
        return (
            self._replies.taken(utterance, city)
            or self._replies.small_talk(utterance, city)
            or self._replies.an_article(utterance, city)
            or self._replies.about_elsewhere(utterance, city)
            or self._replies.from_tables(utterance, city)
            or self._replies.from_knowledge(utterance, city)
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
        today = self._clock().date()
        if whole := followed_up(text, last.answer, city, today, earlier=last.topic, before=last.utterance.text):
            return replace(utterance, text=whole)
        gone_on = next((said for said in (text, in_standard(normalise(text))) if goes_on(said)), None)
        return replace(utterance, text=gone_on or text, before=last.before if gone_on else None)

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
        standing = tuple(now for s in last.answer.suggestions if (now := self._standing(s, last.utterance)))
        if standing and last.answer.band is Band.CLARIFY:
            return replace(last.answer, suggestions=standing)
        again = self._reply(self._asked_anew(last), city)
        return replace(again, suggestions=again.suggestions or standing)

    def _asked_anew(self, last: Turn) -> Utterance:
        """For the very entry that was quoted, where that is all that was told."""
        quoted = next((c for c in last.answer.citations if not c.entry_id.startswith(OF_TABLES)), None)
        if quoted is None or last.answer.parts:
            return last.utterance
        return replace(last.utterance, text=quoted.question, entry_id=quoted.entry_id)

    def _standing(self, offered: Suggestion, utterance: Utterance) -> Suggestion | None:
        """A choice as it is worded now; None where it was withdrawn."""
        if offered.entry_id.startswith(OF_TABLES):
            return offered
        found = self._desk.find(offered.entry_id, utterance)
        if found and offered.question.startswith(found[0].question):
            return offered  # it may say of which document it is
        return replace(offered, question=found[0].question) if found else None

    def _counter_of(self, last: Turn, city: City) -> Contact | None:
        """As it stands at this hour."""
        return self._desk.contact(city.directory.get(last.answer.contact.department if last.answer.contact else None))

    # -- what is no single question in Japanese

    def _in_another_language(self, utterance: Utterance, city: City) -> Answer | None:
        """What to do in danger, or how to ask, for who does not speak Japanese; the reply to a question in another language.
        Staff's abbreviations are their own."""
        if utterance.entry_id or utterance.audience is not Audience.RESIDENT:
            return None
        if danger := emergency_in_english(utterance.text):
            said, english = WHAT_TO_DO[danger], what_to_do(danger)
            return Answer(band=Band.ANSWER, act=Act.EMERGENCY, text=said, english=english, confidence=1.0)
        if (meant := languages_asked_for(without_greeting(utterance.text))) is not None:
            return self._in_easy_japanese(meant, city)
        return self._foreign(utterance, city) if is_foreign(utterance.text) and not utterance.spoken else None

    def _foreign(self, utterance: Utterance, city: City) -> Answer:
        """Choices and a few words in English for a question that is not in Japanese; the reply to Japanese in Latin letters. Who
        speaks is heard as Japanese."""
        words = in_japanese(utterance.text)
        kana = in_hiragana(normalise(utterance.text)) if words is None or " " in utterance.text else None
        if kana:  # as it sounds
            answer = self._reply(replace(utterance, text=kana, spoken=True), city)
            if answer.band is not Band.HANDOFF:
                return answer
        if " " not in utterance.text and (thing := self._replies.from_tables(utterance, city)) and thing.band is not Band.HANDOFF:
            return thing  # a dvd is called so in Japanese, too
        return self._in_english(utterance, words, city)

    def _in_easy_japanese(self, meant: tuple[Language, ...], city: City) -> Answer:
        """How to ask, for who says no more than not to speak Japanese."""
        reception = city.directory.get(None)
        return Answer(
            band=Band.ANSWER,
            act=Act.GREETING,
            text=in_easy_japanese(reception),
            english=reply_in_english(reception, has_choices=False),
            foreign=tuple(language.line(reception) for language in meant),
            confidence=1.0,
            contact=self._desk.contact(reception),
        )

    def _in_english(self, utterance: Utterance, words: str | None, city: City) -> Answer:
        """What tables and knowledge base have of it, offered and never told. `words` are what is asked in Japanese."""
        found, told = self._desk.search(utterance), None
        if words:
            found = replace(found, hits=fused(self._desk.search(utterance, words).hits, [(found.hits, 0.5)], CHOICES))
            told = self._replies.from_tables(replace(utterance, text=words), city)
        choices = choices_in_english(found, told)
        reception = city.directory.get(None)
        answer = self._replies.small_talk(utterance, city)
        if answer is None and choices:
            answer = which(Act.QUESTION, WHICH, choices, self._desk.contact(reception))
        answer = answer or self._desk.hand_over(utterance, found, city)
        theirs = language_of(utterance.text)
        return replace(
            answer,
            english=reply_in_english(reception, has_choices=bool(answer.suggestions)),
            foreign=(theirs.line(reception),) if theirs else (),
        )

    def _in_parts(self, utterance: Utterance, whole: Answer, city: City) -> Answer | None:
        """The answers to several questions in one text; None where it is one, or one answer is all there is to it."""
        if utterance.entry_id or not may_be_several(whole):
            return None

        def alone(part: Part) -> Utterance:
            return replace(utterance, text=part.question, before=None)

        return in_parts(
            whole,
            parts_of(utterance.text),
            told=lambda part: self._replies.told(alone(part), city),
            otherwise=lambda part: self._reply_to_all(alone(part), city),
        )
