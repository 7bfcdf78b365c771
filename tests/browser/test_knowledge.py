"""The knowledge base's pages: what a clerk writes, finds and publishes there, without codes and without accidents."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import DESKTOP, PHONE, Pages, sideways, violations

pytestmark = pytest.mark.browser

ENTRY = "/staff/knowledge/entries/moving-01"


def write(page: Page, entry_id: str) -> None:
    page.get_by_label("番号").fill(entry_id)
    page.get_by_label("質問", exact=True).fill("庁舎の屋上で花火を見てもよいですか。")
    page.get_by_label("回答", exact=True).fill("花火の日だけ、総務課に届け出て入れます。")
    page.get_by_label("言い換え").fill("花火を見たい\n\n屋上に上がりたい")
    page.get_by_label("お名前").fill("田中")


def _late(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(1_500)
    route.continue_()


def test_who_may_read_an_entry_is_chosen_in_words_and_shown_in_words(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    expect(page.get_by_role("radio", name="住民向け")).to_be_checked()
    write(page, "roof-1")
    page.get_by_role("radio", name="庁内限定").check()
    page.get_by_role("button", name="下書きを保存する").click()
    shown = page.locator("dl.cells.card")
    expect(shown).to_contain_text("庁内限定（職員だけが見られます）")
    expect(shown).not_to_contain_text("staff")
    expect(shown).not_to_contain_text("|")
    page.get_by_role("link", name="書き直す").click()
    expect(page.get_by_role("radio", name="庁内限定")).to_be_checked()
    expect(page.get_by_label("言い換え")).to_have_value("花火を見たい\n屋上に上がりたい")


def test_what_is_missing_is_named_as_on_the_form(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    page.locator("form.entry-form").evaluate("form => { form.noValidate = true; }")
    page.get_by_label("質問", exact=True).fill("庁舎の屋上で花火を見てもよいですか。")
    page.get_by_role("button", name="下書きを保存する").click()
    expect(page.get_by_role("alert")).to_have_text("番号、回答、お名前を入力してください。")
    expect(page.get_by_role("alert")).to_be_focused()


def test_the_name_is_typed_once(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "roof-2")
    page.get_by_role("button", name="下書きを保存する").click()
    expect(page.get_by_label("お名前")).to_have_value("田中")
    page.get_by_role("button", name="確認を頼む").click()
    expect(page.get_by_role("button", name="承認して公開する")).to_be_visible()
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url("**/staff/login?left")
    assert page.evaluate("sessionStorage.length") == 0


def test_enter_in_the_name_withdraws_nothing(open_page: Pages) -> None:
    page = open_page(ENTRY, viewport=DESKTOP)
    page.get_by_label("お名前").fill("田中")
    page.keyboard.press("Enter")
    page.reload()
    expect(page.locator(".page-head")).to_contain_text("公開中")
    expect(page.get_by_role("button", name="公開を終える")).to_be_visible()


def test_a_search_without_hits_says_what_to_do(open_page: Pages) -> None:
    page = open_page("/staff/knowledge", viewport=DESKTOP)
    page.get_by_label("言葉で探す").fill("火星移住")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="「火星移住」を含む項目（0件）")).to_be_visible()
    page.get_by_role("link", name="すべての項目").click()
    expect(page).to_have_url(re.compile("/staff/knowledge$"))


def test_a_button_pressed_before_the_script_with_the_name_has_come_is_not_pressed_in_vain(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "roof-5")
    page.route("**/clerk.js", _late, times=1)
    page.get_by_role("button", name="下書きを保存する").click()
    page.get_by_role("button", name="確認を頼む").click()
    expect(page.locator(".page-head")).to_contain_text("確認待ち")


def test_what_waits_and_the_rest_of_the_list_are_a_click_away(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "roof-3")
    page.get_by_role("button", name="下書きを保存する").click()
    page.get_by_role("button", name="確認を頼む").click()
    expect(page.locator(".page-head")).to_contain_text("確認待ち")
    page.get_by_role("link", name="項目の一覧").click()
    page.get_by_role("link", name="次の項目").click()
    expect(page.get_by_text("件のうち 101〜200件目")).to_be_visible()
    page.get_by_role("link", name="確認待ち").click()
    expect(page.get_by_role("heading", name="「確認待ち」の項目")).to_be_visible()
    expect(page.get_by_role("link", name="確認待ち")).to_have_attribute("aria-current", "true")
    expect(page.locator(".entry-row").filter(has_text="roof-3")).to_be_visible()


def test_an_old_version_is_opened_and_taken_back_with_the_keyboard_alone(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=PHONE)
    write(page, "roof-4")
    page.get_by_role("button", name="下書きを保存する").click()
    page.get_by_role("link", name="書き直す").click()
    page.get_by_label("回答", exact=True).fill("花火の日も入れません。")
    page.get_by_role("button", name="下書きを保存する").click()
    page.locator("summary").filter(has_text="第1版").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="この版（第1版）を新しい下書きにする")).to_be_focused()
    assert violations(page) == []
    assert sideways(page) <= 0
    page.keyboard.press("Enter")
    expect(page.get_by_text("下書きを保存しました（第3版）。")).to_be_visible()
    expect(page.locator("dl.cells.card")).to_contain_text("花火の日だけ、総務課に届け出て入れます。")


@pytest.mark.parametrize("path", ["/staff/knowledge", "/staff/knowledge/new", ENTRY])
def test_everybody_can_use_them_on_a_phone(open_page: Pages, path: str) -> None:
    page = open_page(path, viewport=PHONE)
    assert violations(page) == []
    assert sideways(page) <= 0
