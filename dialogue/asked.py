"""A question to the city's tables: its words, the hour it is asked at and the tables themselves; the parts of an answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dialogue.answer import Act, Answer, Band, Citation, Contact, Suggestion
from dialogue.city import City
from dialogue.topic import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reply from a table is made of."""

    text: str
    at: datetime
    city: City
    city_name: str

    @property
    def today(self) -> date:
        return self.at.date()

    def counter(self, name: str) -> Contact | None:
        """The counter of that name, or the general one."""
        department = self.city.directory.get(name)
        return department.contact(self.at) if department else None

    def citation(self, entry_id: str, question: str, table: str, department: str | None) -> Citation:
        return Citation(
            entry_id=entry_id,
            question=question,
            source_title=f"{self.city_name} {table}",
            source_url=None,
            department=department,
            updated_on=None,
        )


def told(act: Act, text: str, citation: Citation, contact: Contact | None, topic: Topic | None = None) -> Answer:
    """An answer from a table."""
    return Answer(band=Band.ANSWER, act=act, text=text, confidence=1.0, citations=(citation,), contact=contact, topic=topic)


def which(act: Act, text: str, choices: Sequence[Suggestion], contact: Contact | None, topic: Topic | None = None) -> Answer:
    """A choice between rows of a table."""
    return Answer(
        band=Band.CLARIFY,
        act=act,
        text=text,
        confidence=0.5,
        suggestions=tuple(choices),
        contact=contact,
        topic=topic,
    )


NO_SUCH_DAY = "その日付は、暦にないか、曜日と合いません。日付を確かめて、もう一度お尋ねください。お急ぎのときは、"


def not_in_table(act: Act, text: str, contact: Contact | None, topic: Topic | None = None) -> Answer:
    """The table says nothing about what is asked: the counter does."""
    said = text + (
        f"{contact.department}（電話{contact.phone}）にお問い合わせください。" if contact else "市役所にお問い合わせください。"
    )
    return Answer(band=Band.HANDOFF, act=act, text=said, confidence=1.0, contact=contact, topic=topic)
