"""What a whispered end of a sentence leaves out is put in, where no other word can have been said."""

from __future__ import annotations

import pytest

from asr.edits import Edits
from asr.endings import completed
from asr.transcript import Reason


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("手続きを教えてくださ", "手続きを教えてください"),
        ("お待ち下さ。次に進みます", "お待ち下さい。次に進みます"),
        ("開館時間を知りた。", "開館時間を知りたい。"),
        ("申し込みた", "申し込みたい"),
    ],
)
def test_a_sentence_gets_its_last_sound(heard: str, written: str) -> None:
    edits = completed(Edits(heard))
    assert edits.text == written
    assert [(heard[c.start : c.end], c.written, c.reasons) for c in edits.changes] == [("", "い", (Reason.ENDING,))]


@pytest.mark.parametrize(
    "whole",
    [
        "話した。",
        "図書館で借りた",
        "それで足りた。",
        "雨が降ってきた",
        "くださった方",
        "見てください。",
        "知った。",
        "届けを出した",
        "お取りくださるそうです",
    ],
)
def test_a_word_that_is_whole_stays(whole: str) -> None:
    assert completed(Edits(whole)).changes == ()


def test_what_a_person_has_undone_stays_as_it_was_heard() -> None:
    undone = completed(Edits("教えてくださ")).undo(0)
    assert completed(undone).text == "教えてくださ"
