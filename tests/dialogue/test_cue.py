"""Words about the conversation are told from questions, however old people say them."""

from __future__ import annotations

import csv
import time

import pytest

from core.settings import CHECKOUT
from dialogue.choice import place_in
from dialogue.cue import Cue, after_correction, cue_in


@pytest.mark.parametrize(
    ("cue", "texts"),
    [
        (Cue.AGAIN, "もう一度は|もう一度|もう一度言って|もう一度お願いします|すみません、もう一回"),
        (Cue.AGAIN, "もういっぺん言ってください|聞こえない|聞こえませんでした|何て言った？|え？"),
        (Cue.SLOWLY, "ゆっくり|もっとゆっくり話してください|ゆっくりお願いします|早口です|ゆっくりいて"),
        (Cue.MORE, "くわしく|もっと詳しく教えて|続き|続きを教えてください|続けて|詳しくお願いします|続きを聞く|つづき"),
        (Cue.YES, "はい|ええ|うん|そうです|それでお願いします|お願いします"),
        (Cue.NO, "いいえ|どれでもない|どれも違います|その中にはありません|ううん"),
        (Cue.NO, "結構です|いりません|特にありません|特にないです|何もない"),
        (Cue.WRONG, "違う|違います|いや違う|いいえ、違います|そうじゃなくて|そうじゃない|そういう意味じゃないです|間違えました"),
        (Cue.WRONG, "そんなこと聞いてない|それは聞いていません|それは聞いていませんけど"),
        (Cue.STOP, "もういい|もういいです|やめて|終わり|終わりにして|おしまい|ストップ|もう結構です|もうよか|何でもないです"),
        (Cue.PERSON, "人間と話したい|職員と話したいんですけど|担当者につないで|責任者を出せ|係の人に代わって|オペレーター"),
        (Cue.PERSON, "人間と話させろ"),
        (Cue.PAUSE, "えーと|ええと、あの|あのー|うーん|えーっと…|ちょっと待って|すみません|あの、ちょっと待ってください"),
    ],
)  # fmt: skip
def test_what_somebody_wants_of_the_conversation(cue: Cue, texts: str) -> None:
    assert {text: cue_in(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), cue)


@pytest.mark.parametrize(
    "text",
    ["", "住民票", "もう一度住民票を取りたい", "耳が聞こえない人の支援", "会社をやめたとき", "違う住所に送ってほしい",
     "ゆっくり館はどこ", "水道をやめるとき", "ありがとう", "児童手当について詳しく", "間違えて届けた", "え",
     "弁護士と話したい", "職員採用試験", "責任者の名前", "隣の人と話したくない", "人と話すのが怖い",
     "誰かに相談したい", "続きの手続き", "いらない家具", "使わない畑がいらない", "特に必要なもの", "結構な額の税金",
     "いりませんか", "いらないですか"],
)  # fmt: skip
def test_a_question_is_no_word_about_the_conversation(text: str) -> None:
    assert cue_in(text) is None


def test_no_question_of_the_city_is_taken_for_one() -> None:
    for path in sorted((CHECKOUT / "samples" / "soo" / "faq").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as f:
            for row in csv.DictReader(f):
                for text in (row["question"], *row["paraphrases"].split("|")):
                    assert cue_in(text) is None
                    assert after_correction(text) == text


def test_a_correction_leaves_the_question_that_it_makes() -> None:
    assert after_correction("違う、印鑑登録の方") == "印鑑登録の方"
    assert after_correction("いや、そうじゃなくて、ごみの日") == "ごみの日"
    assert after_correction("違う") == "違う"


@pytest.mark.timed
@pytest.mark.parametrize(
    "sound", ["え", "あ", "んー", "うーん", "あの", "その", "えっと", "すみません", "です", "はい", "、", "1", "中の"]
)
@pytest.mark.parametrize("before", ["", "もう一度", "そう"])
def test_whatever_is_said_over_and_over_is_understood_at_once(sound: str, before: str) -> None:
    """A text of the greatest length, which no form fits, keeps nobody else waiting."""
    text = before + sound * (300 // len(sound)) + "x"
    started = time.process_time()
    assert cue_in(text) is None
    assert place_in(text, 3) is None
    after_correction(text)
    assert time.process_time() - started < 0.5
