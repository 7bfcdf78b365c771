"""When rubbish is collected: area, kind and day in a question in, dates out of the city's table, or the question for the area."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from dialogue.answer import CHOICES, Act, Answer, Citation, Suggestion
from dialogue.asked import NO_SUCH_DAY, Asked, not_in_table, told, which
from dialogue.days import days_text, leaves_days_open, named_days, names_no_day, without_days
from dialogue.rubbish import COUNTER, about_parts, about_things, how_to
from dialogue.topic import Subject, Topic
from retrieval.analysis import normalise
from retrieval.city.calendar import Span, day_name
from retrieval.city.collection import Area, Pickup, names_kind, town
from retrieval.garbage_item import GarbageItem

_WHEN = re.compile(
    "いつ|何曜|[何なに]ん?よう|何日|なんにち|収集日|回収日|収集(?:は|が)?(?:あり|ある|され)"
    "|の日(?:を[知教]|は|って|です|$|[?？。 ])"
    "|出(?:す|せる|していい)日|最[後初]の|(?:次|つぎ|今度)(?:の|は)|スケジュール|(?:ごみ|ゴミ|収集|回収)の?カレンダー|曜日"
)
_RUBBISH = re.compile("ごみ|ゴミ|収集|回収")
_ON_A_DAY = re.compile(
    r"何(?:の)?(?:ごみ|ゴミ)|なにごみ|(?:ごみ|ゴミ)(?:は|って)?(?:何|なに)|(?:ごみ|ゴミ)の日|(?:ごみ|ゴミ|収集|回収).{0,6}(?:ある|あり|来|出せ|出して|休み)|収集|回収|の日"
    "|(?:ごみ|ゴミ)(?:は|って)?[?？。]*$"
)
_PUTTING_OUT = re.compile("捨て|すて|ごみ|ゴミ|処分|回収|収集|の日|出せ|出す|出し|燃え|燃やせ|可燃|不燃|資源|何曜")
#: What is left of a question that names an area and a day: 「末吉町本町、今日出していい？」
_MAY_PUT_OUT = re.compile(
    r"[、\s]*(?:は|に|って)?(?:(?:何(?:か|を|が)?)?(?:出(?:し|せ|す)|収集)[^、。]{0,8}|(?:何|なん)の日(?:です)?[かねけ]?[?。]*)"
)
_KEPT_AWAY = re.compile("(?:収集場所|集積所|ステーション)には?出(?:さ|せま)")  #: a thing of which only its notice tells the truth
_NEVER = re.compile(
    "粗大|持ち込|持込|いくら|料金|手数料|何時|なんじ|時間|袋|どこに|場所|出し忘れ|忘れた|残って|置いて(?:いか|行か)|してくれな"
    "|されない|されず|されてい?ない|されません|残され|カレンダー[がを]?(?:ほし|欲し|もら|くだ|下さ)"
    "|カレンダー(?:は|って|が)?(?:いつ|どこ|何月)[^、。]{0,8}(?:出|配|届|もら|来|くる|く(?:っ|れ)|あ[りる])"
)

_NEXT_YEAR = "来年度（4月から）の収集日は、収集日の表にありません。"
_DAYS_TOLD = 31  #: of more, the rule is told


def about_collection(asked: Asked) -> Answer | None:
    """The reply of the table of collection days; None when the question is not about them or there is no table."""
    table = asked.city.collection
    folded = normalise(asked.text)
    if not table or _NEVER.search(folded):
        return None
    areas, rest = table.areas_in(asked.text), table.without_areas(folded)
    said, called = without_days(rest, asked.today), _names_no_more(asked)
    named = _things_in(asked, said) if _PUTTING_OUT.search(rest) or (areas and _WHEN.search(rest)) else ()
    named = () if asked.city.garbage.is_vague(said) else named
    things = tuple(item for item in named if item.type not in table.kinds_in(item.name))  # the others are called as their kinds
    kinds, span = _kinds(asked, named, called), named_days(asked.text, asked.today)
    rubbish = bool(kinds or things or called or _RUBBISH.search(folded)) or bool(areas and _MAY_PUT_OUT.fullmatch(said))
    asks_when = bool(_WHEN.search(folded) or called)
    if (asks_when or areas) and not (kinds or things) and (dayless := _without_days(asked)):
        return not_in_table(Act.GARBAGE, f"「{dayless}」の収集日は、収集日の表にありません。", asked.counter(COUNTER))
    names_days = span is not None or (bool(areas) and leaves_days_open(asked.text, asked.today))
    on_a_day = names_days and bool(kinds or _ON_A_DAY.search(rest) or _MAY_PUT_OUT.fullmatch(said))
    if not rubbish or not (asks_when or on_a_day):
        return None
    if undated := _undated(asked, things, kinds):
        return undated
    topic = Topic(
        subject=Subject.COLLECTION,
        day=days_text(span, asked.today) if span else None,
        place=_place(asked, areas) if areas else None,
        matter=_called(asked, kinds) or "・".join(item.name for item in things) or "ごみ",
    )
    if not areas or len(_schedules(asked, areas, kinds)) > 1:
        return _which_area(asked, areas or table.areas, kinds, topic)
    answer = _told(asked, areas, kinds, span)
    how = "".join(f"{how_to(item)}\n" for item in things)
    return replace(answer, text=how + answer.text, topic=topic) if answer else None


def _names_no_more(asked: Asked) -> str | None:
    """What kinds are called, where a text is an area and rubbish alone, be it with a day, which ask for its days: 「末吉町本町の
    可燃ごみ」. An area and a day ask for all rubbish: nothing else has a table of these."""
    table, said = asked.city.collection, normalise(asked.text)
    rest = table.without_areas(said)
    if rest == said:
        return None
    undated = without_days(rest, asked.today)
    for parts in ([undated], re.split("と|や|・", undated)):
        named = [re.sub("^の|(?:は|って)?[?。、]*$", "", part.strip()) for part in parts]
        called = [part if part in ("ごみ", "ゴミ") else table.kind_called(part) for part in named]
        if all(called):
            return "と".join(name for name in called if name)
    is_day = undated != rest and not undated.strip("、。?はの ")
    return "ごみ" if is_day and len(table.areas_in(said)) == 1 else None


def _things_in(asked: Asked, said: str) -> tuple[GarbageItem, ...]:
    """The things that a text names; by the name of a kind only those that are of it: a dirty ペットボトル is another matter."""
    kinds_in = asked.city.collection.kinds_in
    groups = asked.city.garbage.named_in(said)
    of_their_kind = (tuple(item for item in group if item.type in kinds_in(item.own_name)) or group for group in groups)
    return tuple(dict.fromkeys(item for group in of_their_kind for item in group))


def _without_days(asked: Asked) -> str | None:
    """How things are put out that have no day in the table, where that is what a text names: 小型家電."""
    dayless = asked.city.garbage.types - set(asked.city.collection.kinds)
    return max((of for of in dayless if names_kind(of, asked.text)), key=len, default=None)


def _told(asked: Asked, areas: Sequence[Area], kinds: Sequence[str], span: Span | None) -> Answer | None:
    """What the table says of areas that share their days."""
    if names_no_day(asked.text, asked.today):
        return not_in_table(Act.GARBAGE, NO_SUCH_DAY, asked.counter(COUNTER))
    if asked.city.collection.last_day(asked.today) < asked.today:
        return _of_last_year(asked, areas, kinds)
    if leaves_days_open(asked.text, asked.today) or (span and span.last > span.first + timedelta(days=_DAYS_TOLD)):
        return _usual(asked, areas, kinds)
    return _on(asked, areas, kinds, span) if span else _next(asked, areas, kinds)


def _undated(asked: Asked, things: Sequence[GarbageItem], kinds: Sequence[str]) -> Answer | None:
    """What the sorting table says of a thing that has no day, or asks where a name is only known in part."""
    if things:
        has_days = any(item.type in asked.city.collection.kinds and not _KEPT_AWAY.search(item.notice) for item in things)
        return None if has_days else about_things(asked, things)
    return None if kinds else about_parts(asked)


def _kinds(asked: Asked, things: Sequence[GarbageItem], called: str | None) -> tuple[str, ...]:
    """The kinds of the things that are named, or the kinds that are: a スプレー缶 is no 缶."""
    table, types = asked.city.collection, {item.type for item in things}
    of_things = tuple(k for k in table.kinds if k in types)
    return of_things or table.kinds_in(called or asked.text) or table.kinds_in(table.without_areas(asked.text))


def _called(asked: Asked, kinds: Sequence[str]) -> str:
    """What kinds are called together: 資源ごみ where they are all of that, else each by its name; empty for none."""
    of = {re.sub(r"[（(].*", "", kind) for kind in kinds}
    if len(kinds) > 1 and len(of) == 1 and set(kinds) == set(asked.city.collection.kinds_in(next(iter(of)))):
        return of.pop()
    return "・".join(kinds)


def _schedules(asked: Asked, areas: Sequence[Area], kinds: Sequence[str]) -> dict[object, list[Area]]:
    """The areas by what they have in common for these kinds."""
    found: dict[object, list[Area]] = {}
    for area in areas:
        key = (tuple(area.pickup(k) for k in kinds or asked.city.collection.kinds), area.pauses)
        found.setdefault(key, []).append(area)
    return found


def _which_area(asked: Asked, areas: Sequence[Area], kinds: Sequence[str], topic: Topic) -> Answer:
    """The towns to choose from, or what is named in each, or within one town the groups that share their days."""
    towns = [[a for a in areas if town(a.name) == name] for name in dict.fromkeys(town(a.name) for a in areas)]
    if len(towns) > 1:
        names = [_place(asked, group) for group in towns]
    else:
        names = [_group_name(group) for group in _schedules(asked, areas, kinds).values()]
    choices = [
        Suggestion(entry_id=f"collection:{name}", question=replace(topic, place=name).question) for name in names[:CHOICES]
    ]
    rest = "ここにないときは、町名を入力してください。" if len(names) > CHOICES else ""
    text = f"収集日は地区ごとに違います。お住まいの地区を選んでください。{rest}"
    return which(Act.GARBAGE, text, choices, asked.counter(COUNTER), topic)


def _group_name(areas: Sequence[Area]) -> str:
    """Enough names to know one's own by; asked again, those that are named share their days."""
    return "・".join(a.name for a in areas[:CHOICES]) + ("など" if len(areas) > CHOICES else "")


