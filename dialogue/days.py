"""The days that a question names in: 「明日」「第2金曜」「12月29日から1月3日まで」 become days, by today's date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from retrieval.analysis import normalise
from retrieval.city.calendar import WEEKDAYS, Span, holiday, nth_weekday

_LOOK_AHEAD_DAYS = 366
_PAST_DAYS = 60  #: a date within them is meant as past

_ENDS_HERE = r"(?=[のはにもでがとや、。?\s一-鿿]|$)"  #: 「きょう」 is a word, 「きょういく」 is not
_RELATIVE = {
    "一昨日": -2, "おととい": -2, "昨日": -1, "きのう": -1, "昨夜": -1, "本日": 0, "今日": 0, "きょう": 0, "今夜": 0, "今晩": 0,
    "今から": 0, "明日": 1, "あした": 1, "あす": 1, "明後日": 2, "あさって": 2, "明々後日": 3, "しあさって": 3,
}  # fmt: skip
_YEAR = re.compile(
    r"(令和|平成|昭和|r)(\d{1,2}|元)年(?!度)|(?<!\d)(\d{4})年(?!度)|(一昨年|おととし|去年|昨年|今年|再来年|来年)(?!度)"
)
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "昭和": 1925}
_YEARS = {"一昨年": -2, "おととし": -2, "去年": -1, "昨年": -1, "今年": 0, "来年": 1, "再来年": 2}
_MONTHS = {"先": -1, "今": 0, "来": 1, "再来": 2}
_WEEKS = {"先々週": -2, "先週": -1, "今週": 0, "来週": 1, "再来週": 2}

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
class _From:
    """What the words of a day are counted from."""

    today: date
    before: date | None  #: the day that is named before it, from which 「29日と30日」 goes on
    year: int | None  #: the year that is said

    @property
    def start(self) -> date:
        return self.before or self.today


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
    rest = _in_digits(normalise(text))
    mentions = list(_mentions(rest, today))
    for mention in reversed(mentions):
        rest = rest[: mention.start] + rest[mention.end :]
    return bool(mentions) and _ONLY_BETWEEN.fullmatch(_YEAR.sub("", rest)) is not None


def leaves_days_open(text: str, today: date) -> bool:
    """Whether a text speaks of days of which `named_days` can't tell which: 「夏休み」「来月」「祝日の翌日」「月曜と木曜」.

    Today's answer would be a guess then; the table's general rule is not.
    """
    folded = _in_digits(normalise(text))
    speaks = bool(_YEAR.search(folded)) or any(True for _ in _mentions(folded, today))
    return speaks and named_days(text, today) is None


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
    found = [(m, read, is_date) for form, read, is_date in _FORMS for m in form.finditer(text)]
    end, before = 0, None
    for match, read, is_date in sorted(found, key=lambda f: (f[0].start(), -f[0].end())):
        if match.start() < end:
            continue
        since = end if before else 0
        span = read(match, _From(today=today, before=before, year=_year_said(text, since, match.start(), today)))
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
    return found.end(), _one((span.first if days < 0 else span.last) + timedelta(days=days))


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


# -- the forms in which days are named


def _one(day: date) -> Span:
    return Span(first=day, last=day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _this_year(of: _From) -> bool:
    """Whether a day that is counted from today can be meant: 「去年の日曜」 can't."""
    return of.year in (None, of.today.year)


def _month(word: str, of: _From) -> tuple[int, int | None]:
    """The month, and the year of a relative one."""
    if word not in _MONTHS:
        return int(word), of.year
    months = of.today.year * 12 + of.today.month - 1 + _MONTHS[word]
    return months % 12 + 1, months // 12


def _by_date(found: re.Match[str], of: _From) -> Span | None:
    month, year = _month(found["m"], of)
    year = int(found["y"]) if found["y"] else year
    earliest = of.before or of.today - timedelta(days=_PAST_DAYS)
    years = (year,) if year else (earliest.year, earliest.year + 1)  # one that is long past is next year's
    days = [day for y in years if (day := _date(y, month, int(found["d"])))]
    day = next((d for d in days if year or d >= earliest), None)
    weekday = found["w1"] or found["w2"]
    return None if day is None or (weekday and WEEKDAYS[day.weekday()] != weekday) else _one(day)


