"""Correcting text beside the player: an utterance, a word everywhere, two clerks at once, taking back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from telephony.call import Parties, Side, Spoke

from .conftest import DESKTOP, PHONE, Pages, Stored, plays_between, said, sideways, violations

pytestmark = pytest.mark.browser


def open_editor(page: Page, n: int = 0) -> None:
    page.get_by_role("button", name="の発言を直す").nth(n).click()
    expect(page.get_by_label("発言を直す", exact=True)).to_be_focused()


@pytest.mark.parametrize("call", [False, True])
def test_an_utterance_is_written_anew_with_the_keyboard_and_stays_so(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=DESKTOP)
    open_editor(page)
    text = page.get_by_label("発言を直す", exact=True)
    expect(text).to_have_value("令和8年4月1日に転入届が25件出てますけど")
    page.keyboard.press("F2")
    plays_between(page, 0.1, 3)
    page.keyboard.press("F2")
    expect(page.locator("#play")).to_have_text("再生")
    text.fill("令和8年5月1日に転入届が26件出ています。")
    page.keyboard.press("Enter")
    expect(page.get_by_text("直しました。")).to_be_visible()
    assert said(page).startswith("令和8年5月1日に転入届が26件出ています。")
    expect(page.get_by_role("button", name="の発言を直す").first).to_be_focused()
    assert violations(page) == []
    page.reload()
    expect(page.locator(".said").first).to_contain_text("令和8年5月1日に転入届が26件出ています。")
    page.get_by_role("button", name="直前の訂正を取り消す").click()
    expect(page.locator(".said").first).to_contain_text("令和8年4月1日に転入届が25件出てますけど")


def test_one_utterance_after_the_other_is_gone_through_and_what_was_unsure_is_then_checked(
    open_page: Pages, stored: Stored
) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    expect(page.locator(".chip.yuzu").filter(visible=True)).to_have_count(2)  # the line, and the notice that counts
    open_editor(page, 1)
    page.keyboard.press("Control+Enter")
    text = page.get_by_label("発言を直す", exact=True)
    expect(text).to_have_value("20人です。")
    text.fill("30人です。")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert").filter(has_text="書きかけの文を捨てます")).to_be_visible()
    page.keyboard.press("Escape")
    assert said(page, 2).startswith("20人です。")
    open_editor(page, 2)
    text.fill("30人です。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".said").nth(2)).to_have_text("30人です。")
    expect(page.locator("#unsure")).to_be_hidden()


def test_what_is_written_next_is_not_hidden_by_the_player(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False, times=10), viewport=PHONE)
    open_editor(page, 12)
    text = page.get_by_label("発言を直す", exact=True)
    for _ in range(2):
        text.press_sequentially("、")
        text.press("Control+Enter")
        expect(page.get_by_text("直しました。")).to_be_visible()
        expect(text).not_to_have_value(re.compile("、$"))  # the next one is open
        expect(text).to_be_focused()
        player, writing = page.locator("#player").bounding_box(), text.bounding_box()
        assert player and writing
        assert writing["y"] >= player["y"] + player["height"]


def test_the_second_clerk_sees_what_the_first_one_saved_and_loses_nothing(open_page: Pages, stored: Stored) -> None:
    address = stored(False)
    first, second = open_page(address, viewport=DESKTOP), open_page(address, viewport=DESKTOP)
    open_editor(second, 2)
    second.get_by_label("発言を直す", exact=True).fill("二番目の人の文")
    open_editor(first, 2)
    first.get_by_label("発言を直す", exact=True).fill("一番目の人の文")
    first.keyboard.press("Enter")
    expect(first.get_by_text("直しました。")).to_be_visible()
    second.keyboard.press("Enter")
    expect(second.get_by_role("alert").filter(has_text="ほかの画面で先に直されました")).to_contain_text("一番目の人の文")
    expect(second.get_by_label("発言を直す", exact=True)).to_have_value("二番目の人の文")
    second.keyboard.press("Enter")
    expect(second.locator(".said").nth(2)).to_have_text("二番目の人の文")


def test_what_is_being_written_outlives_another_style_and_is_not_left_by_mistake(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    open_editor(page, 2)
    page.get_by_label("発言を直す", exact=True).fill("書きかけの")
    page.get_by_label("書き方").select_option("verbatim")
    expect(page.locator(".said").first).to_contain_text("えー")
    expect(page.get_by_label("発言を直す", exact=True)).to_have_value("書きかけの")
    page.get_by_role("button", name="の発言を直す").first.click()
    expect(page.get_by_text("書きかけの文があります")).to_be_visible()
    expect(page.get_by_label("発言を直す", exact=True)).to_have_value("書きかけの")


STALLED = """() => {
  const real = window.fetch;
  window.stalled = new Promise((stalls) => {
    window.fetch = (url, init) => {
      if (init.method !== "PATCH") return real(url, init);
      window.fetch = real;
      const body = new ReadableStream({
        start(c) {
          c.enqueue(new TextEncoder().encode('{"segm'));
          init.signal.addEventListener("abort", () => c.error(init.signal.reason));
        },
        pull() { stalls(); return new Promise(() => {}); },
      });
      return Promise.resolve(new Response(body));
    };
  });
}"""


def test_a_reply_that_stalls_is_told_and_nothing_typed_is_lost(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="の発言を直す").nth(2).click()
    text = page.get_by_label("発言を直す", exact=True)
    text.fill("30人です。")
    page.clock.install()
    page.evaluate(STALLED)
    text.press("Enter")
    page.evaluate("window.stalled")
    page.clock.run_for(21_000)
    expect(page.locator(".editor").get_by_role("alert")).to_contain_text("返事が途中で止まりました。")
    expect(text).to_have_value("30人です。")
    text.press("Enter")
    expect(page.locator(".said").nth(2)).to_contain_text("30人です。")


def test_a_word_is_looked_for_corrected_where_it_was_chosen_and_proposed_elsewhere(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=PHONE)
    page.get_by_text("言葉を探す・まとめて直す").click()
    page.get_by_label("探す言葉").fill("転入届")
    page.get_by_role("button", name="探す", exact=True).click()
    expect(page.locator("#found-said")).to_have_text("1か所あります。")
    expect(page.locator("#replace")).to_be_hidden()
    page.locator("#found").get_by_role("button", name="0:00から再生").click()
    plays_between(page, 0, 3)
    page.get_by_label("直したあとの言葉").fill("転出届")
    page.get_by_role("button", name="探す", exact=True).click()
    page.get_by_role("button", name="選んだところの「転入届」を「転出届」に直す").click()
    expect(page.locator(".said").first).to_contain_text("転出届が25件")
    expect(page.locator("#corrected")).to_contain_text("1か所を直しました。")
    assert sideways(page) == 0
    assert violations(page) == []

    other = open_page(stored(False), viewport=DESKTOP)
    other.get_by_role("button", name="「転入届」→「転出届」（1か所）").click()
    expect(other.get_by_label("直したあとの言葉")).to_have_value("転出届")
    expect(other.locator("#found li")).to_have_count(1)
    expect(other.locator(".said").first).to_contain_text("転入届が25件")  # nothing is corrected unasked


def test_who_spoke_is_corrected_for_one_utterance(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False, ("話者1", "話者1", "話者2")), viewport=DESKTOP)
    expect(page.locator(".speaker")).to_have_count(2)
    open_editor(page, 1)
    page.get_by_label("この発言をした人").fill("総務\u3000太郎")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".speaker")).to_have_text(["話者1", "総務\u3000太郎", "話者2"])
    expect(page.get_by_label("発言を直す", exact=True)).to_have_value("20人です。")


def test_what_is_corrected_after_a_transfer_is_still_said_by_the_one_who_said_it(open_page: Pages, stored: Stored) -> None:
    before = (Spoke(side=Side.OURS, until_s=3.8, name="市役所（総合案内）"),)
    address = stored(True, parties=Parties(our_name="市役所（税務課）", before=before))
    page, other = open_page(address, viewport=DESKTOP), open_page(address, viewport=DESKTOP)
    names = ["市役所（総合案内）", "市役所（税務課）", "市役所（税務課）"]
    expect(page.locator(".side-head strong")).to_have_text(names)
    open_editor(page, 2)
    page.get_by_label("発言を直す", exact=True).fill("30人です。")
    page.keyboard.press("Enter")
    expect(page.get_by_text("直しました。")).to_be_visible()
    expect(page.locator(".side-head strong")).to_have_text(names)
    expect(other.locator(".said").nth(2)).to_have_text("30人です。", timeout=30_000)
    expect(other.locator(".side-head strong")).to_have_text(names)


def test_the_name_and_day_of_a_meeting_are_put_right(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=PHONE)
    page.get_by_text("会議の名前と開催日を直す").click()
    page.get_by_label("会議の名前").fill("令和８年\u3000総務委員会")
    page.get_by_label("開催日").fill("")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="開催日を入力してください")).to_be_visible()
    page.get_by_label("開催日").fill("2026-11-19")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("令和８年\u3000総務委員会")
    expect(page.locator("#facts")).to_contain_text("2026年11月19日（木）")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("令和８年\u3000総務委員会")
    assert violations(page) == []


def test_of_two_who_name_a_meeting_and_its_speakers_at_once_each_is_told_and_none_loses_what_they_typed(
    open_page: Pages, stored: Stored
) -> None:
    address = stored(False, ("話者1", "話者2", "話者1"))
    first, second = open_page(address, viewport=DESKTOP), open_page(address, viewport=PHONE)
    for page in (first, second):
        page.get_by_text("会議の名前と開催日を直す").click()
        page.get_by_text("話者の名前を変える", exact=True).click()
    second.get_by_label("開催日").fill("2026-11-19")
    second.get_by_label("話者2", exact=True).fill("企画政策課")
    first.get_by_label("会議の名前").fill("総務委員会")
    first.get_by_label("会議の名前").press("Enter")
    expect(first.get_by_role("heading", level=1)).to_have_text("総務委員会")
    first.get_by_label("話者1", exact=True).fill("議長")
    first.get_by_label("話者1", exact=True).press("Enter")
    expect(second.get_by_label("議長", exact=True)).to_be_visible()
    expect(second.get_by_label("話者2", exact=True)).to_have_value("企画政策課")
    expect(second.get_by_label("話者2", exact=True)).to_be_focused()
    second.get_by_label("開催日").press("Enter")
    expect(second.get_by_role("alert").filter(has_text="今の内容: 総務委員会")).to_be_visible()
    expect(second.get_by_label("会議の名前")).to_have_value("総務委員会")
    second.get_by_label("開催日").press("Enter")
    expect(second.locator("#facts")).to_contain_text("2026年11月19日（木）")
    expect(second.get_by_role("heading", level=1)).to_have_text("総務委員会")


@pytest.mark.parametrize(("call", "forms"), [(False, ("#subject", "#head", "#keeping")), (True, ("#keeping",))])
def test_a_form_that_changes_what_is_stored_comes_with_what_is_stored(
    open_page: Pages, stored: Stored, call: bool, forms: tuple[str, ...]
) -> None:
    page = open_page(stored(call), viewport=PHONE)
    withheld: list[Route] = []

    def withhold(request: Route) -> None:
        withheld.append(request)

    page.route("**/api/staff/**", withhold)
    page.reload()
    page.wait_for_function("document.readyState === 'complete'")
    for form in forms:
        expect(page.locator(form)).to_be_hidden()
    assert withheld
    page.unroute("**/api/staff/**")  # which lets go of what was withheld
    for form in forms:
        expect(page.locator(form)).to_be_visible()


def test_speakers_who_were_made_one_by_mistake_are_told_apart_again(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False, ("話者1", "話者2", "話者1")), viewport=DESKTOP)
    page.get_by_text("話者の名前を変える", exact=True).click()
    page.get_by_label("話者2", exact=True).fill("話者1")
    page.keyboard.press("Enter")
    expect(page.locator(".speaker")).to_have_text(["話者1"])
    expect(page.locator("#take-back-what")).to_have_text("（職員、話した人「話者2」→「話者1」）")
    page.get_by_role("button", name="直前の訂正を取り消す").click()
    expect(page.locator(".speaker")).to_have_text(["話者1", "話者2", "話者1"])
    expect(page.locator("#speakers-said")).to_be_empty()


def put_cursor(page: Page, at: int) -> None:
    page.get_by_label("発言を直す", exact=True).evaluate("(text, at) => { text.focus(); text.setSelectionRange(at, at); }", at)


def test_an_utterance_of_two_people_is_parted_at_the_cursor_with_the_keyboard(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False, ("話者1", "話者1", "話者2")), viewport=DESKTOP)
    open_editor(page)
    page.get_by_label("この発言をした人").fill("部長")
    put_cursor(page, len("令和8年4月1日に"))
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("alert").filter(has_text="先に保存してから")).to_be_visible()
    page.get_by_label("この発言をした人").fill("話者1")
    put_cursor(page, len("令和8年4月1日に"))
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("分けました。")).to_be_visible()
    expect(page.get_by_label("発言を直す", exact=True)).to_have_value("転入届が25件出てますけど")
    expect(page.get_by_label("この発言をした人")).to_be_focused()
    page.keyboard.type("市民課長")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".speaker")).to_have_text(["話者1", "市民課長", "話者1", "話者2"])
    assert said(page).startswith("令和8年4月1日に")
    expect(page.locator(".line .at")).to_have_text(["0:00", "0:02", "0:04", "0:05"])
    page.keyboard.press("Escape")
    page.locator(".line").nth(1).locator(".at").click()
    expect(page.locator(".line.now")).to_contain_text("転入届が25件")
    assert violations(page) == []
    for _ in range(2):
        page.get_by_role("button", name="直前の訂正を取り消す").click()
        expect(page.get_by_text("直前の訂正を取り消しました。")).to_be_visible()  # two presses at once mean the same correction
    expect(page.locator(".said").first).to_contain_text("令和8年4月1日に転入届が25件出てますけど")
    expect(page.locator(".speaker")).to_have_text(["話者1", "話者2"])


@pytest.mark.parametrize("call", [False, True])
def test_a_sentence_cut_in_two_is_joined_with_what_was_typed(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=PHONE)
    open_editor(page)
    page.get_by_label("発言を直す", exact=True).fill("転入届が")
    page.get_by_role("button", name="次の発言とつなぐ").click()
    expect(page.get_by_text("次の発言とつなぎました。")).to_be_visible()
    expect(page.locator(".at")).to_have_count(2)
    page.keyboard.press("Shift+Delete")
    expect(page.locator(".at")).to_have_count(1)
    expect(page.get_by_label("発言を直す", exact=True)).to_have_value("転入届が20人です。")
    expect(page.get_by_role("button", name="次の発言とつなぐ")).to_have_count(0)
    assert sideways(page) == 0
    for left in (2, 3):
        page.get_by_role("button", name="直前の訂正を取り消す").click()
        expect(page.locator(".at")).to_have_count(left)


def test_another_browser_is_told_of_what_was_parted_and_nothing_typed_there_is_lost(open_page: Pages, stored: Stored) -> None:
    address = stored(False)
    first, second, third = (open_page(address, viewport=DESKTOP) for _ in range(3))
    whole: list[str] = []
    for page in (first, second, third):
        expect(page.locator(".said")).to_have_count(3)
        page.on("request", lambda r: whole.append(r.url) if re.search(r"/minutes/\w+(\?|$)", r.url) else None)
    third.locator(".edit").last.focus()
    open_editor(second, 2)
    second.get_by_label("発言を直す", exact=True).fill("三十人です。")
    open_editor(first)
    put_cursor(first, len("令和8年4月1日に"))
    first.get_by_role("button", name="カーソルの位置で分ける").click()
    expect(third.get_by_text("ほかの画面で直された文を読み込みました。")).to_be_visible()
    expect(third.locator(".said")).to_have_count(4)
    expect(third.locator(".edit").last).to_be_focused()
    expect(second.get_by_text("ほかの画面で直されました。")).to_be_visible()
    second.get_by_label("発言を直す", exact=True).press("Enter")
    expect(second.locator(".said").nth(3)).to_have_text("三十人です。")
    expect(second.locator(".said")).to_have_count(4)
    expect(third.locator(".said").nth(3)).to_have_text("三十人です。")
    expect(third.locator(".edit").last).to_be_focused()
    assert whole == [], "only what was corrected is brought: the text of a long meeting takes seconds"
    third.reload()
    expect(third.locator(".said").nth(3)).to_have_text("三十人です。")