def _place(asked: Asked, areas: Sequence[Area]) -> str:
    """The town where areas are all of it, the names of a few, else enough names to know one's own by."""
    towns = {town(a.name) for a in areas}
    if len(areas) > 1 and len(towns) == 1 and len(areas) == sum(town(a.name) in towns for a in asked.city.collection.areas):
        return towns.pop()
    return "、".join(a.name for a in areas) if len(areas) <= CHOICES else _group_name(areas)


def _usual(asked: Asked, areas: Sequence[Area], kinds: Sequence[str]) -> Answer | None:
    """On which days each kind is collected, where it is not said which of them is meant (「1月の」); no date is told then but
    those on which nothing is collected."""
    pickups = [p for p in areas[0].pickups if p.rules and (not kinds or p.kind in kinds)]
    if not pickups:
        return None
    lines = [f"{_place(asked, areas)}の{pickup.kind}は{pickup}です。" for pickup in pickups]
    lines += [f"{pause}は休止期間のため、収集はありません。" for pause in areas[0].pauses if pause.last >= asked.today]
    new_year = asked.today if _is_new_year(asked.today) else date(asked.today.year, 12, 29)
    if new_year <= asked.city.collection.last_day(asked.today) and not areas[0].knows_new_year(new_year):
        lines.append("年末年始の収集日は、収集日の表にありません。")
    lines.append("4月からの収集日は変わることがあります。")
    return told(Act.GARBAGE, "\n".join(lines) + _remarks(pickups), _citation(asked, areas, kinds), asked.counter(COUNTER))


