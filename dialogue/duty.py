"""Which doctors are on duty on a holiday: the city's roster answers for the days it has, and for no other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue.answer import Act, Answer
from dialogue.asked import Asked, not_in_table, told
from dialogue.days import named_days
from retrieval.analysis import normalise
from retrieval.city.calendar import day_name
from retrieval.city.duty import Duty

COUNTER = "保健課"

_ASKED = re.compile(
    "当番医|当番の(?:病院|医|お医者)|(?:休日|日曜|祝日|土日|週末|今日|明日|年末年始|正月|連休)[^。]{0,12}(?:やって|開い|あい|診て|みて|診療|受け付け)"
    "[^。]{0,8}(?:病院|医者|医院|歯医者|歯科|クリニック|小児科|内科)|(?:休日|日曜|祝日|土日|週末|年末年始|正月|連休)[^。]{0,10}(?:病院|医者|医院|歯医者|歯科|クリニック|診療)"
    "|(?:病院|医者|医院|歯医者|歯科|小児科|内科)[^。]{0,10}(?:休日|日曜|祝日|年末年始|正月|連休)[^。]{0,8}(?:やって|開い|あい|診|みて)"
    "|休日(?:診療|医|在宅)|とうばんい"
)
_AT_NIGHT = re.compile("夜間|夜中|深夜|今夜|今晩")  #: the roster is of days
_FIELDS = ("小児科", "内科", "外科", "整形外科", "耳鼻", "眼科", "歯科", "産婦人科", "皮膚科")
_BEFORE_GOING = "受診の前に、必ず電話で確かめてください。急な重い症状のときは119番に電話してください。"


def about_duty(asked: Asked) -> Answer | None:
    """The reply of the roster; None when the question asks for something else or there is no roster."""
    folded = normalise(asked.text)
    roster = asked.city.duty
    if not roster or not _ASKED.search(folded) or _AT_NIGHT.search(folded):
        return None
    contact = asked.counter(COUNTER)
    span = named_days(asked.text, asked.today)
    if span is None:
        found = roster.next_from(asked.today)
        if not found:
            return not_in_table(Act.TABLE, "これからの休日当番医は、当番医の表にありません。", contact)
    else:
        found = roster.on(span)
        if span.last < asked.today:
            return not_in_table(Act.TABLE, "過ぎた日の休日当番医は、ご案内していません。", contact)
        if not found and not roster.covers(span):
            last = f"表にあるのは{day_name(roster.last_day)}までです。" if span.last > roster.last_day else ""
            return not_in_table(Act.TABLE, f"{span}の休日当番医は、当番医の表にありません。{last}", contact)
        if not found:
            return not_in_table(Act.TABLE, f"{span}は、当番医の表に当番がありません。", contact)
    wanted = _of_field(found, folded)
    note = "" if wanted else "お尋ねの診療科の当番は、当番医の表にありません。"
    citation = asked.citation(f"duty:{found[0].day.isoformat()}", "休日当番医", "休日当番医の表", COUNTER)
    return told(Act.TABLE, f"{note}{_text(wanted or found)}\n{_BEFORE_GOING}", citation, contact)


def _of_field(found: Sequence[Duty], folded: str) -> tuple[Duty, ...]:
    """Those of the field that is asked for, all when none is."""
    asked_for = [f for f in _FIELDS if f in folded] or (["歯科"] if "歯医者" in folded else [])
    return tuple(d for d in found if not asked_for or any(f in d.field for f in asked_for))


def _text(found: Sequence[Duty]) -> str:
    parts = []
    for day in dict.fromkeys(d.day for d in found):
        parts.append(f"{day_name(day)}の休日当番医は、次のとおりです。")
        parts += [f"・{_line(duty)}" for duty in found if duty.day == day]
    return "\n".join(parts)


def _line(duty: Duty) -> str:
    field = f"（{duty.field}）" if duty.field else ""
    rest = "、".join(p for p in (f"電話{duty.phone}" if duty.phone else "", duty.hours, duty.address, duty.notice) if p)
    return f"{duty.name}{field} {rest}"
