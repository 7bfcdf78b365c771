"""Doctors on duty on holidays: a span of days in, those on duty out; the table is never read beyond its last day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from retrieval.analysis import normalise
from retrieval.city.calendar import Span, parse_date

_CLOCK = re.compile(
    r"(?P<next>翌[日朝]?の?)?(?P<half>午前|午後)?(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{1,2}|半)?分?|(?P<noon>正午)"
)
_TO = re.compile(r"\s*(?:から|[~〜ー–—−-])\s*")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One practice on duty on one day."""

    day: date
    name: str
    field: str  #: 内科, 歯科 …; may be empty
    phone: str
    address: str
    hours: str  #: as the table writes them
    notice: str

    @property
    def town(self) -> str:
        """The town that its address begins with; empty where it begins with none."""
        found = re.match("(?:.{1,4}[県市郡])*([^県市郡]{1,5}?[町村])", self.address)
        return found[1] if found else ""

    def is_in(self, town: str | None) -> bool:
        return bool(town) and self.town == town

    def is_over(self, at: datetime) -> bool:
        """Whether its hours of that day have passed; never where they are in no known form. Those that go on after midnight are
        over with the day."""
        if self.day != at.date():
            return self.day < at.date()
        ends = _ends(normalise(self.hours))
        return bool(ends) and at.hour * 60 + at.minute >= max(ends)


class DutyRoster:
    """Who is on duty when."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        found = [duty for row in rows if (duty := _duty(row))]
        self._duties = sorted(found, key=lambda d: d.day)
        self._towns = {duty.town for duty in found if duty.town}

    def __bool__(self) -> bool:
        return bool(self._duties)

    @property
    def last_day(self) -> date:
        return self._duties[-1].day

    def town_in(self, text: str) -> str | None:
        """The town of the roster that a text names: 末吉町 by 「末吉」; None where it names none or several."""
        found = {town for town in self._towns if town[:-1] in text}
        return found.pop() if len(found) == 1 else None

    def on(self, span: Span) -> tuple[Duty, ...]:
        return tuple(d for d in self._duties if d.day in span)

    def from_day(self, day: date) -> tuple[Duty, ...]:
        return tuple(d for d in self._duties if d.day >= day)

    def next_at(self, at: datetime) -> tuple[Duty, ...]:
        """The duties of the first day that has any which are not over."""
        later = self.from_day(at.date())
        day = next((d.day for d in later if not d.is_over(at)), None)
        return tuple(d for d in later if d.day == day)

    def covers(self, span: Span) -> bool:
        """Whether the table reaches so far: within its days, a day without duty has none."""
        reach = Span(first=self._duties[0].day - timedelta(days=6), last=self._duties[-1].day)
        return span.first in reach and span.last in reach


def _ends(hours: str) -> list[int]:
    """When hours end, in minutes since the beginning of their day: 「18:00〜翌8:00」 and 「18:00〜8:00」 on the next."""
    clocks = list(_CLOCK.finditer(hours))
    found = []
    for first, last in pairwise(clocks):
        if _TO.fullmatch(hours, first.end(), last.start()):
            begins, ends = _minutes(first, first["half"]), _minutes(last, last["half"])
            if ends <= begins and not last["half"]:
                ends = _minutes(last, first["half"])  # 「午後1時〜5時」
            found.append(ends if ends > begins else ends + _DAY_MINUTES)
    return found


def _minutes(clock: re.Match[str], half: str | None) -> int:
    if clock["noon"]:
        return _DAY_MINUTES // 2
    hour, minute = int(clock["hour"]), 30 if clock["minute"] == "半" else int(clock["minute"] or 0)
    hour = hour + 12 if half == "午後" and hour < 12 else hour
    return hour * 60 + minute + (_DAY_MINUTES if clock["next"] else 0)


def _duty(row: dict[str, str]) -> Duty | None:
    day = parse_date(row.get("date", ""))
    if day is None or not row.get("name"):
        return None
    return Duty(
        day=day,
        name=row["name"],
        field=row.get("field", ""),
        phone=row.get("phone", ""),
        address=row.get("address", ""),
        hours=row.get("hours", ""),
        notice=row.get("notice", ""),
    )
