"""Promises of the log of records: what was looked at is said once an hour, and lines are kept for their years."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.engine import Engine

from asr.keeping.log import Deed, Kind, Person, RecordLog, Wanted, every_line, lines
from core.clock import JST
from core.settings import Settings

AT = datetime(2026, 11, 20, 13, 5, tzinfo=JST)
TAX = Person(name="税務課", sign_in="a1b2c3")


@dataclass
class Hour:
    """A clock that the test sets."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if getattr(request, "param", "") == "postgres" else ""
    return Settings(home=home, database_url=url)


@pytest.fixture
def hour() -> Hour:
    return Hour()


@pytest.fixture
def log(engine: Engine, hour: Hour) -> RecordLog:
    return RecordLog(engine=engine, kind=Kind.CALL, years=5, clock=hour)


def test_who_reads_for_hours_has_a_line_an_hour(log: RecordLog, engine: Engine, hour: Hour) -> None:
    for minutes in range(0, 125, 5):
        hour.at = AT + timedelta(minutes=minutes)
        log.look("a", Deed.READ, TAX)
    read = list(every_line(engine, Wanted(recording_id="a")))
    assert [line.at for line in reversed(read)] == [AT, AT + timedelta(hours=1), AT + timedelta(hours=2)]


@pytest.mark.parametrize(
    ("recording_id", "deed", "by"),
    [
        ("b", Deed.READ, TAX),
        ("a", Deed.LISTENED, TAX),
        ("a", Deed.READ, replace(TAX, name="市民課")),
        ("a", Deed.READ, replace(TAX, sign_in="ffffff")),
    ],
)
def test_another_look_is_another_line(log: RecordLog, engine: Engine, recording_id: str, deed: Deed, by: Person) -> None:
    for _ in range(2):
        log.look("a", Deed.READ, TAX)
        log.look(recording_id, deed, by)
    assert len(list(every_line(engine, Wanted()))) == 2


@pytest.mark.parametrize("settings", ["sqlite", "postgres"], indirect=True)
def test_a_player_that_asks_for_many_pieces_at_once_has_one_line(log: RecordLog, engine: Engine) -> None:
    for recording_id in "abcdef":
        together = Barrier(5)

        def piece(recording_id: str = recording_id, together: Barrier = together) -> None:
            together.wait()
            log.look(recording_id, Deed.LISTENED, TAX)

        with ThreadPoolExecutor(5) as pool:
            for asked in [pool.submit(piece) for _ in range(5)]:
                asked.result()
    assert len(list(every_line(engine, Wanted()))) == 6


def test_lines_are_kept_for_their_years_and_numbers_of_copies_are_never_given_again(
    log: RecordLog, engine: Engine, hour: Hour
) -> None:
    meetings = replace(log, kind=Kind.MEETING, years=0)
    assert [each.copy("a", TAX, "開示請求", "docx") for each in (log, log, meetings)] == [1, 2, 3]
    hour.at = AT.replace(year=2031)
    log.sweep()
    assert len(list(every_line(engine, Wanted()))) == 3
    hour.at = AT.replace(year=2031) + timedelta(days=5)
    for each in (log, meetings):
        each.sweep()
    assert [line.copy for line in every_line(engine, Wanted())] == [3]
    assert log.copy("a", TAX, "開示請求", "docx") == 4


def test_a_long_log_is_read_whole_and_in_pages(log: RecordLog, engine: Engine, hour: Hour) -> None:
    for n in range(2_345):
        hour.at = AT + timedelta(seconds=n)
        log.look(f"{n}", Deed.READ, TAX)
    ids = [line.id for line in every_line(engine, Wanted(who="税務課"))]
    assert ids == list(range(2_345, 0, -1))
    page, total = lines(engine, Wanted(deed=Deed.READ), 10)
    assert ([line.id for line in page], total) == (ids[:10], 2_345)
