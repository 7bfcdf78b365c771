"""Promises of the opening hours: weekends, national holidays, substitute holidays, year's end, and the hour itself."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from core.clock import JST
from core.settings import Settings
from dialogue.opening import Hours, day_text
from retrieval.city.opening import clock_text

HOURS = Hours(opens=time(8, 30), closes=time(17, 15), closed_days=Settings().holidays)

# when, is it open, and when it opens next
CASES = [
    ("2026-11-20 08:29", False, "2026-11-20 08:30"),  # Friday, a minute early
    ("2026-11-20 08:30", True, None),
    ("2026-11-20 12:30", True, None),  # no closing at noon
    ("2026-11-20 17:14", True, None),
    ("2026-11-20 17:15", False, "2026-11-24 08:30"),  # evening; then a weekend and 勤労感謝の日
    ("2026-11-21 10:00", False, "2026-11-24 08:30"),  # Saturday
    ("2026-11-22 10:00", False, "2026-11-24 08:30"),  # Sunday
    ("2026-11-23 10:00", False, "2026-11-24 08:30"),  # 勤労感謝の日, a Monday
    ("2026-11-24 00:00", False, "2026-11-24 08:30"),  # midnight of a working day
    ("2026-11-25 18:00", False, "2026-11-26 08:30"),  # an ordinary evening
    ("2027-03-22 10:00", False, "2027-03-23 08:30"),  # 振替休日 of 春分の日 on a Sunday
    ("2026-05-06 10:00", False, "2026-05-07 08:30"),  # 振替休日 of 憲法記念日
    ("2026-09-22 10:00", False, "2026-09-24 08:30"),  # 国民の休日 between two holidays
    ("2026-05-01 17:15", False, "2026-05-07 08:30"),  # the long week of May
    ("2026-08-11 10:00", False, "2026-08-12 08:30"),  # 山の日
    ("2026-12-28 17:14", True, None),  # 仕事納め
    ("2026-12-28 17:15", False, "2027-01-04 08:30"),  # year's end
    ("2026-12-31 10:00", False, "2027-01-04 08:30"),
    ("2027-01-03 23:59", False, "2027-01-04 08:30"),
    ("2027-01-04 08:30", True, None),
    ("2028-12-28 18:00", False, "2029-01-04 08:30"),
    ("2028-02-29 10:00", True, None),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.parametrize(("when", "is_open", "next_open"), CASES)
def test_when_it_is_open_and_when_it_opens_next(when: str, is_open: bool, next_open: str | None) -> None:
    assert HOURS.is_open(at(when)) is is_open
    if next_open:
        assert HOURS.next_open(at(when)) == at(next_open)


@pytest.mark.parametrize("when", [c[0] for c in CASES if not c[1]])
def test_what_opens_next_is_open_then(when: str) -> None:
    opening = HOURS.next_open(at(when))
    assert opening > at(when)
    assert HOURS.is_open(opening)


def test_a_city_may_close_on_days_of_its_own() -> None:
    hours = Hours(opens=time(9), closes=time(16), closed_days=["11-24", "11-25"])
    assert not hours.is_open(at("2026-11-24 10:00"))
    assert hours.next_open(at("2026-11-20 16:00")) == at("2026-11-26 09:00")


def test_all_days_on_which_a_counter_is_closed_are_said() -> None:
    assert HOURS.closed_text() == "土・日曜日、祝日、12月29日〜1月3日"
    more = Hours(opens=time(8, 30), closes=time(17, 15), closed_days=["02-29", "08-13", "08-14", "02-30"])
    assert more.closed_text() == "土・日曜日、祝日、8月13日〜8月14日、2月29日"


def test_times_are_said_as_people_say_them() -> None:
    assert str(HOURS) == "平日 8時30分〜17時15分"
    assert [clock_text(time(9)), clock_text(time(8, 5))] == ["9時", "8時5分"]
    assert day_text(at("2026-11-24 08:30")) == "11月24日（火）8時30分"