def _by_nth_weekday(found: re.Match[str], of: _From) -> Span | None:
    weekday, nth = WEEKDAYS.index(found["w"]), int(found["n"])
    if found["m"]:
        month, year = _month(found["m"], of)
        years = (year,) if year else (of.start.year, of.start.year + 1)
        months = [(y, month) for y in years]
    else:
        months = [divmod(of.start.year * 12 + of.start.month - 1 + i, 12) for i in range(12)] if _this_year(of) else []
        months = [(y, m + 1) for y, m in months]
    days = (nth_weekday(y, m, weekday, nth) for y, m in months)
    named = found["m"] and months[0][0] and len(months) == 1  # a month that is said may be over
    return next((_one(d) for d in days if d and (named or d >= of.start)), None)


def _relative(found: re.Match[str], of: _From) -> Span | None:
    return _one(of.today + timedelta(days=_RELATIVE[found[0]])) if _this_year(of) else None


def _later(found: re.Match[str], of: _From) -> Span | None:
    return _one(of.today + timedelta(days=int(found[1]) * (7 if found[2] == "週間" else 1)))


def _week(found: re.Match[str], of: _From) -> Span | None:
    """Monday to Sunday, today on."""
    monday = of.today + timedelta(days=7 * _WEEKS[found[1]] - of.today.weekday())
    first = max(monday, of.today) if found[1] == "今週" else monday
    return Span(first=first, last=monday + timedelta(days=6))


def _weekend(found: re.Match[str], of: _From) -> Span | None:
    said = f"{found[1]}週" if found[1] else found[2] or ""
    if said == "毎週" or not _this_year(of):
        return None
    weeks = _WEEKS.get(said, 1 if said and of.today.weekday() >= 5 else 0)  # on a Saturday 「今度の土日」 is the next
    saturday = of.today + timedelta(days=5 - of.today.weekday() + 7 * weeks)
    return Span(first=max(saturday, of.today) if weeks == 0 else saturday, last=saturday + timedelta(days=1))


def _by_weekday(found: re.Match[str], of: _From) -> Span | None:
    weekday, said = WEEKDAYS.index(found["w"]), found["when"] or ""
    if not _this_year(of):
        return None
    if said in _WEEKS:
        return _one(of.today + timedelta(days=7 * _WEEKS[said] + weekday - of.today.weekday()))
    if said in ("この前", "こないだ", "この間"):
        return _one(of.today - timedelta(days=(of.today.weekday() - weekday) % 7 or 7))
    start = of.today if said else of.start
    ahead = (weekday - start.weekday()) % 7
    return _one(start + timedelta(days=ahead or (7 if said else 0)))


