"""What a resident is promised on the chat page."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import DESKTOP, Pages, ask, sideways

pytestmark = pytest.mark.browser

MOVED_IN = "他の市町村から曽於市に引っ越してきたときは、どのような届出が必要ですか。"


def composer(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("知りたいことを入力してください")


def test_a_typed_question_gets_the_approved_answer_with_its_source(open_page: Pages) -> None:
    page = open_page()
    ask(page, MOVED_IN)
    answer = page.locator(".answer")
    expect(answer).to_contain_text("職員が承認した回答")
    expect(answer).to_contain_text("14日以内に届け出てください")
    expect(answer.get_by_role("listitem").filter(has_text="窓口に来る方の本人確認書類")).to_be_visible()
    expect(answer.locator(".sources")).to_contain_text("住民基本台帳法")
    expect(answer.locator(".sources")).to_contain_text("担当：市民課")
    expect(composer(page)).to_have_value("")


def test_above_an_answer_stands_what_is_true_of_its_source(open_page: Pages) -> None:
    page = open_page()
    for text, heading in (
        ("生ごみの捨て方", "市の表からのご案内"),
        ("図書館の本を借りたい。あと生ごみの捨て方は", "市の資料からのご案内"),
    ):
        ask(page, text)
        expect(page.locator(".answer .band-name").last).to_have_text(heading)
    expect(page.locator(".answer").last.locator(".source")).to_have_count(2)


def test_a_category_opens_its_questions_and_one_of_them_is_answered(open_page: Pages) -> None:
    page = open_page()
    page.get_by_role("button", name="引っ越し").click()
    expect(page.get_by_role("heading", name="引っ越し")).to_be_focused()
    page.get_by_role("button", name="分野の一覧").click()
    expect(page.get_by_role("button", name="引っ越し")).to_be_focused()
    page.get_by_role("button", name="引っ越し").click()
    page.get_by_role("button", name=MOVED_IN).click()
    expect(page.locator(".answer")).to_contain_text("転入届")


def test_topics_stay_at_hand_after_the_conversation_began(open_page: Pages) -> None:
    page = open_page()
    ask(page, "こんにちは")
    page.get_by_role("button", name="分野から探す").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="ごみ・環境").click()
    dialog.locator(".choice").first.click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".answer")).to_have_count(2)


def test_a_suggestion_is_asked_by_pressing_it(open_page: Pages) -> None:
    page = open_page()
    ask(page, "証明書がほしい")
    choices = page.locator(".answer .choice")
    expect(choices.first).to_be_visible()
    chosen = choices.first.inner_text()
    choices.first.click()
    expect(page.locator(".bubble").last).to_contain_text(chosen)
    expect(page.locator(".answer").last).to_contain_text("職員が承認した回答")


def test_handing_over_names_a_counter_that_can_be_called(open_page: Pages) -> None:
    page = open_page()
    ask(page, "火星に行きたい")
    counter = page.locator(".contact")
    expect(counter).to_be_visible()
    expect(counter.get_by_role("link")).to_have_attribute("href", re.compile(r"^tel:0\d{9,10}$"))
    expect(counter).to_contain_text(re.compile("ただいま受付中|次に開くのは"))


def test_an_emergency_offers_119_and_110_first(open_page: Pages) -> None:
    page = open_page()
    ask(page, "家が火事です")
    card = page.locator(".answer.emergency")
    expect(card.get_by_role("link", name=re.compile("119"))).to_have_attribute("href", "tel:119")
    expect(card.get_by_role("link", name=re.compile("110"))).to_have_attribute("href", "tel:110")


def test_easy_japanese_is_a_switch(open_page: Pages) -> None:
    page = open_page()
    ask(page, MOVED_IN)
    switch = page.get_by_role("button", name="やさしい日本語")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".passage")).to_contain_text("新しい住所を知らせる紙")
    switch.click()
    expect(page.locator(".passage")).to_contain_text("14日以内に届け出てください")


def test_a_reload_loses_nothing_and_clearing_loses_everything(open_page: Pages) -> None:
    page = open_page()
    ask(page, MOVED_IN)
    composer(page).fill("書きかけの質問")
    page.reload()
    expect(page.locator(".bubble")).to_contain_text(MOVED_IN)
    expect(page.locator(".answer")).to_contain_text("転入届")
    expect(composer(page)).to_have_value("書きかけの質問")
    page.get_by_role("button", name="会話を消す").click()
    page.get_by_role("dialog").get_by_role("button", name="会話を消す").click()
    expect(page.locator(".answer")).to_have_count(0)
    expect(page.get_by_role("heading", name="何をお調べですか")).to_be_visible()
    page.reload()
    expect(page.locator(".answer")).to_have_count(0)


def test_what_was_asked_before_the_conversation_was_cleared_is_not_answered_after_it(open_page: Pages) -> None:
    page = open_page()
    page.route("**/api/ask", lambda _: None)  # it waits
    composer(page).fill(MOVED_IN)
    page.keyboard.press("Enter")
    expect(page.locator(".wait")).to_be_visible()
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/api/ask")):
        page.get_by_role("button", name="会話を消す").click()
        page.get_by_role("dialog").get_by_role("button", name="会話を消す").click()
    page.unroute("**/api/ask")
    ask(page, "住民票がほしい")
    expect(page.locator(".turn")).to_have_count(2)


def test_the_session_ties_questions_together(open_page: Pages) -> None:
    page = open_page()
    ask(page, MOVED_IN)
    with page.expect_request("**/api/ask") as second:
        ask(page, "本人でなくてもよいですか")
    assert json.loads(second.value.post_data or "{}")["session"]


def test_without_a_connection_the_question_is_kept_and_can_be_sent_again(open_page: Pages) -> None:
    page = open_page()
    page.context.set_offline(True)
    composer(page).fill(MOVED_IN)
    page.keyboard.press("Enter")
    expect(page.locator(".notice.bad")).to_contain_text("インターネットにつながっていません")
    page.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="もう一度送る").click()
    expect(page.locator(".answer")).to_contain_text("転入届")
    expect(page.locator(".bubble")).to_have_count(1)
    expect(page.locator(".notice.bad")).to_have_count(0)


def test_who_sends_a_question_before_the_last_is_answered_is_told_to_wait_and_keeps_it(open_page: Pages) -> None:
    page, held = open_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/ask", hold)
    composer(page).fill("転入届")
    page.keyboard.press("Enter")
    expect(page.get_by_text("お調べしています")).to_be_visible()
    composer(page).fill("生ごみの捨て方")
    page.keyboard.press("Enter")
    expect(page.get_by_text("前の質問の回答を待っています")).to_be_visible()
    expect(composer(page)).to_have_value("生ごみの捨て方")
    held[0].continue_()
    expect(page.locator(".answer")).to_have_count(1)
    expect(page.get_by_text("前の質問の回答を待っています")).to_be_hidden()


def test_a_busy_server_is_said_in_the_server_s_own_words(open_page: Pages) -> None:
    page = open_page()
    body = {"error": {"code": "not_ready", "message": "準備中です。少し待ってから、もう一度お試しください。"}}

    def refuse(route: Route) -> None:
        route.fulfill(status=503, json=body)

    page.route("**/api/ask", refuse)
    composer(page).fill("住民票がほしい")
    page.get_by_role("button", name="送る").click()
    expect(page.locator(".notice.bad")).to_contain_text("準備中です")
    page.unroute("**/api/ask")
    page.get_by_role("button", name="もう一度送る").click()
    expect(page.locator(".answer")).to_have_count(1)


def test_a_question_sent_before_the_scripts_have_come_is_asked_once_they_have(open_page: Pages) -> None:
    page = open_page("/api/docs")
    page.route("**/js/chat.js", lambda route: (page.wait_for_timeout(2_000), route.continue_()), times=1)
    page.goto("/", wait_until="commit")
    composer(page).fill(MOVED_IN)
    page.get_by_role("button", name="送る").click()
    expect(page.locator("#composer")).to_have_attribute("aria-busy", "true")
    expect(composer(page)).to_have_value(MOVED_IN)
    expect(page.locator(".answer")).to_contain_text("14日以内に届け出てください")
    expect(page.locator("#composer[aria-busy]")).to_have_count(0)
    expect(page.locator(".answer")).to_have_count(1)


def test_what_was_typed_before_the_scripts_have_come_stays(open_page: Pages) -> None:
    page = open_page("/api/docs")
    page.route("**/js/chat.js", lambda route: (page.wait_for_timeout(1_500), route.continue_()), times=1)
    page.goto("/", wait_until="commit")
    composer(page).fill("住民票が")
    page.wait_for_selector("#chat[data-ready]")
    expect(composer(page)).to_have_value("住民票が")


def test_a_page_whose_scripts_do_not_come_says_so(open_page: Pages) -> None:
    page = open_page("/api/docs")
    page.route("**/js/topics.js", lambda route: route.abort())
    page.goto("/")
    notice = page.get_by_role("alert").filter(has_text="画面の一部を読み込めませんでした")
    expect(notice).to_be_visible()
    page.unroute("**/js/topics.js")
    page.get_by_role("link", name="もう一度読み込む").click()
    page.wait_for_selector("#chat[data-ready]")
    expect(notice).to_have_count(0)


def test_a_question_that_is_too_long_stays_in_the_field(open_page: Pages) -> None:
    page = open_page()
    long = "あ" * 512
    composer(page).fill(long)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="あと12文字短くしてください")).to_be_visible()
    expect(composer(page)).to_have_value(long)
    expect(composer(page)).to_have_attribute("aria-invalid", "true")


def test_enter_that_ends_a_conversion_sends_nothing(open_page: Pages) -> None:
    page = open_page()
    composer(page).fill("じゅうみんひょう")
    composer(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    composer(page).dispatch_event("keydown", {"key": "Enter", "shiftKey": True})
    expect(composer(page)).to_have_value("じゅうみんひょう")
    expect(page.locator(".bubble")).to_have_count(0)


def test_everything_is_reached_with_the_keyboard_alone(open_page: Pages) -> None:
    page = open_page(viewport=DESKTOP)
    expect(page.locator(".topic").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ進む")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".topic").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".choice").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(1)
    for _ in range(40):
        page.keyboard.press("Tab")
        if composer(page).evaluate("e => e === document.activeElement"):
            break
    page.keyboard.type("こんにちは")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(2)


def test_words_of_an_answer_are_text_and_never_markup(open_page: Pages) -> None:
    page = open_page()
    ask(page, "<img src=x onerror=alert(1)><b>太字</b>")
    expect(page.locator(".bubble")).to_contain_text("<b>太字</b>")
    expect(page.locator("#log img, #log b")).to_have_count(0)


def test_a_telephone_number_can_be_tapped_whatever_follows_it(open_page: Pages) -> None:
    page = open_page()
    text = "0986-00-0101までお電話ください。夜間は「099-000-0102」です。番号0986-00-0101-5、119番。"
    linked = page.evaluate(
        """async (text) => {
            const { passage } = await import("/static/js/passage.js");
            return [...passage(text).querySelectorAll("a, strong")].map((e) => e.href ?? e.textContent);
        }""",
        text,
    )
    assert linked == ["tel:0986000101", "tel:0990000102", "119"]


def test_a_telephone_number_is_never_broken_over_two_lines(open_page: Pages) -> None:
    page = open_page()
    for width in (320, 360, 375, 390, 414):
        page.set_viewport_size({"width": width, "height": 800})
        if width == 320:
            ask(page, "火星に行きたい")
        assert page.locator(".passage a[href^='tel:']").evaluate("e => e.getClientRects().length") == 1


def test_who_asks_in_english_is_told_in_english_where_to_turn(open_page: Pages) -> None:
    page = open_page()
    ask(page, "library opening hours")
    expect(page.locator(".answer [lang=en]")).to_contain_text("Emergency: 119")
    page.reload()
    expect(page.locator(".answer [lang=en]")).to_be_visible()
    expect(page.get_by_role("button", name="末吉図書館の開館時間と休み")).to_be_visible()
    ask(page, "火星に行きたい")
    expect(page.locator(".answer [lang=en]")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 360, 390])
def test_the_question_s_field_is_in_view_from_the_start_on_every_phone(open_page: Pages, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    expect(page.locator(".topic").last).to_be_attached()
    expect(page.get_by_label("知りたいことを入力してください")).to_be_in_viewport(ratio=1)
    assert page.locator("#composer").evaluate("e => e.offsetHeight") < 740 / 3
    assert sideways(page) <= 0


def test_a_choice_that_did_not_arrive_is_sent_again_as_that_choice(open_page: Pages) -> None:
    page = open_page()
    ask(page, "証明書がほしい")
    page.context.set_offline(True)
    with page.expect_request("**/api/ask") as first:
        page.locator(".answer .choice").first.click()
    chosen = json.loads(first.value.post_data or "{}")["entry_id"]
    again = page.get_by_role("button", name="もう一度送る")
    expect(again).to_be_visible()
    page.context.set_offline(False)
    with page.expect_request("**/api/ask") as second:
        again.click()
    assert chosen
    assert json.loads(second.value.post_data or "{}")["entry_id"] == chosen


def test_a_question_that_did_not_arrive_stays_while_another_is_answered(open_page: Pages) -> None:
    page = open_page()
    page.context.set_offline(True)
    composer(page).fill(MOVED_IN)
    page.keyboard.press("Enter")
    again = page.get_by_role("button", name="もう一度送る")
    expect(again).to_be_visible()
    page.context.set_offline(False)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/ask", hold, times=1)
    composer(page).fill("こんにちは")
    page.keyboard.press("Enter")
    expect(page.get_by_text("お調べしています…")).to_be_visible()
    again.click()
    expect(again).to_be_visible()
    held[0].continue_()
    expect(page.locator(".answer")).to_have_count(1)
    again.click()
    expect(page.locator(".answer").last).to_contain_text("転入届")
    expect(again).to_have_count(0)
