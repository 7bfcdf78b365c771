"""The forms in which days are named: each a pattern, and what turns its words into days, counted from today."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.city.calendar import WEEKDAYS, Span, holiday, nth_weekday

_LOOK_AHEAD_DAYS = 366
CALENDAR = range(1900, 2100)  #: years of which days are told; national holidays are known of no later one
_PAST_DAYS = 60  #: a date within them is meant as past

_BEGINS_HERE = r"(?:(?<![ぁ-ん])|(?<=[のはも]))"
_ENDS_HERE = r"(?=[のはにもでがとや、。?\s一-鿿]|$)"  #: 「きょう」 is a word, 「きょういく」 is not
_RELATIVE = {
    "一昨日": -2, "おととい": -2, "昨日": -1, "きのう": -1, "昨夜": -1, "本日": 0, "今日": 0, "きょう": 0, "今夜": 0, "今晩": 0,
    "今から": 0, "明日": 1, "あした": 1, "あす": 1, "明後日": 2, "あさって": 2, "明々後日": 3, "しあさって": 3,
}  # fmt: skip
_MONTHS = {"先": -1, "今": 0, "来": 1, "再来": 2}
_WEEKS = {"先々週": -2, "先週": -1, "今週": 0, "来週": 1, "再来週": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the words of a day are counted from."""

    today: date
    before: date | None  #: the day that is named before it, from which 「29日と30日」 goes on
    year: int | None  #: the year that is said

    @property
    def start(self) -> date:
        return self.before or self.today


