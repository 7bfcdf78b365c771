"""Promises of the clerks' search: every word counts, and none has to be written as the entry writes it."""

from __future__ import annotations

import pytest

from retrieval.entry import Entry
from retrieval.finding import Finding

ENTRY = Entry(
    id="MyNumber-01",
    question="引っ越したあとの転入の届け出はどうしますか。",
    answer="14日のうちに、マイナンバーカードを持って届け出てください。子どものカードも要ります。",
    paraphrases=("申込書はどこ",),
    category="引越・住まい",
    department="市民課",
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "転入 届出",
        "届出　転入",
        "引越し",
        "引っ越し",
        "ﾏｲﾅﾝﾊﾞｰ",
        "mynumber-01",
        "ＭＹＮＵＭＢＥＲ",
        "子供",
        "申し込み",
        "市民課 14日",
    ],
)
def test_what_stands_in_an_entry_is_found_however_it_is_written(text: str) -> None:
    assert Finding(text).finds(ENTRY)


@pytest.mark.parametrize("text", ["転入 印鑑", "転出", "火星移住", "…", "入転"])
def test_an_entry_without_one_of_the_words_is_not_found(text: str) -> None:
    assert not Finding(text).finds(ENTRY)
