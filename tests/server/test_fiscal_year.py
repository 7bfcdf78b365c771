"""Promises to a clerk who prepares the texts of the next fiscal year: today's answer stays until then, whichever way is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.settings import Settings
from server.app import create_app
from tests.conftest import copy_knowledge, make_home
from tests.server.test_imports import published, seen_on, send, sent_page, told

PASSWORD = "himitsu"
QUESTION = "屋上の凧揚げ場の使用料はいくらですか。"
COLUMNS = "番号,質問,回答,公開開始日,公開終了日\n"
NOW = f"tako-1,{QUESTION},300円です。,,\n"
ENTRIES = "/staff/knowledge/entries"


@pytest.fixture
def staff(sample_home: Path, tmp_path: Path) -> Iterator[TestClient]:
    copy_knowledge(sample_home, home := make_home(tmp_path / "home"))
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD))
    client = TestClient(app, follow_redirects=False)
    client.post("/staff/login", data={"password": PASSWORD})
    send(client, ("料金.csv", COLUMNS + NOW), state="approved")
    yield client
    published(client)
    app.state.service.publisher.stop()
    app.state.service.database.dispose()


def taken(staff: TestClient, entry_id: str, *steps: str) -> None:
    for step in steps:
        assert staff.post(f"{ENTRIES}/{entry_id}/{step}", data={"by": "佐藤", "number": "1"}).status_code == 303


def test_drafts_that_begin_later_keep_no_other_from_being_approved_together(staff: TestClient) -> None:
    later = f"tako-1,{QUESTION},350円です。,2099-04-01,\n" + "tako-2,凧は借りられますか。,総務課で借りられます。,,\n"
    link = sent_page(send(staff, ("来年度.csv", COLUMNS + later)).text)
    page = staff.get(link).text
    assert "まとめて承認できない下書き（1件）" in page
    assert "この1件を承認して公開する" in page
    assert staff.post(link, data={"by": "佐藤", "seen": seen_on(page)}).status_code == 303
    assert "まとめて承認できる下書きはありません" in staff.get(link).text
    published(staff)
    assert (told(staff, text="凧は借りられますか。"), told(staff, text=QUESTION)) == ("総務課で借りられます。", "300円です。")


def test_on_the_screen_the_new_text_gets_its_own_number_and_the_old_one_an_end(staff: TestClient) -> None:
    send(staff, ("来年度.csv", COLUMNS + f"tako-1,{QUESTION},350円です。,2099-04-01,\n"))
    assert "この内容は「新しい番号の項目にする」から" in staff.get(f"{ENTRIES}/tako-1").text
    fields = {"question": QUESTION, "audience": "resident", "by": "佐藤"}
    new = {"id": "tako-1-2099", "answer": "350円です。", "valid_from": "2099-04-01", "is_new": "yes"}
    assert staff.post("/staff/knowledge/draft", data=fields | new).status_code == 303
    taken(staff, "tako-1-2099", "submit", "approve")
    taken(staff, "tako-1", "restore")
    seen = seen_on(staff.get(f"{ENTRIES}/tako-1/edit").text)
    old = {"id": "tako-1", "answer": "300円です。", "valid_until": "2099-03-31", "seen": seen}
    assert staff.post("/staff/knowledge/draft", data=fields | old).status_code == 303
    taken(staff, "tako-1", "submit", "approve")
    published(staff)
    assert told(staff, text=QUESTION) == "300円です。"