def _of_last_year(asked: Asked, areas: Sequence[Area], kinds: Sequence[str]) -> Answer:
    """That the table of this fiscal year is missing, with the days of the last one, which mostly go on."""
    pickups = [p for p in areas[0].pickups if p.rules and (not kinds or p.kind in kinds)]
    last = asked.city.collection.last_day(asked.today)
    lines = [f"{_place(asked, areas)}の{last.year}年4月からの収集日は、収集日の表にまだありません。"]
    lines += [f"{last.year}年3月までは、{'、'.join(f'{p.kind}は{p}' for p in pickups)}でした。"] if pickups else []
    return not_in_table(Act.GARBAGE, "".join(lines), asked.counter(COUNTER))


def _next(asked: Asked, areas: Sequence[Area], kinds: Sequence[str]) -> Answer:
    """The next collection of each kind; today's counts until it is over, which the table doesn't say, so it is named as such."""
    area, place, contact = areas[0], _place(asked, areas), asked.counter(COUNTER)
    pickups = [p for p in area.pickups if p.kind in kinds] if kinds else list(area.pickups)
    if not pickups:
        return not_in_table(Act.GARBAGE, f"{place}の{_called(asked, kinds)}の収集日は、収集日の表にありません。", contact)
    lines = [_next_line(asked, area, pickup) for pickup in pickups]
    heading = f"{place}の収集日です。" if len(pickups) > 1 else f"{place}の"
    text = heading + ("\n" + "\n".join(f"・{line}" for line in lines) if len(pickups) > 1 else lines[0])
    if all(_next_day(asked, area, p, since=asked.today) is None for p in pickups):
        return not_in_table(Act.GARBAGE, text, contact)
    return told(Act.GARBAGE, text + _remarks(pickups), _citation(asked, areas, kinds), contact)


def _next_day(asked: Asked, area: Area, pickup: Pickup, *, since: date) -> date | None:
    """The next collection that the table knows for certain; none near a new year of which it says nothing, nor after its year."""
    day = area.next_pickup(pickup, since)
    if day is None or day > asked.city.collection.last_day(asked.today):
        return None
    return None if _is_new_year(day) and not area.knows_new_year(day) else day


