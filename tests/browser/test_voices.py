"""Who speaks, on the staff pages: speakers renamed by keyboard, voices enrolled and deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, Route, expect

from tests.spoken import MEETING

from .conftest import DESKTOP, PHONE, Pages
from .test_recordings import forced

pytestmark = pytest.mark.browser

SAID = (MEETING[0][1], MEETING[2][1])
VOICE = {"id": "v", "name": "企画政策課長", "by": "総務課", "created_at": "2026-11-20T09:00:00+09:00"}


def enrolled(page: Page) -> None:
    """Let the server say that a voice is enrolled."""
    page.route("**/api/staff/voices", lambda route: route.fulfill(json={"voices": [VOICE]}))


def test_a_speaker_is_renamed_everywhere_by_keyboard(open_page: Pages) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    forced(page)
    sent: list[object] = []

    def rename(route: Route) -> None:
        sent.append((route.request.method, route.request.post_data_json))
        route.fulfill(status=204)

    page.route("**/api/staff/minutes/m/speakers", rename)
    page.goto("/staff/minutes/m")
    page.get_by_text("話者の名前を変える").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    name = page.get_by_label("話者1", exact=True)
    expect(name).to_be_focused()
    name.fill("企画政策課長")
    page.keyboard.press("Enter")
    expect(page.locator("#speakers-said")).to_contain_text("「話者1」を「企画政策課長」に変えました")
    expect(page.locator("h3.speaker")).to_have_text(["企画政策課長", "話者2"])
    expect(page.get_by_label("企画政策課長", exact=True)).to_be_focused()
    assert sent == [("PATCH", {"speaker": "話者1", "name": "企画政策課長"})]


def test_a_name_that_is_refused_says_why(open_page: Pages) -> None:
    page = open_page("/staff/minutes", viewport=PHONE)
    forced(page)
    error = {"error": {"code": "invalid_input", "message": "話者の名前を入力してください。"}}
    page.route("**/api/staff/minutes/m/speakers", lambda route: route.fulfill(status=422, json=error))
    page.goto("/staff/minutes/m")
    page.get_by_text("話者の名前を変える").click()
    page.get_by_label("話者2", exact=True).fill("")
    page.get_by_role("button", name="「話者2」の名前を変える").click()
    expect(page.get_by_role("alert").filter(has_text="話者の名前を入力してください")).to_be_visible()


def test_a_voice_is_enrolled_and_deleted(open_page: Pages, speech: Callable[..., Path], tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.concatenate([soundfile.read(speech(t, "jm_kumo"))[0] for t in SAID]), 16_000)
    page = open_page("/staff/minutes", viewport=PHONE)
    page.get_by_role("link", name="声を登録").click()
    expect(page.get_by_text("個人識別符号")).to_be_visible()
    expect(page.get_by_text("まだ声の登録がありません")).to_be_visible()
    page.locator("#audio").set_input_files(speech("はい。"))
    page.get_by_label("声の持ち主の名前").fill("企画政策課長")
    page.get_by_label("登録する人の名前").fill("総務課")
    page.get_by_role("button", name="同意を得たので登録する").click()
    expect(page.get_by_role("alert").filter(has_text="10秒から60秒")).to_be_visible()
    page.locator("#audio").set_input_files(tmp_path / "a.wav")
    page.get_by_role("button", name="同意を得たので登録する").click()
    expect(page.get_by_role("heading", name="企画政策課長")).to_be_visible()
    page.get_by_role("button", name="「企画政策課長」の声の登録を削除").click()
    page.get_by_role("button", name="削除する").click()
    expect(page.get_by_text("まだ声の登録がありません")).to_be_visible()
