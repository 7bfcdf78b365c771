"""Promises of the days in a question: the very days that are named, or none, and never today's in their place."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from dialogue.days import days_text, leaves_days_open, named_days, names_no_day
from retrieval.city.calendar import Span, nth_weekday

SATURDAY = date(2026, 11, 28)


def days(text: str) -> str | None:
    span = named_days(text, SATURDAY)
    return None if span is None else span.first.isoformat() + ("" if span.is_one_day else f"..{span.last.isoformat()}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("来週末吉町本町のごみは", "2026-11-30..2026-12-06"),
        ("来週末吉図書館は開いていますか", "2026-11-30..2026-12-06"),
        ("再来週末吉図書館は", "2026-12-07..2026-12-13"),
        ("今週末吉町のごみは", "2026-11-28..2026-11-29"),
        ("毎週末吉町のごみは", None),
        ("来週末の当番医", "2026-12-05..2026-12-06"),
        ("再来週末の当番医", "2026-12-12..2026-12-13"),
        ("来週の予定", "2026-11-30..2026-12-06"),
        ("来週、火曜は", "2026-12-01"),
    ],
)
def test_a_week_is_no_weekend_because_a_town_begins_with_its_end(text: str, expected: str | None) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第2金曜は何のごみ", "2026-12-11"),
        ("第二金曜", "2026-12-11"),
        ("第２金曜日", "2026-12-11"),
        ("第4木曜日は", "2026-12-24"),
        ("1月の第2月曜日", "2027-01-11"),
        ("12月の第3日曜の当番医は", "2026-12-20"),
        ("来月の第1土曜", "2026-12-05"),
        ("令和7年1月の第2月曜日", "2025-01-13"),
        ("2月の第5月曜日", None),
        ("第1・第3水曜", None),
    ],
)
def test_the_nth_weekday_is_that_of_the_month(text: str, expected: str | None) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昨日のごみ", "2026-11-27"),
        ("おとといの当番医", "2026-11-26"),
        ("一昨日", "2026-11-26"),
        ("先週の木曜", "2026-11-19"),
        ("この前の日曜", "2026-11-22"),
        ("3日後", "2026-12-01"),
        ("2週間後", "2026-12-12"),
        ("クリスマスは", "2026-12-25"),
        ("クリスマスイブは", "2026-12-24"),
        ("お盆は", "2027-08-13..2027-08-16"),
        ("お正月は", "2027-01-01..2027-01-03"),
        ("来月5日", "2026-12-05"),
        ("今度の祝日", "2027-01-01"),
        ("成人の日の翌日", "2027-01-12"),
        ("12月20日、日曜日", "2026-12-20"),
        ("さ来週の月曜", "2026-12-07"),
        ("子どもの日", "2027-05-05"),
        ("昨日から熱がある、今日の当番医は", "2026-11-28"),
    ],
)
def test_exact_days_are_understood(text: str, expected: str) -> None:
    assert days(text) == expected
    assert not leaves_days_open(text, SATURDAY)


@pytest.mark.parametrize(
    "text",
    [
        "1月の当番医", "来月の当番医", "12月の図書館の休館日", "夏休み", "ゴールデンウィーク", "年末", "連休", "平日は何時まで",
        "祝日の翌日", "祝日の月曜日は", "翌日は", "12月の日曜", "毎週日曜", "去年の日曜", "去年の当番医", "12月1日以降",
        "月曜と木曜", "12月20日（月）", "2月30日", "12月の図書館は第4木曜は休み", "年末から1月5日まで", "1月から2月5日まで",
        "12月28日から年明けまで", "来年度も月曜ですか", "令和9年度の月曜", "来年度の収集日", "9999年度の月曜", "9999年の年末年始",
        "9999年の成人の日", "9999年12月31日の翌日", "今日から9999年12月31日まで", "13月の第2日曜", "0月第1日曜",
        "2099年12月31日の翌日",
    ],
)  # fmt: skip
def test_days_that_are_left_open_are_known_to_be(text: str) -> None:
    assert days(text) is None
    assert leaves_days_open(text, SATURDAY)


@pytest.mark.parametrize(
    "text", ["1日中開いていますか", "一日中", "正月飾りは何ごみ", "クリスマスツリー", "きょういくか", "令和8年度の予算", "お盆玉"]
)
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert days(text) is None
    assert not leaves_days_open(text, SATURDAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("去年の12月29日", "2025-12-29"),
        ("昨年12月29日", "2025-12-29"),
        ("令和7年12月29日", "2025-12-29"),
        ("令和9年12月29日", "2027-12-29"),
        ("12月29日の当番医、去年は", "2025-12-29"),
        ("去年の年末年始", "2025-12-29..2026-01-03"),
        ("来年度の4月5日", "2027-04-05"),
        ("今年度の1月5日", "2027-01-05"),
        ("来年度の2月5日", None),
        ("2026-12-06", "2026-12-06"),
        ("2026.12.6", "2026-12-06"),
        ("R9.1.3の当番医", "2027-01-03"),
        ("令和9/1/3", "2027-01-03"),
        ("令和元年5月1日", "2019-05-01"),
        ("二〇二八年三月一日", "2028-03-01"),
        ("二千二十七年十二月二十五日", "2027-12-25"),
    ],
)
def test_the_year_that_is_said_counts(text: str, expected: str | None) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("土曜と日曜の当番医は", "2026-11-28..2026-11-29"),
        ("土・日曜", "2026-11-28..2026-11-29"),
        ("12月29日から1月3日まで", "2026-12-29..2027-01-03"),
        ("12月29日（火）〜1月3日（日）", "2026-12-29..2027-01-03"),
        ("12/29-1/3", "2026-12-29..2027-01-03"),
        ("12月31日と1月1日", "2026-12-31..2027-01-01"),
        ("29日と30日", "2026-11-29..2026-11-30"),
        ("12月29〜31日", "2026-12-29..2026-12-31"),
        ("29日から31日", None),
        ("今日明日", "2026-11-28..2026-11-29"),
        ("来週の月曜と火曜", "2026-11-30..2026-12-01"),
        ("月曜から金曜まで", "2026-11-30..2026-12-04"),
        ("12月29日と31日", None),
        ("今日から来年の1月5日まで", "2026-11-28..2027-01-05"),
        ("12月28日から来年1月5日まで", "2026-12-28..2027-01-05"),
        ("今年の12月28日から来年の1月5日", "2026-12-28..2027-01-05"),
        ("明日から2027年1月3日まで", "2026-11-29..2027-01-03"),
        ("今日から令和9年1月5日まで", "2026-11-28..2027-01-05"),
        ("12月29日から1月3日まで、去年は", "2025-12-29..2026-01-03"),
    ],
)
def test_several_days_are_all_meant_or_none(text: str, expected: str | None) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 12, 29), date(2026, 12, 29)),
        (date(2026, 12, 29), date(2027, 1, 3)),
        (date(2027, 8, 13), date(2027, 8, 16)),
        (date(2026, 3, 1), date(2026, 3, 2)),
    ],
)
def test_days_in_words_are_understood_again(first: date, last: date) -> None:
    span = Span(first=first, last=last)
    assert named_days(f"{days_text(span, SATURDAY)}の末吉図書館の開館時間", SATURDAY) == span


def test_a_month_without_a_fifth_weekday_has_none() -> None:
    assert nth_weekday(2027, 2, 0, 5) is None
    assert nth_weekday(2026, 11, 0, 5) == date(2026, 11, 30)


_WORDS = (
    "今日", "昨日", "来年", "去年", "令和8年", "令和99年", "平成元年", "9999年", "0001年", "2099年", "13月", "0月", "12月", "2月",
    "第5", "月曜", "日曜", "31日", "99日", "29日", "の", "から", "まで", "と", "翌日", "前日", "年末年始", "成人の日", "お盆",
    "来年度", "9999年度", "来月", "99週間後", "今度の祝日", "12/31", "2/30", "9999-12-31", "2099-12-31", "(日)", "以降",
    "来週", "週末", "、", "第2日曜", "百千", "二〇", "十", "三", "日", "年",
)  # fmt: skip


def test_whatever_days_are_named_no_error_is_made_of_them() -> None:
    draw, understood = Random(6), 0
    for _ in range(5000):
        text, today = "".join(draw.choices(_WORDS, k=draw.randint(1, 7))), date(2026, 1, 1) + timedelta(days=draw.randrange(3000))
        span = named_days(text, today)
        assert not (leaves_days_open(text, today) and span), text
        names_no_day(text, today)
        if span:
            understood += 1
            assert named_days(days_text(span, today), today) == span, text
    assert understood > 500
