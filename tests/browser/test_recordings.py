"""Meetings and calls on the staff pages: upload, progress, transcript beside the audio, files, deletion."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Page, Route, expect

from .conftest import DESKTOP, Pages, Stored, violations

pytestmark = pytest.mark.browser

DONE_MS = 90_000
LINES = [
    {
        "number": i,
        "start": 2.0 * i,
        "end": 2.0 * i + 1.8,
        "text": text,
        "speaker": speaker,
        "channel": None,
        "confidence": confidence,
    }
    for i, (text, speaker, confidence) in enumerate(
        [
            ("ただいまから会議を開会いたします。", "話者1", 0.93),
            ("資料の一ページをご覧ください。", "話者1", 0.31),
            ("ご質問はございませんか。", "話者2", None),
        ]
    )
]
MEETING = {
    "id": "m",
    "title": "総務委員会",
    "held_on": "2026-11-20",
    "file_name": "soumu.wav",
    "state": "done",
    "progress": 1,
    "message": None,
    "duration_s": 6.0,
    "created_at": "2026-11-20T09:00:00+09:00",
}


@pytest.fixture
def six_seconds(tmp_path: Path) -> Path:
    path = tmp_path / "six.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(6 * 16_000) * 0.1), 16_000, subtype="PCM_16")
    return path


def forced(page: Page, audio: Path | None = None, **changes: object) -> None:
    """Let the server say this of a meeting: states that real work passes through too quickly, or only when it fails."""
    meeting = MEETING | changes

    def one(route: Route) -> None:
        route.fulfill(json=meeting | {"segments": LINES if meeting["state"] == "done" else []})

    page.route("**/api/staff/minutes", lambda route: route.fulfill(json={"meetings": [meeting]}))
    page.route("**/api/staff/minutes/m", one)
    if audio:
        page.route("**/api/staff/minutes/m/audio", lambda route: route.fulfill(path=audio, content_type="audio/wav"))


def test_a_meeting_becomes_a_transcript_that_plays_and_a_word_file(open_page: Pages, speech: Callable[..., Path]) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    expect(page.get_by_text("まだ会議の録音がありません")).to_be_visible()
    page.locator("#audio").set_input_files(speech("ただいまから、市議会の定例会を開会いたします。"))
    page.get_by_label("会議の名前").fill("定例会")
    page.get_by_label("話す人の数").select_option("off")
    page.get_by_role("button", name="送って文字にする").click()
    record = page.locator(".record").filter(has_text="定例会")
    expect(record).to_contain_text("できました", timeout=DONE_MS)
    record.get_by_role("link", name="定例会").click()
    expect(page.locator(".line").first).to_contain_text("定例会")
    page.get_by_role("button", name=re.compile("から再生$")).first.click()
    expect(page.locator("#play")).to_have_text("一時停止")
    expect(page.locator("#times")).to_have_text(re.compile("0:0[1-9] ／"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Word", exact=True).click()
    assert download.value.suggested_filename == "定例会.docx"
    assert "word/document.xml" in ZipFile(download.value.path()).namelist()
    page.get_by_role("link", name="会議の一覧").click()
    page.get_by_role("button", name="「定例会」を削除").click()
    page.get_by_role("button", name="やめる").click()
    expect(record).to_be_visible()
    page.get_by_role("button", name="「定例会」を削除").click()
    page.get_by_role("button", name="削除する").click()
    expect(record).to_have_count(0)
    expect(page.locator("#undo")).to_be_focused()
    expect(page.locator("#undo")).to_contain_text("「定例会」を削除しました。")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_contain_text("「定例会」を元に戻しました。")
    expect(record).to_contain_text("できました")
    expect(page.locator("#deleted")).to_be_hidden()

    page.get_by_role("button", name="「定例会」を削除").click()
    page.get_by_role("button", name="削除する").click()
    expect(record).to_have_count(0)
    page.reload()
    page.locator("summary", has_text="削除した録音（1件）").click()
    expect(page.locator("#deleted li")).to_contain_text("職員が削除")
    assert violations(page) == []
    page.get_by_role("button", name="「定例会」を完全に削除").click()
    page.get_by_role("button", name="完全に削除する").click()
    expect(page.locator("#deleted")).to_be_hidden()
    expect(page.locator("#records-title")).to_be_focused()


def _finds_by_days(page: Page, record: Locator) -> None:
    """The calls of the days that people name, as of today in Japan, and of two that are typed."""
    page.clock.set_fixed_time("2026-11-22T16:00:00Z")  # a Monday in Japan, be it Sunday for the browser
    page.get_by_label("いつの通話").select_option("今週（月曜日から）")
    expect(page.locator("#records")).to_contain_text("「いつの通話」を広げると")  # though no more and no less is found
    page.get_by_label("通話を探す").fill("")
    page.keyboard.press("Enter")
    for period, told in (("今週（月曜日から）", "この期間の通話はありません"), ("先週（月曜日から日曜日）", "1件")):
        page.get_by_label("いつの通話").select_option(period)
        expect(page.locator("main")).to_contain_text(told)
    expect(page.locator("#period-days")).to_have_text("2026年11月16日（月）から2026年11月22日（日）まで")
    page.clock.set_fixed_time("2026-11-29T16:00:00Z")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it lay open for a week
    expect(page.locator("#period-days")).to_have_text("2026年11月23日（月）から2026年11月29日（日）まで")
    expect(page.locator("#records")).to_contain_text("この期間の通話はありません")
    page.goto("/staff/help")
    page.go_back()
    expect(record).to_be_visible()
    expect(page.get_by_label("いつの通話")).to_have_value("")  # and nothing that is not looked for is filled in
    page.get_by_label("いつの通話").select_option("日を選ぶ")
    page.get_by_label("この日から").fill("2026-11-20")
    expect(record).to_be_visible()
    for day, told in (("0002-11-20", ""), ("2026-11-19", "終わりの日は、始まりの日と同じ日か、それより後の日にしてください。")):
        page.get_by_label("この日まで").fill(day)  # of the first, a year is being typed
        expect(page.locator("#period-days")).to_have_text(told)
        expect(record).to_be_visible()
    expect(page.locator("#days input:not([min], [max])")).to_have_count(2)  # which take away what was typed of a year
    page.get_by_label("この日まで").fill("2026-11-20")
    expect(page.locator("#period-days")).to_have_text("")
    expect(record).to_be_visible()


def test_a_stereo_call_becomes_a_dialogue_of_two_sides(open_page: Pages, speech: Callable[..., Path], tmp_path: Path) -> None:
    ours, rate_hz = soundfile.read(speech("はい、曽於市役所、市民課でございます。"))
    other, _ = soundfile.read(speech("住民票のことで、お尋ねします。", "jm_kumo"))
    quiet = np.zeros(rate_hz // 2)
    left = np.concatenate([ours, quiet, np.zeros_like(other)])
    right = np.concatenate([np.zeros_like(ours), quiet, other])
    soundfile.write(tmp_path / "call.wav", np.stack([left, right], axis=1), rate_hz, subtype="PCM_16")

    page = open_page("/staff/calls", viewport=DESKTOP)
    page.locator("#audio").set_input_files(tmp_path / "call.wav")
    page.get_by_label("市役所側の名前").fill("市民課")
    page.get_by_label("相手の方の名前").fill("市民の方")
    page.get_by_label("電話番号").fill("0986-00-0000")
    page.get_by_label("通話を始めた日時").fill("2026-11-20T10:05")
    page.get_by_role("button", name="送って文字にする").click()
    record = page.locator(".record").filter(has_text="市民課 と 市民の方")
    expect(record).to_contain_text("2026年11月20日（金）10時05分")
    expect(record).to_contain_text("できました", timeout=DONE_MS)
    for words, count in (("0986000000 市民課", 1), ("ここにない言葉", 0)):
        page.get_by_label("通話を探す").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator(".record")).to_have_count(count)
    expect(page.locator("#records")).to_contain_text("見つかりませんでした")
    assert violations(page) == []
    _finds_by_days(page, record)
    assert violations(page) == []
    record.get_by_role("link").click()
    expect(page.locator(".side").first).to_have_class(re.compile("ours"))
    expect(page.locator(".side.ours").first).to_contain_text("市民課")
    expect(page.locator(".side.theirs").first).to_contain_text("市民の方")
    expect(page.locator("#facts")).to_contain_text("0986-00-0000")
    assert violations(page) == []


def test_a_call_is_held_and_taken_out_for_a_purpose_and_the_log_tells_of_it(open_page: Pages, stored: Stored) -> None:
    address = stored(True)
    page = open_page(address, viewport=DESKTOP)
    expect(page.locator("#kept")).to_contain_text("まで")
    page.locator("summary", has_text="保存と保全").click()
    page.locator("#hold-set").click()
    expect(page.get_by_role("alert").filter(has_text="理由を入力")).to_be_visible()
    expect(page.get_by_label("保全する理由")).to_be_focused()
    page.keyboard.type("不当要求の記録")
    page.keyboard.press("Enter")
    expect(page.locator("#kept-more")).to_contain_text("解除するまで保全しています。理由: 不当要求の記録（職員、")

    page.get_by_role("button", name="Word").click()
    expect(page.get_by_role("alert").filter(has_text="目的を入力")).to_be_visible()
    expect(page.get_by_label("ファイルにする目的")).to_be_focused()
    page.keyboard.type("開示請求 第12号")
    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    assert re.fullmatch(r"複製\d+_.*\.docx", download.value.suggested_filename)
    assert violations(page) == []

    page.goto("/staff/calls")
    page.get_by_label("保全中のものだけ").check()
    expect(page.locator(".record")).to_have_count(1)
    expect(page.locator(".record")).to_contain_text("保全: 不当要求の記録")
    expect(page.get_by_role("button", name=re.compile("を削除"))).to_have_count(0)
    page.goto(address)
    page.get_by_role("link", name="この通話の利用記録").click()
    expect(page.locator(".log-line .chip")).to_have_text(["複製", "保全", "閲覧"])
    expect(page.locator(".log-line").first).to_contain_text("開示請求 第12号（Word）、複製番号")
    assert violations(page) == []
    page.go_back()
    page.locator("summary", has_text="保存と保全").click()
    page.get_by_role("button", name="保全を解除する").click()
    expect(page.locator("#kept-more")).to_contain_text("次の日に自動で消します")


def test_two_files_are_sent_as_one_call_and_the_same_again_only_when_asked(open_page: Pages, speech: Callable[..., Path]) -> None:
    page = open_page("/staff/calls", viewport=DESKTOP)
    ours, other = speech("はい、曽於市役所、市民課でございます。"), speech("住民票のことで、お尋ねします。", "jm_kumo")

    def send() -> None:
        page.get_by_label("別々の二つのファイル").check()
        page.locator("#our_audio").set_input_files(ours)
        page.locator("#other_audio").set_input_files(other)
        page.get_by_role("button", name="送って文字にする").click()

    page.get_by_label("別々の二つのファイル").check()
    assert violations(page) == []
    send()
    records = page.locator(".record").filter(has_text=ours.stem)
    expect(records).to_have_count(1)
    send()
    expect(page.get_by_role("alert").filter(has_text="もう取り込まれています")).to_be_visible()
    assert violations(page) == []
    expect(records).to_have_count(1)
    page.get_by_role("button", name="それでも取り込む").click()
    expect(records).to_have_count(2)


def test_times_and_keys_move_the_player_and_the_line_being_heard_is_marked(open_page: Pages, six_seconds: Path) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    forced(page, six_seconds)
    page.goto("/staff/minutes/m")
    page.get_by_role("button", name="0:04から再生").click()
    expect(page.locator(".line").nth(2)).to_have_attribute("aria-current", "true")
    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("再生")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".line").nth(0)).to_have_attribute("aria-current", "true")
    page.locator(".line").nth(1).locator(".said").click()
    expect(page.locator(".line").nth(1)).to_have_attribute("aria-current", "true")
    page.get_by_label("速さ").select_option("2")
    expect(page.locator("#play")).to_have_text("再生", timeout=10_000)


def test_what_was_heard_badly_is_marked_with_a_word(open_page: Pages, six_seconds: Path) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    forced(page, six_seconds)
    page.goto("/staff/minutes/m")
    expect(page.locator(".line").filter(has_text="要確認")).to_have_count(1)
    expect(page.locator(".line").filter(has_text="要確認")).to_contain_text("資料の一ページ")
    expect(page.locator("#unsure")).to_contain_text("1か所")


def test_progress_is_followed_without_a_reload(open_page: Pages, six_seconds: Path) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    forced(page, state="queued", progress=0, ahead=2)
    page.goto("/staff/minutes/m")
    expect(page.locator("#status")).to_contain_text("順番を待っています（前に2件）")
    forced(page, state="working", progress=0.42)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "42")
    forced(page, six_seconds)
    expect(page.locator(".line")).to_have_count(3)


def test_a_failure_says_why(open_page: Pages) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    forced(page, state="failed", message="録音が途中で切れています。")
    page.goto("/staff/minutes/m")
    expect(page.locator(".notice.bad")).to_contain_text("録音が途中で切れています。")
    expect(page.get_by_role("link", name="録音を保存する")).to_have_attribute("href", "/api/staff/minutes/m/audio")
    page.goto("/staff/minutes")
    expect(page.locator(".record")).to_contain_text("録音が途中で切れています。")


def test_a_file_that_is_empty_or_too_large_is_refused_before_it_is_sent(open_page: Pages, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "long.wav").write_bytes(bytes(1_001))
    page = open_page("/staff/minutes", viewport=DESKTOP)
    page.locator("#upload").evaluate("form => { form.dataset.limit = '1000'; }")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    for name, sentence in (("empty", "空です（0バイト）"), ("long", "大きすぎます")):
        page.locator("#audio").set_input_files(tmp_path / f"{name}.wav")
        page.get_by_role("button", name="送って文字にする").click()
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        expect(page.locator("#audio")).to_be_focused()
    assert "POST" not in sent


def test_enter_takes_the_recording_of_a_call_that_has_no_text(open_page: Pages, stored: Stored) -> None:
    page = open_page("/staff", viewport=DESKTOP)
    address = stored(True)
    asked = {"state": "failed", "message": "録音が途中で切れています。", "dialogue": []}
    page.route(f"**/api{address}", lambda route: route.fulfill(json=route.fetch().json() | asked))
    page.goto(address)
    page.get_by_label("ファイルにする目的").fill("調査")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".wav")


def test_a_file_that_is_no_recording_is_refused_in_a_sentence(open_page: Pages, tmp_path: Path) -> None:
    (tmp_path / "list.wav").write_text("これは録音ではありません")
    page = open_page("/staff/minutes", viewport=DESKTOP)
    page.get_by_role("button", name="送って文字にする").click()
    expect(page.get_by_role("alert").filter(has_text="録音ファイルを選んでください")).to_be_visible()
    page.locator("#audio").set_input_files(tmp_path / "list.wav")
    expect(page.get_by_label("会議の名前")).to_have_value("list")
    page.get_by_role("button", name="送って文字にする").click()
    record = page.locator(".record").filter(has_text="list")
    expect(record).to_contain_text("できませんでした", timeout=DONE_MS)
    expect(record.locator(".wrong")).not_to_be_empty()


@pytest.mark.parametrize(("address", "field"), [("/staff/minutes", "#audio"), ("/staff/minutes/template", "#file")])
def test_a_file_can_be_dropped_on_its_place(open_page: Pages, address: str, field: str) -> None:
    page = open_page(address, viewport=DESKTOP)
    dropped = page.evaluate_handle(
        "() => { const d = new DataTransfer(); d.items.add(new File(['a'], '会議.bin')); return d; }",
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator(f"{field}-chosen")).to_contain_text("会議.bin")
    assert page.locator(field).evaluate("e => e.files.length") == 1


def test_enter_while_a_recording_is_being_sent_does_not_send_it_again(open_page: Pages, six_seconds: Path) -> None:
    page = open_page("/staff/minutes", viewport=DESKTOP)
    sent: list[Route] = []
    page.route("**/api/staff/minutes", lambda route: sent.append(route) if route.request.method == "POST" else route.fallback())
    page.locator("#audio").set_input_files(six_seconds)
    title = page.get_by_label("会議の名前")
    title.press("Enter")
    expect(page.locator("#sending")).to_be_visible()
    title.press("Enter")
    page.get_by_role("button", name="送信をやめる").click()
    expect(page.locator("#upload-wrong")).to_contain_text("送信をやめました。")
    assert len(sent) == 1


def test_an_upload_that_stalls_is_told_and_can_be_sent_again(open_page: Pages, tmp_path: Path) -> None:
    (tmp_path / "list.wav").write_text("これは録音ではありません")
    page = open_page("/staff/minutes", viewport=DESKTOP)
    page.route("**/api/staff/minutes", lambda route: route.continue_() if route.request.method == "GET" else None)
    page.locator("#audio").set_input_files(tmp_path / "list.wav")
    page.get_by_label("会議の名前").fill("止まる会議")
    page.clock.install()
    page.get_by_role("button", name="送って文字にする").click()
    expect(page.locator("#sending")).to_be_visible()
    page.clock.run_for(600_000)
    expect(page.get_by_role("alert").filter(has_text="もう一度送ってください")).to_be_visible()
    expect(page.get_by_label("会議の名前")).to_have_value("止まる会議")
    expect(page.locator("#audio-chosen")).to_contain_text("list.wav")
    expect(page.get_by_role("button", name="送って文字にする")).to_be_visible()


def test_a_hold_that_was_set_on_another_page_is_shown_before_it_can_be_changed(open_page: Pages, stored: Stored) -> None:
    address = stored(True)
    first, second = open_page(address, viewport=DESKTOP), open_page(address, viewport=DESKTOP)
    for page, reason in ((first, "訴訟"), (second, "照会")):
        page.locator("#keeping summary").click()
        page.locator("#hold-reason").fill(reason)
        page.locator("#hold-set").click()
    expect(second.locator("#hold-wrong")).to_contain_text("ほかの画面で先に変えられました")
    expect(second.locator("#kept-more")).to_contain_text("訴訟")
    second.get_by_role("button", name="保全を解除する").click()
    expect(second.locator("#hold")).to_be_visible()
    expect(first.locator("#kept-more")).to_contain_text("訴訟")
    first.get_by_role("button", name="保全を解除する").click()  # of one that is there no more
    expect(first.locator("#hold")).to_be_visible()


def test_a_look_into_the_log_that_comes_late_is_not_shown_in_the_place_of_a_later_one(open_page: Pages) -> None:
    page = open_page("/staff/record-log", viewport=DESKTOP)
    late: list[Route] = []
    line = {"id": 1, "at": "2026-11-20T09:00:00+09:00", "who": "佐藤", "sign_in": "", "deed": "read", "kind": "call", "note": ""}

    def answer(route: Route) -> None:
        if "who=a" in route.request.url:
            late.append(route)
        else:
            route.fulfill(json={"lines": [line | {"record": "0123456789", "copy_number": None}], "total": 1})

    page.route("**/api/staff/record-log?*", answer)
    for who in ("a", "佐藤"):
        page.locator("#who").fill(who)
        page.get_by_role("button", name="絞り込む").click()
    expect(page.locator("#lines")).to_contain_text("佐藤")
    with page.expect_event("requestfinished", lambda request: "who=a" in request.url):
        late[0].fulfill(json={"lines": [], "total": 0})
    page.evaluate("new Promise(requestAnimationFrame)")
    assert "佐藤" in page.locator("#lines").inner_text()
