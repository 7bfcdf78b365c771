"""How to put out a thing: the city's sorting table answers, offers what is near, or says nothing."""

from __future__ import annotations

from dialogue.answer import CHOICES, Act, Answer, Suggestion
from dialogue.asked import Asked, told, which
from retrieval.garbage import GarbageItem

COUNTER = "環境課"


def about_rubbish(asked: Asked) -> Answer | None:
    """The reply of the sorting table, None when the question is not about putting out a thing that is in it."""
    items = asked.city.garbage.look_up(asked.text)
    near = () if items else asked.city.garbage.near(asked.text)
    contact = asked.counter(COUNTER)
    if len(items) == 1:
        item = items[0]
        citation = asked.citation(f"garbage:{item.name}", f"{item.name}の捨て方", "ごみ分別表", COUNTER)
        return told(Act.GARBAGE, _text(item), citation, contact)
    if items or near:
        choices = [Suggestion(entry_id=f"garbage:{i.name}", question=f"{i.name}の捨て方") for i in (items or near)[:CHOICES]]
        first = "どの品目でしょうか。" if items else "その名前は、ごみ分別表にありません。"
        return which(Act.GARBAGE, f"{first}近いものを選んでください。", choices, contact)
    return None


def _text(item: GarbageItem) -> str:
    name = f"「{item.name}」"
    if "収集しません" in item.type:
        first = f"{name}は、市では収集しません。"
        if item.type.startswith("家電リサイクル"):
            first = f"{name}は、家電リサイクル法の対象です。市では収集しません。"
        return first + item.notice
    return f"{name}は「{item.type}」です。{item.notice}"
