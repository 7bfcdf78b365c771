"""Asking by voice and having answers read aloud, with the real recogniser and the real voice."""

from __future__ import annotations

import io
import re
import wave

import pytest
from playwright.sync_api import Browser, Request, Route, expect

from tests.conftest import LiveServer

from .conftest import CHROMIUM, PHONE, QUIET, Pages, ask, sideways, violations

pytestmark = pytest.mark.browser

ANSWER_MS = 60_000
PRESS_COUNTS_S = 5  #: in Chromium


def test_a_spoken_question_is_written_down_answered_and_can_be_put_right(open_page: Pages) -> None:
    page = open_page(permissions=["microphone"])
    page.get_by_role("button", name="声で質問する").click()
    expect(page.get_by_text("聞いています…")).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text(re.compile(r"0:0[4-9]"), timeout=10_000)
    page.get_by_role("button", name="話し終わった").click()
    expect(page.get_by_text("文字にしています…")).to_be_visible()
    bubble = page.locator(".turn.resident .bubble").filter(has_text="止めたい")
    expect(bubble).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(".answer")).to_contain_text("水道")
    page.get_by_role("button", name="聞き間違いを直す").click()
    field = page.get_by_label("知りたいことを入力してください")
    expect(field).to_be_focused()
    expect(field).to_have_value(re.compile("止めたい"))


def test_staff_ask_aloud_too(open_page: Pages) -> None:
    page = open_page("/staff", permissions=["microphone"], viewport=PHONE)
    page.get_by_role("button", name="声で質問する").click()
    expect(page.get_by_text("聞いています…")).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text(re.compile(r"0:0[4-9]"), timeout=10_000)
    page.get_by_role("button", name="話し終わった").click()
    expect(page.locator(".turn.resident .bubble")).to_contain_text("止めたい", timeout=ANSWER_MS)
    expect(page.locator(".answer")).to_contain_text("水道")
    assert violations(page) == []
    assert sideways(page) <= 0


def test_a_recording_can_be_called_off(open_page: Pages) -> None:
    page = open_page(permissions=["microphone"])
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.get_by_role("button", name="声で質問する").click()
    expect(page.get_by_role("button", name="話し終わった")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="声で質問する")).to_be_focused()
    assert not [url for url in requests if "/api/ask" in url]


def test_a_microphone_that_brings_no_sound_is_told_while_somebody_speaks(open_page: Pages) -> None:
    page = open_page("/staff/login", permissions=["microphone"])
    page.add_init_script(
        """let begins = Infinity; // a phone's sound takes a while to begin
           const { get } = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state");
           Object.defineProperty(AudioContext.prototype, "state",
             { get() { return performance.now() < begins ? "suspended" : get.call(this); } });
           navigator.mediaDevices.getUserMedia = async () => {
             begins = performance.now() + 1500;
             return new AudioContext().createMediaStreamDestination().stream;
           };"""
    )
    page.goto("/")
    page.get_by_role("button", name="声で質問する").click()
    status = page.get_by_role("status").filter(visible=True)
    expect(status).to_have_text("聞いています…")
    expect(status).to_have_text("声が届いていません。マイクに近づいてお話しください。")
    assert sideways(page) <= 0
    assert violations(page) == []


def test_a_press_too_short_to_say_anything_asks_to_speak_again(open_page: Pages) -> None:
    page = open_page(permissions=["microphone"])
    page.evaluate(
        """() => new MutationObserver(() => document.querySelector("#voice-done").click())
             .observe(document.querySelector("#listening"), { attributeFilter: ["hidden"] })"""
    )
    page.get_by_role("button", name="声で質問する").click()
    notice = page.locator(".notice.bad")
    expect(notice).to_contain_text("短すぎて聞き取れませんでした。もう一度お話しください。")
    expect(notice.get_by_role("button", name="もう一度話す")).to_be_visible()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
            "許可されていません",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))",
            "マイクが見つかりません",
        ),
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "安全な接続"),
    ],
    ids=["refused", "no microphone", "not secure"],
)
def test_why_the_microphone_can_t_be_used_is_said(open_page: Pages, script: str, sentence: str) -> None:
    page = open_page("/staff/login")
    page.add_init_script(script)
    page.goto("/")
    page.get_by_role("button", name="声で質問する").click()
    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect(page.get_by_label("知りたいことを入力してください")).to_be_enabled()


def test_an_answer_is_read_aloud_until_it_is_stopped(open_page: Pages) -> None:
    page = open_page()
    ask(page, "こんにちは")
    button = page.locator(".read")
    with page.expect_response("**/api/speak", timeout=ANSWER_MS) as spoken:
        button.click()
        expect(button).to_have_attribute("data-state", "loading")
    assert spoken.value.headers["content-type"] == "audio/wav"
    expect(button).to_have_attribute("data-state", "playing", timeout=ANSWER_MS)
    expect(button).to_have_text("読み上げを止める")
    button.click()
    expect(button).to_have_text("読み上げる")


def test_what_is_read_aloud_falls_silent_when_somebody_wants_to_speak(open_page: Pages) -> None:
    page = open_page(permissions=["microphone"])
    ask(page, "こんにちは")
    button = page.locator(".read")
    button.click()
    expect(button).to_have_attribute("data-state", "playing", timeout=ANSWER_MS)
    page.get_by_role("button", name="声で質問する").click()
    expect(button).to_have_text("読み上げる")
    page.keyboard.press("Escape")


def test_a_phone_that_plays_only_what_is_asked_for_plays_a_voice_that_comes_late(
    chromium: Browser, live_server: LiveServer
) -> None:
    strict = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*QUIET, "--autoplay-policy=user-gesture-required"])
    page = strict.new_page(base_url=live_server.url, viewport=PHONE)
    page.goto("/")
    ask(page, "こんにちは")

    def late(route: Route) -> None:
        page.wait_for_timeout(1000 * (PRESS_COUNTS_S + 1))
        route.continue_()

    page.route("**/api/speak", late, times=1)
    button = page.locator(".read")
    button.click()
    expect(button).to_have_attribute("data-state", "playing", timeout=ANSWER_MS)
    strict.close()


def test_who_has_an_answer_read_while_others_do_need_not_press_again(open_page: Pages) -> None:
    page = open_page()
    ask(page, "こんにちは")
    busy = {"error": {"code": "busy", "message": "混み合っています。"}}
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 16_000 * 5))
    page.route("**/api/speak", lambda route: route.fulfill(body=sound.getvalue(), content_type="audio/wav"))
    page.route("**/api/speak", lambda route: route.fulfill(status=503, json=busy), times=1)
    with page.expect_response("**/api/speak") as turned_away:
        page.locator(".read").click()
    assert turned_away.value.status == 503
    expect(page.locator(".read")).to_have_attribute("data-state", "playing", timeout=ANSWER_MS)
    page.locator(".read").click()


def test_choices_are_read_aloud_with_the_numbers_that_pick_them(open_page: Pages) -> None:
    page = open_page()
    ask(page, "住民票")

    def names_a_choice(request: Request) -> bool:
        return request.url.endswith("/api/speak") and "1番、住民票" in (request.post_data or "")

    with page.expect_request(names_a_choice, timeout=ANSWER_MS):
        page.locator(".read").click()
    page.locator(".read").click()
