"""Whether a question is about another city: the tables of this one have nothing to say then, though their words fit."""

from __future__ import annotations

import re

from dialogue.asked import Asked
from retrieval.analysis import normalise

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
_PLACE = re.compile(rf"[{_KANJI}]+?[市町村]")


def names_another_city(asked: Asked) -> bool:
    """Whether the text names a municipality that is neither the city nor a place in it: 「鹿児島市の」「隣の町」「県立」."""
    folded = _spelt(asked.text)
    if _NEXT_DOOR.search(folded):
        return True
    ours = _places(asked)
    named = ((m["name"], m[0]) for m in _MUNICIPALITY.finditer(folded) if not _NO_NAME.fullmatch(m["name"]))
    return any(not whole.endswith(ours) and not name.endswith(_stems(ours)) for name, whole in named)


def _spelt(text: str) -> str:
    """曾於市 is 曽於市."""
    return normalise(text).translate(str.maketrans("曾﨑", "曽崎"))


def _places(asked: Asked) -> tuple[str, ...]:
    """The city, and the towns that its collection areas and the facilities in question lie in."""
    facilities = asked.city.facilities.named_in(asked.text)
    written = [area.name for area in asked.city.collection.areas]
    written += [text for f in facilities for text in (f.name, f.address, *f.words)]
    return (_spelt(asked.city_name), *{place for text in written for place in _PLACE.findall(_spelt(text))})


def _stems(places: tuple[str, ...]) -> tuple[str, ...]:
    """「末吉市民プール」 names the town 末吉, which is ours."""
    return tuple(place[:-1] for place in places if len(place) > 2)
