"""Promises of where a text may be divided: into questions that can be understood alone, and never where it is one."""

from __future__ import annotations

import time

import pytest

from dialogue.parts import LONGEST, parts_of, without_greeting, without_story


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("転入の手続きと、子どもの医療費の助成も知りたい", ["転入の手続き", "子どもの医療費の助成"]),
        ("ごみの日はいつで、粗大ごみはどう出すの", ["ごみの日はいつ", "粗大ごみはどう出すの"]),
        ("住民票の値段と、どこで取れるか教えて", ["住民票の値段", "住民票はどこで取れるか"]),
        ("図書館は何時までで、電話番号は何番ですか", ["図書館は何時まで", "図書館の電話番号は何番ですか"]),
        ("住民票と印鑑証明書はどこで取れますか", ["住民票はどこで取れますか", "印鑑証明書はどこで取れますか"]),
        ("布団と毛布と枕の捨て方", ["布団の捨て方", "毛布の捨て方", "枕の捨て方"]),
        ("住民票を取りたいのと、印鑑登録もしたい", ["住民票を取りたい", "印鑑登録もしたい"]),
        (
            "こんにちは。粗大ごみの出し方を知りたいです。あと、市民課は何時までですか？",
            ["粗大ごみの出し方", "市民課は何時までですか"],
        ),
        ("カードをなくしました。印鑑登録証もなくしました。", ["カードをなくしました", "印鑑登録証もなくしました"]),
    ],
)
def test_each_of_several_questions_can_be_understood_alone(text: str, questions: list[str]) -> None:
    assert [part.question for part in parts_of(text)] == questions


def test_what_was_not_told_is_no_question_and_half_a_word_no_topic() -> None:
    parts = parts_of("この前行ったら、名前を聞いても教えてくれなかった。必要なものは何ですか、どこに言えばいいですか。")
    assert [p.asked for p in parts] == ["必要なものは何ですか", "どこに言えばいいですか"]


def test_what_was_told_before_goes_with_every_question_and_into_no_heading() -> None:
    first, second = parts_of("父が亡くなりました。死亡届はどこに出せばいいですか。それから年金の手続きも教えてください")
    assert first.question == "父が亡くなりました。死亡届はどこに出せばいいですか"
    assert second.question == "父が亡くなりました。年金の手続き"
    assert [first.asked, second.asked] == ["死亡届はどこに出せばいいですか", "年金の手続き"]


@pytest.mark.parametrize(
    "text",
    [
        "住民票の写しはどこで取れますか",
        "夫と離婚する手続き",
        "隣の人とトラブルになった",
        "戸籍謄本と抄本の違い",
        "結婚しました。児童手当の手続きも知りたいです",
        "妻と一緒に引っ越す",
        "告示と公告はどう使い分ける？",
        "ビザをのばしたいです。市役所でできますか",
        "仕事をやめました。病院の保険がありません",
        "ばあちゃんが同じことばかり何度も言う。どこに相談できますか",
        "住民票はどこで、どうやって取りますか",
        "手続きをまとめて教えて",
        "窓口は何時まで開いているということですか",
        "",
    ],
)
def test_one_question_is_not_divided(text: str) -> None:
    assert parts_of(text) == ()


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "先日父が亡くなりました。父は農家でした。年金の手続きはどうすればいいでしょうか。",
            "年金の手続きはどうすればいいでしょうか。",
        ),
        ("外国人です。ごみはどう捨てますか", "ごみはどう捨てますか"),
        ("住民票はどこで取れますか", "住民票はどこで取れますか"),
        ("会社を辞めました。", "会社を辞めました。"),
    ],
)
def test_a_question_is_found_in_the_story_around_it(text: str, question: str) -> None:
    assert without_story(text) == question


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("すみません、住民票は", "住民票は"),
        ("いつもお世話になっております。粗大ごみの出し方", "粗大ごみの出し方"),
        ("こんにちは", "こんにちは"),
        ("すみませんでした", "すみませんでした"),
    ],
)
def test_a_greeting_before_a_question_is_none_of_it(text: str, bare: str) -> None:
    assert without_greeting(text) == bare


@pytest.mark.timed
@pytest.mark.parametrize(
    "piece",
    ["いつで、", "布団と", "ので、", "のか、", "た。", "はい。", " ", "、", "たいのと", "すみません、", "お世話になります"],
)
def test_words_that_strangers_repeat_take_no_time(piece: str) -> None:
    start = time.perf_counter()
    parts_of((piece * LONGEST)[:LONGEST])
    without_story(piece * 200)
    assert parts_of(piece * 100_000) == ()
    assert time.perf_counter() - start < 0.5
