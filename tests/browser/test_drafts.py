"""What is written in the knowledge base's forms outlives the session that it was written in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESKTOP, PHONE, Pages, log_in, sideways, violations

pytestmark = pytest.mark.browser

ANSWER = "風の弱い日の昼休みだけ、総務課に届け出て揚げられます。"


def write(page: Page, entry_id: str) -> None:
    page.get_by_label("番号").fill(entry_id)
    page.get_by_label("質問", exact=True).fill("屋上で凧を揚げてもよいですか。")
    page.get_by_label("回答", exact=True).fill(ANSWER)
    page.get_by_label("お名前").fill("田中")


def save(page: Page) -> None:
    page.get_by_role("button", name="下書きを保存する").click()


def decide(page: Page, over: str) -> None:
    expect(page.get_by_role("alert")).to_be_focused()  # until then the page may still scroll there under the mouse
    page.get_by_role("button", name=f"この内容を、{over}の次の下書きにする").click()


def enter(page: Page) -> None:
    page.get_by_label("パスワード").fill("test-password")
    page.keyboard.press("Enter")


def test_a_form_posted_after_the_session_ran_out_is_there_again_after_the_login(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-1")
    page.context.clear_cookies()
    save(page)
    expect(page).to_have_url(re.compile("/staff/login$"))
    expect(page.locator("main")).to_contain_text("まだ保存していません。書いた内容は、この画面（ブラウザのタブ）に残っています。")
    expect(page.locator("body")).not_to_contain_text("凧")
    enter(page)
    expect(page).to_have_url(re.compile("/staff/knowledge/new$"))
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    expect(page.get_by_text("書きかけの内容を戻しました")).to_be_visible()
    save(page)
    expect(page).to_have_url(re.compile("/entries/draft-1"))
    page.wait_for_load_state()
    page.goto("/staff/knowledge/new")
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
    page.goto("/staff")
    expect(page.get_by_role("link", name="続きを書く")).to_have_count(0)


def test_of_several_drafts_the_one_written_last_comes_first_and_each_is_named(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-3")
    for entry_id, question in (("moving-03", "三つ目の質問"), ("moving-02", "二つ目の質問")):
        page.goto(f"/staff/knowledge/entries/{entry_id}/edit")
        page.get_by_label("質問", exact=True).fill(question)
    page.goto("/staff/knowledge")
    links = page.get_by_role("link", name="続きを書く")
    expect(links).to_have_text(
        ["続きを書く：二つ目の質問", "続きを書く：三つ目の質問", "続きを書く：屋上で凧を揚げてもよいですか。"]
    )
    links.first.click()
    expect(page).to_have_url(re.compile("/entries/moving-02/edit$"))
    expect(page.get_by_label("質問", exact=True)).to_have_value("二つ目の質問")


def test_what_is_put_back_over_a_newer_version_says_so_and_is_not_saved_over_it_unasked(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/entries/moving-04/edit", viewport=PHONE)
    page.get_by_label("回答", exact=True).fill(ANSWER)
    other = page.context.new_page()
    other.goto("/staff/knowledge/entries/moving-04/edit")
    other.get_by_label("回答", exact=True).fill("鈴木の書いた回答です。")
    other.get_by_label("お名前").fill("鈴木")
    save(other)
    expect(other.get_by_text("下書きを保存しました（第2版）。まだ公開されていません。")).to_be_visible()
    page.reload()
    expect(page.get_by_text("新しい版が保存されています")).to_be_visible()
    page.get_by_label("お名前").fill("田中")
    save(page)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("鈴木")
    expect(page.locator(".changes del")).to_have_text("鈴木の書いた回答です。")
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    assert violations(page) == []
    assert sideways(page) <= 0
    page.get_by_role("link", name="保存されている項目を見る").click()
    expect(page.locator("dl.cells.card")).to_contain_text("鈴木の書いた回答です。")
    page.get_by_role("link", name="続きを書く").click()
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    save(page)
    decide(page, "第2版")
    expect(page.get_by_text("下書きを保存しました（第3版）。")).to_be_visible()
    expect(page.locator("dl.cells.card")).to_contain_text(ANSWER)


def test_a_long_text_that_was_pasted_is_refused_whole_and_never_cut(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-5")
    long = "長い回答です。" * 3_000
    page.get_by_label("回答", exact=True).fill("")
    page.get_by_label("回答", exact=True).focus()
    page.keyboard.insert_text(long)  # as a paste does; `fill` would not be cut by the browser
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("回答は20,000字までです（今は21,000字）。")
    expect(page.get_by_label("回答", exact=True)).to_have_value(long)


def test_who_goes_back_and_corrects_a_new_entry_is_led_to_it_and_not_to_a_second_one(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-6")
    save(page)
    page.wait_for_url("**/entries/draft-6**")
    page.go_back()
    write(page, "draft-6")
    page.get_by_label("回答", exact=True).fill("直した回答です。")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("番号「draft-6」の項目は、もうあります（第1版")
    decide(page, "第1版")
    expect(page.locator("dl.cells.card")).to_contain_text("直した回答です。")


def test_what_is_put_back_can_be_dropped_and_logging_out_forgets_it(open_page: Pages) -> None:
    page = open_page("/staff/knowledge/new", viewport=DESKTOP)
    write(page, "draft-2")
    page.reload()
    expect(page.get_by_label("回答", exact=True)).to_have_value(ANSWER)
    page.get_by_role("button", name="書きかけを捨てる").click()
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
    write(page, "draft-2")
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url("**/staff/login?left")
    assert page.evaluate("sessionStorage.length") == 0
    log_in(page, "test-password")
    page.goto("/staff/knowledge/new")
    expect(page.get_by_label("回答", exact=True)).to_have_value("")
