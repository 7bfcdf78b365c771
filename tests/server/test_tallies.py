"""Promises of the counts of residents' questions: what became of them by the day, for editors, and no word of what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from core.audience import Audience
from core.clock import JST, now
from core.database import open_database
from core.settings import Settings, Zone
from dialogue.answer import Act, Answer, Band, Contact, Suggestion
from dialogue.utterance import Utterance
from server.app import create_app
from server.tallies import KEPT_DAYS, Tallies, What, tallies
from tests.conftest import copy_knowledge, make_home, run_madoguchi

PASSWORD = "himitsu"
SECRET = "隣の鶏がうるさくて眠れない"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=JST)
ASKED = Utterance(text=SECRET, audience=Audience.RESIDENT, kb="soo", session="s-1")
TAX = Contact(department="税務課", phone="", location="", hours="", open_now=True, next_open=None, next_open_text=None)


def answer(band: Band, *offered: str, act: Act = Act.QUESTION, contact: Contact | None = None) -> Answer:
    choices = tuple(Suggestion(entry_id=i, question=i) for i in offered)
    return Answer(band=band, act=act, text="", confidence=1.0, suggestions=choices, contact=contact)


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[Tallies]:
    engine = open_database(Settings(home=tmp_path))
    yield Tallies(engine, "soo", lambda: NOON)
    engine.dispose()


def test_what_residents_were_told_is_counted_by_the_day_and_added_up(counts: Tallies) -> None:
    for _ in range(2):
        counts.note(ASKED, answer(Band.ANSWER), is_taken=False)
        counts.note(ASKED, answer(Band.CLARIFY, "e-1", "e-2"), is_taken=False)
        counts.note(ASKED, answer(Band.HANDOFF, contact=TAX), is_taken=False)
        counts.keep()
    took = Utterance(text="e-1", audience=Audience.RESIDENT, kb="soo", entry_id="e-1")
    counts.note(took, answer(Band.ANSWER), is_taken=True)
    counts.keep()
    assert {what: dict(names) for what, names in counts.since(NOON.date()).items()} == {
        What.ANSWERED: {"": 2},
        What.OFFERED: {"": 2},
        What.HANDED: {"税務課": 2},
        What.ENTRY_OFFERED: {"e-1": 2, "e-2": 2},
        What.ENTRY_TAKEN: {"e-1": 1},
    }
    assert not any(counts.since(NOON.date() + timedelta(days=1)).values())


def test_staff_and_greetings_are_not_counted(counts: Tallies) -> None:
    staff = Utterance(text=SECRET, audience=Audience.STAFF, kb="soo")
    counts.note(staff, answer(Band.ANSWER), is_taken=False)
    counts.note(ASKED, answer(Band.ANSWER, act=Act.GREETING), is_taken=False)
    counts.keep()
    assert not any(counts.since(date.min).values())


def test_counts_are_forgotten_after_their_time(tmp_path: Path) -> None:
    at, engine = [NOON], open_database(Settings(home=tmp_path))
    counts = Tallies(engine, "soo", lambda: at[0], settle_s=0)
    for days in (0, KEPT_DAYS, KEPT_DAYS + 1):
        at[0] = NOON + timedelta(days=days)
        counts.note(ASKED, answer(Band.ANSWER), is_taken=False)
        counts.keep()
    assert counts.since(date.min)[What.ANSWERED].total() == 2
    engine.dispose()


def test_a_clock_that_is_wrong_by_years_forgets_no_count(tmp_path: Path) -> None:
    at, engine = [NOON], open_database(Settings(home=tmp_path))
    counts = Tallies(engine, "soo", lambda: at[0])
    for years in (0, 3, 0):  # set by hand while the server runs
        at[0] = NOON + timedelta(days=365 * years)
        counts.note(ASKED, answer(Band.ANSWER), is_taken=False)
        counts.keep()
    started_wrong = Tallies(engine, "soo", lambda: NOON + timedelta(days=365 * 3))
    started_wrong.note(ASKED, answer(Band.ANSWER), is_taken=False)
    started_wrong.keep()
    assert counts.since(NOON.date())[What.ANSWERED].total() == 4
    engine.dispose()


def test_counts_wait_while_the_database_can_t_be_written(tmp_path: Path) -> None:
    engine = open_database(Settings(home=tmp_path))
    counts = Tallies(engine, "soo", lambda: NOON)
    counts.note(ASKED, answer(Band.ANSWER), is_taken=False)
    tallies.drop(engine)
    counts.keep()
    tallies.create(engine)
    counts.keep()
    assert counts.since(NOON.date())[What.ANSWERED].total() == 1
    engine.dispose()


@pytest.mark.parametrize("zone", [Zone.ALL, Zone.STAFF])
def test_where_residents_are_answered_elsewhere_the_page_says_where_the_counts_are(settings: Settings, zone: Zone) -> None:
    app = create_app(Settings(home=settings.home, staff_password=PASSWORD, zone=zone))
    client = TestClient(app)
    client.post("/staff/login", data={"password": PASSWORD})
    page = client.get("/staff/knowledge/asked").text
    assert "まだ回数がありません" in page
    assert ("madoguchi kb asked" in page) is (zone is Zone.STAFF)
    app.state.service.database.dispose()


def test_editors_see_the_counts_and_nowhere_is_a_word_of_a_question(sample_home: Path, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    copy_knowledge(sample_home, home)
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD))
    client = TestClient(app, follow_redirects=False)
    assert client.get("/staff/knowledge/asked").headers["location"] == "/staff/login"
    for _ in range(3):
        asked = client.post("/api/ask", json={"text": "介護"}).json()
    passed_by = asked["suggestions"][1]["question"]
    taken = asked["suggestions"][0]
    choice = {"text": taken["question"], "entry_id": taken["entry_id"], "session": asked["session"]}
    assert client.post("/api/ask", json=choice).json()["band"] == "answer"
    assert client.post("/api/ask", json={"text": SECRET}).status_code == 200
    service = app.state.service
    service.tallies.keep()
    told = run_madoguchi("kb", "asked", "--kb", "soo", home=home).stdout
    assert f"候補に出た3回、選ばれた0回\t{passed_by}" in told
    client.post("/staff/login", data={"password": PASSWORD})
    page = client.get("/staff/knowledge/asked").text
    assert f"{passed_by}</a>（候補に出た3回、選ばれた0回）" in page
    assert service.tallies.since(now().date())[What.ENTRY_TAKEN] == {taken["entry_id"]: 1}
    with service.database.connect() as c:
        kept = [str(row) for row in c.execute(sa.select(tallies))]
    assert kept
    assert not any(word in row for row in kept for word in ("鶏", "眠", asked["session"]))
    service.database.dispose()
