"""Promises of staff's own accounts over HTTP: each may do what their rights say, under their own name, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from core.settings import Settings
from server.accounts.account import ALL, Account, Right
from server.app import create_app
from server.attempts import Attempts, attempts
from server.session import COOKIE
from tests.conftest import copy_knowledge, make_home
from tests.server.conftest import PASSWORD, api_routes

OWN = "さくらの木の下で待つ"
ADMIN, CLERK = "101", "102"
UNDER = {
    "/api/staff/calls": Right.CALLS,
    "/api/staff/minutes": Right.MINUTES,
    "/api/staff/minutes-templates": Right.MINUTES,
    "/api/staff/voices": Right.MINUTES,
    "/api/staff/record-log": Right.LOG,
}
PAGES = {
    "/staff/calls": Right.CALLS,
    "/staff/calls/live": Right.CALLS,
    "/staff/calls/x": Right.CALLS,
    "/staff/minutes": Right.MINUTES,
    "/staff/minutes/x": Right.MINUTES,
    "/staff/minutes/template": Right.MINUTES,
    "/staff/voices": Right.MINUTES,
    "/staff/accounts": Right.ACCOUNTS,
    f"/staff/accounts/{CLERK}": Right.ACCOUNTS,
}

Enter = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def client(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = make_home(tmp_path_factory.mktemp("accounts") / "home")
    copy_knowledge(sample_home, home)
    app = create_app(Settings(home=home, alexa_verify=False))
    accounts = app.state.service.accounts
    for number, name, department, rights in ((ADMIN, "田中 花子", "市民課", ALL), (CLERK, "前田 太郎", "税務課", frozenset())):
        first = accounts.add(Account(id=number, name=name, department=department, rights=rights), by="管理者")
        accounts.choose_password(number, first, OWN)
    yield TestClient(app, raise_server_exceptions=False)
    app.state.service.database.dispose()


@pytest.fixture
def enter(client: TestClient) -> Enter:
    """enter("101") -> the client, logged in by that account."""

    def come_in(number: str) -> TestClient:
        attempts._failures.clear()
        client.cookies.clear()
        reply = client.post("/staff/login", data={"account": number, "password": OWN}, follow_redirects=False)
        assert reply.status_code == 303
        return client

    return come_in


def give(client: TestClient, *rights: Right) -> None:
    accounts = client.app.state.service.accounts  # type: ignore[attr-defined]
    before = accounts.get(CLERK)
    accounts.change(Account(id=CLERK, name=before.name, department=before.department, rights=frozenset(rights)), by="test")


def guarded(client: TestClient) -> list[tuple[str, str, Right]]:
    """Every (method, path, right) of what not everybody may do."""
    found = [
        (method, re.sub(r"\{form\}", "txt", re.sub(r"\{\w+\}", "0" * 32, route.path)), right)
        for route in api_routes(client)
        for prefix, right in UNDER.items()
        if route.path.startswith(prefix)
        for method in sorted(route.methods)
    ]
    assert len(found) > 40
    return found


def test_an_account_opens_what_its_rights_say_and_nothing_else(enter: Enter) -> None:
    client = enter(CLERK)
    for right in Right:
        give(client, *(ALL - {right}))
        for method, path, needed in guarded(client):
            if needed is right:
                refused = client.request(method, path)
                assert refused.status_code == 403, (method, path)
                assert f"「{right.label}」の権限" in refused.json()["error"]["message"]
        for path, needed in PAGES.items():
            page = client.get(path, headers={"Accept": "text/html"})
            assert page.status_code == (403 if needed is right else 200), path
    give(client)
    for page in ("", "/knowledge", "/knowledge/new", "/knowledge/import", "/captions", "/help", "/account"):
        path = f"/staff{page}"
        assert client.get(path, follow_redirects=False).status_code == 200, path
    assert client.get("/api/staff/categories").status_code == 200


def test_the_help_leads_to_what_the_reader_may_open_and_nowhere_else(enter: Enter) -> None:
    client = enter(CLERK)
    for right, page in ((Right.MINUTES, "/staff/minutes"), (Right.CALLS, "/staff/calls")):
        give(client, right)
        assert f'<a href="{page}">' in client.get("/staff/help").text
        give(client, *(ALL - {right}))
        assert page not in client.get("/staff/help").text


def test_every_route_of_staff_is_one_that_is_guarded_or_for_all_of_them(client: TestClient) -> None:
    for_all = re.compile(
        r"/staff|/staff/(login|logout|account|captions|help|record-log|documents/.*)|/staff/knowledge(/.*)?"
        r"|/api/staff/(ask|ask/audio|categories|knowledge/state)"
    )
    staff = {route.path for route in api_routes(client) if route.path.startswith(("/staff", "/api/staff"))}
    unknown = {
        path
        for path in staff
        if not for_all.fullmatch(path)
        and not any(path.startswith(prefix) for prefix in UNDER)
        and not path.startswith(("/staff/accounts", "/staff/calls", "/staff/minutes", "/staff/voices"))
    }
    assert len(staff) > 60 and unknown == set()


def test_the_menu_shows_what_may_be_opened(enter: Enter) -> None:
    client = enter(CLERK)
    give(client, Right.CALLS)
    page = client.get("/staff").text
    assert 'href="/staff/calls"' in page and "税務課 前田 太郎" in page
    assert 'href="/staff/minutes"' not in page and 'href="/staff/accounts"' not in page
    page = enter(ADMIN).get("/staff").text
    assert 'href="/staff/minutes"' in page and 'href="/staff/accounts"' in page


def test_calls_that_go_on_are_read_by_who_may_alone(enter: Enter) -> None:
    client = enter(CLERK)
    give(client, *(ALL - {Right.CALLS}))
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/api/staff/calls/live"):
        pass
    assert refused.value.status_code == 403


def test_a_right_that_is_taken_away_is_gone_at_once(enter: Enter) -> None:
    client = enter(CLERK)
    give(client, Right.CALLS)
    assert client.get("/api/staff/calls").status_code == 200
    give(client)
    assert client.get("/api/staff/calls").status_code == 403


def test_who_is_stopped_is_out_at_once_and_back_with_the_same_password(client: TestClient, enter: Enter) -> None:
    clerk = enter(CLERK).cookies[COOKIE]
    admin = enter(ADMIN)
    as_clerk = {"Cookie": f"{COOKIE}={clerk}"}
    assert admin.post(f"/staff/accounts/{CLERK}/stop", follow_redirects=False).status_code == 303
    admin_cookie = admin.cookies[COOKIE]
    client.cookies.clear()
    assert client.get("/api/staff/categories", headers=as_clerk).status_code == 401
    again = client.post("/staff/login", data={"account": CLERK, "password": OWN}, follow_redirects=False)
    assert again.status_code == 401 and "職員番号かパスワードが違います" in again.text and CLERK in again.text
    client.post(f"/staff/accounts/{CLERK}/resume", headers={"Cookie": f"{COOKIE}={admin_cookie}"})
    assert client.get("/api/staff/categories", headers=as_clerk).status_code == 401, "what was open before stays shut"
    assert enter(CLERK).get("/api/staff/categories").status_code == 200


def test_an_account_is_made_with_a_first_password_that_opens_nothing_but_the_choice_of_an_own_one(enter: Enter) -> None:
    admin = enter(ADMIN)
    sent = {"id": "２０３", "name": "上村 次郎", "department": "福祉課", "rights": ["calls", "nonsense"]}
    made = admin.post("/staff/accounts", data=sent)
    assert made.status_code == 200 and made.headers["Cache-Control"] == "no-store"
    (password,) = re.findall(r"<code>([^<]+)</code>", made.text)
    assert password not in admin.get("/staff/accounts/203").text
    again = admin.post("/staff/accounts", data=sent)
    assert again.status_code == 422 and "もうあります" in again.text and 'value="上村 次郎"' in again.text

    admin.cookies.clear()
    new = admin
    reply = new.post("/staff/login", data={"account": "203", "password": password}, follow_redirects=False)
    assert reply.status_code == 303
    for path in ("/staff", "/staff/calls", "/staff/knowledge"):
        assert new.get(path).url.path == "/staff/account", path
    for method, path in (("GET", "/api/staff/calls"), ("POST", "/api/staff/ask"), ("GET", "/api/staff/categories")):
        refused = new.request(method, path, json={"text": "住民票"} if method == "POST" else None)
        assert refused.status_code == 403 and "自分のパスワード" in refused.json()["error"]["message"]
    wrong = new.post("/staff/account", data={"current": password, "chosen": OWN, "again": OWN + "x"})
    assert wrong.status_code == 422 and "2つが違います" in wrong.text
    first = new.cookies[COOKIE]
    chosen = new.post("/staff/account", data={"current": password, "chosen": OWN, "again": OWN})
    assert chosen.status_code == 200 and "パスワードを変えました" in chosen.text
    assert new.get("/api/staff/calls").status_code == 200
    new.cookies.clear()
    assert new.get("/api/staff/categories", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401, "other logins are over"


def test_who_guesses_at_an_account_waits_on_the_page_for_another_password_too(enter: Enter) -> None:
    client = enter(CLERK)
    wrong = {"current": "x", "chosen": OWN + "x", "again": OWN + "x"}
    statuses = [client.post("/staff/account", data=wrong).status_code for _ in range(Attempts.LIMIT + 1)]
    assert statuses == [422] * Attempts.LIMIT + [429]
    right = client.post("/staff/account", data=wrong | {"current": OWN})
    assert right.status_code == 429 and "しばらく受け付けません" in right.text
    attempts._failures.clear()


def test_a_browser_that_another_account_came_in_by_is_a_stranger_to_mine(enter: Enter) -> None:
    client = enter(CLERK)
    client.cookies.delete(COOKIE)
    for password in ["x"] * Attempts.LIMIT:
        client.post("/staff/login", data={"account": ADMIN, "password": password})
    assert client.post("/staff/login", data={"account": ADMIN, "password": OWN}).status_code == 429
    again = client.post("/staff/login", data={"account": CLERK, "password": OWN}, follow_redirects=False)
    assert again.status_code == 303, "its own account is known there"
    attempts._failures.clear()


def seal_of(page: str) -> str:
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    return str(seen)


def test_an_old_form_does_not_take_back_what_another_has_changed(enter: Enter) -> None:
    admin = enter(ADMIN)
    give(admin, Right.CALLS)
    seen = seal_of(admin.get(f"/staff/accounts/{CLERK}").text)
    give(admin)
    sent = {"name": "前田 太郎", "department": "税務課", "rights": ["calls"], "seen": seen}
    late = admin.post(f"/staff/accounts/{CLERK}", data=sent)
    assert late.status_code == 422 and "ほかの管理者" in late.text
    accounts = admin.app.state.service.accounts  # type: ignore[attr-defined]
    assert accounts.get(CLERK).rights == frozenset()
    assert "今の内容は「税務課 前田 太郎」、権限：なしです" in late.text
    assert 'value="calls" checked' in late.text, "what was written is still there"
    again = admin.post(f"/staff/accounts/{CLERK}", data=sent | {"seen": seal_of(late.text)}, follow_redirects=False)
    assert again.status_code == 303 and accounts.get(CLERK).rights == {Right.CALLS}


def test_what_was_refused_of_an_account_is_put_right_and_saved_from_the_same_page(enter: Enter) -> None:
    admin = enter(ADMIN)
    give(admin)
    seen = seal_of(admin.get(f"/staff/accounts/{CLERK}").text)
    sent = {"name": "", "department": "税務課", "rights": ["calls"], "seen": seen}
    refused = admin.post(f"/staff/accounts/{CLERK}", data=sent)
    assert refused.status_code == 422 and 'value="calls" checked' in refused.text
    again = sent | {"name": "前田 太郎", "seen": seal_of(refused.text)}
    assert admin.post(f"/staff/accounts/{CLERK}", data=again, follow_redirects=False).status_code == 303


def test_accounts_are_found_by_any_of_their_words(enter: Enter) -> None:
    admin = enter(ADMIN)
    for words, found in (("税務課　前田", True), ("１０２", True), ("田中", False)):
        page = admin.get("/staff/accounts", params={"q": words}).text
        assert ("税務課 前田 太郎" in page) is found, words
    assert "あてはまるアカウントはありません" in admin.get("/staff/accounts", params={"q": "いない"}).text


def test_nobody_gives_themselves_rights_and_who_manages_no_accounts_changes_none(enter: Enter) -> None:
    admin = enter(ADMIN)
    for path, data in ((f"/staff/accounts/{ADMIN}", {"name": "別人"}), (f"/staff/accounts/{ADMIN}/stop", {})):
        refused = admin.post(path, data=data)
        assert refused.status_code == 403 and "自分のアカウント" in refused.text
    clerk = enter(CLERK)
    give(clerk, *(ALL - {Right.ACCOUNTS}))
    for step in ("", f"/{CLERK}", f"/{ADMIN}/password", f"/{ADMIN}/stop"):
        path = f"/staff/accounts{step}"
        assert clerk.post(path, data={"id": "9", "name": "x", "rights": ["accounts"]}).status_code == 403, path
    accounts = clerk.app.state.service.accounts  # type: ignore[attr-defined]
    assert accounts.find("9") is None and accounts.get(ADMIN).rights == ALL and accounts.get(ADMIN).name == "田中 花子"


@pytest.mark.parametrize("page", ["account", "accounts", f"accounts/{CLERK}", f"accounts/{CLERK}/stop"])
def test_another_site_s_page_changes_no_account(enter: Enter, page: str) -> None:
    client = enter(ADMIN)
    reply = client.post(f"/staff/{page}", data={"name": "x", "id": "9"}, headers={"Origin": "https://example.com"})
    assert reply.status_code == 403 and "ほかのサイト" in reply.text
    accounts = client.app.state.service.accounts  # type: ignore[attr-defined]
    assert accounts.get(CLERK).name == "前田 太郎" and accounts.get(CLERK).stopped_at is None


def test_drafts_are_written_by_anybody_under_their_own_name_and_published_by_who_may(enter: Enter) -> None:
    entry = {"id": "roof-9", "question": "屋上に上がれますか。", "answer": "いいえ。", "audience": "resident", "is_new": "yes"}
    clerk = enter(CLERK)
    give(clerk)
    saved = clerk.post("/staff/knowledge/draft", data=entry | {"by": "田中 花子"})
    assert saved.status_code == 200 and "前田 太郎" in saved.text and "田中 花子" not in saved.text
    page = clerk.post("/staff/knowledge/entries/roof-9/submit", data={"by": "田中 花子", "seen": "1"}).text
    assert "承認して公開する" not in page and "「公開の承認」の権限のある人" in page
    number = int(re.findall(r'name="seen" value="(\d+)"', page)[0])
    for step in ("approve", "retire"):
        refused = clerk.post(f"/staff/knowledge/entries/roof-9/{step}", data={"seen": number}, headers={"Accept": "text/html"})
        assert refused.status_code == 403 and "「公開の承認」の権限" in refused.text
    assert clerk.post("/staff/knowledge/publish").status_code == 403
    assert clerk.post("/staff/knowledge/sent/x", data={"seen": "x"}).status_code == 403
    csv = ("faq.csv", "id,question,answer\nroof-10,屋上の鍵はどこですか。,総務課です。\n".encode(), "text/csv")
    refused = clerk.post("/staff/knowledge/import", data={"state": "approved", "readers": "staff"}, files={"files": csv})
    assert "「公開の承認」の権限" in refused.text
    taken = clerk.post("/staff/knowledge/import", data={"state": "draft", "readers": "staff"}, files={"files": csv})
    assert taken.status_code == 200
    assert "前田 太郎（102）" in clerk.get("/staff/knowledge/entries/roof-10").text
    admin = enter(ADMIN)
    approved = admin.post("/staff/knowledge/entries/roof-9/approve", data={"seen": number, "by": "だれか"})
    assert approved.status_code == 200 and "田中 花子（101）" in approved.text and "だれか" not in approved.text


def test_a_department_s_own_entries_are_for_its_accounts(enter: Enter) -> None:
    clerk = enter(CLERK)
    give(clerk)
    entry = {"id": "tax-secret", "question": "滞納の督促はいつ出しますか。", "answer": "毎月20日です。", "audience": "department",
             "department": "税務課", "is_new": "yes"}  # fmt: skip
    assert clerk.post("/staff/knowledge/draft", data=entry).status_code == 200
    assert clerk.get("/staff/knowledge/entries/tax-secret").status_code == 200
    assert enter(ADMIN).get("/staff/knowledge/entries/tax-secret").status_code == 404


def test_without_a_shared_password_the_number_is_asked_for_and_an_empty_one_opens_nothing(client: TestClient) -> None:
    client.cookies.clear()
    attempts._failures.clear()
    page = client.get("/staff/login").text
    assert 'name="account"' in page and "共通のパスワード" not in page
    for sent in ({"password": ""}, {"password": OWN}, {"account": "", "password": PASSWORD}):
        assert client.post("/staff/login", data=sent, follow_redirects=False).status_code == 401
    assert client.get("/staff", follow_redirects=False).status_code == 303


def test_beside_accounts_a_shared_password_opens_all_but_the_accounts(client: TestClient) -> None:
    home = client.app.state.service.settings.home  # type: ignore[attr-defined]
    app = create_app(Settings(home=home, alexa_verify=False, staff_password=PASSWORD, department_passwords={"税務課": "of tax"}))  # type: ignore[arg-type, dict-item]
    shared = TestClient(app, raise_server_exceptions=False)
    page = shared.get("/staff/login").text
    assert 'name="account"' in page and "共通のパスワードで入るときは、空のまま" in page
    for password, may in ((PASSWORD, ALL - {Right.ACCOUNTS}), ("of tax", ALL - {Right.ACCOUNTS, Right.LOG})):
        shared.cookies.clear()
        assert shared.post("/staff/login", data={"password": password}, follow_redirects=False).status_code == 303
        for path, right in (*UNDER.items(), ("/staff/accounts", Right.ACCOUNTS)):
            assert shared.get(path).status_code == (200 if right in may else 403), (password, path)
        assert shared.get("/staff/account").url.path == "/staff", "nobody's password is changed there"
    app.state.service.database.dispose()


@pytest.mark.parametrize("forged", ["", "x", "{late}:{n}::{a}", "1:{n}::{a}", "{late}:{n}:zz:{a}", "{late}:{n}:ff:{a}"])
def test_a_cookie_that_we_did_not_sign_opens_nothing(client: TestClient, forged: str) -> None:
    client.cookies.clear()
    cookie = forged.format(late="9" * 11, n="0" * 32, a=ADMIN.encode().hex()) + "." + "0" * 64
    assert client.get("/api/staff/calls", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401
