"""Promises of numbers: however a number or a year is written it is the same, and words with a numeral in them stay words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kanjize import number2kanji

from retrieval.numerals import in_digits


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("三月十五日", "3月15日"),
        ("二十歳", "20歳"),
        ("二〇歳", "20歳"),
        ("はたち", "20歳"),
        ("六十五歳", "65歳"),
        ("一万五千円", "15000円"),
        ("1万5千円", "15000円"),
        ("15,000円", "15000円"),
        ("第十二条の二", "第12条の2"),
        ("二〇二四年", "2024年"),
    ],
)
def test_a_number_is_in_digits(written: str, digits: str) -> None:
    assert in_digits(written) == digits


@pytest.mark.parametrize("year", ["令和六年度", "令和6年度", "r6年度", "2024年度", "二〇二四年度"])
def test_a_year_is_one_in_both_calendars(year: str) -> None:
    assert in_digits(year) == "2024年度"


@pytest.mark.parametrize("year", ["平成三十一年", "平成31年", "h31年", "令和元年", "令和1年", "2019年"])
def test_a_year_of_two_eras_is_one(year: str) -> None:
    assert in_digits(year) == "2019年"


@pytest.mark.parametrize(
    "word",
    (
        "一人暮らし 一人親 一般 一時預かり 一部 三角 千葉 十島村 三島村 万一 四国 八百屋 一緒 統一 一括 "
        "二三日 数十人 0986-00-0101 r6 h31"
    ).split(),
)
def test_what_counts_nothing_stays_as_it_is(word: str) -> None:
    assert in_digits(word) == word


def test_one_person_is_written_in_one_way() -> None:
    assert in_digits("1人暮らし") == "一人暮らし"
    assert in_digits("11人") == in_digits("十一人") == "11人"


@given(st.integers(min_value=11, max_value=99_999_999))
def test_every_amount_is_the_same_in_kanji_and_with_commas(amount: int) -> None:
    assert in_digits(f"補助金は{number2kanji(amount)}円") == in_digits(f"補助金は{amount:,}円") == f"補助金は{amount}円"