def one_day(day: date) -> Span:
    return Span(first=day, last=day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in CALENDAR else None
    except ValueError:
        return None


def _this_year(of: Origin) -> bool:
    """Whether a day that is counted from today can be meant: 「去年の日曜」 can't."""
    return of.year in (None, of.today.year)


def _month(word: str, of: Origin) -> tuple[int, int | None]:
    """The month, and the year of a relative one."""
    if word not in _MONTHS:
        return int(word), of.year
    months = of.today.year * 12 + of.today.month - 1 + _MONTHS[word]
    return months % 12 + 1, months // 12


def _by_date(found: re.Match[str], of: Origin) -> Span | None:
    month, year = _month(found["m"], of)
    year = int(found["y"]) if found["y"] else year
    earliest = of.before or of.today - timedelta(days=_PAST_DAYS)
    years = (year,) if year else (earliest.year, earliest.year + 1)  # one that is long past is next year's
    days = [day for y in years if (day := _date(y, month, int(found["d"])))]
    day = next((d for d in days if year or d >= earliest), None)
    weekday = found["w1"] or found["w2"]
    return None if day is None or (weekday and WEEKDAYS[day.weekday()] != weekday) else one_day(day)


def _by_nth_weekday(found: re.Match[str], of: Origin) -> Span | None:
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
    return next((one_day(d) for d in days if d and (named or d >= of.start)), None)


def _relative(found: re.Match[str], of: Origin) -> Span | None:
    return one_day(of.today + timedelta(days=_RELATIVE[found[0]])) if _this_year(of) else None


def _later(found: re.Match[str], of: Origin) -> Span | None:
    return one_day(of.today + timedelta(days=int(found[1]) * (7 if found[2] == "週間" else 1)))


def _week(found: re.Match[str], of: Origin) -> Span | None:
    """Monday to Sunday, today on."""
    monday = of.today + timedelta(days=7 * _WEEKS[found[1]] - of.today.weekday())
    first = max(monday, of.today) if found[1] == "今週" else monday
    return Span(first=first, last=monday + timedelta(days=6))


def _weekend(found: re.Match[str], of: Origin) -> Span | None:
    said = f"{found[1]}週" if found[1] else found[2] or ""
    if said == "毎週" or not _this_year(of):
        return None
    weeks = _WEEKS.get(said, 1 if said and of.today.weekday() >= 5 else 0)  # on a Saturday 「今度の土日」 is the next
    saturday = of.today + timedelta(days=5 - of.today.weekday() + 7 * weeks)
    return Span(first=max(saturday, of.today) if weeks == 0 else saturday, last=saturday + timedelta(days=1))


def _by_weekday(found: re.Match[str], of: Origin) -> Span | None:
    weekday, said = WEEKDAYS.index(found["w"]), found["when"] or ""
    if not _this_year(of):
        return None
    if said in _WEEKS:
        return one_day(of.today + timedelta(days=7 * _WEEKS[said] + weekday - of.today.weekday()))
    if said in ("この前", "こないだ", "この間"):
        return one_day(of.today - timedelta(days=(of.today.weekday() - weekday) % 7 or 7))
    start = of.today if said else of.start
    ahead = (weekday - start.weekday()) % 7
    return one_day(start + timedelta(days=ahead or (7 if said else 0)))


def _by_day_of_month(found: re.Match[str], of: Origin) -> Span | None:
    number = int(found[1])
    # 「29日から31日」 goes on in the same month, 「29日から3日」 in the next
    first = of.today.month - 1 if of.before is None else of.before.month - (number >= of.before.day)
    months = range(first, first + (3 if of.before is None else 1))
    days = [day for m in months if (day := _date(of.start.year + m // 12, m % 12 + 1, number))]
    return next((one_day(d) for d in days if d >= of.start and _this_year(of)), None)


def _named_holiday(found: re.Match[str], of: Origin) -> Span | None:
    start = date(of.year, 1, 1) if of.year else of.start
    days = (start + timedelta(days=i) for i in range(_LOOK_AHEAD_DAYS))
    return next((one_day(d) for d in days if found[0] in (holiday(d) or "")), None)


def _next_holiday(_: re.Match[str], of: Origin) -> Span | None:
    days = (of.today + timedelta(days=i) for i in range(1, _LOOK_AHEAD_DAYS))
    return next((one_day(d) for d in days if holiday(d)), None)


def _leap_day(_: re.Match[str], of: Origin) -> Span | None:
    years = (of.year,) if of.year else range(of.start.year, of.start.year + 9)  # 2100 has none
    return next((one_day(d) for y in years if (d := _date(y, 2, 29)) and (of.year or d >= of.start)), None)


def _every_year(first: tuple[int, int], last: tuple[int, int]) -> Callable[[re.Match[str], Origin], Span | None]:
    """Days that have a date of their own, those of the year that is said or the next that are not over."""

    def read(_: re.Match[str], of: Origin) -> Span | None:
        years = (of.year,) if of.year else range(of.start.year - 1, of.start.year + 2)
        spans = (Span(first=date(y, *first), last=date(y + (last < first), *last)) for y in years)
        return next((s for s in spans if of.year or s.last >= of.start), None)

    return read


def leaves_open(_: re.Match[str], __: Origin) -> Span | None:
    """Words of days that leave open which."""
    return None


_WEEKDAY_AFTER = r"(?:\((?P<w1>[月火水木金土日])(?:曜日?)?(?:・祝)?\)|の?(?P<w2>[月火水木金土日])曜日?)?"
_MONTH_WORD = "(?P<m>[0-9]{1,2}|今|再来|来|先)月"
_NOT_A_TOWN = "(?![吉広永松次武長続森])"  #: 「来週末吉町」 is 末吉町 next week

FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Origin], Span | None], bool], ...] = tuple(
    (re.compile(form), read, is_date)
    for form, read, is_date in (
        (rf"(?<!\d)(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d){_WEEKDAY_AFTER}", _by_date, True),
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
        (r"第[1-5](?:[・、,とや]第?[1-5])+の?[月火水木金土日](?:曜日?)?", leaves_open, False),
        (
            "|".join(
                (rf"{_BEGINS_HERE}{w}{_ENDS_HERE}" if re.fullmatch("[ぁ-ん]+", w) else w)
                for w in sorted(_RELATIVE, key=len, reverse=True)
            ),
            _relative,
            False,
        ),
        (r"(?<!\d)(\d{1,2})(日|週間)後", _later, False),
        (r"\d+(?:日|週間|か月|ヶ月|カ月|年)(?:前|後)", leaves_open, False),
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
        ("(?:クリスマス|くりすます)(?:イ|い)[ブヴぶ]", _every_year((12, 24), (12, 24)), False),
        (
            "(?:クリスマス|くりすます)(?![イい][ブヴぶ]|ツリー|ケーキ|カード|リース|プレゼント|会)",
            _every_year((12, 25), (12, 25)),
            False,
        ),
        ("お盆(?!玉)|旧盆", _every_year((8, 13), (8, 16)), False),
        (
            "成人の日|建国記念の日|天皇誕生日|春分の日|昭和の日|憲法記念日|みどりの日|こどもの日|海の日|山の日|敬老の日|秋分の日"
            "|スポーツの日|文化の日|勤労感謝の日",
            _named_holiday,
            False,
        ),
        ("(?:今度|こんど|次|つぎ)の(?:祝日|祭日)", _next_holiday, False),
        ("うるう日|閏日", _leap_day, False),
        (
            "祝日|祭日|土日・?祝|日祝|連休|平日|毎日|毎週|毎月|普段|ふだん|夏休み|冬休み|春休み|ゴールデンウィーク|ごーるでんうぃーく|シルバーウィーク|しるばーうぃーく|年内"
            "|gw|年末(?!年始|調整)|(?<!年末)年始|年明け|翌日|次の日(?!曜|程|時)|月末",
            leaves_open,
            False,
        ),
        (r"(?<!\d)(?:[0-9]{1,2}|今|再来|来|先)月(?!曜)", leaves_open, False),
    )
)
