from __future__ import annotations

import time

import pytest

from asr.edits import Edits
from asr.loops import guarded
from asr.transcript import Reason, Segment


def left(text: str, no_speech: float = 0.1, *, length_s: float = 4.0, confidence: float | None = 0.8) -> str:
    segment = Segment(start_s=0, end_s=length_s, text=text, confidence=confidence)
    return guarded(Edits.of(segment), segment, no_speech).text


@pytest.mark.parametrize(
    ("heard", "once"),
    {
        "そうですね、そうですね、そうですね、そうですね、": "そうですね、",
        "はい、そうです、はい、そうです、はい、そうです、はい、そうです。以上": "はい、そうです。以上",
        "次に" + "この件について" * 9 + "です": "次にこの件についてです",
        "あ" * 50: "あ",
        "はい" * 20: "はい",
    }.items(),
)
@pytest.mark.parametrize(
    ("no_speech", "length_s", "confidence"),
    [(0.1, 1.5, 0.8), (0.6, 10.0, 0.8), (0.1, 10.0, 0.3)],
    ids=["too fast", "silent", "unsure"],
)
def test_a_loop_is_written_once(heard: str, once: str, no_speech: float, length_s: float, confidence: float) -> None:
    assert left(heard, no_speech, length_s=length_s, confidence=confidence) == once


@pytest.mark.parametrize(
    "vote", ["賛成です。賛成です。賛成です。賛成です。", "異議なし、異議なし、異議なし、異議なし。", "二千円、" * 4]
)
def test_what_several_people_say_one_after_the_other_stays(vote: str) -> None:
    assert left(vote) == vote


@pytest.mark.parametrize(
    "text", ["はいはいはいはい", "2000000000円", "そうですそうですそうです", "どんどんどんどん", "ははははは"]
)
def test_what_people_do_repeat_stays(text: str) -> None:
    assert left(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "ご視聴ありがとうございました。",
        "最後までご視聴いただき、ありがとうございました",
        "チャンネル登録お願いします",
        "字幕 by 山田太郎",
        "次の動画でお会いしましょう。",
    ],
)
@pytest.mark.parametrize(("no_speech", "length_s", "confidence"), [(0.7, 4.0, 0.9), (0.1, 0.3, 0.9), (0.1, 4.0, 0.2)])
def test_a_stock_phrase_goes_where_the_audio_does_not_bear_it_out(
    text: str, no_speech: float, length_s: float, confidence: float
) -> None:
    assert left(text, no_speech, length_s=length_s, confidence=confidence) == ""


def test_it_stays_where_somebody_says_it() -> None:
    assert left("ご視聴ありがとうございました") == "ご視聴ありがとうございました"
    thanks = "本日はチャンネル登録のお願いについてご説明します"
    assert left(thanks, 0.9, confidence=0.1) == thanks


@pytest.mark.parametrize("text", ["ご清聴ありがとうございました。", "お疲れ様でした。", "ありがとうございました。"])
def test_thanks_of_a_meeting_go_only_where_nobody_spoke(text: str) -> None:
    assert left(text, length_s=0.5, confidence=0.2) == text
    assert left(text, 0.9) == ""


def test_what_was_taken_away_is_kept_as_heard() -> None:
    segment = Segment(start_s=0, end_s=3, text="ご視聴ありがとうございました", confidence=0.1)
    edits = guarded(Edits.of(segment), segment, 0.1)
    assert [(c.written, c.reasons) for c in edits.changes] == [("", (Reason.INVENTED,))]
    assert edits.undo(0).text == segment.text


@pytest.mark.timed
def test_long_text_is_looked_through_quickly() -> None:
    started = time.perf_counter()
    left("市議会の定例会についての説明をこれから担当課長が行います" * 2 + "あいうえお" * 400 + "x" * 3_000)
    assert time.perf_counter() - started < 2