def _next_line(asked: Asked, area: Area, pickup: Pickup, *, since: date | None = None) -> str:
    """The rule of one kind and its first day from `since`, which is today where it is left out."""
    rule = f"{pickup.kind}は{pickup}です。" if pickup.rules else f"{pickup.kind}の収集は、決められた日にあります。"
    today, start = asked.today, since or asked.today
    day = area.next_pickup(pickup, start)
    if day is None:
        return f"{rule}次の日付は、収集日の表にありません。"
    if day > (last := asked.city.collection.last_day(today)):
        return f"{rule}{day_name(last)}までの収集は、もうありません。4月からの収集日は変わることがあります。"
    if _is_new_year(day) and not area.knows_new_year(day):
        return f"{rule}年末年始の収集日は、収集日の表にありません。"
    said = f"{rule}次の収集日は{'今日、' if day == today else ''}{day_name(day)}です。"
    if day == today and (later := _next_day(asked, area, pickup, since=today + timedelta(days=1))):
        said += f"その次は{day_name(later)}です。"
    skipped = _skipped(area, pickup, start, day)
    if skipped:
        said += f"{day_name(skipped)}は休止期間のため、収集はありません。"
    return said


def _skipped(area: Area, pickup: Pickup, today: date, day: date) -> date | None:
    """A collection before `day` that the pause of the centre takes away."""
    days = (today + timedelta(days=i) for i in range((day - today).days))
    return next((d for d in days if pickup.falls_on(d) and area.is_paused(d)), None)


def _on(asked: Asked, areas: Sequence[Area], kinds: Sequence[str], span: Span) -> Answer:
    """What is collected on the day that is asked for, or why the table doesn't say."""
    area, place, contact = areas[0], _place(asked, areas), asked.counter(COUNTER)
    beyond = ""
    if span.first <= (last := asked.city.collection.last_day(asked.today)) < span.last:
        span, beyond = Span(first=span.first, last=last), f"\n{_NEXT_YEAR}"
    if unknown := _unknown(asked, area, kinds, span):
        return not_in_table(Act.GARBAGE, unknown, contact)
    pickups = [p for p in area.pickups if not kinds or p.kind in kinds]
    if not pickups:
        return not_in_table(Act.GARBAGE, f"{place}の{_called(asked, kinds)}の収集日は、収集日の表にありません。", contact)
    lines = _lines(area, pickups, span, _called(asked, kinds))
    text = f"{place}の収集です。" + ("" if span.is_one_day else "\n") + "\n".join(lines)
    if kinds and span.is_one_day and not any(p.falls_on(span.first) and not area.is_paused(span.first) for p in pickups):
        text += "".join(_next_line(asked, area, p, since=span.first + timedelta(days=1)) for p in pickups)
    return told(Act.GARBAGE, text + beyond + _remarks(pickups), _citation(asked, areas, kinds), contact)


def _unknown(asked: Asked, area: Area, kinds: Sequence[str], span: Span) -> str | None:
    """Why the table can't say what is collected then."""
    if span.last < asked.today:
        return "過ぎた日の収集日は、ご案内していません。"
    if span.last > asked.city.collection.last_day(asked.today):
        return _NEXT_YEAR
    if any(_is_new_year(day) for day in span) and not area.knows_new_year(span.first):
        return "年末年始の収集日は、収集日の表にありません。"
    ends = [p.last_known for p in area.pickups if (not kinds or p.kind in kinds) and p.last_known]
    if kinds and ends and span.last > min(ends):
        return f"{day_name(span.last)}の収集日は、収集日の表にありません。"
    return None


def _lines(area: Area, pickups: Sequence[Pickup], span: Span, called: str) -> list[str]:
    """A line for each day; the days of a pause have one together."""
    lines: list[str] = []
    for is_paused, days in groupby(span, area.is_paused):
        row = list(days)
        if is_paused:
            lines.append(f"{Span(first=row[0], last=row[-1])}は休止期間のため、収集はありません。")
        else:
            lines += [_day_line(pickups, day, called) for day in row]
    return lines


def _day_line(pickups: Sequence[Pickup], day: date, called: str) -> str:
    collected = [p.kind for p in pickups if p.falls_on(day)]
    if collected:
        return f"{day_name(day)}は{'、'.join(collected)}の日です。"
    return f"{day_name(day)}は{called or 'どのごみ'}の収集{'は' if called else 'も'}ありません。"


def _is_new_year(day: date) -> bool:
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def _remarks(pickups: Sequence[Pickup]) -> str:
    notes = dict.fromkeys(note for p in pickups for note in p.remarks)
    return "\n" + "\n".join(f"※{note}" for note in notes) if notes else ""


def _citation(asked: Asked, areas: Sequence[Area], kinds: Sequence[str]) -> Citation:
    question = f"{_place(asked, areas)}の{_called(asked, kinds) or 'ごみ'}の収集日"
    return asked.citation(f"collection:{areas[0].name}", question, "ごみ収集日", COUNTER)
