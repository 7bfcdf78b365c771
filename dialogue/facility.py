"""A facility's hours, closing days, phone and place: the city's table answers, by the clock that is handed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import dropwhile

from dialogue.answer import CHOICES, Act, Answer, Contact, Suggestion
from dialogue.asked import NO_SUCH_DAY, Asked, not_in_table, told, which
from dialogue.day_forms import one_day
from dialogue.days import day_said, days_text, is_days, leaves_days_open, named_days, names_no_day
from dialogue.opening import day_text
from dialogue.topic import Subject, Topic
from retrieval.analysis import normalise
from retrieval.city.calendar import Span
from retrieval.city.facilities import Facility
from retrieval.city.opening import clock_text

_HOURS = re.compile(
    "何時|なんじ|受付時間|開い|あい(?:て|と)|空いて|開く|ひらい|開きます|開館|閉館|閉ま|しまる|しまって|休館|休み|やすみ|休業|営業|やって(?:い|る|ま)|"
    "利用時間|利用できる時間|使える時間|定休|行っても(?:いい|大丈夫)|利用できる日|の時間(?:は|を|$)"
)
_PARTICLES = re.compile("^(?:は|の|って|も)|(?:は|って|も)?[?。!\\s]*$")  #: around what is asked about a name
_ON_A_DAY = re.compile(
    "持ち?込(?:め|んで(?:も|いい)|みは?(?:でき|でけ|可能|[?。]*$))|使え|行け|入れ"
)  #: of a day that is named, it asks whether it is open
#: Asked of days, as 「年末いつまで」, and of nothing else there: not 「平日の自習はいつから」.
_UNTIL = re.compile("(?:いつ|何日)(?:まで|から)(?:です|(?:持ち?込|開|あい|空い|やって|使え|休み)[^、。]{0,8})?[かの?。]*$")
_NEXT_CLOSED = re.compile(
    "次(?:の|に|は)?(?:お?休み|休館日?|定休日?)|(?:お?休み|休館日?|定休日?)(?:は|って)?(?:いつ|何曜|何日)|いつ(?:が|は)?お?休み"
)
_CONTACT = re.compile("(?:の|は|って|に)*(?:電話|連絡先|番号|場所|住所|どこ(?:$|です|に(?:あり|ある))|行き方|問い?合わせ先)")
_OTHER = re.compile("予約|申し?込|借り|返|料金|いくら|使用料|減免|手続|登録|休みの日に(?:届|出)|育休|産休|育児休|休校|学校")
#: What takes place or lies in a facility has hours of its own: those that the table has are of the whole. In hiragana, as folded.
LIES_IN = "駐車場|駐輪場|れすとらん|食堂|売店|かふぇ|喫茶|といれ|ろっかー|更衣室"
_INSIDE = re.compile(
    f"{LIES_IN}|教室|講座|健診|検診|通夜|葬儀|葬式|告別式|おはなし会|お話し?会|読み聞かせ"
    "|いべんと|催し|講演|こんさーと|大会|試合|さーくる|予防接種"
)
_OF_ITSELF = (
    "(?:開|閉|お?休|おやすみ|持ち?込|やすみ|営業|時間|利用|使え|定休|入館|入場|受付|最終|何時|なんじ|何曜|何日|いつ|電話|番号|連絡|問|場所|住所"
    "|所在|行き方|方は|ほうは|[0-9]|第|[今明昨本]日|明後日|今[週月度夜]|再?来[週月年]|次|土日|[月火水木金土日]曜|平日|祝|毎|年末|年始|正月|お正月"
    "|お盆|元[日旦]|[夏冬春]休み|連休|ごーるでん|くりすます|大晦日|きょう|あした|あす|あさって)"
)
_PART = re.compile(f"の(?!{_OF_ITSELF}).")
_DAYS_TOLD = 10
_LOOK_AHEAD_DAYS = 366
_LONGEST_CLOSURE_DAYS = 60


def about_a_facility(asked: Asked) -> Answer | None:
    """The reply of the table of facilities; None when the question asks for something else."""
    folded = normalise(asked.text)
    hours = _asks_for_hours(asked)
    if not (hours or asked.city.facilities.asked_after(asked.text, _CONTACT)) or _OTHER.search(folded):
        return None
    found = asked.city.facilities.named_in(asked.text)
    if not found or _is_about_a_part(asked):
        return None
    topic = _topic(asked, found)
    if len(found) > 1:
        return _which(asked, found, topic)
    facility = found[0]
    if hours and names_no_day(asked.text, asked.today):
        return not_in_table(Act.TABLE, NO_SUCH_DAY, contact_of(asked, facility))
    text = _hours_text(asked, facility) if hours else _place_text(facility)
    citation = asked.citation(
        f"facility:{facility.name}", f"{facility.name}の開館時間と休み", "施設一覧", facility.department or None
    )
    answer = told(Act.TABLE, text, citation, contact_of(asked, facility), topic)
    days, _, rules = text.partition("\n")
    return replace(answer, speech=days + facility.notice) if rules else answer  # all of its rules are too much for the ear


def _asks_for_hours(asked: Asked) -> bool:
    """Whether hours or closing days are asked for; a facility and a day are enough: 「大隅図書館 1月12日」."""
    folded = normalise(asked.text)
    if _HOURS.search(folded):
        return True
    if _ON_A_DAY.search(folded) and named_days(folded, asked.today) and not asked.city.garbage.things_in(folded):
        return True  # whether a thing may be brought there, hours don't say
    before, name, after = asked.city.facilities.around_name(_UNTIL.sub("", folded))
    return bool(name) and is_days(_PARTICLES.sub("", f"{before} {_PARTICLES.sub('', after)}"), asked.today)


def _topic(asked: Asked, found: tuple[Facility, ...]) -> Topic:
    place = found[0].name if len(found) == 1 else found[0].kind
    if not _asks_for_hours(asked):
        return Topic(subject=Subject.PLACE, place=place)
    span = named_days(asked.text, asked.today)
    return Topic(subject=Subject.HOURS, day=days_text(span, asked.today) if span else None, place=place)


def _is_about_a_part(asked: Asked) -> bool:
    """「図書館のおはなし会は何時から」 asks for what is in the library, not for its hours."""
    before, _, after = asked.city.facilities.around_name(asked.text)
    return bool(_INSIDE.search(f"{before} {after}") or asked.city.facilities.asked_after(asked.text, _PART))


def _which(asked: Asked, found: tuple[Facility, ...], topic: Topic) -> Answer:
    """「図書館は何時まで」 becomes one question for each library."""
    choices = [Suggestion(entry_id=f"facility:{f.name}", question=replace(topic, place=f.name).question) for f in found[:CHOICES]]
    rest = "ここにないときは、施設の名前を入力してください。" if len(found) > CHOICES else ""
    return which(
        Act.TABLE,
        f"どの施設でしょうか。近いものを選んでください。{rest}",
        choices,
        asked.counter(found[0].department),
        topic,
    )


def _hours_text(asked: Asked, facility: Facility) -> str:
    if not facility.opening.hours:
        return f"{facility.name}の開館時間は、施設一覧にありません。{_call(facility)}"
    span = named_days(asked.text, asked.today)
    if span and span.last < asked.today:
        return f"{facility.name}の{_rules(facility)}過ぎた日のことは、施設にお問い合わせください。{_call(facility)}"
    if span and span.last.year > asked.today.year + 1:
        return f"{facility.name}の{_rules(facility)}先の年のことは、変わることがあります。{_call(facility)}"
    days = [day for day in span if day >= asked.today] if span else [asked.today]
    if len(days) > _DAYS_TOLD or leaves_days_open(asked.text, asked.today):
        return f"{facility.name}の{_rules(facility)}{facility.notice}"  # which days are meant is not said
    told = _rows(asked, facility, days)
    lines = [_line(asked.at, facility, row, of=f"の{facility.name}" if row is told[0] else "") for row in told]
    is_closed_then = facility.opening.closed_because(told[-1].last) is not None
    after = _next_open(asked.at, facility, told[-1].last) if is_closed_then or _is_over(asked.at, facility, days) else ""
    return f"{''.join(lines)}{after}{_next_closed(asked, facility, told[-1].last)}\n{_rules(facility)}{facility.notice}"


def _rows(asked: Asked, facility: Facility, days: Sequence[date]) -> list[Span]:
    """Days that are closed for the same reason in a row, the others one by one. Of several days those that are closed at the ends
    are told with the rest of their closure: 「年末年始」 are no other days than those."""
    because = facility.opening.closed_because
    found: list[Span] = []
    for day in days:
        if found and because(day) and because(found[-1].last) == because(day):
            found[-1] = Span(first=found[-1].first, last=day)
        else:
            found.append(one_day(day))
    if len(days) > 1:
        found[0] = Span(first=_end_of_closure(because, found[0].first, -1, asked.today), last=found[0].last)
        found[-1] = Span(first=found[-1].first, last=_end_of_closure(because, found[-1].last, 1, asked.today))
    return found


def _end_of_closure(because: Callable[[date], str | None], day: date, step: int, today: date) -> date:
    """The first or last day of the closure that a day lies in, from today on; the day itself where it is none."""
    for _ in range(_LONGEST_CLOSURE_DAYS):
        after = day + timedelta(days=step)
        if because(day) is None or because(after) != because(day) or after < today:
            break
        day = after
    return day


def _line(at: datetime, facility: Facility, row: Span, *, of: str) -> str:
    day, today = row.first, at.date()
    to = "" if row.is_one_day else f"から{day_said(row.last, today)}まで"
    name = f"{'今日、' if day == today else ''}{day_said(day, today)}{to}{of}"
    if reason := facility.opening.closed_because(day):
        return f"{name}は休みです（{reason}）。"
    hours = "と".join(str(i) for i in facility.opening.intervals(day))
    said = f"{name}は{hours}に開いています。"
    if day == at.date():
        until = facility.opening.open_until(at)
        return f"{said}ただいま開いていて、{clock_text(until)}までです。" if until else f"{said}ただいまは閉まっています。"
    return said


def _next_closed(asked: Asked, facility: Facility, told: date) -> str:
    """The next day without opening, where that is asked for: 「次の休みはいつ」; none of the closure that was `told` last."""
    if not _NEXT_CLOSED.search(normalise(asked.text)):
        return ""
    because = facility.opening.closed_because
    days = (told + timedelta(days=i) for i in range(_LOOK_AHEAD_DAYS))
    closed = next((day for day in dropwhile(because, days) if because(day)), None)
    return f"次の休みは{day_said(closed, asked.today)}です。" if closed else ""


def _is_over(at: datetime, facility: Facility, days: list[date]) -> bool:
    """Whether today is all that was asked for and the facility is closed now."""
    return days == [at.date()] and facility.opening.open_until(at) is None


def _next_open(at: datetime, facility: Facility, day: date) -> str:
    start = (
        at
        if day == at.date()
        else datetime.combine(day + timedelta(days=1), datetime.min.time(), at.tzinfo) - timedelta(minutes=1)
    )
    opening = facility.opening.next_open(start)
    return f"次に開くのは{day_text(opening)}です。" if opening else ""


def _rules(facility: Facility) -> str:
    closed = facility.opening.closed_text()
    return f"開館時間は{facility.opening.hours_text()}、" + (f"休みは{closed}です。" if closed else "休みはありません。")


def _place_text(facility: Facility) -> str:
    place = f"{facility.name}は{facility.address}です。" if facility.address else f"{facility.name}のご案内です。"
    return place + (f"電話番号は{facility.phone}です。" if facility.phone else "電話番号は、施設一覧にありません。")


def _call(facility: Facility) -> str:
    return f"{facility.name}（電話{facility.phone}）にお問い合わせください。" if facility.phone else ""


def contact_of(asked: Asked, facility: Facility) -> Contact | None:
    """The facility itself; the counter that answers for it where the table has no phone."""
    if not facility.phone:
        return asked.counter(facility.department)
    open_now = facility.opening.open_until(asked.at) is not None
    next_open = None if open_now else facility.opening.next_open(asked.at)
    return Contact(
        department=facility.name,
        phone=facility.phone,
        location=facility.address,
        hours=facility.opening.hours_text(),
        open_now=open_now,
        next_open=next_open,
        next_open_text=day_text(next_open) if next_open else None,
    )
