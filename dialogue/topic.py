"""What a reply was about, in the parts that the next question may change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What of the city's tables was asked for, in the words that ask for it again."""

    SORTING = "捨て方"
    COLLECTION = "収集日"
    HOURS = "開館時間と休み"
    PLACE = "電話番号と場所"
    DUTY = "当番医"
    COUNTER = "受付時間"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A question in its parts; one that is None was not said, or is what the reply asks for."""

    subject: Subject
    day: str | None = None  #: in words that name it whenever they are said
    place: str | None = None  #: an area, a facility or a counter
    matter: str | None = None  #: a kind of rubbish or a thing, a speciality

    @property
    def question(self) -> str:
        """All of it in words, such as 「12月4日、末吉町本町の可燃ごみの収集日」."""
        day = f"{self.day}、" if self.day else ""
        return day + "の".join(part for part in (self.place, self.matter, self.subject) if part)
