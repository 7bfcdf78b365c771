"""Looking a recording through: how much is done, where to go on, the next word that was hardly heard, keys while writing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE, Pages, Stored, plays_between, sideways, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("call", [False, True])
def test_what_was_heard_to_its_end_is_looked_through_and_one_goes_on_from_there(
    open_page: Pages, stored: Stored, call: bool
) -> None:
    address = stored(call)
    page = open_page(address, viewport=PHONE)
    expect(page.locator("#looked-count")).to_have_text("3のうち0の発言を確認")
    page.get_by_label("速さ").select_option("2")
    page.get_by_role("button", name="続きから聞く").click()
    expect(page.locator("#looked-count")).to_have_text("3のうち1の発言を確認")
    page.locator("#play").click()
    with page.expect_response(lambda r: r.url.endswith("/looked") and r.request.method == "POST"):
        page.get_by_role("button", name="の発言を直す").nth(2).click()
        page.get_by_label("発言を直す", exact=True).fill("30人です。")
        page.keyboard.press("Enter")
    assert sideways(page) == 0
    assert violations(page) == []
    again = open_page(address, viewport=DESKTOP)
    expect(again.locator("#looked-count")).to_contain_text("の発言を確認")
    expect(again.locator(".looked").last).to_contain_text("30人です。")


def test_an_utterance_that_takes_in_one_that_nobody_heard_is_to_be_heard_again(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    with page.expect_response(lambda r: r.url.endswith("/looked") and r.request.method == "POST"):
        page.get_by_role("button", name="の発言を直す").first.click()
        page.get_by_label("発言を直す", exact=True).fill("転入届です。")
        page.keyboard.press("Enter")
    expect(page.locator("#looked-count")).to_have_text("3のうち1の発言を確認")
    page.get_by_role("button", name="の発言を直す").first.click()
    page.get_by_role("button", name="次の発言とつなぐ").click()
    expect(page.locator("#looked-count")).to_have_text("2のうち0の発言を確認")


def test_a_jump_through_the_recording_is_no_look(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.locator(".at").nth(2).click()
    plays_between(page, 5, 6.1)
    page.locator("#seek").fill("3.4")
    page.wait_for_timeout(600)
    expect(page.locator(".looked").filter(has_text="転入届")).to_have_count(0)


def test_the_next_word_that_was_hardly_heard_is_played(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    expect(page.locator(".said").first).to_contain_text("転入届")
    page.keyboard.press("F9")
    expect(page.locator(".word.unsure-word")).to_be_focused()
    plays_between(page, 0.4, 3)
    page.keyboard.press("F9")
    expect(page.locator(".unsure .word").first).to_be_focused()  # without times of words, its line
    plays_between(page, 3.9, 6.1)


def test_keys_play_and_go_back_while_something_is_written(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="の発言を直す").nth(2).click()
    text = page.get_by_label("発言を直す", exact=True)
    text.press("F8")
    expect(page.locator("#play")).to_have_text("一時停止")
    plays_between(page, 0.1, 6)
    text.press("F8")
    expect(page.locator("#play")).to_have_text("再生")
    page.locator("#seek").fill("5")
    text.press("F7")
    plays_between(page, 1.9, 2.1)
    expect(text).to_have_value("20人です。")


def test_the_first_utterance_is_reached_with_a_few_keys_and_the_arrows_go_on_from_there(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    expect(page.locator(".said")).to_have_count(3)
    for key in ("Tab", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="発言へ進む")).to_be_focused()
    for key in ("Enter", "Tab", "Tab", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="0:00の発言を直す")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="0:04の発言を直す")).to_be_focused()
    for key in ("Shift+Tab", "ArrowDown", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator(".line").first.locator(".word").first).to_be_focused()


def test_words_are_found_in_all_meetings_and_lead_to_their_place(open_page: Pages, stored: Stored) -> None:
    address = stored(False, ("市長", "市長", "市長"))
    page = open_page("/staff/minutes", viewport=PHONE)
    page.get_by_label("探す言葉").fill("定例会 二十人")
    page.get_by_label("探す言葉").press("Enter")
    expect(page.locator("#found-count")).to_have_text("1件")
    expect(page.locator("#meetings-found")).to_contain_text("市長: 二十人です")
    assert sideways(page) == 0
    assert violations(page) == []
    page.get_by_role("link", name="0:05を開く").click()
    page.wait_for_url(f"**{address}#t=5")
    expect(page.locator(".line.now")).to_contain_text("20人です。")
    expect(page.locator("#play")).to_have_text("再生")


def test_of_a_long_meeting_what_is_out_of_sight_is_not_laid_out_and_is_there_once_it_is_looked_for(
    open_page: Pages, stored: Stored
) -> None:
    in_sight = "e => e.checkVisibility({ contentVisibilityAuto: true })"
    page = open_page(stored(False, times=100), viewport=DESKTOP)
    expect(page.locator(".line")).to_have_count(300)
    assert page.locator(".line .said").first.evaluate(in_sight)
    assert not page.locator(".line .said").last.evaluate(in_sight)
    page.locator(".line .edit").last.click()
    expect(page.get_by_label("発言を直す", exact=True)).to_be_in_viewport()
    assert page.locator(".line .at").last.evaluate(in_sight)
    assert not page.locator(".line .said").first.evaluate(in_sight)
