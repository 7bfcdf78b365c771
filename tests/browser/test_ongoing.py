"""Calls that go on: staff see which, read one as it is spoken, and lose nothing by a broken connection or a late look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.clock import now
from telephony.ongoing import Ended, Event, Happened, OngoingCall
from telephony.said import Said
from tests.conftest import Speech
from tests.telephony.phone_kit import OTHER, OURS, RATE_HZ, legs_of, play, ringing

from .conftest import CONTRAST, DESKTOP, PHONE, Pages, sideways, violations

pytestmark = pytest.mark.browser

LIVE = "/staff/calls/live"
ASKED = "粗大ごみを捨てたいのですが、どうすればいいですか。"
HEARD_MS = 60_000
FAKE = """(() => {
  window.opened = [];
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    constructor(url) {
      super(); this.readyState = 1; this.url = url; this.sent = []; window.opened.push(this);
      setTimeout(() => this.dispatchEvent(new Event("open")));
    }
    send(data) { this.sent.push(data); }
    close() { this.readyState = 3; this.dispatchEvent(new Event("close")); }
    say(message) { this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) })); }
  };
})()"""
TOO_SMALL = """[...document.querySelectorAll("main button, main a")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
CALL = {
    "id": "a1", "our_name": "市民課", "our_number": "", "other_name": "鈴木", "other_number": "0986760000",
    "began_at": "2026-11-28T09:05:00+09:00", "held": False, "hearing": "heard",
}  # fmt: skip
CLERK, SUZUKI = {"side": "ours", "speaker": "市民課"}, {"side": "other", "speaker": "鈴木"}
STANDING = {
    "type": "call", "id": "a1", "call": CALL, "ended_at": None, "recorded": False, "behind_s": 0, "wrong": None, "saying": [],
}  # fmt: skip

Begins = Callable[..., OngoingCall]


@pytest.fixture
def phone(live_server, tmp_path: Path) -> Iterator[Begins]:  # type: ignore[no-untyped-def]
    with ringing(live_server.home, tmp_path) as ring:
        yield ring


def scripted(open_page: Pages, viewport: dict[str, int] = DESKTOP) -> Page:
    """The page with a server that says what the test tells it to: one call, which is read."""
    page = open_page("/staff", viewport=viewport)
    page.add_init_script(FAKE)
    page.goto(LIVE)
    page.wait_for_function("() => opened.length === 1")
    say(page, type="now", at="2026-11-28T09:06:30+09:00")
    say(page, type="calls", calls=[CALL])
    say(page, **STANDING)
    return page


def say(page: Page, **message: object) -> None:
    page.evaluate("m => opened.at(-1).say(m)", message)


def lines(page: Page, *texts: str, first: int = 0, whole: bool = False) -> None:
    made = [
        {"key": f"said-{n}", "kind": "said", **(SUZUKI if n % 2 else CLERK), "start": float(n), "text": text}
        for n, text in enumerate(texts, first)
    ]
    say(page, type="lines", id="a1", whole=whole, lines=made)


def test_a_call_is_found_and_read_while_it_goes_on(open_page: Pages, phone: Begins, speech: Speech) -> None:
    page = open_page("/staff/calls", viewport=DESKTOP)
    call = phone()
    play(call, legs_of(speech, [(OURS, "はい、市民課です。"), (OTHER, ASKED)]))
    page.reload()
    expect(page.locator("#going-on")).to_have_text("（1件が通話中）")
    page.get_by_role("link", name="通話中の文字起こし").click()
    expect(page.get_by_role("button", name=re.compile("鈴木（0986760000）.*市民課"))).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("log")).to_contain_text("ごみを捨てたい", timeout=HEARD_MS)
    expect(page.locator("#lines .theirs .side-head")).to_contain_text("鈴木")
    offer = page.get_by_role("complementary", name="知識ベースから")
    expect(offer).to_contain_text("粗大ごみ")
    source = offer.get_by_role("link")
    with page.context.expect_page() as entry:
        source.click()
    expect(entry.value.get_by_role("heading", level=1)).to_contain_text("粗大ごみ")


