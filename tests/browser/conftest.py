"""A real Chromium on the real server. Nothing is faked but the microphone's sound, which a voice of the product speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
SPOKEN = "水道を止めたいときは、どうすればいいですか。"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
WCAG: dict[str, object] = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONTRAST: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  #: all that a colour scheme changes
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--mute-audio",
]

expect.set_options(timeout=20_000)  # the machine is shared with the models

Pages = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium(speech: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Ends with its module: Playwright's loop must not run under the tests of others."""
    samples, rate_hz = soundfile.read(speech(SPOKEN))
    heard = tmp_path_factory.mktemp("microphone") / "question.wav"
    pause = np.zeros(rate_hz // 2)
    soundfile.write(heard, np.concatenate([pause, samples, pause, pause]), rate_hz, subtype="PCM_16")
    microphone = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={heard}%noloop",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *microphone])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[Pages]:  # type: ignore[no-untyped-def]
    """open_page("/", viewport=…) -> a page of its own visitor. Scripts that fail or are refused fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(path: str = "/", **options: object) -> Page:
        defaults: dict[str, object] = {"viewport": PHONE, "locale": "ja-JP", "reduced_motion": "reduce"}
        context = chromium.new_context(base_url=live_server.url, **(defaults | options))  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        if path.startswith("/staff") and path != "/staff/login":
            log_in(page, live_server.password)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def log_in(page: Page, password: str) -> None:
    page.goto("/staff/login")
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="ログインする").click()
    expect(page.get_by_role("heading", name="職員用Q&A")).to_be_visible()


def ask(page: Page, question: str) -> None:
    """Type a question and wait for its answer."""
    before = page.locator(".answer").count()
    page.get_by_label("知りたいことを入力してください").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(before + 1)


def violations(page: Page, options: dict[str, object] = WCAG) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, one line each."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