def _by_day_of_month(found: re.Match[str], of: _From) -> Span | None:
    number = int(found[1])
    # 「29日から31日」 goes on in the same month, 「29日から3日」 in the next
    first = of.today.month - 1 if of.before is None else of.before.month - (number >= of.before.day)
    months = range(first, first + (3 if of.before is None else 1))
    days = [day for m in months if (day := _date(of.start.year + m // 12, m % 12 + 1, number))]
    return next((_one(d) for d in days if d >= of.start and _this_year(of)), None)


def _named_holiday(found: re.Match[str], of: _From) -> Span | None:
    start = date(of.year, 1, 1) if of.year else of.start
    days = (start + timedelta(days=i) for i in range(_LOOK_AHEAD_DAYS))
    return next((_one(d) for d in days if found[0] in (holiday(d) or "")), None)


def _next_holiday(_: re.Match[str], of: _From) -> Span | None:
    days = (of.today + timedelta(days=i) for i in range(1, _LOOK_AHEAD_DAYS))
    return next((_one(d) for d in days if holiday(d)), None)


def _every_year(first: tuple[int, int], last: tuple[int, int]) -> Callable[[re.Match[str], _From], Span | None]:
    """Days that have a date of their own, those of the year that is said or the next that are not over."""

    def read(_: re.Match[str], of: _From) -> Span | None:
        years = (of.year,) if of.year else range(of.start.year - 1, of.start.year + 2)
        spans = (Span(first=date(y, *first), last=date(y + (last < first), *last)) for y in years)
        return next((s for s in spans if of.year or s.last >= of.start), None)

    return read


def _open(_: re.Match[str], __: _From) -> Span | None:
    """Words of days that leave open which."""
    return None


_WEEKDAY_AFTER = r"(?:\((?P<w1>[月火水木金土日])(?:曜日?)?(?:・祝)?\)|の?(?P<w2>[月火水木金土日])曜日?)?"
_MONTH_WORD = "(?P<m>[0-9]{1,2}|今|再来|来|先)月"
_NOT_A_TOWN = "(?![吉広永松次武長続森])"  #: 「来週末吉町」 is 末吉町 next week

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _From], Span | None], bool], ...] = tuple(
    (re.compile(form), read, is_date)
    for form, read, is_date in (
        (rf"(?<!\d)(?P<y>\d{{4}})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?!\d){_WEEKDAY_AFTER}", _by_date, True),
        (rf"(?<![\d/])(?P<y>)(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?![\d/])日?{_WEEKDAY_AFTER}", _by_date, True),
        (
            rf"(?<!\d)(?P<y>){_MONTH_WORD}の?(?P<d>\d{{1,2}})(?:日(?!間|以内)|(?=[(のにはもとかで、。?~〜\s-]|$)){_WEEKDAY_AFTER}",
            _by_date,
            True,
        ),
        (
            rf"(?:(?<!\d){_MONTH_WORD}の?)?第(?P<n>[1-5])の?(?P<w>[月火水木金土日])(?:曜日?|(?=[のはにもで、。?\s]|$))",
            _by_nth_weekday,
            False,
        ),
        (r"第[1-5](?:[・、,とや]第?[1-5])+の?[月火水木金土日](?:曜日?)?", _open, False),
        (
            "|".join(
                (rf"(?<![ぁ-ん]){w}{_ENDS_HERE}" if re.fullmatch("[ぁ-ん]+", w) else w)
                for w in sorted(_RELATIVE, key=len, reverse=True)
            ),
            _relative,
            False,
        ),
        (r"(?<!\d)(\d{1,2})(日|週間)後", _later, False),
        (r"\d+(?:日|週間|か月|ヶ月|カ月|年)(?:前|後)", _open, False),
        (f"(先々週|先週|今週|再来週|来週)(?!末{_NOT_A_TOWN})", _week, False),
        (
            f"(?:(先|今|再来|来|毎)週末|(?:(先週|今週|再来週|来週|今度|こんど|次|つぎ)の?)?(?:週末|土日)(?!祝|・祝)){_NOT_A_TOWN}",
            _weekend,
            False,
        ),
        (
            "(?:(?P<when>先々週|先週|今週|再来週|来週|今度|こんど|次|つぎ|この前|こないだ|この間)の?)?"
            "(?P<w>[月火水木金土日])(?:曜日?|よう(?:び|日|(?=[のはにも、。?]|$)))(?!大工|学校)",
            _by_weekday,
            False,
        ),
        (
            r"(?<![\d月/.])(\d{1,2})(?:日(?!間|以内|前|後|分|中|目|おき|ごと|以上|ほど|程|あたり|当たり|に?\d+[回個袋人時枚]|に?何)"
            r"|(?=[~〜]\d{1,2}日))",
            _by_day_of_month,
            False,
        ),
        ("年末年始", _every_year((12, 29), (1, 3)), False),
        ("正月(?!飾|料理)|三が日|三箇日", _every_year((1, 1), (1, 3)), False),
        ("大晦日|大みそか", _every_year((12, 31), (12, 31)), False),
        ("元日|元旦", _every_year((1, 1), (1, 1)), False),
        ("クリスマスイ[ブヴ]", _every_year((12, 24), (12, 24)), False),
        ("クリスマス(?!イ[ブヴ]|ツリー|ケーキ|カード|リース|プレゼント|会)", _every_year((12, 25), (12, 25)), False),
        ("お盆(?!玉)|旧盆", _every_year((8, 13), (8, 16)), False),
        (
            "成人の日|建国記念の日|天皇誕生日|春分の日|昭和の日|憲法記念日|みどりの日|こどもの日|海の日|山の日|敬老の日|秋分の日"
            "|スポーツの日|文化の日|勤労感謝の日",
            _named_holiday,
            False,
        ),
        ("(?:今度|こんど|次|つぎ)の(?:祝日|祭日)", _next_holiday, False),
        (
            "祝日|祭日|土日・?祝|日祝|連休|平日|毎日|毎週|毎月|普段|ふだん|夏休み|冬休み|春休み|ゴールデンウィーク|シルバーウィーク"
            "|gw|年末(?!年始|調整)|(?<!年末)年始|年明け|翌日|次の日(?!曜|程|時)|月末",
            _open,
            False,
        ),
        (r"(?<!\d)(?:[0-9]{1,2}|今|再来|来|先)月(?!曜)", _open, False),
    )
)
