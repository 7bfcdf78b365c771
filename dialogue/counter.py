"""The city's counters: where one is, its telephone and hours, and that it is closed now or on the days that are asked for."""

from __future__ import annotations

from dialogue.answer import Act, Answer, Contact
from dialogue.asked import Asked, told
from dialogue.days import named_days
from dialogue.directory import Department
from dialogue.topic import Subject, Topic
from retrieval.city.calendar import day_name

_DAYS_TOLD = 7  #: of a counter's closed days


def about_a_counter(asked: Asked) -> Answer | None:
    """What the table of counters says of the one that is asked for by its name."""
    department = asked.city.directory.asked_for(asked.text)
    if department is None:
        return None
    contact = department.contact(asked.at)
    return told(
        Act.QUESTION,
        f"{contact.department}は{contact.location}です。電話番号は{contact.phone}、受付は{contact.hours}です。"
        + _closed_then(asked, department)
        + closed_note(contact),
        asked.citation(f"department:{department.name}", f"{department.name}の連絡先", "窓口一覧", department.name),
        contact,
        Topic(subject=Subject.COUNTER, place=department.name),
    )


def closed_note(contact: Contact | None) -> str:
    """That a counter is closed now, and when it opens; empty while it is open."""
    if contact is None or contact.next_open_text is None:
        return ""
    return f"ただいまは受付時間外です。次に開くのは{contact.next_open_text}です。"


def _closed_then(asked: Asked, department: Department) -> str:
    """Which of the days that are asked for the counter is closed on."""
    span = named_days(asked.text, asked.today)
    days = [day for day in span if day >= asked.today][:_DAYS_TOLD] if span else []
    closed = [day_name(day) for day in days if not department.hours.works_on(day)]
    return f"{'、'.join(closed)}は休みです。" if closed else ""
