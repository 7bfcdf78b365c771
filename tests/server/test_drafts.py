"""Promises of the form in which entries are written: nothing typed is lost, nothing saved is buried, what is wrong is named."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.settings import Settings
from server.app import create_app
from server.attempts import attempts
from tests.conftest import copy_knowledge, make_home

PASSWORD = "himitsu"
DRAFT, ENTRIES = "/staff/knowledge/draft", "/staff/knowledge/entries"
FIRST = {
    "question": "屋上で凧を揚げてもよいですか。",
    "answer": "総務課に届け出てください。",
    "audience": "resident",
    "by": "田中",
}


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = make_home(tmp_path_factory.mktemp("drafts") / "home")
    copy_knowledge(sample_home, home)
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD))
    yield TestClient(app, follow_redirects=False)
    app.state.service.database.dispose()


@pytest.fixture
def staff(client: TestClient) -> TestClient:
    attempts._failures.clear()
    client.cookies.clear()
    assert client.post("/staff/login", data={"password": PASSWORD}).status_code == 303
    return client


def new(staff: TestClient, entry_id: str) -> None:
    assert staff.post(DRAFT, data=FIRST | {"id": entry_id, "is_new": "yes"}).status_code == 303


def opened(staff: TestClient, entry_id: str) -> dict[str, str]:
    """What the form of an entry holds when it is opened."""
    page = staff.get(f"{ENTRIES}/{entry_id}/edit").text
    return FIRST | {"id": entry_id, "seen": hidden(page, "seen")}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found[1]


def answers(staff: TestClient, entry_id: str) -> str:
    return html.unescape(staff.get(f"{ENTRIES}/{entry_id}").text)


def test_the_second_of_two_editors_is_shown_what_the_first_saved_and_decides(staff: TestClient) -> None:
    new(staff, "two-1")
    mine, theirs = opened(staff, "two-1"), opened(staff, "two-1")
    assert staff.post(DRAFT, data=theirs | {"answer": "鈴木の回答です。", "by": "鈴木"}).status_code == 303
    refused = staff.post(DRAFT, data=mine | {"answer": "田中の回答です。"})
    assert refused.status_code == 422
    for part in (
        "新しい版が保存されました（第2版",
        "鈴木",
        "<del>鈴木の回答です。</del>",
        "<ins>田中の回答です。</ins>",
        "第2版の全文",
    ):
        assert part in refused.text
    assert "田中の回答です。</textarea>" in refused.text, "nothing typed is lost"
    assert "田中の回答です。" not in answers(staff, "two-1")
    assert staff.post(DRAFT, data=mine | {"answer": "田中の回答です。", "seen": hidden(refused.text, "seen")}).status_code == 422
    decided = mine | {"answer": "二人の回答です。", "over": hidden(refused.text, "over")}
    assert staff.post(DRAFT, data=decided).status_code == 303
    page = answers(staff, "two-1")
    assert "第3版" in page
    assert "鈴木の回答です。" in page, "it stays in the history"


def test_a_decision_is_about_the_version_that_was_shown_and_no_later_one(staff: TestClient) -> None:
    new(staff, "two-2")
    mine = opened(staff, "two-2")
    staff.post(DRAFT, data=opened(staff, "two-2") | {"answer": "二つ目。"})
    over = hidden(staff.post(DRAFT, data=mine | {"answer": "わたしの。"}).text, "over")
    staff.post(DRAFT, data=opened(staff, "two-2") | {"answer": "三つ目。"})
    again = staff.post(DRAFT, data=mine | {"answer": "わたしの。", "over": over})
    assert again.status_code == 422
    assert "三つ目。" in again.text


def test_a_step_that_only_changed_the_state_is_no_reason_to_refuse_a_text(staff: TestClient) -> None:
    new(staff, "two-3")
    mine = opened(staff, "two-3")
    staff.post(f"{ENTRIES}/two-3/submit", data={"by": "鈴木"})
    assert staff.post(DRAFT, data=mine | {"answer": "直しました。"}).status_code == 303


@pytest.mark.parametrize("step", ["submit", "return", "approve", "retire", "restore"])
def test_no_step_is_taken_with_a_version_that_came_after_the_page(staff: TestClient, step: str) -> None:
    entry_id = f"stale-{step}"
    new(staff, entry_id)
    staff.post(f"{ENTRIES}/{entry_id}/submit", data={"by": "田中", "seen": "1"})
    staff.post(DRAFT, data=opened(staff, entry_id) | {"answer": "あとから。"})
    reply = staff.post(f"{ENTRIES}/{entry_id}/{step}", data={"by": "佐藤", "seen": "2", "number": "1"})
    assert (reply.status_code, "新しい版が保存されました" in reply.text) == (422, True)
    assert "第4版" not in answers(staff, entry_id)


def test_a_new_entry_that_was_saved_already_can_be_corrected_or_go_on_under_another_number(staff: TestClient) -> None:
    typed = FIRST | {"id": "again-1", "is_new": "yes", "seen": ""}
    assert staff.post(DRAFT, data=typed).status_code == 303
    assert staff.post(DRAFT, data=typed).status_code == 303, "the same text again buries nothing"
    corrected = typed | {"answer": "環境課に届け出てください。"}
    reply = staff.post(DRAFT, data=corrected)
    assert reply.status_code == 422
    for part in (
        "「again-1」の項目は、もうあります（第1版",
        "田中",
        f'href="{ENTRIES}/again-1"',
        "環境課に届け出てください。</textarea>",
    ):
        assert part in html.unescape(reply.text)
    assert staff.post(DRAFT, data=corrected | {"id": "again-2"}).status_code == 303
    over = hidden(reply.text, "over")
    assert staff.post(DRAFT, data=corrected | {"id": "moving-01", "over": over}).status_code == 422, "it was of another entry"
    assert staff.post(DRAFT, data=corrected | {"over": over}).status_code == 303


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("answer", "あ" * 20_001, "回答は20,000字までです（今は20,001字）。"),
        ("source_url", "https://example.jp/" + "a" * 20_000, "出典のアドレス（URL）は20,000字までです"),
        ("by", "名" * 41, "お名前は40字までです（今は41字）。"),
        ("valid_from", "4月ごろ", "公開開始日は 2026-04-01 の形で"),
        ("valid_until", "4月ごろ", "公開終了日は 2026-04-01 の形で"),
        ("by", "import", "お名前を入力してください。"),
    ],
)
def test_what_can_t_be_saved_is_named_by_its_field_and_kept_whole(staff: TestClient, field: str, text: str, told: str) -> None:
    reply = staff.post(DRAFT, data=FIRST | {"id": "long-1", "is_new": "yes", field: text})
    assert reply.status_code == 422
    assert told in reply.text
    assert "maxlength" not in reply.text, "a browser would cut a pasted text without a word"
    assert field == "by" or text in reply.text


def test_a_saved_draft_says_that_it_is_saved_and_not_published(staff: TestClient) -> None:
    new(staff, "told-1")
    page = staff.get(f"{ENTRIES}/told-1?saved=1").text
    assert "下書きを保存しました（第1版）。まだ公開されていません。" in page
    assert "公開済み" not in page
    assert "下書きを保存しました" not in staff.get(f"{ENTRIES}/told-1").text


@pytest.mark.parametrize(
    ("typed", "led_to"),
    [
        ({"is_new": "yes"}, "/staff/knowledge/new"),
        ({"id": "市民課/1"}, f"{ENTRIES}/%E5%B8%82%E6%B0%91%E8%AA%B2%2F1/edit"),
    ],
)
def test_a_login_that_ran_out_says_why_and_leads_back_to_the_form(client: TestClient, typed: dict[str, str], led_to: str) -> None:
    client.cookies.clear()
    assert client.post(DRAFT, data=FIRST | typed).headers["location"] == "/staff/login"
    page = client.get("/staff/login").text
    assert "ログインの時間（12時間）が切れたため、まだ保存していません。" in page
    assert "残っています" in page
    attempts._failures.clear()
    assert "残っています" in client.post("/staff/login", data={"password": "まちがい"}).text
    assert client.post("/staff/login", data={"password": PASSWORD}).headers["location"] == led_to


def test_a_step_after_the_login_ran_out_leads_back_to_its_entry(client: TestClient) -> None:
    client.cookies.clear()
    client.post(f"{ENTRIES}/moving-01/retire", data={"by": "佐藤"})
    assert client.post("/staff/login", data={"password": PASSWORD}).headers["location"] == f"{ENTRIES}/moving-01"
