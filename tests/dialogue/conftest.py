"""The sample city's tables as a question finds them on Saturday, 28 November 2026, at noon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.clock import JST
from core.settings import CHECKOUT, Settings
from core.table import read_table
from dialogue.asked import Asked
from dialogue.city import City
from dialogue.directory import Directory
from retrieval.city.collection import CollectionTable
from retrieval.city.duty import DutyRoster
from retrieval.city.facilities import Facilities
from retrieval.garbage import GarbageTable

SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=JST)


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
