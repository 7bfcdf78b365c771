"""Promises of what clerks see of entries: whoever may read the answer finds its entry, and a department's text stays its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from core.audience import Audience
from core.settings import Settings
from retrieval.repository import Repository
from server.app import create_app
from server.attempts import attempts
from tests.conftest import copy_knowledge, make_home

STAFF, TAX = "himitsu", "zeimu-himitsu"
SECRET = "翡翠色の帳簿"
LIST, ENTRY = "/staff/knowledge", "/staff/knowledge/entries/tax-01"


@pytest.fixture
def client(sample_home: Path, tmp_path: Path) -> Iterator[TestClient]:
    home = make_home(tmp_path / "home")
    copy_knowledge(sample_home, home)
    attempts._failures.clear()
    app = create_app(
        Settings(home=home, alexa_verify=False, staff_password=STAFF, department_passwords={"税務課": SecretStr(TAX)})
    )
    yield TestClient(app, follow_redirects=False)
    app.state.service.publisher.stop()
    app.state.service.database.dispose()


def enter(client: TestClient, password: str) -> None:
    client.cookies.clear()
    assert client.post("/staff/login", data={"password": password}).status_code == 303


def draft(client: TestClient, entry_id: str = "tax-01", **changed: str) -> int:
    fields = {"id": entry_id, "question": "市税の納期はいつですか。", "answer": "5月31日です。", "by": "田中"}
    return client.post(f"{LIST}/draft", data=fields | {"audience": "resident", "department": "税務課"} | changed).status_code


@pytest.fixture
def hidden(client: TestClient) -> TestClient:
    """Other staff, after the tax office made a public entry its own in a draft."""
    enter(client, TAX)
    assert draft(client, answer=SECRET, audience="department") == 303
    for step in ("submit", "return"):
        assert client.post(f"{ENTRY}/{step}", data={"by": "田中", "note": SECRET}).status_code == 303
    enter(client, STAFF)
    return client


def test_an_entry_that_answers_stays_where_staff_find_it_whatever_a_department_drafts(hidden: TestClient) -> None:
    page = hidden.get(ENTRY)
    assert page.status_code == 200
    assert "公開中" in page.text
    assert "担当課だけが見られる、新しい版があります" in page.text
    assert ENTRY in hidden.get(LIST, params={"q": "tax-01"}).text


def test_of_the_department_s_draft_others_learn_no_word(hidden: TestClient) -> None:
    for path in (ENTRY, f"{ENTRY}/edit", f"{LIST}?q=tax-01", f"{LIST}?state=draft"):
        assert SECRET not in hidden.get(path).text, path
    assert ENTRY not in hidden.get(LIST, params={"q": SECRET}).text, "a search must not tell what stands in it"
    assert hidden.post(f"{ENTRY}/restore", data={"by": "x", "number": "2"}).status_code == 404
    enter(hidden, TAX)
    assert SECRET in hidden.get(ENTRY).text
    assert ENTRY in hidden.get(LIST, params={"q": SECRET}).text


def test_what_answers_can_be_withdrawn_by_who_reads_it_and_the_draft_is_moved_by_its_department(hidden: TestClient) -> None:
    for step in ("submit", "approve", "return", "restore"):
        assert hidden.post(f"{ENTRY}/{step}", data={"by": "佐藤", "number": "1"}).status_code == 422, step
    assert draft(hidden, is_new="yes") == 422
    assert draft(hidden) == 422, "nobody writes over what he may not read"
    assert hidden.post(f"{ENTRY}/retire", data={"by": "佐藤"}).status_code == 303
    assert "もう一度公開する" in hidden.get(ENTRY).text


def test_a_department_s_own_answer_is_withdrawn_by_its_staff_alone(client: TestClient) -> None:
    enter(client, TAX)
    assert draft(client, "own-1", audience="department", answer=SECRET, is_new="yes") == 303
    assert client.post(f"{LIST}/entries/own-1/approve", data={"by": "田中"}).status_code == 303
    assert draft(client, "own-1", answer="だれでも読める下書きです。") == 303
    enter(client, STAFF)
    page = client.get(f"{LIST}/entries/own-1").text
    assert "だれでも読める下書きです。" in page
    assert SECRET not in page
    assert "公開を終える" not in page
    assert client.post(f"{LIST}/entries/own-1/retire", data={"by": "x"}).status_code == 422


def test_a_department_s_answer_is_cited_as_its_own(client: TestClient) -> None:
    service = client.app.state.service  # type: ignore[attr-defined]
    enter(client, TAX)
    draft(client, "own-2", audience="department", question="翡翠色の帳簿の置き場所はどこですか。", is_new="yes")
    client.post(f"{LIST}/entries/own-2/approve", data={"by": "田中"})
    service.publisher.stop(wait_s=60)
    (cited,) = client.post("/api/staff/ask", json={"text": "翡翠色の帳簿の置き場所はどこですか。"}).json()["citations"]
    assert (cited["entry_id"], cited["audience"], cited["confined"]) == ("own-2", Audience.STAFF, True)
    assert "own-2" in Repository(service.database).served("soo", ["own-2"])
