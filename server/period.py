"""An entry's period in, a sentence out for clerks about an answer that nobody gets at this hour, or that takes another away."""

from __future__ import annotations

from datetime import date, datetime, time

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
    begin = _said(entry.valid_from, entry.from_time)
    if view.standing.leaves_gap(at):
        return (
            f"公開開始日は{begin}です。承認すると、今の回答がその日まで出なくなるため、このままでは承認できません。"
            "この内容は「新しい番号の項目にする」から別の項目にし、この項目は、「これまでの版」の公開中の版を新しい下書きにして、"
            "公開終了日を付けてください。すぐに替えてよいときは、公開開始日を消してください。"
        )
    return f"公開開始日（{begin}）までは、どの窓口にも出ません。"


def _said(day: date | None, hour: time | None) -> str:
    assert day is not None  # else it would be valid
    return f"{day.year}年{day.month}月{day.day}日" + (f" {hour.hour}時{hour.minute:02}分" if hour else "")
