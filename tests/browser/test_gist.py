"""What a clerk makes of a meeting: candidates taken or dropped, what was taken written by hand, the head, the Word file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import DESKTOP, PHONE, Pages, Stored, plays_between, sideways, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_a_candidate_becomes_a_task_that_a_clerk_writes(open_page: Pages, stored: Stored, viewport: dict[str, int]) -> None:
    page = open_page(stored(False), viewport=viewport)
    page.get_by_role("button", name="の発言を直す").nth(2).click()
    page.get_by_label("発言を直す", exact=True).fill("財政課で次回までに資料を用意してください。")
    page.keyboard.press("Enter")
    candidate = page.locator("#candidates li")
    expect(candidate).to_contain_text("担当: 財政課　期限: 次回")
    candidate.get_by_role("button", name="から再生").click()
    plays_between(page, 5, 6.1)
    candidate.get_by_role("button", name="取り入れる").click()
    expect(page.get_by_label("期限")).to_have_value("次回")
    expect(page.locator("#candidates li")).to_have_count(0)
    page.get_by_label("期限").fill("12月10日")
    page.get_by_label("期限").press("Enter")
    expect(page.get_by_text("保存しました。")).to_be_visible()
    assert sideways(page) == 0
    assert violations(page) == []
    page.reload()
    expect(page.get_by_label("期限")).to_have_value("12月10日")
    page.get_by_role("button", name="外す").click()
    expect(page.locator("#candidates li")).to_have_count(1)
    page.get_by_role("button", name="落とす").click()
    expect(page.locator("#candidates li")).to_have_count(0)
    page.get_by_role("button", name="落とした候補を戻す（1件）").click()
    expect(page.locator("#candidates li")).to_have_count(1)


def test_a_decision_in_few_words_is_shown_with_what_it_decides(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=PHONE)
    for n, text in ((0, "夏祭りは8月の第1土曜日に開きたいと思います。"), (2, "では、そのように決定します。")):
        page.get_by_role("button", name="の発言を直す").nth(n).click()
        page.get_by_label("発言を直す", exact=True).fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_label("発言を直す", exact=True)).to_have_count(0)
    candidate = page.locator("#candidates li")
    expect(candidate.locator(".about")).to_contain_text("8月の第1土曜日に開きたいと思います。")
    expect(candidate).to_contain_text("では、そのように決定します。")
    assert violations(page) == []
    candidate.get_by_role("button", name="取り入れる").click()
    expect(page.get_by_label("決定したこと")).to_have_value(
        "夏祭りは8月の第1土曜日に開きたいと思います。では、そのように決定します。"
    )
    page.locator("#points").get_by_role("button", name="0:00から再生").click()
    plays_between(page, 0, 1.5)
    assert sideways(page) == 0


def test_an_utterance_is_noted_by_hand_while_it_is_read(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="の発言を直す").nth(2).click()
    page.get_by_label("発言を直す", exact=True).fill("30人です。")
    note = page.get_by_role("group", name="この発言を書き留める").get_by_role("button", name="決定事項")
    note.click()
    expect(page.get_by_text("書きかけの文を保存してください")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="の発言を直す").nth(2).click()
    note.click()
    expect(page.get_by_text("この発言を「決定事項」に書き留めました。")).to_be_visible()
    expect(page.get_by_label("決定したこと")).to_have_value("30人です。")


def test_what_another_clerk_wrote_of_a_task_is_told_and_may_be_written_over(open_page: Pages, stored: Stored) -> None:
    address = stored(False)
    first = open_page(address, viewport=DESKTOP)
    first.get_by_role("button", name="の発言を直す").nth(2).click()
    first.get_by_role("group", name="この発言を書き留める").get_by_role("button", name="宿題").click()
    first.keyboard.press("Escape")
    expect(first.get_by_label("期限")).to_be_visible()
    second = open_page(address, viewport=DESKTOP)
    expect(second.get_by_label("期限")).to_be_visible()
    for page, due in ((first, "12月10日"), (second, "12月20日")):
        page.get_by_label("期限").fill(due)
        with page.expect_response(lambda r: r.request.method == "PATCH"):
            page.get_by_label("期限").press("Tab")
    expect(second.locator("#points").get_by_role("alert")).to_contain_text("12月10日")
    expect(second.get_by_label("期限")).to_have_value("12月20日")
    second.get_by_label("期限").fill("12月24日")
    second.get_by_label("期限").press("Tab")
    expect(second.get_by_text("保存しました。")).to_be_visible()


def test_points_that_somebody_else_noted_while_one_writes_are_drawn_later(open_page: Pages, stored: Stored) -> None:
    address = stored(False)
    first = open_page(address, viewport=DESKTOP)
    note = first.get_by_role("group", name="この発言を書き留める")
    first.get_by_role("button", name="の発言を直す").nth(2).click()
    note.get_by_role("button", name="宿題").click()
    first.keyboard.press("Escape")
    expect(first.get_by_label("期限")).to_be_visible()
    second = open_page(address, viewport=DESKTOP)
    second.get_by_role("button", name="の発言を直す").nth(0).click()
    second.get_by_role("group", name="この発言を書き留める").get_by_role("button", name="決定事項").click()
    expect(second.get_by_label("決定したこと")).to_be_visible()
    first.get_by_label("期限").focus()
    read_anew = "document.getElementById('notation').click()"  # leaves the focus where it is
    with first.expect_response(lambda r: r.url.endswith("/points")):
        first.evaluate(read_anew)
    expect(first.get_by_label("期限")).to_be_focused()
    expect(first.get_by_label("決定したこと")).to_have_count(0)
    first.get_by_label("期限").blur()
    first.evaluate(read_anew)
    expect(first.get_by_label("決定したこと")).to_be_visible()


def test_the_head_is_filled_in_and_the_second_clerk_sees_what_the_first_wrote(open_page: Pages, stored: Stored) -> None:
    address = stored(False, ("市長", "話者2", "市長"))
    first, second = open_page(address, viewport=DESKTOP), open_page(address, viewport=PHONE)
    for page, place in ((first, "第1会議室"), (second, "第2会議室")):
        page.get_by_text("日時、場所、出席者を書く").click()
        expect(page.locator("#present-hint")).to_contain_text("市長")
        page.get_by_label("場所").fill(place)
        if page is first:
            page.get_by_label("作成者").fill("前田")
        page.locator("#head-form").get_by_role("button", name="保存").click()
    expect(first.get_by_text("Word のはじめに載ります")).to_be_visible()
    expect(second.get_by_role("alert").filter(has_text="今の内容: 第1会議室")).to_be_visible()
    expect(second.get_by_label("場所")).to_have_value("第2会議室")
    expect(second.get_by_label("作成者")).to_have_value("前田")
    assert sideways(second) == 0
    assert violations(second) == []
    second.locator("#head-form").get_by_role("button", name="保存").click()
    expect(second.get_by_text("Word のはじめに載ります")).to_be_visible()
    with second.expect_download() as download:
        second.get_by_role("link", name="Word（要点のみ）").click()
    assert "extent=points" in download.value.url


def noted_task(page: Page, number: int = 2) -> None:
    """Note an utterance as a task by hand."""
    page.get_by_role("button", name="の発言を直す").nth(number).click()
    page.get_by_role("group", name="この発言を書き留める").get_by_role("button", name="宿題").click()
    page.keyboard.press("Escape")
    expect(page.get_by_label("期限")).to_be_visible()


def asks_before_it_is_left(page: Page) -> bool:
    return bool(page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))"))


def test_what_could_not_be_saved_stays_with_its_reason_and_is_saved_later(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    noted_task(page)
    page.context.set_offline(True)
    page.get_by_label("期限").fill("12月10日")
    page.get_by_label("期限").press("Tab")
    alert = page.locator("#points").get_by_role("alert")
    expect(alert).to_contain_text("つながっていません")
    page.context.set_offline(False)
    assert asks_before_it_is_left(page)
    page.get_by_role("button", name="の発言を直す").nth(0).click()
    page.get_by_role("group", name="この発言を書き留める").get_by_role("button", name="決定事項").click()
    expect(page.get_by_label("決定したこと")).to_be_visible()  # all points were read anew
    page.keyboard.press("Escape")
    expect(alert).to_contain_text("つながっていません")
    expect(page.get_by_label("期限")).to_have_value("12月10日")
    page.get_by_role("button", name="もう一度保存する").click()
    expect(page.get_by_text("保存しました。")).to_be_visible()
    expect(alert).to_be_hidden()
    assert not asks_before_it_is_left(page)
    page.reload()
    expect(page.get_by_label("期限")).to_have_value("12月10日")


def test_fields_that_are_filled_in_quickly_are_all_saved_and_nobody_is_said_to_have_been_first(
    open_page: Pages, stored: Stored
) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    noted_task(page)

    def slowly(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route(re.compile(r"/points/\d+$"), slowly)
    for label, text in (("担当", "財政課"), ("期限", "12月10日")):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Tab")
    expect(page.get_by_text("保存しました。")).to_be_visible()
    page.unroute_all(behavior="wait")
    expect(page.locator("#points").get_by_role("alert")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("担当")).to_have_value("財政課")
    expect(page.get_by_label("期限")).to_have_value("12月10日")


def test_a_point_that_somebody_else_wrote_differently_is_not_removed_unseen(open_page: Pages, stored: Stored) -> None:
    address = stored(False)
    first = open_page(address, viewport=DESKTOP)
    noted_task(first)
    second = open_page(address, viewport=DESKTOP)
    expect(second.get_by_label("期限")).to_be_visible()
    first.get_by_label("期限").fill("12月10日")
    first.get_by_label("期限").press("Tab")
    expect(first.get_by_text("保存しました。")).to_be_visible()
    second.get_by_role("button", name="外す").click()
    expect(second.locator("#gist-wrong")).to_contain_text("ほかの画面で先に直された")
    expect(second.get_by_label("期限")).to_have_value("12月10日")
    second.get_by_role("button", name="外す").click()
    expect(second.get_by_label("期限")).to_have_count(0)
    first.locator("#gist-title").focus()
    expect(first.get_by_label("期限")).to_have_count(0)  # which looks now and then


@pytest.mark.parametrize(
    ("form", "field", "typed", "button", "told"),
    [
        ("日時、場所、出席者を書く", "場所", "第1会議室", "保存", "Word のはじめに載ります"),
        ("会議の名前と開催日を直す", "会議の名前", "総務委員会", "保存", "総務委員会"),
        ("話者の名前を変える", "話者1", "部長", "「話者1」の名前を変える", "「話者1」を「部長」に変えました。"),
        ("保存と保全", "保全する理由", "開示請求", "保全する", "理由: 開示請求"),
    ],
)
def test_a_form_that_is_not_saved_is_not_left_unasked(
    open_page: Pages, stored: Stored, form: str, field: str, typed: str, button: str, told: str
) -> None:
    page = open_page(stored(False, ("話者1", "話者1", "話者1")), viewport=DESKTOP)
    page.get_by_text(form).click()
    assert not asks_before_it_is_left(page)
    page.get_by_label(field, exact=True).fill(typed)
    assert asks_before_it_is_left(page)
    page.get_by_role("button", name=button, exact=True).locator("visible=true").click()
    expect(page.get_by_text(told).first).to_be_visible()
    assert not asks_before_it_is_left(page)
