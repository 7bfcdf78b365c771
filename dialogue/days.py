"""The day that a question names in: 「明日」「今度の日曜」「11月24日」「年末年始」 become days, by today's date."""

from __future__ import annotations

import re
from datetime import date, timedelta

from retrieval.analysis import normalise
from retrieval.city.calendar import WEEKDAYS, Span, holiday

_RELATIVE = (
    ("しあさって", 3), ("明々後日", 3), ("明後日", 2), ("あさって", 2), ("明日", 1), ("あした", 1), ("あす", 1),
    ("翌日", 1), ("今日", 0), ("きょう", 0), ("本日", 0), ("今夜", 0), ("今から", 0), ("今晩", 0),
)  # fmt: skip
_WEEKDAY = re.compile("(今週|来週|再来週|今度|こんど|次|つぎ)?の?([月火水木金土日])(?:曜日?|よう(?:び)?)")
_KANA_WEEKDAY = re.compile(
    "(?<![ぁ-ん])(げつ|か|すい|もく|きん|ど|にち)よう(?=び|の|は|に|も|$)|(?<=の)(げつ|か|すい|もく|きん|ど|にち)よう"
)
_KANA = {"げつ": "月", "か": "火", "すい": "水", "もく": "木", "きん": "金", "ど": "土", "にち": "日"}
_MONTH_DAY = re.compile(r"(?:(\d{4})[年/-])?(\d{1,2})(?:月|/)(\d{1,2})日?")
_DAY = re.compile(r"(?<![\d月])(\d{1,2})日(?!間|以内|前|後|分)")
_LOOK_AHEAD_DAYS = 366
_PAST_DAYS = 60  #: a date within them is meant as past


def named_days(text: str, today: date) -> Span | None:
    """The day or days that a text names, None when it names none. A past day of this month is not moved to the next.

    A weekday without 「来週」 is the next such day, today included; 「今度の」 and 「次の」 leave today out.
    """
    folded = _in_digits(normalise(text))
    for find in (_by_date, _relative, _season, _weekend, _by_weekday, _named_holiday, _by_day_of_month):
        found = find(folded, today)
        if found is not None:
            return found
    return None


def _in_digits(text: str) -> str:
    text = _KANA_WEEKDAY.sub(lambda m: f"{_KANA[m[1] or m[2]]}曜", text)
    return re.sub(
        "([二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=月|日(?!曜))", lambda m: str(_kanji_number(m[1])), text
    )


def _kanji_number(text: str) -> int:
    digits = "一二三四五六七八九"
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return digits.index(text) + 1
    return 10 * (digits.index(tens) + 1 if tens else 1) + (digits.index(ones) + 1 if ones else 0)


def _one(day: date) -> Span:
    return Span(first=day, last=day)


def _by_date(text: str, today: date) -> Span | None:
    found = _MONTH_DAY.search(text)
    if found is None:
        return None
    later = {"再来年": 2, "来年": 1, "今年": 0}
    said = re.search("再来年|来年|今年", text)
    first = int(found[1]) if found[1] else today.year + (later[said[0]] if said else 0)
    for year in (first, first + 1):  # a date without a year that is long past is next year's
        try:
            day = date(year, int(found[2]), int(found[3]))
        except ValueError:
            return None
        if found[1] or said or day >= today - timedelta(days=_PAST_DAYS):
            return _one(day)
    return None


def _relative(text: str, today: date) -> Span | None:
    return next((_one(today + timedelta(days=n)) for word, n in _RELATIVE if word in text), None)


def _season(text: str, today: date) -> Span | None:
    year = today.year + 1 if today > date(today.year, 1, 3) else today.year
    if re.search("年末年始|お?正月", text):
        return Span(first=date(year - 1, 12, 29), last=date(year, 1, 3))
    if "大晦日" in text or "大みそか" in text:
        return _one(date(today.year, 12, 31))
    if re.search("元日|元旦", text):
        return _one(date(today.year if today == date(today.year, 1, 1) else today.year + 1, 1, 1))
    return None


def _weekend(text: str, today: date) -> Span | None:
    found = re.search("(今|来)?週末|土日", text)
    if found is None:
        return None
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 if today.weekday() != 6 else -1)
    saturday += timedelta(days=7 if found[1] == "来" else 0)
    return Span(first=max(saturday, today), last=saturday + timedelta(days=1))


def _by_weekday(text: str, today: date) -> Span | None:
    found = _WEEKDAY.search(text)
    if found is None:
        return None
    weekday = WEEKDAYS.index(found[2])
    monday = today - timedelta(days=today.weekday())
    weeks = {"今週": 0, "来週": 1, "再来週": 2}.get(found[1] or "")
    if weeks is not None:
        return _one(monday + timedelta(days=7 * weeks + weekday))
    ahead = (weekday - today.weekday()) % 7
    return _one(today + timedelta(days=ahead or (7 if found[1] else 0)))


def _named_holiday(text: str, today: date) -> Span | None:
    coming = ((d, holiday(d)) for d in (today + timedelta(days=i) for i in range(_LOOK_AHEAD_DAYS)))
    return next((_one(d) for d, name in coming if name and len(name) > 2 and name in text), None)


def _by_day_of_month(text: str, today: date) -> Span | None:
    found = _DAY.search(text)
    if found is None:
        return None
    for months in range(3):
        month = (today.month - 1 + months) % 12 + 1
        try:
            day = date(today.year + (today.month - 1 + months) // 12, month, int(found[1]))
        except ValueError:
            continue
        if day >= today:
            return _one(day)
    return None
