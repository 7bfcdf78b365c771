"""Words of meetings and calls: what was changed and why, taking it back, hearing a word, choosing how it is written."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import CONTRAST, DESKTOP, PHONE, Pages, Stored, plays_between, sideways, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("call", [False, True])
def test_a_changed_word_says_what_was_heard_and_is_taken_back_for_good(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=DESKTOP)
    expect(page.locator(".said").first).to_contain_text("令和8年4月1日に転入届が25件出てますけど")
    page.get_by_role("button", name="転入届", exact=True).click()
    panel = page.get_by_role("group", name="書き換え")
    expect(panel).to_contain_text("聞こえたまま: 店入届け → 書き換え: 転入届（市の語彙）")
    expect(panel.get_by_role("button", name="元に戻す")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".said").first).to_contain_text("店入届けが25件")
    expect(page.get_by_role("button", name="店入届け", exact=True)).to_be_focused()
    page.reload()
    expect(page.locator(".said").first).to_contain_text("店入届けが25件")
    page.get_by_role("button", name="店入届け", exact=True).click()
    page.get_by_role("button", name="もう一度書き換える").click()
    expect(page.locator(".said").first).to_contain_text("転入届が25件")


def test_what_was_left_out_can_be_seen_and_put_back(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="除いた言葉「えー」").click()
    page.get_by_role("button", name="元に戻す").click()
    expect(page.locator(".said").first).to_contain_text("えー令和8年")
    expect(page.locator(".said").nth(1)).to_contain_text("言いよどみだけの発言です")


def test_the_arrow_keys_go_from_word_to_word_and_enter_plays_or_opens(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="0:00から再生").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="除いた言葉「えー」")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="書き換え")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="書き換え")).to_have_count(0)
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.textContent") == "に":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#play")).to_have_text("一時停止")
    plays_between(page, 1.4, 4)


def test_a_click_on_a_word_plays_from_its_time_and_without_times_from_the_line(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.locator(".word", has_text="出てます").click()
    expect(page.locator("#play")).to_have_text("一時停止")
    plays_between(page, 2.9, 5)
    page.locator(".said").nth(2).locator(".word", has_text="人です").click()
    expect(page.locator(".line").nth(2)).to_have_attribute("aria-current", "true")


def test_the_style_is_chosen_on_the_page_and_is_that_of_the_files(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    expect(page.get_by_text("素起こしでも、すべての言葉が残るとは限りません")).to_be_visible()
    page.get_by_label("書き方").select_option("formal")
    expect(page.locator(".said").first).to_contain_text("出ていますけれども")
    page.get_by_label("書き方").select_option("verbatim")
    page.get_by_label("数字を公用文の表記にする").uncheck()
    expect(page.locator(".said").first).to_contain_text("えー令和八年四月一日に転入届が二十五件出てますけど")
    with page.expect_download() as download:
        page.get_by_role("link", name="テキスト").click()
    assert "えー令和八年四月一日に転入届が二十五件" in download.value.path().read_text("utf-8")
    page.reload()
    expect(page.get_by_label("書き方")).to_have_value("verbatim")
    expect(page.locator(".said").first).to_contain_text("えー令和八年四月一日")


def test_words_that_were_hardly_heard_are_marked_by_a_line_of_their_own_and_explained(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    word = page.locator(".said .unsure-word")
    expect(word).to_have_text("に")
    assert "wavy" in word.evaluate("e => getComputedStyle(e).textDecorationLine + getComputedStyle(e).textDecorationStyle")
    expect(page.get_by_role("list", name="印の意味")).to_contain_text("聞き取りに自信のない語")
    expect(page.locator(".line").nth(2)).to_contain_text("要確認")


@pytest.mark.parametrize("call", [False, True])
def test_axe_finds_nothing_with_a_change_open_and_nothing_runs_off_a_phone(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=PHONE)
    page.get_by_role("button", name="転入届", exact=True).click()
    expect(page.get_by_role("group", name="書き換え")).to_be_visible()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    assert sideways(page) <= 0
    page.set_viewport_size({"width": 320, "height": 640})
    assert sideways(page) <= 0
