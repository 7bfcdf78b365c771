"""Whether a question is about another city: the tables of this one have nothing to say then, though their words fit."""

from __future__ import annotations

import re
from itertools import pairwise

from dialogue.asked import Asked
from retrieval.analysis import normalise
from retrieval.tokens import tokens

_KANJI = "一-鿿々ヶケ"
_MUNICIPALITY = re.compile(
    rf"(?P<name>[{_KANJI}]+?|さいたま|つくば|いわき|えびの|さつま|さぬき|うきは|みやま|みどり)"
    r"(?P<rank>市(?![場街況販長議県税価内外道有政町村債])|[町村](?=[のでにはへ立営民、。?\s]|$))"
)
_NEXT_DOOR = re.compile("(?:隣|となり|よそ|別|ほか|他)の?(?:市|町|村)(?![民内])|[県府都]立|国立(?!公園)")
#: What stands before 「市の」 without naming a city; words of days do when the comma of 「明日、市の温泉」 is left out.
_NO_NAME = re.compile(
    "市町?|[本当同各全我朝都市古下旧農山漁港]|城下|門前|姉妹都|地方都|中核|政令|植木|青空|.*(?:[今明昨本祝平休毎]日|土日|曜日?|[今来先毎]週"
    r"|週末|年末|年始|正月|連休|[今来先]月|\d日|夜間|午前|午後|時|今|現在)"
)
_NAME = re.compile(rf"(?!日本)[{_KANJI}]{{2,}}")
_PLACE = re.compile(rf"[{_KANJI}]+?[市町村]")


def names_another_city(asked: Asked) -> bool:
    """Whether the text names a municipality that is neither the city nor a place in it: 「鹿児島市の」「隣の町」「県立」."""
    folded = _spelt(asked.text)
    if _NEXT_DOOR.search(folded):
        return True
    ours = _places(asked)
    named = ((m["name"], m[0]) for m in _MUNICIPALITY.finditer(folded) if not _NO_NAME.fullmatch(m["name"]))
    return any(not whole.endswith(ours) and not name.endswith(_stems(ours)) for name, whole in named)


def names_another_place(asked: Asked) -> bool:
    """Whether the text names another city, or any place that the city's tables don't know: 「都城の図書館」「柳迫の公民館」.

    The tables have nothing to say of such a place; but it may be one of ours.
    """
    return names_another_city(asked) or bool(_unknown_places(asked))


def _unknown_places(asked: Asked) -> list[str]:
    """The names of places that something is said to be in or of, as the dictionary knows them."""
    found = tokens(_spelt(asked.text))
    named = [
        token.surface
        for token, after in pairwise(found)
        if token.kind == "地名" and after.surface in ("の", "で", "に", "は") and _NAME.fullmatch(token.surface)
    ]
    if not named or any(place in _spelt(asked.text) for place in _stems(_places(asked))):
        return []
    return [name for name in named if not any(name in known for known in _written(asked))]


def _spelt(text: str) -> str:
    """曾於市 is 曽於市."""
    return normalise(text).translate(str.maketrans("曾﨑", "曽崎"))


def _places(asked: Asked) -> tuple[str, ...]:
    """The city, and the towns that its collection areas and the facilities in question lie in."""
    return (_spelt(asked.city_name), *{place for text in _written(asked) for place in _PLACE.findall(text)})


def _written(asked: Asked) -> list[str]:
    """What the tables say of where areas and the facilities in question lie."""
    facilities = asked.city.facilities.named_in(asked.text)
    texts = [area.name for area in asked.city.collection.areas]
    return [_spelt(text) for text in (*texts, *(t for f in facilities for t in (f.name, f.address, *f.words)))]


def _stems(places: tuple[str, ...]) -> tuple[str, ...]:
    """「末吉市民プール」 names the town 末吉, which is ours."""
    return tuple(place[:-1] for place in places if len(place) > 2)
