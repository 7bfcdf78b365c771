from __future__ import annotations

import pytest

from asr.edits import Edits
from asr.fillers import without_fillers
from asr.transcript import Reason

CLEAN = {
    "えー、今日は、えっと、あの、市民課の件です。": "今日は、市民課の件です。",
    "それはあのー、なんですか": "それはなんですか",
    "ええと、うーん、難しいです": "難しいです",
    "まあ、そういうことで": "そういうことで",
    "その、えー、その、件ですが": "件ですが",
    "わ、私は賛成です": "私は賛成です",
    "こ、この度は": "この度は",
    "市役所の、市役所の三階です": "市役所の三階です",
    "えーと": "",
}
KEPT = (
    "あの人がその件で来ました,あの高い建物です,まあまあです,はい、はい、そうです,ええ、そうです,カレーがあります,へえー。,いえー。,"
    "お姉さんがいます,なんか食べますか,もう、いいです、もう一つ,どんどん、進めます,一人一人が大切です,は、はと言いました"
).split(",")


@pytest.mark.parametrize(("spoken", "clean"), CLEAN.items())
def test_fillers_repeats_and_restarts_go(spoken: str, clean: str) -> None:
    edits = without_fillers(Edits(spoken))
    assert edits.text == clean
    assert {r for c in edits.changes for r in c.reasons} == {Reason.FILLER}
    assert without_fillers(edits).text == clean


@pytest.mark.parametrize("text", KEPT)
def test_what_means_something_stays(text: str) -> None:
    assert without_fillers(Edits(text)).text == text


def test_each_filler_comes_back_by_itself() -> None:
    edits = without_fillers(Edits("えー、今日は、えっと、晴れです"))
    assert edits.undo(0).text == "えー、今日は、晴れです"
    assert edits.undo(1).text == "今日は、えっと、晴れです"
