"""What is written in the knowledge base's forms outlives the session that it was written in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESKTOP, Pages, log_in

pytestmark = pytest.mark.browser

ANSWER = "風の弱い日の昼休みだけ、総務課に届け出て揚げられます。"


def write(page: Page, entry_id: str) -> None:
    page.get_by_label("番号").fill(entry_id)
    page.get_by_label("質問", exact=True).fill("屋上で凧を揚げてもよいですか。")
    page.get_by_label("回答", exact=True).fill(ANSWER)
    page.get_by_label("お名前").fill("田中")


def save(page: Page) -> None:
    page.get_by_role("button", name="下書きを保存する").click()


def test_a_form_posted_after_the_session_ran_out_is_there_again_after_the_login(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-1")
    page.context.clear_cookies()
    save(page)
    expect(page).to_have_url(re.compile("/staff/login$"))
    expect(page.locator("body")).not_to_contain_text("凧")
    log_in(page, "test-password")
    page.get_by_role("link", name="続きを書く").click()
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    expect(page.get_by_text("書きかけの内容を戻しました")).to_be_visible()
    save(page)
    expect(page).to_have_url(re.compile("/entries/draft-1"))
    page.wait_for_load_state()
    page.goto("/staff/knowledge/new")
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
    page.goto("/staff")
    expect(page.get_by_role("link", name="続きを書く")).to_have_count(0)


def test_what_is_put_back_can_be_dropped_and_logging_out_forgets_it(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-2")
    page.reload()
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    page.get_by_role("button", name="書きかけを捨てる").click()
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
    write(page, "draft-2")
    page.get_by_role("button", name="ログアウト").click()
    log_in(page, "test-password")
    page.goto("/staff/knowledge/new")
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
