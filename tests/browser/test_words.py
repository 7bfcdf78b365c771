"""Words of meetings and calls: what was changed and why, taking it back, hearing a word, choosing how it is written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from asr.audio import Channels
from asr.edits import Edits
from asr.recording import Outcome, Recordings, accepted
from asr.transcript import Reason, Segment, Word
from core.blobs import BlobStore
from core.database import open_database
from core.settings import Settings
from minutes.meeting import Meeting
from minutes.repository import Meetings
from telephony.call import CallRecord, Parties
from telephony.repository import CallRecords

from .conftest import CONTRAST, DESKTOP, PHONE, Pages, sideways, violations

pytestmark = pytest.mark.browser

Stored = Callable[[bool], str]


def segments(channel: int | None) -> tuple[Segment, ...]:
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
    """stored(call=False) -> the address of a page with these segments, kept by the server that is running."""
    settings = Settings(home=live_server.home)
    engine, blobs = open_database(settings), BlobStore(settings.home / "blobs")
    soundfile.write(tmp_path / "six.wav", 0.1 * np.sin(np.arange(6 * 16_000) * 0.1), 16_000, subtype="PCM_16")
    recordings = Recordings(engine)
    kept: list[str] = []

    def keep(call: bool) -> str:
        blob = blobs.put([(tmp_path / "six.wav").read_bytes()], limit_bytes=10**6)
        at, channels = datetime.now(UTC), Channels.SEPARATE if call else Channels.MIXED
        recording = accepted(blob, file_name=f"{uuid.uuid4().hex}.wav", channels=channels, speakers="off", at=at)
        with engine.begin() as c:
            recordings.add(c, recording)
            if call:
                CallRecords(engine, recordings).add(c, CallRecord(recording=recording, parties=Parties(), imported_by="x"))
            else:
                Meetings(engine, recordings).add(c, Meeting(title="定例会", held_on=date(2026, 11, 20), recording=recording))
        recordings.replace_part(recording.id, 0, segments(0 if call else None))
        recordings.finish(recording.id, Outcome(duration_s=6, elapsed_s=1, model="m", device="cpu"))
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


@pytest.mark.parametrize("call", [False, True])
def test_a_changed_word_says_what_was_heard_and_is_taken_back_for_good(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=DESKTOP)
    expect(page.locator(".said").first).to_contain_text("令和8年4月1日に転入届が25件出てますけど")
    page.get_by_role("button", name="転入届", exact=True).click()
    panel = page.get_by_role("group", name="書き換え")
    expect(panel).to_contain_text("聞こえたまま: 店入届け → 書き換え: 転入届（市の語彙）")
    expect(panel.get_by_role("button", name="元に戻す")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".said").first).to_contain_text("店入届けが25件")
    expect(page.get_by_role("button", name="店入届け", exact=True)).to_be_focused()
    page.reload()
    expect(page.locator(".said").first).to_contain_text("店入届けが25件")
    page.get_by_role("button", name="店入届け", exact=True).click()
    page.get_by_role("button", name="もう一度書き換える").click()
    expect(page.locator(".said").first).to_contain_text("転入届が25件")


def test_what_was_left_out_can_be_seen_and_put_back(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="除いた言葉「えー」").click()
    page.get_by_role("button", name="元に戻す").click()
    expect(page.locator(".said").first).to_contain_text("えー令和8年")
    expect(page.locator(".said").nth(1)).to_contain_text("言いよどみだけの発言です")


def test_the_arrow_keys_go_from_word_to_word_and_enter_plays_or_opens(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.get_by_role("button", name="0:00から再生").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="除いた言葉「えー」")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="書き換え")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="書き換え")).to_have_count(0)
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.textContent") == "に":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#play")).to_have_text("一時停止")
    plays_between(page, 1.4, 4)


def test_a_click_on_a_word_plays_from_its_time_and_without_times_from_the_line(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    page.locator(".word", has_text="出てます").click()
    expect(page.locator("#play")).to_have_text("一時停止")
    plays_between(page, 2.9, 5)
    page.locator(".said").nth(2).locator(".word", has_text="人です").click()
    expect(page.locator(".line").nth(2)).to_have_attribute("aria-current", "true")


def test_the_style_is_chosen_on_the_page_and_is_that_of_the_files(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    expect(page.get_by_text("素起こしでも、すべての言葉が残るとは限りません")).to_be_visible()
    page.get_by_label("書き方").select_option("formal")
    expect(page.locator(".said").first).to_contain_text("出ていますけれども")
    page.get_by_label("書き方").select_option("verbatim")
    page.get_by_label("数字を公用文の表記にする").uncheck()
    expect(page.locator(".said").first).to_contain_text("えー令和八年四月一日に転入届が二十五件出てますけど")
    with page.expect_download() as download:
        page.get_by_role("link", name="テキスト").click()
    assert "えー令和八年四月一日に転入届が二十五件" in download.value.path().read_text("utf-8")
    page.reload()
    expect(page.get_by_label("書き方")).to_have_value("verbatim")
    expect(page.locator(".said").first).to_contain_text("えー令和八年四月一日")


def test_words_that_were_hardly_heard_are_marked_by_a_line_of_their_own_and_explained(open_page: Pages, stored: Stored) -> None:
    page = open_page(stored(False), viewport=DESKTOP)
    word = page.locator(".said .unsure-word")
    expect(word).to_have_text("に")
    assert "wavy" in word.evaluate("e => getComputedStyle(e).textDecorationLine + getComputedStyle(e).textDecorationStyle")
    expect(page.get_by_role("list", name="印の意味")).to_contain_text("聞き取りに自信のない語")
    expect(page.locator(".line").nth(2)).to_contain_text("要確認")


@pytest.mark.parametrize("call", [False, True])
def test_axe_finds_nothing_with_a_change_open_and_nothing_runs_off_a_phone(open_page: Pages, stored: Stored, call: bool) -> None:
    page = open_page(stored(call), viewport=PHONE)
    page.get_by_role("button", name="転入届", exact=True).click()
    expect(page.get_by_role("group", name="書き換え")).to_be_visible()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    assert sideways(page) <= 0
    page.set_viewport_size({"width": 320, "height": 640})
    assert sideways(page) <= 0
