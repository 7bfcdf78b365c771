"""A facility's hours and closing days as a table writes them in; whether it is open at an hour, and when next, out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from retrieval.analysis import normalise
from retrieval.city.calendar import WEEKDAYS, Span, WeekdayRule, holiday, parse_date, weekdays_text

_LONGEST_CLOSURE_DAYS = 120
_SHIFT_DAYS = 7  # a closing day moves past a row of holidays, never further


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """Hours within one day. An end at 24:00 is the day's last minute."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{clock_text(self.opens)}〜{clock_text(self.closes)}"


class OnHoliday(StrEnum):
    """What becomes of a weekly closing day that is a national holiday."""

    CLOSED = "closed"  #: it stays closed
    OPEN = "open"  #: it opens, and no other day is closed for it
    NEXT_DAY = "next_day"  #: it opens, and the next day that is no holiday is closed for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The rules of one facility. `hours` by kind of day, the first that fits; empty where the table has none."""

    hours: tuple[tuple[frozenset[int], bool, tuple[Interval, ...]], ...]  #: weekdays, also on holidays, intervals
    weekly: tuple[WeekdayRule, ...] = ()
    on_holiday: OnHoliday = OnHoliday.CLOSED
    holidays: bool = False  #: closed on every national holiday
    month_end: bool = False
    yearly: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()  #: (month, day) to (month, day), may pass the new year
    spans: tuple[Span, ...] = ()  #: named days

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """When it is open on a day; empty when it is closed, or when the table has no hours."""
        return () if self.closed_because(day) else self.usual(day)

    def usual(self, day: date) -> tuple[Interval, ...]:
        """The hours of such a day, closing days left aside."""
        if holiday(day):
            for _, on_holidays, intervals in self.hours:
                if on_holidays:
                    return intervals
        return next((intervals for weekdays, _, intervals in self.hours if day.weekday() in weekdays), ())

    def closed_because(self, day: date) -> str | None:
        """Why it is closed on a day, None when it isn't."""
        name = holiday(day)
        reasons = (
            (any(day in span for span in self.spans), "臨時の休み"),
            (any(_within_year(day, first, last) for first, last in self.yearly), "年末年始などの休み"),
            (self.holidays and name is not None, f"祝日（{name}）の休み"),
            (self.month_end and (day + timedelta(days=1)).day == 1, "月末の休み"),
            (self._is_weekly(day) and not (name and self.on_holiday is not OnHoliday.CLOSED), "定休日"),
            (self._is_moved_to(day), "祝日の振り替えの休み"),
            (bool(self.hours) and not self.usual(day), "定休日"),
        )
        return next((reason for applies, reason in reasons if applies), None)

    def next_open(self, at: datetime) -> datetime | None:
        """When it opens next after `at`; None when the table has no hours or no such day within four months."""
        for days in range(_LONGEST_CLOSURE_DAYS):
            day = at.date() + timedelta(days=days)
            for interval in self.intervals(day):
                opening = datetime.combine(day, interval.opens, at.tzinfo)
                if opening > at:
                    return opening
        return None

    def open_until(self, at: datetime) -> time | None:
        """When it closes, if it is open at `at`."""
        return next((i.closes for i in self.intervals(at.date()) if i.opens <= at.time() < i.closes), None)

    def hours_text(self) -> str:
        """「火・水・木曜日 9時〜19時、土・日曜日と祝日 9時〜17時」; empty where the table has none."""
        parts = []
        for weekdays, on_holidays, intervals in self.hours:
            spans = "と".join(str(i) for i in intervals)
            named = "・".join(WEEKDAYS[d] for d in sorted(weekdays))
            days = (f"{named}曜日" if named else "", "祝日" if on_holidays else "")
            parts.append(spans if len(weekdays) == 7 else f"{'と'.join(filter(None, days))} {spans}")
        return "、".join(parts)

    def closed_text(self) -> str:
        """「毎週月曜日（祝日のときは開いて、次の平日が休み）、12月28日〜1月4日」"""
        parts = [weekdays_text(self.weekly)] if self.weekly else []
        if self.weekly and self.on_holiday is not OnHoliday.CLOSED:
            moved = "、次の平日が休み" if self.on_holiday is OnHoliday.NEXT_DAY else ""
            parts[0] += f"（祝日のときは開館{moved}）"
        parts += ["祝日"] if self.holidays else []
        parts += ["月末"] if self.month_end else []
        parts += [f"{a}月{b}日" + (f"〜{c}月{d}日" if (a, b) != (c, d) else "") for (a, b), (c, d) in self.yearly]
        return "、".join([*parts, *(str(span) for span in self.spans)])

    def _is_weekly(self, day: date) -> bool:
        return any(rule.falls_on(day) for rule in self.weekly)

    def _is_moved_to(self, day: date) -> bool:
        """Whether a closing day that was a holiday moved to this day: the first after it that is neither holiday nor weekend
        nor closed anyway."""
        if self.on_holiday is not OnHoliday.NEXT_DAY or holiday(day) or day.weekday() >= 5:
            return False
        for back in range(1, _SHIFT_DAYS + 1):
            before = day - timedelta(days=back)
            if holiday(before) and self._is_weekly(before):
                return True
            if not holiday(before) and before.weekday() < 5:
                return False
        return False

    @classmethod
    def parse(cls, hours: str, closed: str) -> Opening:
        """From cells such as 「火-金 9:00-19:00|土日祝 9:00-17:00」 and 「月|祝翌日|第4木|12/28-1/4|2026/12/10-12/15」.

        Raises:
            ValueError: a part is in no known form; its text is the message.
        """
        found = _Closed()
        for token in _tokens(closed):
            found.take(token)
        return cls(
            hours=_hours(hours),
            weekly=tuple(found.weekly),
            on_holiday=found.on_holiday,
            holidays=found.holidays,
            month_end=found.month_end,
            yearly=tuple(found.yearly),
            spans=tuple(found.spans),
        )


