"""The staff side: who gets in, and what only they see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, Pages, ask, log_in

pytestmark = pytest.mark.browser

STAFF_ONLY = "住家の被害認定調査と、罹災証明書の区分を教えてください。"


def test_staff_pages_lead_to_the_login_until_the_password_is_right(open_page: Pages) -> None:
    page = open_page("/staff/login", viewport=DESKTOP)
    page.goto("/staff/minutes")
    expect(page).to_have_url(re.compile("/staff/login$"))
    expect(page.locator("main")).to_contain_text("ログインすると、元のページに戻ります。")
    page.get_by_label("パスワード").fill("まちがい")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("パスワードが違います")
    expect(page.get_by_label("パスワード")).to_be_focused()
    page.get_by_label("パスワード").fill("test-password")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/staff/minutes$"))
    expect(page.get_by_role("heading", name="議事録")).to_be_visible()


def test_a_staff_answer_shows_that_it_is_for_staff_and_where_it_comes_from(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    ask(page, STAFF_ONLY)
    source = page.locator(".source").first
    expect(source).to_contain_text("庁内限定")
    expect(source).to_contain_text("災害対策基本法")
    expect(source).to_contain_text("staff-")


def test_nothing_for_staff_appears_on_the_resident_s_page(open_page: Pages) -> None:
    page = open_page()
    ask(page, STAFF_ONLY)
    expect(page.locator("#log")).not_to_contain_text("庁内限定")
    expect(page.locator("#log")).not_to_contain_text("準半壊")
    expect(page.locator(".topic").filter(has_text="庁内")).to_have_count(0)


def test_logging_out_ends_it(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    page.get_by_role("button", name="ログアウト").click()
    page.goto("/staff")
    expect(page).to_have_url(re.compile("/staff/login$"))


def test_who_comes_after_a_logout_sees_nothing_of_what_was_asked(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    ask(page, STAFF_ONLY)
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url("**/staff/login?left")
    assert page.evaluate("sessionStorage.length") == 0
    page.go_back()
    expect(page.get_by_role("heading", name="職員用ログイン")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("準半壊")
    log_in(page, "test-password")
    expect(page.get_by_role("heading", name="何をお調べですか")).to_be_visible()
    expect(page.locator("#log")).to_be_empty()


def test_a_tab_that_another_one_was_logged_out_beside_shows_the_next_reader_nothing(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    ask(page, STAFF_ONLY)
    page.evaluate("sessionStorage.setItem('reader', '税務課')")  # as if it had been asked with that department's password
    page.reload()
    expect(page.locator("#log")).to_be_empty()


def test_a_session_that_ran_out_offers_the_login_and_comes_back_to_the_page(open_page: Pages) -> None:
    page = open_page("/staff/calls", viewport=DESKTOP)
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("alert").get_by_role("link", name="ログインする").click()
    page.get_by_label("パスワード").fill("test-password")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/staff/calls$"))


def test_what_was_filled_in_stays_while_the_login_is_renewed_in_another_tab(open_page: Pages, tmp_path: Path) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    (tmp_path / "会議.wav").write_bytes(b"RIFF")
    page.locator("#audio").set_input_files(tmp_path / "会議.wav")
    page.context.clear_cookies()
    page.get_by_role("button", name="送って文字にする").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="別の画面でログインする").click()
    expect(opened.value).to_have_url(re.compile("/staff/login$"))
    expect(page.get_by_label("会議の名前")).to_have_value("会議")


def test_a_form_whose_sending_was_stopped_can_be_sent_again(open_page: Pages) -> None:
    page = open_page("/staff/login")
    page.evaluate("""() => {
        window.sent = 0;
        addEventListener("submit", (e) => { window.sent += !e.defaultPrevented; e.preventDefault(); });  // behind the page's own
    }""")
    page.get_by_label("パスワード").fill("ちがうパスワード")
    button = page.get_by_role("button", name="ログイン")
    for pressed, times in ((button.click, 1), (button.click, 1), (lambda: page.keyboard.press("Escape"), 1), (button.click, 2)):
        pressed()
        assert page.evaluate("window.sent") == times