def test_after_the_end_the_page_says_that_it_is_being_recorded_and_leads_there(open_page: Pages, phone: Begins) -> None:
    call = phone([Said(leg=OTHER, start_s=1, end_s=2, text="もしもし。")])
    page = open_page(LIVE, viewport=DESKTOP)
    expect(page.get_by_role("log")).to_contain_text("もしもし。")
    call.note(Event(kind=Happened.HELD, at_s=3.0))
    expect(page.get_by_role("log")).to_contain_text("保留しました")
    expect(page.locator("#reading-held")).to_be_visible()
    OngoingCall(call.folder).end(Ended(at=now(), why="bye"))  # whoever takes it in must wait still
    expect(page.locator("#over")).to_have_text("記録しています…")
    expect(page.get_by_text("いま、続いている通話はありません")).to_be_visible()
    call.new_sound(OTHER, RATE_HZ).place(0, np.zeros(RATE_HZ, np.int16))
    call.end(Ended(at=now(), why="bye"))
    expect(page.get_by_role("log")).to_contain_text("もしもし。")
    page.get_by_role("link", name="通話記録を開く").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("市民課 と 鈴木")


def test_another_call_is_chosen_by_keyboard_and_stays_chosen(open_page: Pages, phone: Begins) -> None:
    for name in ("山田", "田中"):
        phone([Said(leg=OTHER, start_s=1, end_s=2, text=f"{name}です。")], other_name=name)
    page = open_page(LIVE, viewport=DESKTOP)
    expect(page.get_by_role("log")).to_contain_text("山田です。")
    page.get_by_role("button", name=re.compile("田中")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("田中です。")
    expect(page.get_by_role("log")).not_to_contain_text("山田です。")
    expect(page.get_by_role("button", name=re.compile("田中"))).to_be_focused()
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("田中です。")


def test_without_a_call_it_says_so(open_page: Pages) -> None:
    page = open_page(LIVE, viewport=PHONE)
    expect(page.get_by_text("いま、続いている通話はありません")).to_be_visible()
    expect(page.locator("#reading")).to_be_hidden()
    assert violations(page) == []


def test_where_calls_can_t_be_read_it_says_so_until_they_can(open_page: Pages) -> None:
    page = scripted(open_page)
    say(page, type="calls", calls=[], wrong="続いている通話を読めません。")
    expect(page.get_by_role("alert")).to_have_text("続いている通話を読めません。")
    expect(page.locator("#none")).to_be_hidden()
    say(page, type="calls", calls=[], wrong=None)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#none")).to_be_visible()


def test_partial_text_is_lighter_and_gives_way_to_the_final_one(open_page: Pages) -> None:
    page = scripted(open_page)
    say(page, **STANDING | {"saying": [{**SUZUKI, "text": "住民票の<b>", "start": 1.0}]})
    expect(page.locator("#saying .said")).to_have_text("住民票の<b>")
    lines(page, "はい。", whole=True)
    colours = page.evaluate("['#saying .said', '#lines .said'].map(s => getComputedStyle(document.querySelector(s)).color)")
    assert colours[0] != colours[1]
    say(page, **STANDING)
    expect(page.locator("#saying .said")).to_have_count(0)
    expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(1)


def test_lines_stand_in_the_order_of_time_and_a_loss_grows_in_its_place(open_page: Pages) -> None:
    page = scripted(open_page)
    lines(page, "一", "二", "三", whole=True)
    lost = {"key": "event-0", "kind": "lost", **SUZUKI, "start": 0.5, "lasts": 0.4}
    say(page, type="lines", id="a1", whole=False, lines=[{"key": "event-1", "kind": "changed", **CLERK, "start": 1.5}])
    say(page, type="lines", id="a1", whole=False, lines=[lost])
    say(page, type="lines", id="a1", whole=False, lines=[lost | {"lasts": 2.4}])
    found = page.get_by_role("log").get_by_role("listitem").all_inner_texts()
    assert [re.sub(r"\s", "", text) for text in found] == [
        "市民課0:00一",
        "0:00鈴木：音声欠落2.4秒",
        "鈴木0:01二",
        "0:01市民課に代わりました",
        "市民課0:02三",
    ]


def test_lines_that_are_told_anew_change_sides_and_an_offer_is_taken_back(open_page: Pages) -> None:
    page = scripted(open_page)
    line = {"key": "said-0", "kind": "said", **CLERK, "start": 1.0, "text": "はい。"}
    say(page, type="lines", id="a1", whole=True, lines=[line])
    say(page, type="offer", id="a1", asked="はい。", answer={"answer": "答え", "citations": []})
    offer = page.get_by_role("complementary", name="知識ベースから")
    expect(page.locator("#lines .ours")).to_have_count(1)
    expect(offer).to_be_visible()
    say(page, type="offer", id="a1", asked=None, answer=None)
    say(page, type="lines", id="a1", whole=True, lines=[line | {"side": "other"}])
    expect(page.locator("#lines .theirs")).to_have_count(1)
    expect(page.locator("#lines .ours")).to_have_count(0)
    expect(offer).to_be_hidden()


def test_the_newest_line_is_in_view_until_the_reader_scrolls_up(open_page: Pages) -> None:
    page = scripted(open_page)
    box, newest = page.locator("#said"), page.get_by_role("button", name="最新の会話へ")
    lines(page, *(f"{n}番目の発言です。" for n in range(30)), whole=True)
    expect(page.get_by_text("29番目の発言です。")).to_be_in_viewport()
    box.evaluate("e => { e.scrollTop = 0; }")
    expect(newest).to_be_visible()
    lines(page, "新しい発言です。", first=30)
    expect(page.get_by_text("0番目の発言です。", exact=True)).to_be_in_viewport()
    newest.click()
    expect(page.get_by_text("新しい発言です。")).to_be_in_viewport()
    expect(newest).to_be_hidden()


def test_a_broken_connection_is_made_again_and_refills_without_saying_things_twice(open_page: Pages) -> None:
    page = scripted(open_page)
    lines(page, "一", "二", whole=True)
    page.evaluate("window.first = document.querySelector('#lines li'); opened.at(-1).close()")
    expect(page.locator("#told")).to_contain_text("つなぎ直しています")
    page.wait_for_function("() => opened.length === 2 && opened[1].sent.length === 1")
    assert page.evaluate("JSON.parse(opened[1].sent[0])") == {"call": "a1"}
    say(page, **STANDING)
    lines(page, "一", "二", "三", whole=True)
    expect(page.locator("#lines .said")).to_have_text(["一", "二", "三"])
    assert page.evaluate("window.first === document.querySelector('#lines li')"), "a screen reader would say it again"
    expect(page.locator("#told")).to_have_text("文字にしています。")


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ("文字起こしは順番を待っています（録音は続いています）", {"call": CALL | {"hearing": "waiting"}}),
        ("通話中の文字起こしは、止めてあります（録音は続いています）", {"call": CALL | {"hearing": "off"}}),
        ("文字起こしが約10秒遅れています（録音は続いています）", {"behind_s": 10}),
        ("モデルがありません。（録音は続いています）", {"wrong": "モデルがありません。"}),
        ("通話は終わりました。", {"ended_at": "2026-11-28T09:07:00+09:00"}),
    ],
)
def test_it_says_how_it_stands(open_page: Pages, told: str, standing: dict[str, object]) -> None:
    page = scripted(open_page)
    say(page, **STANDING | standing)
    expect(page.locator("#told")).to_have_text(told)


