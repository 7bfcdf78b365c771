"""The city's counters: where one is, its telephone and hours, that it is closed now or on the days that are asked for, and the
reply that only names the one to ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby, islice

from core.audience import Audience
from dialogue.answer import CHOICES, Act, Answer, Band, Contact, Suggestion
from dialogue.asked import Asked, told, which
from dialogue.days import day_said, is_days, leaves_days_open, named_days, without_days
from dialogue.denied import without_denied
from dialogue.directory import RECEPTION, Department
from dialogue.topic import Subject, Topic
from retrieval.analysis import normalise

NOT_FOUND = "申し訳ありません。ご質問に合う回答が見つかりませんでした。"
NOTHING_NAMED = "何についてのお尋ねか、分かりませんでした。「住民票の手数料」のように、知りたいことの名前を入れてお尋ねください。"
NEARLY_FOUND = "はっきりした回答は見つかりませんでした。関係のありそうな文書の箇所を確かめて、書かれていないときは、"
DISPUTED = "申し訳ありません。このことについて内容の異なるご案内が登録されているため、確かなお答えができません。"
_WHERE = re.compile("どこ|場所|行き方")
_ADDRESS = re.compile("住所|所在地|(?:市役所|役所|庁舎|役場)(?:は|って|の場所)")
_ANY = Topic(subject=Subject.COUNTER)
_DAYS_TOLD = 31  #: of a counter's days; of more it is told when counters are closed at all
_LISTED = 2  #: days in a row that are named one by one
#: All that is said besides a counter's name and days, where it is asked whether it is open: 「市民課は年末年始やっていますか」
_IS_OPEN = re.compile(
    "(?:の|は|って|も|に|で|窓口|受付|営業|今|いま|ただいま|[、, ])*"
    "(?:(?:やって|開いて|あいて|空いて|して|閉まって|休んで)(?:い|お)?(?:る|ん|ます|り(?:ます)?)|開きます|開く|お?休み|休業)"
    "(?:です|でしょう|でしょ|の|か|かな|ね|よ|[?。 ])*"
)


def about_a_counter(asked: Asked) -> Answer | None:
    """What the table of counters says of the one that is asked for by its name."""
    department = asked.city.directory.asked_for(asked.text) or _asked_whether_open(asked)
    if department is None:
        return None
    contact = department.contact(asked.at)
    if len(alike := asked.city.directory.called_alike(department, asked.text)) > 1:
        choices = [Suggestion(entry_id=f"department:{d.name}", question=f"{d.name}の電話番号と場所") for d in alike[:CHOICES]]
        return which(Act.QUESTION, "どの窓口でしょうか。近いものを選んでください。", choices, asked.counter(RECEPTION), _ANY)
    return told(
        Act.QUESTION,
        _open_then(asked, department)
        + f"{contact.department}は{_place(department, asked)}電話番号は{contact.phone}、受付は{contact.hours}です。"
        + closed_note(contact),
        asked.citation(f"department:{department.name}", f"{department.name}の連絡先", "窓口一覧", department.name),
        contact,
        Topic(subject=Subject.COUNTER, place=department.name),
    )


def of_what_was_told(contact: Contact) -> str:
    """Whom to ask more about what was just told."""
    return f"今のご案内について、くわしくは{contact.department}（電話{contact.phone}）にお尋ねください。"


def sent_to_counter(why: str, contact: Contact | None, audience: Audience, confidence: float) -> Answer:
    """The counter to ask, and why there is no answer."""
    if contact is None:
        whom = "市役所に直接お問い合わせください。"
    elif audience is Audience.STAFF:
        whom = f"{contact.department}（電話{contact.phone}）に確認してください。"
    else:
        whom = f"{contact.department}（{contact.location}、電話{contact.phone}）でご案内します。受付は{contact.hours}です。"
    return Answer(
        band=Band.HANDOFF,
        act=Act.QUESTION,
        text=why + whom + closed_note(contact),
        confidence=confidence,
        contact=contact,
    )


def closed_note(contact: Contact | None) -> str:
    """That a counter is closed now, and when it opens; empty while it is open."""
    if contact is None or contact.next_open_text is None:
        return ""
    return f"ただいまは受付時間外です。次に開くのは{contact.next_open_text}です。"


def _place(department: Department, asked: Asked) -> str:
    """Where in the building; to who asks where that is, where it stands, or that the table doesn't say it."""
    folded = normalise(asked.text)
    if department.address and (_WHERE.search(folded) or _ADDRESS.search(folded)):
        return f"{department.address}、{department.location}です。"
    unknown = "住所は、窓口一覧にありません。" if _ADDRESS.search(folded) else ""
    return f"{department.location}です。{unknown}"


def _asked_whether_open(asked: Asked) -> Department | None:
    """The counter of which it is asked whether it is open, be it on a day, and nothing else."""
    directory, text = asked.city.directory, without_denied(asked.text)
    besides = directory.without_name(text)
    is_asked = _IS_OPEN.fullmatch(without_days(besides, asked.today)) or is_days(besides, asked.today)
    return directory.named_in(text) if is_asked else None


def _open_then(asked: Asked, department: Department) -> str:
    """Which of the days that are asked for the counter is closed on; of a single day, that it is open, too. Where it is not clear
    which days, or they are many, on which it is closed at all: its hours alone would pass for those of 「年末」."""
    span, closed_days = named_days(asked.text, asked.today), f"{department.hours.closed_text()}は休みです。"
    if span is None:
        return closed_days if leaves_days_open(asked.text, asked.today) else ""
    days = list(islice((day for day in span if day >= asked.today), _DAYS_TOLD + 1))
    if len(days) > _DAYS_TOLD or span.first.year > asked.today.year + 1:
        return closed_days
    closed = [list(row) for is_open, row in groupby(days, department.hours.works_on) if not is_open]
    if closed:
        return f"{'、'.join(_row_said(row, asked.today) for row in closed)}は休みです。"
    return f"{day_said(days[0], asked.today)}は開いています。" if len(days) == 1 else ""


def _row_said(row: Sequence[date], today: date) -> str:
    """Days that follow each other: a few one by one."""
    said = [day_said(day, today) for day in row]
    return "、".join(said) if len(row) <= _LISTED else f"{said[0]}から{said[-1]}まで"
