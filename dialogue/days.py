"""The days that a question names in: 「明日」「第2金曜」「12月29日から1月3日まで」 become days, by today's date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from kanjize import kanji2number

from dialogue.day_forms import CALENDAR, FORMS, Origin, leaves_open, one_day
from retrieval.analysis import normalise
from retrieval.city.calendar import Span, day_name, fiscal_year_end

_YEAR = re.compile(
    r"(令和|平成|昭和|r)(\d{1,2}|元)年(?!度)|(?<!\d)(\d{4})年(?!度)|(一昨年|おととし|去年|昨年|今年|再来年|来年)(?!度)"
)
_FISCAL_YEAR = re.compile(r"(令和|平成|昭和|r)(\d{1,2}|元)年度|(?<!\d)(\d{4})年度|(去年|昨年|前年|今年|再来年|来年|翌年)度")
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "昭和": 1925}
_YEARS = {
    "一昨年": -2, "おととし": -2, "去年": -1, "昨年": -1, "前年": -1, "今年": 0, "来年": 1, "翌年": 1, "再来年": 2,
}  # fmt: skip
_KANA_WEEKDAY = re.compile(
    "(?<![ぁ-ん])(げつ|か|すい|もく|きん|ど|にち)よう(?=び|の|は|に|も|$)|(?<=の)(げつ|か|すい|もく|きん|ど|にち)よう"
)
_KANA = {"げつ": "月", "か": "火", "すい": "水", "もく": "木", "きん": "金", "ど": "土", "にち": "日"}
_ERA_DATE = re.compile(r"(令和|平成|昭和|(?<![a-z])r)(\d{1,2}|元)([./-]\d{1,2}[./-]\d{1,2}(?!\d))")
_KANJI_NUMBER = re.compile("(?<=第)[一二三四五]|[〇一二三四五六七八九十百千]+(?=年|月|週間後|日(?!曜))")
_SPELLINGS = (("さ来週", "再来週"), ("子どもの日", "こどもの日"), ("子供の日", "こどもの日"), ("建国記念日", "建国記念の日"))
#: 「昨日から熱がある、今日の当番医は」 asks for today.
_LASTING = re.compile("(?:一昨日|おととい|昨日|きのう|昨夜)(?:の[朝昼夜晩])?から(?![0-9今明])")
_FROM_TO = re.compile(r"(?:から|より|~|〜|-|ー)の?")
_FROM = ("から", "より", "~", "〜")
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
    is_open: bool  #: whether such words never say which


def named_days(text: str, today: date) -> Span | None:
    """The day or days that a text names, None when it names none or leaves open which.

    A weekday without 「来週」 is the next such day, today included; 「今度の」 and 「次の」 leave today out. A bare day of the
    month that is over is next month's; a date of the last two months is past.
    """
    folded = _in_digits(normalise(text))
    mentions = list(_mentions(folded, today))
    if any(m.is_date for m in mentions):
        mentions = [m for m in mentions if not m.is_open or _bounds(folded, m)]
    span, year = _together(folded, mentions), _fiscal_year_said(folded, today)
    if span is None or span.last.year not in CALENDAR:
        return None
    return span if year is None or (span.first in year and span.last in year) else None  # 「来年度も月曜ですか」


def is_days(text: str, today: date) -> bool:
    """Whether a text is words of days and nothing else, be it clear which or not."""
    folded = normalise(text)
    return _speaks_of_days(_in_digits(folded), today) and _ONLY_BETWEEN.fullmatch(without_days(folded, today)) is not None


def without_days(text: str, today: date) -> str:
    """What a normalised text says besides days, be it clear which they are or not."""
    rest = _in_digits(text)
    for mention in reversed(list(_mentions(rest, today))):
        rest = rest[: mention.start] + rest[mention.end :]
    return _YEAR.sub("", _FISCAL_YEAR.sub("", rest))


def leaves_days_open(text: str, today: date) -> bool:
    """Whether a text speaks of days of which `named_days` can't tell which: 「夏休み」「来月」「祝日の翌日」「月曜と木曜」.

    Today's answer would be a guess then; the table's general rule is not.
    """
    folded = _in_digits(normalise(text))
    return _speaks_of_days(folded, today) and named_days(text, today) is None


def _speaks_of_days(folded: str, today: date) -> bool:
    """Whether a text has words of days, or of a year; this fiscal year's budget is no matter of days."""
    year = _fiscal_year_said(folded, today)
    if _YEAR.search(folded) or (year and today not in year):
        return True
    return any(True for _ in _mentions(folded, today))


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