def test_a_call_that_is_in_the_records_has_a_link_there(open_page: Pages) -> None:
    page = scripted(open_page)
    lines(page, "はい。", whole=True)
    say(page, **STANDING | {"ended_at": "2026-11-28T09:07:00+09:00"})
    say(page, type="missing", id="a1", recorded=True)
    link = page.get_by_role("link", name="通話記録を開く")
    expect(link).to_have_attribute("href", "/staff/calls/a1")
    expect(page.locator("#lines .said")).to_have_text(["はい。"])


def test_from_a_call_without_sound_the_page_goes_back_to_the_list_and_says_why(open_page: Pages, phone: Begins) -> None:
    call = phone(other_name="無言")
    page = open_page(LIVE, viewport=DESKTOP)
    expect(page.get_by_role("heading", name=re.compile("無言"))).to_be_visible()
    other = phone(other_name="鈴木")
    expect(page.get_by_role("button", name=re.compile("鈴木"))).to_be_visible()
    call.end(Ended(at=now(), why="silence"))
    expect(page.get_by_role("status").filter(has_text="無言")).to_contain_text("記録に残りません")
    expect(page.locator("#reading")).to_be_hidden()
    expect(page).to_have_url(re.compile(f"{LIVE}$"))
    page.get_by_role("button", name=re.compile("鈴木")).click()
    expect(page.get_by_role("heading", name=re.compile("鈴木"))).to_be_visible()
    expect(page.locator("#gone")).to_be_hidden()
    other.end(Ended(at=now(), why="silence"))
    expect(page.get_by_text("いま、続いている通話はありません")).to_be_visible()


