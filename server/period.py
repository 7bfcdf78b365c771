"""An entry's period in, a sentence out for clerks about an answer that nobody gets at this hour, or that takes another away."""

from __future__ import annotations

from datetime import date, datetime, time

from retrieval.entry import Entry
from retrieval.revisions import WAITING, State
from server.clerk import View


def notice_of(view: View, at: datetime) -> str:
    """What is to be known of the period of the last version; empty where it answers, or is to, from now on."""
    entry, is_waiting = view.last.entry, view.last.state in WAITING
    if view.last.state is State.RETIRED or entry.is_valid_at(at):
        return ""
    if entry.has_ended(at):
        still = "承認しても、" if is_waiting else ""
        end = _said(entry.valid_until, entry.until_time)
        return f"公開終了日（{end}）が過ぎているため、{still}どの窓口にも出ません。出すときは、書き直して日を改めてください。"
    if is_waiting and view.serving is not None and view.serving.is_valid_at(at):
        return (
            f"公開開始日は{begins(entry)}です。承認すると、今の回答は使われなくなり、その日まで何も出ません。"
            "今の回答をその日まで残すには、この内容を別の番号の項目にして、今の項目に公開終了日を付けてください。"
        )
    return f"公開開始日（{begins(entry)}）までは、どの窓口にも出ません。"


def begins(entry: Entry) -> str:
    return _said(entry.valid_from, entry.from_time)


def _said(day: date | None, hour: time | None) -> str:
    assert day is not None  # else it would be valid
    return f"{day.year}年{day.month}月{day.day}日" + (f" {hour.hour}時{hour.minute:02}分" if hour else "")