def day_said(day: date, today: date) -> str:
    """「1月4日（月）」, with the year where another would be understood."""
    return day_name(day) if named_days(day_name(day), today) == one_day(day) else f"{day.year}年{day_name(day)}"


def _words(day: date, year: int) -> str:
    return f"{'' if day.year == year else f'{day.year}年'}{day.month}月{day.day}日"


def _in_digits(text: str) -> str:
    """Weekdays and numbers in one way of writing; 「土曜と日曜」 are 土日."""
    text = _KANA_WEEKDAY.sub(lambda m: f"{_KANA[m[1] or m[2]]}曜", text)
    text = _LASTING.sub("", text)
    for other, usual in _SPELLINGS:
        text = text.replace(other, usual)
    text = _KANJI_NUMBER.sub(lambda m: _number(m[0]), text)
    text = _ERA_DATE.sub(lambda m: f"{_year_of_era(m[1], m[2])}{m[3]}", text)
    text = re.sub("(?<![0-9])([月火水木金土日])([・、とや])(?=[月火水木金土日]曜)", r"\1曜\2", text)
    return re.sub("土曜日?[・、とやか]日曜日?", "土日", text)


def _number(kanji: str) -> str:
    try:
        return str(kanji2number(kanji))
    except ValueError:
        return kanji  # 「百千」 is none


def _mentions(text: str, today: date) -> Iterator[_Mention]:
    """All that names days, from left to right; of words that overlap the longest of the leftmost."""
    found = [(m, read, is_date) for form, read, is_date in FORMS for m in form.finditer(text)]
    last_end = max((match.end() for match, _, _ in found), default=0)
    end, before = 0, None
    for match, read, is_date in sorted(found, key=lambda f: (f[0].start(), -f[0].end())):
        if match.start() < end:
            continue
        ahead = list(_YEAR.finditer(text, end if before else 0, match.start()))
        year = _year_said(ahead or ([] if before else list(_YEAR.finditer(text, last_end))), today)
        is_known = year is None or year in CALENDAR
        span = read(match, Origin(today=today, before=before, year=year)) if is_known else None
        end, span = _shifted(text, match.end(), span)
        before = span.first if span else before
        yield _Mention(start=match.start(), end=end, span=span, is_date=is_date, is_open=read is leaves_open)


def _bounds(text: str, mention: _Mention) -> bool:
    """Whether a row of days begins or ends with words: 「年末から1月5日まで」."""
    return text.startswith(_FROM, mention.end) or text.endswith(_FROM, 0, mention.start)


def _year_said(said: Sequence[re.Match[str]], today: date) -> int | None:
    """The last of the years that are said before a day and after the one before it; for the first day of a text also one that
    comes after all of them."""
    return _year(said[-1], today.year) if said else None


def _fiscal_year_said(text: str, today: date) -> Span | None:
    """The days of the last fiscal year that a text names; one beyond the calendar is the nearest to it."""
    said = list(_FISCAL_YEAR.finditer(text))
    if not said:
        return None
    year = min(max(_year(said[-1], fiscal_year_end(today).year - 1), CALENDAR[0]), CALENDAR[-1])
    return Span(first=date(year, 4, 1), last=date(year + 1, 3, 31))


def _year(said: re.Match[str], this_year: int) -> int:
    era, of_era, number, word = said.groups()
    if era:
        return _year_of_era(era, of_era)
    return int(number) if number else this_year + _YEARS[word]


def _year_of_era(era: str, number: str) -> int:
    return _ERAS[era] + (1 if number == "元" else int(number))


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
