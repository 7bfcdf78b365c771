"""WCAG 2.2 AA on every page and state: axe-core, narrow screens, zoom, targets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from .conftest import CONTRAST, DESKTOP, PHONE, Pages, ask, sideways, violations
from .test_recordings import forced
from .test_voices import enrolled

pytestmark = pytest.mark.browser

MOVED_IN = "他の市町村から曽於市に引っ越してきたときは、どのような届出が必要ですか。"
NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 320, "height": 200}  #: a 1280 x 800 screen at 400 %
SMALLEST_TARGET_PX = 44


def topic(page: Page) -> None:
    page.get_by_role("button", name="引っ越し").click()


def easy(page: Page) -> None:
    ask(page, MOVED_IN)
    page.get_by_role("button", name="やさしい日本語").click()


def listening(page: Page) -> None:
    page.get_by_role("button", name="声で質問する").click()
    expect(page.get_by_text("聞いています…")).to_be_visible()


def refused(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_label("知りたいことを入力してください").fill("住民票")
    page.keyboard.press("Enter")
    expect(page.locator(".notice.bad")).to_be_visible()


def incomplete(page: Page) -> None:
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def topics(page: Page) -> None:
    ask(page, "こんにちは")
    page.get_by_role("button", name="分野から探す").click()
    expect(page.get_by_role("dialog").locator(".topic").first).to_be_visible()


def clearing(page: Page) -> None:
    ask(page, "ありがとう")
    page.get_by_role("button", name="会話を消す").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def asked(question: str) -> Callable[[Page], None]:
    return lambda page: ask(page, question)


def nothing(page: Page) -> None:
    expect(page.locator("main")).to_be_visible()


def wrong_password(page: Page) -> None:
    page.get_by_label("パスワード").fill("まちがい")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def meeting(page: Page, **changes: object) -> None:
    forced(page, **changes)
    page.goto("/staff/minutes/m")
    expect(page.locator("#result:visible, #status > *").first).to_be_visible()


def renaming(page: Page) -> None:
    meeting(page)
    page.get_by_text("話者の名前を変える").click()
    expect(page.get_by_label("話者1", exact=True)).to_be_visible()


def voices(page: Page) -> None:
    enrolled(page)
    page.reload()
    page.get_by_role("button", name="同意を得たので登録する").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def meetings(page: Page) -> None:
    forced(page, state="working", progress=0.42)
    page.reload()
    expect(page.get_by_role("progressbar")).to_be_visible()


def imported(page: Page) -> None:
    rows = "id,question,answer\nimported-1,凧を揚げてもよいですか。,はい。\nimported-2,答えのない行,\n"
    files = [("凧.csv", rows), ("写真.csv", "名前,大きさ\nねこ,3\n")]
    sent: list[FilePayload] = [{"name": n, "mimeType": "text/csv", "buffer": text.encode()} for n, text in files]
    page.locator("#files").set_input_files(sent)
    page.get_by_label("お名前").fill("佐藤")
    page.get_by_role("button", name="登録する", exact=True).click()
    page.get_by_role("heading", name="登録の結果").wait_for()


def to_be_approved(page: Page) -> None:
    imported(page)
    page.get_by_role("link", name="下書きをまとめて確かめて承認する").click()
    page.get_by_role("button", name="この1件を承認して公開する").wait_for()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "start": ("/", nothing),
    "topic": ("/", topic),
    "answer": ("/", asked(MOVED_IN)),
    "easy": ("/", easy),
    "clarify": ("/", asked("証明書がほしい")),
    "handoff": ("/", asked("火星に行きたい")),
    "emergency": ("/", asked("家が火事です")),
    "listening": ("/", listening),
    "refused": ("/", refused),
    "incomplete": ("/", incomplete),
    "topics": ("/", topics),
    "clearing": ("/", clearing),
    "login": ("/staff/login", nothing),
    "wrong password": ("/staff/login", wrong_password),
    "staff": ("/staff", asked("住家の被害認定調査と、罹災証明書の区分を教えてください。")),
    "minutes": ("/staff/minutes", meetings),
    "meeting": ("/staff/minutes", meeting),
    "failed": ("/staff/minutes", lambda page: meeting(page, state="failed", message="録音が途中で切れています。")),
    "renaming": ("/staff/minutes", renaming),
    "voices": ("/staff/voices", voices),
    "calls": ("/staff/calls", nothing),
    "record log": ("/staff/record-log", nothing),
    "knowledge": ("/staff/knowledge?q=転入", nothing),
    "entry": ("/staff/knowledge/entries/moving-01", nothing),
    "entry form": ("/staff/knowledge/entries/moving-01/edit", nothing),
    "counts": ("/staff/knowledge/asked", nothing),
    "import": ("/staff/knowledge/import", nothing),
    "imported": ("/staff/knowledge/import", imported),
    "sent": ("/staff/knowledge/import", to_be_approved),
    "not found": ("/nowhere", nothing),
    "API": ("/api/docs", nothing),
}


CONTROLS = (
    "button, .button, .option, select, textarea, .nav a, input:not([type=file], [type=checkbox], [type=radio], [type=range])"
)
LOW = """([controls, least]) => [...document.querySelectorAll(controls)]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < least - 0.5).map((e) => e.outerHTML.slice(0, 120))"""


def small_targets(page: Page) -> list[str]:
    """Visible controls lower than a finger needs. Links inside sentences may be (WCAG 2.5.8)."""
    return list(page.evaluate(LOW, [CONTROLS, SMALLEST_TARGET_PX]))


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_light_and_dark_and_nothing_runs_off_a_narrow_screen(open_page: Pages, state: str) -> None:
    path, act = STATES[state]
    page = open_page(path, permissions=["microphone"], viewport=DESKTOP if path.startswith("/staff") else PHONE)
    act(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    for viewport in (NARROW, ZOOMED):
        page.set_viewport_size(viewport)
        assert sideways(page) <= 0
    assert small_targets(page) == []


def test_zoomed_to_400_percent_the_composer_leaves_room_to_read(open_page: Pages) -> None:
    page = open_page(viewport=ZOOMED)
    ask(page, MOVED_IN)
    assert page.locator("#composer").evaluate("e => getComputedStyle(e).position") == "static"
    page.locator(".read").focus()
    page.get_by_label("知りたいことを入力してください").focus()
    expect(page.get_by_label("知りたいことを入力してください")).to_be_in_viewport()


def test_new_answers_are_announced(open_page: Pages) -> None:
    page = open_page()
    log = page.get_by_role("log", name="質問と回答")
    expect(log).to_have_attribute("aria-live", "polite")
    ask(page, "こんにちは")
    expect(log).to_contain_text("回答：")


def test_body_text_is_large(open_page: Pages) -> None:
    page = open_page()
    ask(page, MOVED_IN)
    size = page.locator(".passage p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 18


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/staff",
        "/staff/minutes",
        "/staff/minutes/template",
        "/staff/calls",
        "/staff/record-log",
        "/staff/voices",
        "/staff/knowledge/new",
        "/staff/captions",
        "/staff/help",
    ],
)
def test_text_twice_as_large_runs_off_no_phone(open_page: Pages, path: str) -> None:
    page = open_page(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(page) <= 0
    for field in page.locator("textarea:visible").all():
        assert field.evaluate("e => e.offsetWidth") > PHONE["width"] / 2


def test_an_answer_with_text_twice_as_large_stays_on_the_narrowest_phone(open_page: Pages) -> None:
    page = open_page("/", viewport=NARROW)
    ask(page, MOVED_IN)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(page) <= 0
    number = page.locator(".contact .button")
    assert number.evaluate("e => e.clientHeight") < 4 * number.evaluate("e => parseFloat(getComputedStyle(e).lineHeight)")
