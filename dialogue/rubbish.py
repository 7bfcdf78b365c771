"""How to put out a thing: the city's sorting table answers, offers what is near, or says nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogue.answer import CHOICES, Act, Answer, Suggestion
from dialogue.asked import Asked, not_in_table, told, which
from dialogue.counter import of_what_was_told
from dialogue.topic import Subject, Topic
from retrieval.analysis import is_compound, normalise
from retrieval.city.collection import names_kind
from retrieval.entry import Entry
from retrieval.garbage_item import GarbageItem
from retrieval.names import fold
from retrieval.tokens import tokens

COUNTER = "環境課"
_WHICH_ELSE = "ほかのことでしたら、近いものを選んでください。"
_BEGINS_WITH = re.compile("(?P<thing>[^はがをにのも、。?\\s]{2,})(?:は|が|を|に|の|も|って)(?P<rest>.*)")
_IS_DONE_WITH = re.compile("持って|持ち込|運[びべぶん]|どう(?:する|し[たま]|すれば)|切れ|割れ|壊れ|残っ|余っ|使わな|古く")
_UNKNOWN = "その名前は、ごみ分別表にありません。"


def about_rubbish(asked: Asked) -> Answer | None:
    """The reply of the sorting table, None when the question is not about putting out a thing that is in it."""
    items = asked.city.garbage.look_up(asked.text)
    if items:
        return about_things(asked, items)
    near = asked.city.garbage.near(asked.text)
    return _choice(asked, near, _UNKNOWN) if near else None


def about_a_bare_name(asked: Asked) -> Answer | None:
    """Offers the things that a name may mean of which nothing is asked, and of which nothing else is known: 「卵のパック」."""
    garbage = asked.city.garbage
    like = (garbage.alike(asked.text) if is_compound(asked.text) else ()) or garbage.heard_in(asked.text)
    return _choice(asked, like, "ごみの出し方でしょうか。") if like else None


def about_an_unknown_thing(asked: Asked, likely: Sequence[Entry]) -> Answer | None:
    """That the sorting table doesn't have the thing which is to be put out, unless an entry that is likely asks about it."""
    thing = asked.city.garbage.unknown(asked.text)
    if thing is None or any(names_kind(kind, asked.text) for kind in (*asked.city.collection.kinds, *asked.city.garbage.types)):
        return None
    if any(thing in normalise(question) for entry in likely for question in entry.questions):
        return None
    return not_in_table(Act.GARBAGE, _UNKNOWN, asked.counter(COUNTER))


def with_the_thing(asked: Asked, offered: Answer, likely: Sequence[Entry]) -> Answer:
    """What is offered, and before it how to put out the thing that a question begins with, where no entry that is likely asks
    about such, and besides it only what its row speaks of or that it is done with: 「ソファーはどこに持っていく」「スプレー缶に
    中身が残っている」, but not 「自転車のヘルメットの補助」「携帯電話をなくした」."""
    begun, garbage = _BEGINS_WITH.fullmatch(normalise(asked.text)), asked.city.garbage
    if begun is None or not garbage.is_name(begun["thing"]):
        return offered
    if any(begun["thing"] in normalise(question) for entry in likely for question in entry.questions):
        return offered
    named = [token.surface for token in tokens(begun["rest"]) if token.kind == "普通名詞"]
    if not named and not _IS_DONE_WITH.search(begun["rest"]):
        return offered
    items = [i for i in garbage.look_up(begun["thing"]) if all(name in f"{i.name}{i.notice}" for name in named)]
    choices = (*_choice(asked, items, "").suggestions, *offered.suggestions)[:CHOICES]
    return replace(offered, suggestions=choices, contact=asked.counter(COUNTER)) if items else offered


def thing_or_matter(asked: Asked, thing: Answer, entries: Sequence[Entry], spoken_of: str | None) -> Answer:
    """How to put out what a bare name is of, or the choice between that, the entries that ask about it, and the counter that was
    `spoken_of` just before, if it has to do with such: a 写真 may be asked of a certificate, a fridge may not."""
    items = asked.city.garbage.look_up(asked.text)
    names = {normalise(name) for name in (asked.text, *(item.own_name for item in items))}
    others = [e for e in entries if e.department != COUNTER and any(n in normalise(e.question) for n in names)]
    may_be_its = spoken_of != COUNTER and any(e.department == spoken_of and any(map(e.says, names)) for e in entries)
    before = asked.counter(spoken_of) if spoken_of and may_be_its else None
    if not others and not before:
        return thing
    choices = [*(Suggestion(entry_id=e.id, question=e.question) for e in others), *map(Suggestion.of, thing.citations)]
    if before:
        return which(Act.QUESTION, f"{of_what_was_told(before)}{_WHICH_ELSE}", choices, before)
    text = f"「{items[0].own_name}」の、どのことでしょうか。近いものを選んでください。"
    return which(Act.QUESTION, text, choices, asked.counter(others[0].department or ""))


