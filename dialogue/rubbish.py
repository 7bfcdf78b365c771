"""How to put out a thing: the city's sorting table answers, offers what is near, or says nothing."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.answer import CHOICES, Act, Answer, Suggestion
from dialogue.asked import Asked, told, which
from dialogue.topic import Subject, Topic
from retrieval.garbage import GarbageItem

COUNTER = "環境課"
_UNKNOWN = "その名前は、ごみ分別表にありません。"


def about_rubbish(asked: Asked) -> Answer | None:
    """The reply of the sorting table, None when the question is not about putting out a thing that is in it."""
    items = asked.city.garbage.look_up(asked.text)
    if items:
        return about_things(asked, items)
    near = asked.city.garbage.near(asked.text)
    return _choice(asked, near, _UNKNOWN) if near else None


def about_parts(asked: Asked) -> Answer | None:
    """Asks which thing is meant, where a name has that of a thing in it (膨らんだモバイルバッテリー)."""
    parts = asked.city.garbage.parts_in(asked.text)
    return _choice(asked, parts, _UNKNOWN) if parts else None


def about_things(asked: Asked, items: Sequence[GarbageItem]) -> Answer:
    """What the sorting table says of a thing; of several, which is meant."""
    if len(items) > 1:
        types = {item.type for item in items}
        common = Topic(subject=Subject.SORTING, matter=types.pop()) if len(types) == 1 else None
        return _choice(asked, items, "どの品目でしょうか。", common)
    (item,) = items
    citation = asked.citation(f"garbage:{item.name}", f"{item.name}の捨て方", "ごみ分別表", COUNTER)
    topic = Topic(subject=Subject.SORTING, matter=item.name)
    return told(Act.GARBAGE, how_to(item), citation, asked.counter(COUNTER), topic)


def _choice(asked: Asked, items: Sequence[GarbageItem], why: str, topic: Topic | None = None) -> Answer:
    choices = [Suggestion(entry_id=f"garbage:{i.name}", question=f"{i.name}の捨て方") for i in items[:CHOICES]]
    return which(Act.GARBAGE, f"{why}近いものを選んでください。", choices, asked.counter(COUNTER), topic)


def how_to(item: GarbageItem) -> str:
    """What the table says of one thing, in a sentence or two."""
    name = f"「{item.name}」"
    if "収集しません" in item.type:
        first = f"{name}は、市では収集しません。"
        if item.type.startswith("家電リサイクル"):
            first = f"{name}は、家電リサイクル法の対象です。市では収集しません。"
        return first + item.notice
    return f"{name}は「{item.type}」です。{item.notice}"
