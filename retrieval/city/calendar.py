"""Days as Japanese writes them: 「11月24日（火）」, national holidays, spans of days and weekday rules such as 「第3木」."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from retrieval.analysis import normalise
from retrieval.numerals import YEAR_BEFORE

WEEKDAYS = "月火水木金土日"
_DATE = re.compile(
    r"(?:(?P<Y>(?:19|2\d)\d\d)(?P<M>\d\d)(?P<D>\d\d)"
    rf"|(?:(?P<era>{'|'.join(YEAR_BEFORE)}) ?(?=\d\d?\D|元)|(?=(?:19|2\d)\d\d))"
    r"(?P<y>\d{1,4}|元) ?[-/.年] ?(?P<m>\d{1,2}) ?[-/.月] ?(?P<d>\d{1,2})日?)"
    r"(?:[ t]\d{1,2}:\d{2}(?::\d{2})?)?"
)


@lru_cache(maxsize=32)
def _national(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja"))


def holiday(day: date) -> str | None:
    """The national holiday's name in Japanese, None on other days."""
    return _national(day.year).get(day)


def day_name(day: date) -> str:
    """「11月24日（火）」"""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def nth_of_month(day: date) -> int:
    """Which of its weekday in the month a day is: 1 to 5."""
    return (day.day - 1) // 7 + 1


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The `nth` of a weekday (0 = Monday) in a month; None where the month has no fifth, or the year no such month."""
    if not 1 <= month <= 12:
        return None
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return day if day.month == month else None


def fiscal_year_end(day: date) -> date:
    """31 March of the fiscal year that a day lies in: tables of collection days are made for one."""
    return date(day.year + (day.month >= 4), 3, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=i) for i in range((self.last - self.first).days + 1))

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    def __str__(self) -> str:
        return day_name(self.first) if self.is_one_day else f"{day_name(self.first)}から{day_name(self.last)}まで"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayRule:
    """A weekday (0 = Monday), every week or only its `nth` of the month."""

    weekday: int
    nth: int | None = None

    def falls_on(self, day: date) -> bool:
        return day.weekday() == self.weekday and self.nth in (None, nth_of_month(day))

    @classmethod
    def parse(cls, token: str) -> WeekdayRule | None:
        """「月」「月1」(as in 5374 tables) or 「第1月」; None for anything else."""
        found = re.fullmatch("(?:第([1-5]))?([月火水木金土日])(?:曜日?)?([1-5])?", token)
        if found is None or (found[1] and found[3]):
            return None
        nth = found[1] or found[3]
        return cls(weekday=WEEKDAYS.index(found[2]), nth=int(nth) if nth else None)


def weekdays_text(rules: tuple[WeekdayRule, ...]) -> str:
    """「毎週月・木曜日」「第1・第3水曜日」「毎週火曜日と第2金曜日」"""
    weekly = [r for r in rules if r.nth is None]
    parts = ["毎週" + "・".join(WEEKDAYS[r.weekday] for r in weekly) + "曜日"] if weekly else []
    for weekday in dict.fromkeys(r.weekday for r in rules if r.nth is not None):
        nths = sorted(r.nth for r in rules if r.nth is not None and r.weekday == weekday)
        parts.append("・".join(f"第{n}" for n in nths) + f"{WEEKDAYS[weekday]}曜日")
    return "と".join(parts)


def parse_date(text: str) -> date | None:
    """「2026-12-06」「2026/12/6」「20261206」「2026年12月6日」「令和8年12月6日」「R8.12.6」; None for anything else."""
    found = _DATE.fullmatch(normalise(text))
    if found is None:
        return None
    year, month, day = ("1" if part == "元" else part for part in found.group(*("YMD" if found["Y"] else "ymd")))
    try:
        return date(int(year) + YEAR_BEFORE.get(found["era"], 0), int(month), int(day))
    except ValueError:
        return None
