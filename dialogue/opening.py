"""When a counter is open: weekdays within its hours, national holidays and the city's own closing days left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from retrieval.city.calendar import day_name, holiday
from retrieval.city.opening import clock_text

_LONGEST_CLOSURE_DAYS = 60
_A_YEAR = tuple(date(1999, 7, 1) + timedelta(days=i) for i in range(366))  #: with its end and a 29 February in the midst of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours of one counter."""

    opens: time
    closes: time
    closed_days: Collection[str]  #: `MM-DD` on which the city hall is closed besides holidays

    def is_open(self, at: datetime) -> bool:
        return self.works_on(at.date()) and self.opens <= at.time() < self.closes

    def next_open(self, at: datetime) -> datetime:
        """When the counter opens next after `at`; asked while it is closed."""
        for days in range(_LONGEST_CLOSURE_DAYS):
            day = at.date() + timedelta(days=days)
            opening = datetime.combine(day, self.opens, at.tzinfo)
            if self.works_on(day) and opening > at:
                return opening
        raise AssertionError("a counter opens at least once in two months")

    def works_on(self, day: date) -> bool:
        """Whether the counter opens at all on a day."""
        return day.weekday() < 5 and holiday(day) is None and f"{day:%m-%d}" not in self.closed_days

    def closed_text(self) -> str:
        """「土・日曜日、祝日、12月29日〜1月3日」"""
        rows = [list(row) for is_closed, row in groupby(_A_YEAR, lambda day: f"{day:%m-%d}" in self.closed_days) if is_closed]
        yearly = (f"{_said(row[0])}〜{_said(row[-1])}" if len(row) > 1 else _said(row[0]) for row in rows)
        return "、".join(("土・日曜日", "祝日", *yearly))

    def __str__(self) -> str:
        return f"平日 {clock_text(self.opens)}〜{clock_text(self.closes)}"


def day_text(at: datetime) -> str:
    """「11月24日（火）8時30分」"""
    return day_name(at.date()) + clock_text(at.time())


def _said(day: date) -> str:
    return f"{day.month}月{day.day}日"
