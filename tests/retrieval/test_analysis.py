"""Promises of the analysis: words that mean the same become the same, and the wording of asking says nothing."""

from __future__ import annotations

import threading

import pytest

from retrieval.analysis import has_words, is_bare_name, keys_of, normalise, reading, same_question, strip_politeness
from retrieval.synonyms import shipped
from retrieval.tokens import tokens
from retrieval.wording import Wording


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("ｺﾞﾐ", "ゴミ"),
        ("  a\n\tb ", "a b"),
        ("㈱", "(株)"),
        ("", ""),
        ("\ud83d 印鑑\udc00", "印鑑"),
        ("髙橋さんと宮﨑さん", "高橋さんと宮崎さん"),
        ("曾於市役所", "曽於市役所"),
        ("燃えるごみ🗑️", "燃えるごみ"),
        ("ごみ😀出したい", "ごみ 出したい"),
        ("電\u200b池\u00ad", "電池"),
        ("カ゛ス", "ガス"),
        ("コ−ヒ―とｽﾌﾟﾚ-缶", "コーヒーとスプレー缶"),
        ("10-12", "10-12"),
        ("エ-1", "エ-1"),
        ("タイプ-A", "タイプ-a"),
        ("センター‐本館", "センター‐本館"),
        ("霧ケ峰で3ケ月", "霧ヶ峰で3ヶ月"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_spellings_of_one_text_are_one(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(("text", "has"), [("印鑑", True), ("①", True), ("ー", True), ("😀", False), ("？", False), ("_", False)])
def test_marks_and_pictures_are_no_words(text: str, has: bool) -> None:
    assert has_words(text) is has


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("引っ越しの手続き", "引越しの手続き"),
        ("引っ越した", "ひっこしました"),
        ("子供の手当", "こどもの手当"),
        ("ゴミの日", "ごみの日"),
        ("マイナカードの更新", "マイナンバーカードの更新"),
        ("住民票をとりたい", "住民票を取りたいのですが"),
        ("申込", "申し込む"),
        ("届出をする", "届け出る"),
        ("支払", "支払う"),
        ("見積", "見積り"),
        ("障害者", "障がい者"),
        ("サーバ", "サーバー"),
        ("ヴォランティア", "ボランティア"),
        ("學校", "学校"),
        ("3ヶ月", "三か月"),
        ("ひとり暮らし", "1人暮らし"),
        ("国保の手続", "国民健康保険の手続き"),
    ],
)
def test_what_is_written_differently_and_meant_the_same_has_the_same_lemmas(one: str, other: str) -> None:
    assert shipped().lemmas(one) == shipped().lemmas(other)


def test_the_wording_of_asking_leaves_no_lemma() -> None:
    lemmas = shipped().lemmas
    assert lemmas("それは何ですか。どうすればよいですか。教えてください。") == ()
    assert "住民票" in "".join(lemmas("住民票はどこで取れますか。"))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("住民票の取り方を教えてください。", "住民票の取り方"),
        ("粗大ごみについて知りたいんですけど", "粗大ごみ"),
        ("教えてください", "教えてください"),
        ("住民票はどこで取れますか", "住民票はどこで取れますか"),
    ],
)
def test_politeness_at_the_end_is_left_off_unless_it_is_all(text: str, bare: str) -> None:
    assert strip_politeness(text) == bare


def test_a_question_with_its_numbers_written_otherwise_is_the_same_question() -> None:
    assert same_question("六十五歳以上の方の手続きは？") == same_question("65歳以上の方の手続き")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("転入届を出したいのですが", ["転入届"]),
        ("転入届はどうすればいいですか？", ["転入届"]),
        ("児童手当の申請をしたい", ["児童手当の申請", "児童手当"]),
        ("死亡届はどこに出せばいいの", ["死亡届"]),
        ("転入届を取り下げたい", []),
        ("転入届を出したくない", []),
        ("どうしたらいい", []),
    ],
)
def test_a_bare_wish_is_found_by_its_name(text: str, names: list[str]) -> None:
    assert list(dict.fromkeys(keys_of(text)))[1:] == names


def test_a_reading_is_in_hiragana() -> None:
    assert reading("住民票") == "じゅうみんひょう"


def test_threads_do_not_disturb_each_other() -> None:
    texts = [f"市役所の{i}番窓口で住民票の写しを請求する" for i in range(200)]
    alone = [Wording().lemmas(t) for t in texts]
    tokens.cache_clear()
    wording = Wording()
    found: list[list[tuple[str, ...]]] = []
    threads = [threading.Thread(target=lambda: found.append([wording.lemmas.__wrapped__(t) for t in texts])) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [alone] * 4


@pytest.mark.parametrize(
    ("text", "bare"),
    [("ガラスのコップ", True), ("コミュニティFM", True), ("粗大ごみ（家具）", True), ("粗大ごみを出す", False),
     ("図書館は？", True), ("図書館は何時まで", False), ("橋をかけたい", False), ("どこ", False)],
)  # fmt: skip
def test_a_bare_name_says_nothing_of_what_is_asked(text: str, bare: bool) -> None:
    assert is_bare_name(text) is bare
