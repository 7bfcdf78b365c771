"""An utterance in, the kinds of reply to it out, each or none: from the city's tables, of an article, from the knowledge base."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from core.errors import NotReady
from core.settings import Settings
from dialogue.answer import Act, Answer, Band, Suggestion
from dialogue.article import Rulebooks, about_an_article
from dialogue.asked import which
from dialogue.certainty import SAME_WORDS
from dialogue.city import City
from dialogue.desk import Desk
from dialogue.elsewhere import Elsewhere, asked_elsewhere
from dialogue.emergency import Emergency
from dialogue.entries import Entries
from dialogue.smalltalk import reply_to
from dialogue.steering import before_any_answer
from dialogue.tables import OF_TABLES, Tables
from dialogue.utterance import Utterance
from retrieval.articles import reference
from retrieval.synonyms import shipped

#: Where who is beaten, or can go on no more with a child, may turn, as it is asked and as entries ask it: of other matters of
#: theirs, another counter knows.
_WHO_LISTENS = MappingProxyType(
    {
        Emergency.VIOLENCE: ("暴力はどこに相談できますか", re.compile("(?:暴力|虐待|DV).*(?:相談|連絡|通報)")),
        Emergency.CHILD: ("子育ての悩みはどこに相談できますか", re.compile("(?:子育て|育児|子ども.*虐待).*(?:相談|連絡|通報)")),
    }
)


class Replies:
    """The kinds of reply. What is said does not depend on what was said before, but for the utterance itself. Thread-safe."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk, self._settings, self._rulebooks = desk, settings, Rulebooks()
        self._tables, self._entries = Tables(desk), Entries(desk)

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
        text = reply.text + self._who_listens(reply.danger, utterance, city)
        return Answer(band=band, act=reply.act, text=text, confidence=1.0, contact=contact)

    def _who_listens(self, danger: Emergency | None, utterance: Utterance, city: City) -> str:
        """The city's own counter for such a danger, where an entry says where to turn; the nearest to what was said. What to do
        is told without, where there is none, or no knowledge base yet."""
        if danger is None or danger not in _WHO_LISTENS:
            return ""
        asked, says_where_to_turn = _WHO_LISTENS[danger]
        found = (self._desk.search(utterance, text, guess=False) for text in (utterance.text, asked))
        hits = (hit for each in found if each.confidence >= each.clarify_from for hit in each.hits)
        with suppress(NotReady):
            entry = next((hit.entry for hit in hits if says_where_to_turn.search(hit.entry.question)), None)
            counter = self._desk.contact(city.directory.get(entry.department)) if entry else None
            if counter:
                return f"市役所では、{counter.department}（電話{counter.phone}、{counter.hours}）で相談できます。"
        return ""

    def _is_known(self, utterance: Utterance) -> bool:
        """「児童手当は何歳まで」 has the words of chatter, and an answer that is asked for in the same words."""
        found = self._desk.search(utterance, top=1, guess=False)
        if not found.hits or found.confidence < found.answer_from:
            return False
        evidence = found.hits[0].evidence
        same_words = evidence.question_coverage >= SAME_WORDS and len(set(shipped().lemmas(utterance.text))) > 1
        return evidence.exact or same_words

    def an_article(self, utterance: Utterance, city: City) -> Answer | None:
        """The article that is asked for by its number, unless the very question has an approved answer."""
        wanted = reference(utterance.text)
        if wanted is None or self._desk.has_the_very_question(utterance, its_question=False):
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
        if shipped().lemmas(elsewhere.rest) and (offer := self._offer(replace(utterance, text=elsewhere.rest), elsewhere, city)):
            offered = offer.suggestions or tuple(map(Suggestion.of, offer.citations))
            more = f"{asked.city_name}には、次のご案内があります。近いものを選んでください。"
            return which(offer.act, text + more, offered, offer.contact, offer.topic)
        return Answer(
            band=Band.HANDOFF, act=Act.QUESTION, text=text, confidence=0.0, contact=self._desk.contact(city.directory.get(None))
        )

    def _offer(self, here: Utterance, elsewhere: Elsewhere, city: City) -> Answer | None:
        """What this city has of what another is asked about; of its office, only what a table has."""
        told = self._tables.reply(here, city)
        if told or elsewhere.is_office:
            return told if told and told.band is not Band.HANDOFF else None
        found = self._desk.search(here)
        return self._desk.clarify(found, city) if found.hits and found.confidence >= found.clarify_from else None

    def from_tables(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of the city's tables answers."""
        return self._tables.reply(utterance, city)

    def from_knowledge(self, utterance: Utterance, city: City) -> Answer:
        """The entry that answers, the choice between those that may, or the counter."""
        return self._entries.reply(self._desk.bare(utterance, city), city)

    def told(self, utterance: Utterance, city: City) -> Answer | None:
        """What one of several questions is answered with certainty."""
        asked = self._desk.asked(utterance, city)
        if asked_elsewhere(asked):
            return None
        if told := self._tables.reply(utterance, city):
            return told if told.band is Band.ANSWER else None
        certain = self._entries.certain(self._desk.bare(utterance, city), city)
        return certain if certain and certain.band is Band.ANSWER else None