class _Closed:
    """Closing days while they are read."""

    def __init__(self) -> None:
        self.weekly: list[WeekdayRule] = []
        self.on_holiday = OnHoliday.CLOSED
        self.holidays = self.month_end = False
        self.yearly: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self.spans: list[Span] = []

    def take(self, token: str) -> None:
        if token in ("なし", "無休"):
            return
        if token in ("祝", "祝日", "国民の祝日"):
            self.holidays = True
        elif token in ("祝翌日", "祝日なら翌平日"):
            self.on_holiday = OnHoliday.NEXT_DAY
        elif token in ("祝開館", "祝日なら開館"):
            self.on_holiday = OnHoliday.OPEN
        elif token == "月末":  # noqa: S105 - a word of the table, no secret
            self.month_end = True
        elif rules := _weekday_rules(token):
            self.weekly += rules
        elif span := _span(token):
            self.spans.append(span)
        elif yearly := _yearly(token):
            self.yearly.append(yearly)
        else:
            raise ValueError(token)


def clock_text(at: time) -> str:
    """「8時30分」「9時」; the end of a day is 24時."""
    if at == time.max:
        return "24時"
    return f"{at.hour}時{at.minute}分" if at.minute else f"{at.hour}時"


def _tokens(cell: str) -> list[str]:
    folded = re.sub("[~〜～–—−]", "-", normalise(cell))
    return [t.strip().replace(" ", "") for t in re.split(r"[|、,;]", folded) if t.strip()]


def _weekday_rules(token: str) -> list[WeekdayRule]:
    """「月」「月木」「第2第4月」「毎週月曜日」"""
    token = token.removeprefix("毎週").removesuffix("曜日").removesuffix("曜")
    if nths := re.fullmatch(r"((?:第?[1-5][・]?)+)([月火水木金土日])", token):
        return [WeekdayRule(weekday=WEEKDAYS.index(nths[2]), nth=int(n)) for n in re.findall("[1-5]", nths[1])]
    if re.fullmatch("[月火水木金土日・]+", token):
        return [WeekdayRule(weekday=WEEKDAYS.index(c)) for c in token if c in WEEKDAYS]
    return []


def _span(token: str) -> Span | None:
    """「2026/12/10」「2026/12/10-12/15」「2026/12/28-2027/1/4」"""
    found = re.fullmatch(r"(\d{4}[/年]\d{1,2}[/月]\d{1,2}日?|\d{4}-\d{1,2}-\d{1,2})(?:-(.+))?", token)
    if found is None or (first := parse_date(found[1])) is None:
        return None
    last_text = found[2] or found[1]
    last = parse_date(last_text) or parse_date(f"{first.year}/{last_text}")
    if last is None or last < first:
        raise ValueError(token)
    return Span(first=first, last=last)


def _hours(cell: str) -> tuple[tuple[frozenset[int], bool, tuple[Interval, ...]], ...]:
    folded = re.sub("[~〜～–—−]", "-", normalise(cell))
    found = []
    for part in filter(None, (p.strip() for p in re.split(r"[|、;]", folded))):
        match = re.fullmatch(r"([月火水木金土日祝平全毎・曜\-]*)\s*((?:\d{1,2}:\d{2}-\d{1,2}:\d{2}[\s,]*)+)", part)
        if match is None:
            raise ValueError(part)
        intervals = tuple(sorted(_interval(i) for i in re.findall(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}", match[2])))
        found.append((*_days(match[1]), intervals))
    return tuple(found)


def _interval(text: str) -> Interval:
    opens, closes = text.split("-")
    try:
        end = time.max if closes == "24:00" else time.fromisoformat(closes.zfill(5))
        start = time.fromisoformat(opens.zfill(5))
    except ValueError:
        raise ValueError(text) from None
    if start >= end:
        raise ValueError(text)
    return Interval(opens=start, closes=end)


def _days(text: str) -> tuple[frozenset[int], bool]:
    """The weekdays that 「火-金」「土日祝」「平日」 name, and whether holidays are among them. Nothing named is every day."""
    text = text.replace("曜日", "").replace("曜", "")
    if text in ("", "毎日", "全日"):
        return frozenset(range(7)), True
    named = text.replace("平日", "月火水木金").replace("祝日", "祝").replace("・", "")
    for first, last in re.findall("([月火水木金土日])-([月火水木金土日])", named):
        a, b = WEEKDAYS.index(first), WEEKDAYS.index(last)
        days = [(a + i) % 7 for i in range((b - a) % 7 + 1)]
        named = named.replace(f"{first}-{last}", "".join(WEEKDAYS[d] for d in days))
    if not re.fullmatch("[月火水木金土日祝]+", named):
        raise ValueError(text)
    return frozenset(WEEKDAYS.index(c) for c in named if c != "祝"), "祝" in named


def _yearly(token: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """「12/28-1/4」 and 「8/15」 of every year."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:-(\d{1,2})/(\d{1,2}))?", token)
    if found is None:
        return None
    a, b, c, d = (int(n) if n else 0 for n in found.groups())
    try:
        first, last = (date(2024, month, day) for month, day in ((a, b), (c or a, d or b)))  # a leap year
    except ValueError:
        raise ValueError(token) from None
    return (first.month, first.day), (last.month, last.day)


def _within_year(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    at = (day.month, day.day)
    return first <= at <= last if first <= last else at >= first or at <= last
