"""The sample city as it is asked: its tables on Saturday, 28 November 2026, at noon, all of it on the Tuesday before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import JST
from core.settings import CHECKOUT, Settings
from core.table import read_table
from dialogue.answer import Answer
from dialogue.asked import Asked
from dialogue.city import City
from dialogue.directory import Directory
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable
from retrieval.knowledge import Knowledge

TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=JST)
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=JST)
Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def asked_in_soo() -> Callable[[str], Asked]:
    def rows(name: str) -> list[dict[str, str]]:
        return [row.cells for row in read_table(CHECKOUT / "samples" / "soo" / name).rows]

    city = City(
        directory=Directory(rows("departments.csv"), Settings().holidays),
        garbage=GarbageTable([]),
        collection=CollectionTable(rows("garbage/area_days.csv"), centers=rows("garbage/center.csv")),
        facilities=Facilities(rows("facilities.csv")),
        duty=DutyRoster(rows("duty_doctors.csv")),
    )
    return lambda text: Asked(text=text, at=SATURDAY, city=city, city_name="曽於市")


@pytest.fixture(scope="module")
def ask(knowledge: Knowledge, sample_home: Path) -> Ask:
    now = [TUESDAY]
    answerer = Answerer(knowledge, Settings(home=sample_home), clock=lambda: now[0])

    def answer(text: str, *, at: datetime = TUESDAY, session: str | None = None) -> Answer:
        now[0] = at
        return answerer.answer(Utterance(text=text, audience=Audience.RESIDENT, kb="soo", session=session))

    return answer
