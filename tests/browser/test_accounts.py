"""Accounts as people meet them: one is made, its first password is changed, and what may not be done is not offered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.accounts.account import ALL, Account
from server.parts import Parts
from tests.conftest import LiveServer, Settings, copy_knowledge, make_home, serving

from .conftest import DESKTOP, PHONE, sideways, violations

pytestmark = pytest.mark.browser

OWN = "さくらの木の下で待つ"

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def city(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server without a shared password, whose first account was made by a command."""
    home = make_home(tmp_path_factory.mktemp("accounts") / "home")
    copy_knowledge(sample_home, home)
    parts = Parts(Settings(home=home))
    first = parts.accounts.add(Account(id="101", name="田中 花子", department="市民課", rights=ALL), by="管理者")
    parts.accounts.choose_password("101", first, OWN)
    parts.database.dispose()
    with serving(home, MADOGUCHI_STAFF_PASSWORD="") as server:
        yield server


@pytest.fixture
def opens(chromium: Browser, city: LiveServer) -> Iterator[Opens]:
    """opens("/staff", viewport=…) -> a page of its own visitor."""
    contexts = []

    def open_one(path: str, **options: object) -> Page:
        context = chromium.new_context(base_url=city.url, locale="ja-JP", **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


def log_in(page: Page, number: str, password: str) -> None:
    page.get_by_label("職員番号").fill(number)
    page.get_by_label("パスワード", exact=True).fill(password)
    page.get_by_role("button", name="ログインする").click()


def test_an_account_is_made_handed_over_and_taken_into_use(opens: Opens) -> None:
    admin = opens("/staff/accounts", viewport=DESKTOP)
    expect(admin.get_by_label("職員番号")).to_be_focused()
    assert violations(admin) == []
    log_in(admin, "１０１", OWN)
    expect(admin.get_by_role("heading", name="アカウントの管理")).to_be_visible()
    assert violations(admin) == []
    admin.locator("summary").filter(has_text="アカウントを作る").click()
    admin.get_by_label("職員番号").fill("203")
    admin.get_by_label("氏名").fill("上村 次郎")
    admin.get_by_label("担当課").fill("福祉課")
    admin.get_by_role("checkbox", name=re.compile("通話記録：")).check()
    admin.get_by_role("button", name="アカウントを作る").dblclick()
    expect(admin.get_by_role("heading", name="福祉課 上村 次郎")).to_be_visible()
    password = admin.locator(".secret code").inner_text()
    assert violations(admin) == []

    clerk = opens("/staff/calls", viewport=PHONE)
    log_in(clerk, "203", password)
    expect(clerk.get_by_text("自分だけが知るパスワードを決めてください")).to_be_visible()
    expect(clerk.get_by_role("link", name="知識ベース")).to_have_count(0)
    assert violations(clerk) == []
    assert sideways(clerk) <= 0
    clerk.get_by_label("今のパスワード").fill(password)
    clerk.get_by_label("新しいパスワード", exact=True).fill(OWN)
    clerk.get_by_label("新しいパスワード（もう一度）").fill(OWN)
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_text("パスワードを変えました。")).to_be_visible()
    menu = clerk.get_by_role("navigation", name="職員用メニュー")
    expect(menu.get_by_role("link", name="通話記録")).to_be_visible()
    expect(menu.get_by_role("link", name="議事録")).to_have_count(0)
    assert sideways(clerk) <= 0
    clerk.goto("/staff/minutes")
    expect(clerk.get_by_role("heading", name="この操作はできません")).to_be_visible()
    expect(clerk.get_by_text("「議事録」の権限が必要です")).to_be_visible()

    admin.locator("summary").filter(has_text="異動や退職のとき").click()
    admin.get_by_role("button", name="停止する").click()
    expect(admin.get_by_text("停止中")).to_be_visible()
    clerk.goto("/staff")
    expect(clerk.get_by_role("heading", name="職員用ログイン")).to_be_visible()


def test_who_has_an_account_writes_and_approves_under_that_name_without_typing_it(opens: Opens) -> None:
    page = opens("/staff/knowledge/new", viewport=DESKTOP)
    log_in(page, "101", OWN)
    expect(page.get_by_label("お名前")).to_have_value("田中 花子（101）")
    expect(page.get_by_label("お名前")).not_to_be_editable()
    page.get_by_label("番号").fill("roof-11")
    page.get_by_label("質問", exact=True).fill("庁舎の屋上で凧を揚げてもよいですか。")
    page.get_by_label("回答", exact=True).fill("揚げられません。")
    page.get_by_role("button", name="下書きを保存する").click()
    page.get_by_role("button", name="確認を頼む").click()
    page.get_by_role("button", name="承認して公開する").click()
    expect(page.get_by_role("button", name="公開を終える")).to_be_visible()
    expect(page.locator("summary").filter(has_text="田中 花子")).to_have_count(3)


def test_the_form_of_an_account_sent_after_the_login_ran_out_is_there_again_with_its_rights(opens: Opens) -> None:
    page = opens("/staff/accounts", viewport=DESKTOP)
    log_in(page, "101", OWN)
    page.locator("summary").filter(has_text="アカウントを作る").click()
    page.get_by_label("職員番号").fill("305")
    page.get_by_label("氏名").fill("下村 三郎")
    for right in ("通話記録", "議事録"):
        page.get_by_role("checkbox", name=re.compile(f"{right}：")).check()
    page.context.clear_cookies()
    page.get_by_role("button", name="アカウントを作る").click()
    expect(page.locator("main")).to_contain_text("まだ保存していません。")
    log_in(page, "101", OWN)
    expect(page.get_by_label("氏名")).to_have_value("下村 三郎")
    page.get_by_role("button", name="アカウントを作る").click()
    expect(page.get_by_role("heading", name="下村 三郎", exact=True)).to_be_visible()
    expect(page.get_by_text("書きかけの内容")).to_have_count(0)

    page.get_by_label("担当課", exact=True).fill("税務課")
    page.get_by_role("checkbox", name=re.compile("通話記録：")).uncheck()
    page.context.clear_cookies()
    page.get_by_role("button", name="保存する").click()
    log_in(page, "101", OWN)
    expect(page.get_by_label("担当課", exact=True)).to_have_value("税務課")
    expect(page.get_by_role("checkbox", name=re.compile("議事録："))).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("通話記録："))).not_to_be_checked()
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("保存しました。")).to_be_visible()
    page.goto("/staff/accounts")
    expect(page.get_by_text("書きかけの内容")).to_have_count(0)


def test_a_wrong_password_keeps_the_number_that_was_typed(opens: Opens) -> None:
    page = opens("/staff/login", viewport=PHONE)
    log_in(page, "101", "ちがうパスワード")
    expect(page.get_by_role("alert")).to_have_text("職員番号かパスワードが違います。もう一度入力してください。")
    expect(page.get_by_label("職員番号")).to_have_value("101")
    expect(page.get_by_label("パスワード", exact=True)).to_be_focused()
    assert violations(page) == []
