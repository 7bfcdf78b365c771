"""utterance -> query -> hits -> answer. Approved text is quoted; where there is none, the right counter is named."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from core.audience import Audience
from core.clock import Clock, now
from core.errors import InvalidInput
from core.settings import Settings
from dialogue.answer import Act, Answer, Band, Citation, Contact, Suggestion
from dialogue.directory import Department, Directory
from dialogue.session import Sessions, chosen
from dialogue.smalltalk import reply_to
from dialogue.utterance import Utterance
from retrieval.analysis import lemmas
from retrieval.garbage import GarbageItem, GarbageTable
from retrieval.hit import Found, Hit
from retrieval.knowledge import Knowledge

CHOICES = 4  #: questions that a clarifying answer offers at most
OFFER_WITHIN = 1.5  #: a choice must score at most so far below the first, else it is no real alternative
SAME_WORDS = 0.6  #: share of a question's content that an entry must have for it to be no chatter
CITY_TABLES_FRESH_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The city's tables as they are now."""

    directory: Directory
    garbage: GarbageTable
    read_at_s: float


class Answerer:
    """Answers utterances from the knowledge base. Thread-safe."""

    def __init__(self, knowledge: Knowledge, settings: Settings, *, clock: Clock = now) -> None:
        self._knowledge, self._settings, self._clock = knowledge, settings, clock
        self._sessions = Sessions(timedelta(minutes=settings.session_minutes), clock)
        self._cities: dict[str, City] = {}

    def answer(self, utterance: Utterance) -> Answer:
        """The reply to an utterance.

        Raises:
            InvalidInput: nothing was said, or too much.
            NotReady: no knowledge base was imported yet.
        """
        utterance = self._understood(utterance)
        city = self._city(utterance.kb)
        answer = (
            self._small_talk(utterance, city)
            or self._about_a_counter(utterance, city)
            or self._about_garbage(utterance, city)
            or self._from_knowledge(utterance, city)
        )
        self._sessions.remember(utterance.session, answer.suggestions)
        return answer

    def _understood(self, utterance: Utterance) -> Utterance:
        """The utterance within its limits, 「2番」 replaced by the question that was offered second."""
        text = utterance.text.strip()
        if not text:
            raise InvalidInput("質問を入力してください。")
        if len(text) > self._settings.max_question_chars:
            limit = self._settings.max_question_chars
            raise InvalidInput(f"質問が長すぎます。{limit}字以内で、知りたいことを1つずつお尋ねください。")
        picked = chosen(text, self._sessions.offered(utterance.session))
        return replace(utterance, text=picked.question if picked else text)

    def _city(self, kb: str) -> City:
        city = self._cities.get(kb)
        if city is None or time.monotonic() - city.read_at_s > CITY_TABLES_FRESH_S:
            tables = self._knowledge.repository
            city = City(
                directory=Directory(tables.load_table(kb, "departments"), self._settings.holidays),
                garbage=GarbageTable(tables.load_table(kb, "garbage")),
                read_at_s=time.monotonic(),
            )
            self._cities[kb] = city
        return city

    def _contact(self, department: Department | None) -> Contact | None:
        return department.contact(self._clock()) if department else None

    # -- the kinds of reply, in the order in which they are tried

    def _small_talk(self, utterance: Utterance, city: City) -> Answer | None:
        reply = reply_to(utterance.text, self._settings.city)
        if reply is None or (reply.act is Act.CHATTER and self._is_known(utterance)):
            return None
        band = Band.HANDOFF if reply.act is Act.CHATTER else Band.ANSWER
        contact = self._contact(city.directory.get(None)) if reply.act is Act.CHATTER else None
        return Answer(band=band, act=reply.act, text=reply.text, confidence=1.0, contact=contact)

    def _is_known(self, utterance: Utterance) -> bool:
        """「児童手当は何歳まで」 has the words of chatter, and an answer that is asked for in the same words."""
        found = self._knowledge.search(utterance.text, utterance.kb, audience=utterance.audience, top=1)
        if not found.hits or found.confidence < found.answer_from:
            return False
        evidence = found.hits[0].evidence
        same_words = evidence.question_coverage >= SAME_WORDS and len(set(lemmas(utterance.text))) > 1
        return evidence.exact or same_words

    def _about_a_counter(self, utterance: Utterance, city: City) -> Answer | None:
        department = city.directory.asked_for(utterance.text)
        if department is None:
            return None
        contact = department.contact(self._clock())
        text = f"{contact.department}は{contact.location}です。電話番号は{contact.phone}、受付は{contact.hours}です。"
        citation = Citation(
            entry_id=f"department:{department.name}",
            question=f"{department.name}の連絡先",
            source_title=f"{self._settings.city} 窓口一覧",
            source_url=None,
            department=department.name,
            updated_on=None,
        )
        return Answer(
            band=Band.ANSWER,
            act=Act.QUESTION,
            text=text + _closed_note(contact),
            confidence=1.0,
            citations=(citation,),
            contact=contact,
        )

    def _about_garbage(self, utterance: Utterance, city: City) -> Answer | None:
        items = city.garbage.look_up(utterance.text)
        if not items:
            return None
        contact = self._contact(city.directory.get("環境課"))
        if len(items) > 1:
            choices = tuple(Suggestion(entry_id=f"garbage:{i.name}", question=f"{i.name}の捨て方") for i in items[:CHOICES])
            text = "どの品目でしょうか。近いものを選んでください。"
            return Answer(band=Band.CLARIFY, act=Act.GARBAGE, text=text, confidence=0.5, suggestions=choices, contact=contact)
        return Answer(
            band=Band.ANSWER,
            act=Act.GARBAGE,
            text=_garbage_text(items[0]),
            confidence=1.0,
            citations=(self._garbage_citation(items[0]),),
            contact=contact,
        )

    def _garbage_citation(self, item: GarbageItem) -> Citation:
        return Citation(
            entry_id=f"garbage:{item.name}",
            question=f"{item.name}の捨て方",
            source_title=f"{self._settings.city} ごみ分別表",
            source_url=None,
            department="環境課",
            updated_on=None,
        )

    def _from_knowledge(self, utterance: Utterance, city: City) -> Answer:
        found = self._knowledge.search(utterance.text, utterance.kb, audience=utterance.audience, top=CHOICES)
        if found.hits and found.confidence >= found.answer_from:
            return self._quote(found, city)
        if found.hits and found.confidence >= found.clarify_from:
            return self._clarify(found, city)
        return self._hand_over(utterance, found, city)

    def _quote(self, found: Found, city: City) -> Answer:
        entry = found.hits[0].entry
        return Answer(
            band=Band.ANSWER,
            act=Act.QUESTION,
            text=entry.answer,
            confidence=found.confidence,
            speech=entry.speech,
            easy=entry.answer_easy,
            citations=(_citation(found.hits[0]),),
            contact=self._contact(city.directory.get(entry.department)),
        )

    def _clarify(self, found: Found, city: City) -> Answer:
        best = found.hits[0].score
        near = [h.entry for i, h in enumerate(found.hits) if i < 2 or best - h.score <= OFFER_WITHIN]
        return Answer(
            band=Band.CLARIFY,
            act=Act.QUESTION,
            text="次の中に、お知りになりたいことはありますか。近いものを選んでください。",
            confidence=found.confidence,
            suggestions=tuple(Suggestion(entry_id=e.id, question=e.question) for e in near),
            contact=self._contact(city.directory.get(found.hits[0].entry.department)),
        )

    def _hand_over(self, utterance: Utterance, found: Found, city: City) -> Answer:
        department = (
            city.directory.named_in(utterance.text) or city.directory.dealing_with(utterance.text) or city.directory.get(None)
        )
        contact = self._contact(department)
        text = "申し訳ありません。ご質問に合う回答が見つかりませんでした。"
        if contact is None:
            text += "市役所に直接お問い合わせください。"
        elif utterance.audience is Audience.STAFF:
            text += f"{contact.department}（電話{contact.phone}）に確認してください。"
        else:
            text += f"{contact.department}（{contact.location}、電話{contact.phone}）でご案内します。受付は{contact.hours}です。"
        return Answer(
            band=Band.HANDOFF,
            act=Act.QUESTION,
            text=text + _closed_note(contact),
            confidence=found.confidence,
            contact=contact,
        )


def _closed_note(contact: Contact | None) -> str:
    if contact is None or contact.next_open_text is None:
        return ""
    return f"ただいまは受付時間外です。次に開くのは{contact.next_open_text}です。"


def _garbage_text(item: GarbageItem) -> str:
    name = f"「{item.name}」"
    if "収集しません" in item.type:
        first = f"{name}は、市では収集しません。"
        if item.type.startswith("家電リサイクル"):
            first = f"{name}は、家電リサイクル法の対象です。市では収集しません。"
        return first + item.notice
    return f"{name}は「{item.type}」です。{item.notice}"


def _citation(hit: Hit) -> Citation:
    entry = hit.entry
    return Citation(
        entry_id=entry.id,
        question=entry.question,
        source_title=entry.source_title,
        source_url=entry.source_url,
        department=entry.department,
        updated_on=hit.updated_on.isoformat(),
        audience=entry.audience,
    )