def test_a_call_that_nobody_knows_any_more_is_told_and_the_next_is_read(open_page: Pages, phone: Begins) -> None:
    page = open_page(f"{LIVE}#nobody", viewport=PHONE)
    expect(page.locator("#gone")).to_contain_text("その通話は続いておらず、記録もありません")
    phone(other_name="次の人")
    expect(page.get_by_role("heading", name=re.compile("次の人"))).to_be_visible()


def test_the_logout_in_another_tab_leads_to_the_login_and_back(open_page: Pages, live_server, phone: Begins) -> None:  # type: ignore[no-untyped-def]
    phone([Said(leg=OTHER, start_s=1, end_s=2, text="もしもし。")])
    page = open_page(LIVE, viewport=DESKTOP)
    expect(page.get_by_role("log")).to_contain_text("もしもし。")
    other = page.context.new_page()
    other.goto("/staff")
    other.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("alert")).to_contain_text("ログイン")
    page.get_by_role("alert").get_by_role("link").click()
    page.get_by_label("パスワード").fill(live_server.password)
    page.get_by_role("button", name="ログインする").click()
    expect(page.get_by_role("log")).to_contain_text("もしもし。")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, {"width": 320, "height": 640}], ids=["desktop", "phone", "narrow"])
def test_everybody_can_read_and_use_it(open_page: Pages, viewport: dict[str, int]) -> None:
    page = scripted(open_page, viewport)
    held = CALL | {"held": True, "id": "b2", "hearing": "waiting", "other_name": "とても長い名前の株式会社曽於中央建設工業"}
    say(page, type="calls", calls=[CALL, held])
    lines(page, "はい、市民課です。", "粗大ごみを捨てたいのですが。", whole=True)
    say(
        page,
        type="lines",
        id="a1",
        whole=False,
        lines=[{"key": "e", "kind": "held", "side": None, "speaker": None, "start": 5.0}],
    )
    say(page, **STANDING | {"saying": [{**CLERK, "text": "粗大ごみは", "start": 6.0}]})
    citation = {
        "entry_id": "x-1",
        "question": "粗大ごみはどうすればよいですか。",
        "source_title": None,
        "department": "環境課",
        "audience": "staff",
    }
    say(
        page,
        type="offer",
        id="a1",
        asked="粗大ごみを捨てたいのですが。",
        answer={"answer": "環境課に申し込みます。\n" * 20, "citations": [citation]},
    )
    expect(page.locator("#offer")).to_contain_text("庁内限定")
    assert page.locator(".answer-text").evaluate("e => e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)") <= 3.1
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    assert sideways(page) <= 0
    assert page.evaluate(TOO_SMALL) == []
