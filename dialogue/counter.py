"""The city's counters: where one is, its telephone and hours, that it is closed now or on the days that are asked for, and the
reply that only names the one to ask."""

from __future__ import annotations

import re
from itertools import islice

from core.audience import Audience
from dialogue.answer import Act, Answer, Band, Contact
from dialogue.asked import Asked, told
from dialogue.days import day_said, named_days
from dialogue.directory import Department
from dialogue.topic import Subject, Topic
from retrieval.analysis import normalise

NOT_FOUND = "申し訳ありません。ご質問に合う回答が見つかりませんでした。"
NEARLY_FOUND = "はっきりした回答は見つかりませんでした。関係のありそうな文書の箇所を確かめて、書かれていないときは、"
DISPUTED = "申し訳ありません。このことについて内容の異なるご案内が登録されているため、確かなお答えができません。"
_ADDRESS = re.compile("住所|所在地|(?:市役所|役所|庁舎|役場)(?:は|って|の場所)")
_DAYS_TOLD = 7  #: of a counter's closed days


def about_a_counter(asked: Asked) -> Answer | None:
    """What the table of counters says of the one that is asked for by its name."""
    department = asked.city.directory.asked_for(asked.text)
    if department is None:
        return None
    contact = department.contact(asked.at)
    return told(
        Act.QUESTION,
        f"{contact.department}は{_place(department, asked)}電話番号は{contact.phone}、受付は{contact.hours}です。"
        + _closed_then(asked, department)
        + closed_note(contact),
        asked.citation(f"department:{department.name}", f"{department.name}の連絡先", "窓口一覧", department.name),
        contact,
        Topic(subject=Subject.COUNTER, place=department.name),
    )


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
    """Where in the building, and where that stands; that the table doesn't say it, where it is asked for."""
    if department.address:
        return f"{department.address}、{department.location}です。"
    unknown = "住所は、窓口一覧にありません。" if _ADDRESS.search(normalise(asked.text)) else ""
    return f"{department.location}です。{unknown}"


def _closed_then(asked: Asked, department: Department) -> str:
    """Which of the days that are asked for the counter is closed on."""
    span = named_days(asked.text, asked.today)
    if span is None or span.first.year > asked.today.year + 1:
        return ""
    days = islice((day for day in span if day >= asked.today), _DAYS_TOLD)
    closed = [day_said(day, asked.today) for day in days if not department.hours.works_on(day)]
    return f"{'、'.join(closed)}は休みです。" if closed else ""
