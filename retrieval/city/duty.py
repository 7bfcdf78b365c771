"""Doctors on duty on holidays: a span of days in, those on duty out; the table is never read beyond its last day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.city.calendar import Span, parse_date


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


class DutyRoster:
    """Who is on duty when."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        found = [duty for row in rows if (duty := _duty(row))]
        self._duties = sorted(found, key=lambda d: d.day)

    def __bool__(self) -> bool:
        return bool(self._duties)

    @property
    def last_day(self) -> date:
        return self._duties[-1].day

    def on(self, span: Span) -> tuple[Duty, ...]:
        return tuple(d for d in self._duties if d.day in span)

    def next_from(self, day: date) -> tuple[Duty, ...]:
        """The duties of the first day from `day` that has any."""
        later = [d for d in self._duties if d.day >= day]
        return tuple(d for d in later if d.day == later[0].day)

    def covers(self, span: Span) -> bool:
        """Whether the table reaches so far: within its days, a day without duty has none."""
        reach = Span(first=self._duties[0].day - timedelta(days=6), last=self._duties[-1].day)
        return span.first in reach and span.last in reach


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