def about_parts(asked: Asked) -> Answer | None:
    """Asks which thing is meant, where a name has that of a thing in it (膨らんだモバイルバッテリー)."""
    parts = asked.city.garbage.parts_in(asked.text)
    return _choice(asked, parts, _UNKNOWN) if parts else None


def about_things(asked: Asked, items: Sequence[GarbageItem]) -> Answer:
    """What the sorting table says of a thing; of several, which is meant."""
    if len(items) > 1 and (_are_each_meant(asked, items) or len({item.name for item in items}) == 1):
        return _each(asked, items)
    if len(items) > 1 or asked.city.garbage.is_vague(asked.text):
        types = {item.type for item in items}
        common = Topic(subject=Subject.SORTING, matter=types.pop()) if len(types) == 1 else None
        return _choice(asked, items, "どの品目でしょうか。", common)
    (item,) = items
    citation = asked.citation(f"garbage:{item.name}", f"{item.name}の捨て方", "ごみ分別表", COUNTER)
    topic = Topic(subject=Subject.SORTING, matter=item.name)
    return told(Act.GARBAGE, how_to(item) + _limit(asked, item), citation, asked.counter(COUNTER), topic)


def _are_each_meant(asked: Asked, items: Sequence[GarbageItem]) -> bool:
    """Whether each of a few things is named by a name that is its own: 「炊飯器とフライパン」, not 「電池」."""
    garbage, named = asked.city.garbage, asked.city.garbage.named_in(asked.text)
    if garbage.is_vague(asked.text):
        return False
    return len(items) <= CHOICES and len(named) == len(items) and all(len(group) == 1 for group in named)


def _each(asked: Asked, items: Sequence[GarbageItem]) -> Answer:
    names = "・".join(dict.fromkeys(item.name for item in items))
    citation = asked.citation(f"garbage:{items[0].name}", f"{names}の捨て方", "ごみ分別表", COUNTER)
    lines = [how_to(item) + _limit(asked, item) for item in items]
    topic = Topic(subject=Subject.SORTING, matter=names)
    if len({item.type for item in items}) > len({item.name for item in items}):
        first = f"「{items[0].name}」は、ごみ分別表に{len(items)}とおりあります。"
        lines = [first, *lines, f"どれに当たるか分からないときは、{COUNTER}にお尋ねください。"]
    return told(Act.GARBAGE, "\n".join(lines), citation, asked.counter(COUNTER), topic)


def _limit(asked: Asked, item: GarbageItem) -> str:
    """That the row is of things of one material, where that was not said: a コップ may be of plastic."""
    of, text = item.material, fold(asked.text)
    said = any(fold(part.removesuffix("製")) in text for part in of.split("・"))
    named = any(fold(part) in text for part in item.own_name.split("・"))
    return f"{of}でないものは、{COUNTER}にお尋ねください。" if of and named and not said else ""


def _choice(asked: Asked, items: Sequence[GarbageItem], why: str, topic: Topic | None = None) -> Answer:
    choices = [Suggestion(entry_id=f"garbage:{i.name}", question=f"{i.name}の捨て方") for i in items[:CHOICES]]
    return which(Act.GARBAGE, f"{why}近いものを選んでください。", choices, asked.counter(COUNTER), topic)


def is_about_rubbish(text: str) -> bool:
    """Whether a text, that no table and no entry answers, is about putting things out."""
    return re.search("捨て|すて(?:たい|る|方)|ごみ|ゴミ|分別", text) is not None


def how_to(item: GarbageItem) -> str:
    """What the table says of one thing, in a sentence or two."""
    name = f"「{item.name}」"
    if "収集しません" in item.type:
        first = f"{name}は、市では収集しません。"
        if item.type.startswith("家電リサイクル") and "家電リサイクル法" not in item.notice:
            first = f"{name}は、家電リサイクル法の対象です。市では収集しません。"
        return first + item.notice
    return f"{name}は「{item.type}」です。{item.notice}"
