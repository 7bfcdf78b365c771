"""The days that a question names in: 「明日」「第2金曜」「12月29日から1月3日まで」 become days, by today's date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from dialogue.day_forms import FORMS, Origin, one_day
from retrieval.analysis import normalise
from retrieval.city.calendar import Span

_YEAR = re.compile(
    r"(令和|平成|昭和|r)(\d{1,2}|元)年(?!度)|(?<!\d)(\d{4})年(?!度)|(一昨年|おととし|去年|昨年|今年|再来年|来年)(?!度)"
)
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "昭和": 1925}
_YEARS = {"一昨年": -2, "おととし": -2, "去年": -1, "昨年": -1, "今年": 0, "来年": 1, "再来年": 2}
_KANA_WEEKDAY = re.compile(
    "(?<![ぁ-ん])(げつ|か|すい|もく|きん|ど|にち)よう(?=び|の|は|に|も|$)|(?<=の)(げつ|か|すい|もく|きん|ど|にち)よう"
)
_KANA = {"げつ": "月", "か": "火", "すい": "水", "もく": "木", "きん": "金", "ど": "土", "にち": "日"}
_KANJI_NUMBER = re.compile("(?<=第)[一二三四五]|([二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=年|月|週間後|日(?!曜))")
_SPELLINGS = (("さ来週", "再来週"), ("子どもの日", "こどもの日"), ("子供の日", "こどもの日"), ("建国記念日", "建国記念の日"))
#: 「昨日から熱がある、今日の当番医は」 asks for today.
_LASTING = re.compile("(?:一昨日|おととい|昨日|きのう|昨夜)(?:の[朝昼夜晩])?から(?![0-9今明])")
_FROM_TO = re.compile(r"(?:から|より|~|〜|-|ー)の?")
_AND = re.compile("の?(?:と|や|か|・|、|,|および|及び|または)?の?")
_ONLY_BETWEEN = re.compile(r"(?:から|より|まで|と|や|か|の|および|及び|または|[~〜ー、,・\s-])*")
_SHIFT = re.compile("の?(?:(翌々日)|(翌日|次の日(?!曜))|(前日|前の日(?!曜))|以降|以前|前後|頃|ごろ|過ぎ|すぎ)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    """Words that name days, where they stand, and the days: None when they leave open which."""

    start: int
    end: int
    span: Span | None
    is_date: bool


def named_days(text: str, today: date) -> Span | None:
    """The day or days that a text names, None when it names none or leaves open which.

    A weekday without 「来週」 is the next such day, today included; 「今度の」 and 「次の」 leave today out. A bare day of the
    month that is over is next month's; a date of the last two months is past.
    """
    mentions = list(_mentions(_in_digits(normalise(text)), today))
    if any(m.is_date for m in mentions):  # 「夏休みの8月3日」 is that date
        mentions = [m for m in mentions if m.span or m.is_date]
    return _together(_in_digits(normalise(text)), mentions)


def is_days(text: str, today: date) -> bool:
    """Whether a text is words of days and nothing else, be it clear which or not."""
    folded = normalise(text)
    speaks = any(True for _ in _mentions(_in_digits(folded), today))
    return speaks and _ONLY_BETWEEN.fullmatch(without_days(folded, today)) is not None


def without_days(text: str, today: date) -> str:
    """What a normalised text says besides days, be it clear which they are or not."""
    rest = _in_digits(text)
    for mention in reversed(list(_mentions(rest, today))):
        rest = rest[: mention.start] + rest[mention.end :]
    return _YEAR.sub("", rest)


def leaves_days_open(text: str, today: date) -> bool:
    """Whether a text speaks of days of which `named_days` can't tell which: 「夏休み」「来月」「祝日の翌日」「月曜と木曜」.

    Today's answer would be a guess then; the table's general rule is not.
    """
    folded = _in_digits(normalise(text))
    speaks = bool(_YEAR.search(folded)) or any(True for _ in _mentions(folded, today))
    return speaks and named_days(text, today) is None


def names_no_day(text: str, today: date) -> bool:
    """Whether a text has a date that the calendar doesn't: 2月30日, or a weekday that is not that date's."""
    return any(m.is_date and m.span is None for m in _mentions(_in_digits(normalise(text)), today))


def days_text(span: Span, today: date) -> str:
    """Days in words that `named_days` understands whenever they are asked again, with a year only where it is another."""
    first = _words(span.first, today.year)
    text = first if span.is_one_day else f"{first}から{_words(span.last, span.first.year)}まで"
    return (
        text if named_days(text, today) == span else f"{span.first.year}年{text}"
    )  # without it another year would be understood


def _words(day: date, year: int) -> str:
    return f"{'' if day.year == year else f'{day.year}年'}{day.month}月{day.day}日"


def _in_digits(text: str) -> str:
    """Weekdays and numbers in one way of writing; 「土曜と日曜」 are 土日."""
    text = _KANA_WEEKDAY.sub(lambda m: f"{_KANA[m[1] or m[2]]}曜", text)
    text = _LASTING.sub("", text)
    for other, usual in _SPELLINGS:
        text = text.replace(other, usual)
    text = _KANJI_NUMBER.sub(lambda m: str(_kanji_number(m[0])), text)
    text = re.sub("(?<![0-9])([月火水木金土日])([・、とや])(?=[月火水木金土日]曜)", r"\1曜\2", text)
    return re.sub("土曜日?[・、とやか]日曜日?", "土日", text)


def _kanji_number(text: str) -> int:
    digits = "一二三四五六七八九"
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return digits.index(text) + 1
    return 10 * (digits.index(tens) + 1 if tens else 1) + (digits.index(ones) + 1 if ones else 0)


def _mentions(text: str, today: date) -> Iterator[_Mention]:
    """All that names days, from left to right; of words that overlap the longest of the leftmost."""
    found = [(m, read, is_date) for form, read, is_date in FORMS for m in form.finditer(text)]
    end, before = 0, None
    for match, read, is_date in sorted(found, key=lambda f: (f[0].start(), -f[0].end())):
        if match.start() < end:
            continue
        since = end if before else 0
        span = read(match, Origin(today=today, before=before, year=_year_said(text, since, match.start(), today)))
        end, span = _shifted(text, match.end(), span)
        before = span.first if span else before
        yield _Mention(start=match.start(), end=end, span=span, is_date=is_date)


def _year_said(text: str, since: int, start: int, today: date) -> int | None:
    """The last year that is said between, for the first day of a text also one that comes after it."""
    years = [m for m in _YEAR.finditer(text) if m.start() >= since]
    ahead = [m for m in years if m.end() <= start] or ([] if since else years)
    if not ahead:
        return None
    era, of_era, number, word = ahead[-1].groups()
    if era:
        return _ERAS[era] + (1 if of_era == "元" else int(of_era))
    return int(number) if number else today.year + _YEARS[word]


def _shifted(text: str, end: int, span: Span | None) -> tuple[int, Span | None]:
    """「成人の日の翌日」 is the day after; 「12月1日以降」 leaves open which."""
    found = _SHIFT.match(text, end)
    if found is None:
        return end, span
    days = 2 if found[1] else 1 if found[2] else -1 if found[3] else None
    if span is None or days is None:
        return found.end(), None
    return found.end(), one_day((span.first if days < 0 else span.last) + timedelta(days=days))


def _together(text: str, mentions: list[_Mention]) -> Span | None:
    """The days of all mentions as one; None when there is no mention, or they are not one row of days."""
    if not mentions or mentions[0].span is None:
        return None
    whole = mentions[0].span
    for before, after in pairwise(mentions):
        between = _YEAR.sub("", re.sub(r"\(.*?\)", "", text[before.end : after.start]))
        joined = after.span and _joined(whole, after.span, between)
        if joined is None:
            return None
        whole = joined
    return whole


def _joined(before: Span, after: Span, between: str) -> Span | None:
    """「29日から31日」 and 「土曜と日曜」 are a row of days; 「来週、火曜」 and 「明日29日」 name the same twice."""
    if _FROM_TO.fullmatch(between):
        return Span(first=before.first, last=after.last) if before.first <= after.last else None
    if after.first in before and after.last in before:
        return after
    if before.first in after and before.last in after:
        return before
    in_a_row = after.first == before.last + timedelta(days=1)
    return Span(first=before.first, last=after.last) if in_a_row and _AND.fullmatch(between) else None
