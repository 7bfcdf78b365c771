"""Promises of the analysis: words that mean the same become the same, and the wording of asking says nothing."""

from __future__ import annotations

import threading

import pytest

from retrieval.analysis import lemmas, normalise, reading, strip_politeness


@pytest.mark.parametrize(
    ("text", "normal"),
    [("ＡＢＣ　１２３", "abc 123"), ("ｺﾞﾐ", "ゴミ"), ("  a\n\tb ", "a b"), ("㈱", "(株)"), ("", "")],
)
def test_spellings_of_one_text_are_one(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("引っ越しの手続き", "引越しの手続き"),
        ("引っ越した", "ひっこしました"),
        ("子供の手当", "こどもの手当"),
        ("ゴミの日", "ごみの日"),
        ("マイナカードの更新", "マイナンバーカードの更新"),
        ("住民票をとりたい", "住民票を取りたいのですが"),
    ],
)
def test_what_is_written_differently_and_meant_the_same_has_the_same_lemmas(one: str, other: str) -> None:
    assert lemmas(one) == lemmas(other)


def test_the_wording_of_asking_leaves_no_lemma() -> None:
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


def test_a_reading_is_in_hiragana() -> None:
    assert reading("住民票") == "じゅうみんひょう"


def test_threads_do_not_disturb_each_other() -> None:
    texts = [f"市役所の{i}番窓口で住民票の写しを請求する" for i in range(200)]
    alone = [lemmas(t) for t in texts]
    lemmas.cache_clear()
    found: list[list[tuple[str, ...]]] = []
    threads = [threading.Thread(target=lambda: found.append([lemmas.__wrapped__(t) for t in texts])) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [alone] * 4
