"""A real Chromium on the real server. Nothing is faked but the microphone's sound, which a voice of the product speaks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from asr.audio import Channels
from asr.edits import Edits
from asr.recording import Outcome, accepted
from asr.recordings import Recordings
from asr.transcript import Reason, Segment, Word
from core.blobs import BlobStore
from core.database import open_database
from core.settings import Settings
from minutes.meeting import Meeting
from minutes.repository import Meetings
from telephony.call import CallRecord, Parties
from telephony.repository import CallRecords

CHROMIUM = "/usr/bin/chromium"
SPOKEN = "水道を止めたいときは、どうすればいいですか。"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
FOUND: dict[str, object] = {"resultTypes": ["violations"]}  #: what passes is listed at length on a long page, and read by nobody
WCAG = FOUND | {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONTRAST = FOUND | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  #: all that a colour scheme changes
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
Stored = Callable[..., str]


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


def _segments(channel: int | None) -> tuple[Segment, ...]:
    """Two stretches with word times, and one of an older version, without."""
    texts = ["えー", "令和八年", "四月一日", "に", "店入届けが", "二十五件", "出てますけど"]
    words = tuple(
        Word(start_s=0.5 * i, end_s=0.5 * i + 0.4, text=t, confidence=0.3 if t == "に" else 0.9) for i, t in enumerate(texts)
    )
    heard = "".join(texts)
    first = Segment(start_s=0, end_s=3.5, text=heard, heard=heard, words=words, channel=channel, confidence=0.8)
    at = heard.index("店入届け")
    return (
        Edits.of(first).replace(at, at + 4, "転入届", Reason.VOCABULARY).applied_to(first),
        Segment(
            start_s=4, end_s=5, text="えーと", heard="えーと", words=(Word(start_s=4, end_s=5, text="えーと"),), channel=channel
        ),
        Segment(start_s=5, end_s=6, text="二十人です", channel=channel, confidence=0.4),
    )


@pytest.fixture
def stored(live_server, tmp_path: Path) -> Iterator[Stored]:  # type: ignore[no-untyped-def]
    """stored(call, speakers, times, parties) -> the address of a page with these segments, so many times, kept by the server."""
    settings = Settings(home=live_server.home)
    engine, blobs = open_database(settings), BlobStore(settings.home / "blobs")
    soundfile.write(tmp_path / "six.wav", 0.1 * np.sin(np.arange(6 * 16_000) * 0.1), 16_000, subtype="PCM_16")
    recordings = Recordings(engine)
    kept: list[str] = []

    def keep(
        call: bool,
        speakers: tuple[str | None, ...] = (None, None, None),
        times: int = 1,
        parties: Parties = Parties(),  # noqa: B008  # it is frozen
    ) -> str:
        blob = blobs.put([(tmp_path / "six.wav").read_bytes()], limit_bytes=10**6)
        at, channels = datetime.now(UTC), Channels.SEPARATE if call else Channels.MIXED
        recording = accepted(blob, file_name=f"{uuid.uuid4().hex}.wav", channels=channels, speakers="off", at=at)
        with engine.begin() as c:
            recordings.add(c, recording)
            if call:
                CallRecords(engine, recordings).add(c, CallRecord(recording=recording, parties=parties, imported_by="x"))
            else:
                Meetings(engine, recordings).add(c, Meeting(title="定例会", held_on=date(2026, 11, 20), recording=recording))
        said = list(zip(_segments(0 if call else None), speakers, strict=True))
        again = [(6 * n, s, who) for n in range(times) for s, who in said]
        recordings.replace_part(
            recording.id, 0, [replace(s, start_s=s.start_s + at_s, end_s=s.end_s + at_s, speaker=who) for at_s, s, who in again]
        )
        recordings.finish(recording.id, Outcome(duration_s=6 * times, elapsed_s=1, model="m", device="cpu"))
        kept.append(recording.id)
        return f"/staff/{'calls' if call else 'minutes'}/{recording.id}"

    yield keep
    with engine.begin() as c:
        for recording_id in kept:
            recordings.delete(c, recording_id)
    engine.dispose()


def said(page: Page, n: int = 0) -> str:
    return page.locator(".said").nth(n).inner_text()


def plays_between(page: Page, from_s: float, until_s: float) -> None:
    """The player shows its place some times a second: soon after a click it is one of these."""
    page.wait_for_function(
        "([from, until]) => { const at = Number(document.querySelector('#seek').value); return from <= at && at < until; }",
        arg=[from_s, until_s],
    )
