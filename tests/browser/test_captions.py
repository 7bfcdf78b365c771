"""Live captions for a room: spoken words appear, stay, survive a broken connection and can be taken home."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import CONTRAST, DESKTOP, PHONE, Pages, sideways, violations

pytestmark = pytest.mark.browser

CAPTIONS = "/staff/captions"
HEARD_MS = 60_000
FAKE = """(() => {
  const Real = WebSocket;
  window.opened = [];
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    constructor(url) {
      super(); this.readyState = 1; this.url = url; this.sent = []; window.opened.push(this);
      setTimeout(() => this.dispatchEvent(new Event("open")));
    }
    send(data) {
      this.sent.push(data);
      if (typeof data === "string" && JSON.parse(data).type === "stop") this.close();
    }
    close() { this.readyState = 3; this.dispatchEvent(new Event("close")); }
    say(message) { this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) })); }
  };
})()"""


def scripted(open_page: Pages, viewport: dict[str, int] = DESKTOP) -> Page:
    """The page with a server that says what the test tells it to."""
    page = open_page("/staff", viewport=viewport, permissions=["microphone"])
    page.add_init_script(FAKE)
    page.goto(CAPTIONS)
    page.get_by_role("button", name="字幕を始める").click()
    expect(page.get_by_role("status")).to_contain_text("聞いています")
    return page


def say(page: Page, kind: str, text: str, end: float = 0.0) -> None:
    page.evaluate("m => opened.at(-1).say(m)", {"type": kind, "text": text, "start": 0, "end": end, "segment": 0})


def test_what_is_said_appears_and_can_be_saved(open_page: Pages, tmp_path: Path) -> None:
    page = open_page("/staff", viewport=DESKTOP, permissions=["microphone"])
    page.get_by_role("link", name="字幕").click()
    expect(page.get_by_role("heading", name="会議室の字幕")).to_be_visible()
    button = page.get_by_role("button", name="字幕を始める")
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("止めたい", timeout=HEARD_MS)
    assert page.locator("#finals p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 28
    page.get_by_role("button", name="字幕を止める").click()
    expect(page.get_by_role("status")).to_have_text("止まっています。")
    with page.expect_download() as saved:
        page.get_by_role("button", name="テキストを保存").click()
    saved.value.save_as(tmp_path / "captions.txt")
    assert re.match(r"\[\d+:\d\d:\d\d\] .*止めたい", (tmp_path / "captions.txt").read_text("utf-8"))
    assert saved.value.suggested_filename.startswith("字幕-")


def test_partial_text_is_lighter_and_a_final_one_stays(open_page: Pages) -> None:
    page = scripted(open_page)
    say(page, "partial", "本日は")
    expect(page.locator("#partial")).to_have_text("本日は")
    say(page, "partial", "本日は三つ")
    expect(page.locator("#partial")).to_have_text("本日は三つ")
    colours = page.evaluate("['#partial', '#captions'].map(s => getComputedStyle(document.querySelector(s)).color)")
    assert colours[0] != colours[1]
    say(page, "final", "本日は3つの議題があります。")
    say(page, "partial", "<b>まず</b>")
    expect(page.locator("#finals p")).to_have_text(["本日は3つの議題があります。"])
    expect(page.locator("#partial")).to_have_text("<b>まず</b>")
    say(page, "final", "")
    expect(page.locator("#partial")).to_have_text("")
    expect(page.locator("#finals p")).to_have_count(1)


def test_the_newest_text_is_in_view_until_the_reader_scrolls_up(open_page: Pages) -> None:
    page = scripted(open_page)
    box, newest = page.locator("#captions"), page.get_by_role("button", name="最新の字幕へ")
    for n in range(30):
        say(page, "final", f"{n}番目の発言です。")
    expect(page.get_by_text("29番目の発言です。")).to_be_in_viewport()
    box.evaluate("e => { e.scrollTop = 0; }")
    expect(newest).to_be_visible()
    say(page, "final", "新しい発言です。")
    expect(page.get_by_text("0番目の発言です。", exact=True)).to_be_in_viewport()
    newest.click()
    expect(page.get_by_text("新しい発言です。")).to_be_in_viewport()
    expect(newest).to_be_hidden()


def test_a_broken_connection_is_made_again_and_nothing_shown_is_lost(open_page: Pages) -> None:
    page = scripted(open_page)
    say(page, "final", "はじめの発言です。", end=0.1)
    while (sent := page.evaluate("opened.at(-1).sent.length")) < 15:
        page.wait_for_timeout(100)
    page.evaluate("opened.at(-1).close()")
    expect(page.get_by_role("status")).to_contain_text("つなぎ直しています")
    expect(page.get_by_role("status")).to_contain_text("聞いています")
    assert page.evaluate("opened.length") == 2
    assert page.evaluate("JSON.parse(opened[1].sent[0]).type") == "start"
    assert page.evaluate("opened[1].sent.length") >= sent - 2, "what had no final text yet is sent again"
    say(page, "final", "次の発言です。")
    expect(page.locator("#finals p")).to_have_text(["はじめの発言です。", "次の発言です。"])


def test_captions_that_are_begun_again_before_the_last_words_came_are_said_to_go_on(open_page: Pages) -> None:
    page = scripted(open_page)
    page.evaluate("opened[0].send = () => {}")  # its last words take a while
    page.get_by_role("button", name="字幕を止める").click()
    page.get_by_role("button", name="字幕を始める").click()
    expect(page.get_by_role("status")).to_contain_text("聞いています")
    page.evaluate("opened[0].close()")
    say(page, "final", "続きです。")
    expect(page.locator("#finals p")).to_have_text(["続きです。"])
    expect(page.get_by_role("status")).to_contain_text("聞いています")


def test_a_refusal_is_said_and_ends_it(open_page: Pages) -> None:
    page = scripted(open_page)
    page.evaluate("opened.at(-1).say({ type: 'error', code: 'busy', message: '同時に使える数に達しています。' })")
    expect(page.get_by_role("alert")).to_contain_text("同時に使える数")
    expect(page.get_by_role("button", name="字幕を始める")).to_be_visible()


def test_without_a_microphone_it_says_why(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))")
    page.goto(CAPTIONS)
    page.get_by_role("button", name="字幕を始める").click()
    expect(page.get_by_role("alert")).to_contain_text("マイクが見つかりません")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, {"width": 320, "height": 640}], ids=["desktop", "phone", "narrow"])
def test_everybody_can_read_and_use_it(open_page: Pages, viewport: dict[str, int]) -> None:
    page = scripted(open_page, viewport)
    say(page, "final", "防災訓練の日程を確認します。避難所の開設は午前9時からです。")
    say(page, "partial", "続いて")
    page.get_by_role("button", name="最大").click()
    expect(page.get_by_role("button", name="最大")).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    page.get_by_role("button", name="黒地に白").click()
    assert violations(page, CONTRAST) == []
    page.get_by_role("button", name="黒地に白").click()
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    assert sideways(page) <= 0


def test_the_microphone_is_off_again_when_the_page_can_not_hear(open_page: Pages) -> None:
    page = open_page("/staff", viewport=DESKTOP, permissions=["microphone"])
    page.add_init_script("""(() => {
      AudioWorklet.prototype.addModule = () => Promise.reject(new DOMException("", "AbortError"));
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.heard = await ask(wanted));
    })()""")
    page.goto(CAPTIONS)
    page.get_by_role("button", name="字幕を始める").click()
    expect(page.get_by_role("alert")).to_contain_text("字幕の部品を読み込めませんでした")
    assert page.evaluate("heard.getTracks().map(t => t.readyState)") == ["ended"]


def test_captions_that_were_not_saved_are_not_left_unasked(open_page: Pages) -> None:
    page = scripted(open_page)
    say(page, "final", "本日の議題です。")
    page.get_by_role("button", name="字幕を止める").click()
    expect(page.get_by_role("status")).to_have_text("止まっています。")
    asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert page.evaluate(asks)
    with page.expect_download():
        page.get_by_role("button", name="テキストを保存").click()
    assert not page.evaluate(asks)
