"""Whether a question is about another city: the tables of this one have nothing to say then, though their words fit.

What another city hall deals with is not answered at all, but offered as this one has it; where somebody comes from, goes to, or
sees a doctor is no matter of another city hall.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from dialogue.asked import Asked
from dialogue.municipalities import Named, homes_in, municipalities_in, prefecture_of
from retrieval.analysis import normalise
from retrieval.synonyms import shipped
from retrieval.tokens import tokens

_KANJI = "一-鿿々ヶケ"
_MUNICIPALITY = re.compile(
    rf"(?P<name>[{_KANJI}]+?|さいたま|つくば|いわき|えびの|さつま|さぬき|うきは|みやま|みどり)"
    r"(?P<rank>市(?![場街況販長議県税価内外道有政町村債])|[町村](?=[のでにはへ立営民、。?\s]|$))"
)
_NEXT_DOOR = re.compile("(?:隣|となり|よそ|別|ほか|他)の?(?:市|町|村)(?![民内])|[県府都]立|国立(?!公園)")
_NEIGHBOUR = re.compile("(?:隣|となり|よそ)の?(?:市|町|村)")
#: What stands before 「市の」 without naming a city; words of days do when the comma of 「明日、市の温泉」 is left out.
_NO_NAME = re.compile(
    "市町?|[本当同各全我朝都市古下旧農山漁港]|城下|門前|姉妹都|地方都|中核|政令|植木|青空|.*(?:[今明昨本祝平休毎]日|土日|曜日?|[今来先毎]週"
    r"|週末|年末|年始|正月|連休|[今来先]月|\d日|夜間|午前|午後|時|今|現在)"
)
#: What goes on after the name of another city, where it is that city hall, or something that it deals with.
_ITS_OFFICE = "(?:役所|役場|庁舎?|議会|長(?=[のはに]|$)|[立営](?!病院|高|大学|医療)|民(?:体育館|プール|ホール|会館|センター|館))"
_ITS_MATTER = re.compile(rf"{_ITS_OFFICE}(?:の|では|には|は|って|$)?|(?:の|では|は|って)+(?=.)|[?。\s]*$")
#: What lies or lives in another city, and may well be a matter of one who lives here: 「都城市の病院でも使える？」
_SOMEWHERE = re.compile(
    "[^のはをがにでへも、。]{0,12}?(?:病院|医院|医療機関|クリニック|歯科|薬局|大学|高校|高専|学校|小学|中学|[育稚]園|こども園|会社|職場|企業|工場|店|実家|家族"
    "|親|父|母|祖|息子|娘|兄|姉|弟|妹|夫|妻|友|知人|人|方|者|ホーム|施設|アパート|住所|本籍|税務署|年金事務所|警察|免許|裁判所|法務局"
    "|ハローワーク|職業安定所|保健所|駅|空港)"
)
_COMES_OR_GOES = re.compile(
    "引っ?越|ひっこし|越して|転[入出居校勤院園]|移住|移り住|移[しすっ]|本籍|単身赴任|進学|就職|里帰り|入所|入院|通[わいうっ勤学院]|勤め|働"
)
#: Whose matter it is lives there: that may be the business of that city hall.
_HOME = re.compile("[にで](?:1人で)?(?:住[むみん]|暮ら)|(?:在住|住まい)")
_NAME = re.compile(rf"(?!日本)[{_KANJI}]{{2,}}")
_PLACE = re.compile(rf"[{_KANJI}]+?[市町村]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What another city hall is asked about."""

    place: Named
    rest: str  #: the question without that city
    is_office: bool  #: whether the city hall itself is asked about, which search can't tell from ours

    def reply(self, city_name: str) -> str:
        """Whose matters are known here, and whom to ask about the others'."""
        return (
            f"ご案内できるのは、{city_name}のことだけです。{self.place.name}のことは、{self.place.office}にお問い合わせください。"
        )


def asked_elsewhere(asked: Asked) -> Elsewhere | None:
    """The other city and what is asked about it; None where it is not the business of another city hall."""
    folded = normalise(asked.text)
    if _COMES_OR_GOES.search(folded) or normalise(asked.city_name) in folded:
        return None
    if not (named := municipalities_in(folded) or _next_door(folded)):
        return None
    ours = _ours(asked)
    for place in named:
        matter = _ITS_MATTER.match(folded, place.end)
        if matter and not _SOMEWHERE.match(folded, matter.end()) and not ours.includes(place, matter[0]):
            rest = folded[: place.start] + folded[matter.end() :]
            return Elsewhere(place=place, rest=rest, is_office=bool(re.match("役|庁|議|長", matter[0])))
    return None


def somebody_lives_elsewhere(asked: Asked) -> bool:
    """Whether another city is named as somebody's home: 「霧島市に住む親の介護認定」 may be the matter of that city hall."""
    folded, ours = normalise(asked.text), _ours(asked)
    return any(_HOME.match(folded, place.end) and not ours.includes(place) for place in municipalities_in(folded))


def without_ours(asked: Asked) -> str:
    """The question without the city's own name before its matter: every entry is about this city."""
    own = re.escape(normalise(asked.city_name))
    return re.sub(f"^{own}(?:役所)?(?:の(?![中外人住])|では|には)(?=.)", "", normalise(asked.text))


def names_only_ours(asked: Asked) -> bool:
    """Whether a text has no more than a place in this city, which says nothing of the matter: 「末吉のは何時から」."""
    folded = normalise(asked.text)
    named = re.compile("|".join(f"{re.escape(stem)}[市町村]?" for stem in _stems(_places(asked))) or "$.")
    return named.search(folded) is not None and not shipped().lemmas(named.sub("", folded))


def without_names(asked: Asked) -> str:
    """The question with 「他の市町村」 for the cities that it names, as a knowledge base speaks of them; as it is, where it names
    none."""
    folded = normalise(asked.text)
    named = [place for place in municipalities_in(folded) if place.is_whole]
    if not named and _COMES_OR_GOES.search(folded):
        named = homes_in(folded)
    if not named:
        return normalise(asked.text)
    ours = _ours(asked)
    for place in reversed(named):
        if not ours.includes(place):
            folded = f"{folded[: place.start]}他の市町村{folded[place.end :]}"
    return folded


def _next_door(folded: str) -> list[Named]:
    return [Named(name=m[0], start=m.start(), end=m.end()) for m in _NEIGHBOUR.finditer(folded)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    """What is this city's: all that is written of its places, and its prefecture, whose matters it knows but for its office."""

    written: tuple[str, ...]
    prefecture: str

    def includes(self, place: Named, matter: str = "") -> bool:
        if any(place.name in text for text in self.written):
            return True
        return place.name in (self.prefecture, self.prefecture[:-1]) and "庁" not in matter


def _ours(asked: Asked) -> _Ours:
    return _Ours(written=(*_written(asked), *_places(asked)), prefecture=prefecture_of(asked.city_name) or "")


def names_another_city(asked: Asked) -> bool:
    """Whether the text names a municipality that is neither the city nor a place in it: 「鹿児島市の」「隣の町」「県立」."""
    folded = normalise(asked.text)
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
    found = tokens(normalise(asked.text))
    named = [
        token.surface
        for token, after in pairwise(found)
        if token.kind == "地名" and after.surface in ("の", "で", "に", "は") and _NAME.fullmatch(token.surface)
    ]
    if not named or any(place in normalise(asked.text) for place in _stems(_places(asked))):
        return []
    return [name for name in named if not any(name in known for known in _written(asked))]


def _places(asked: Asked) -> tuple[str, ...]:
    """The city, and the towns that its collection areas and the facilities in question lie in."""
    return (normalise(asked.city_name), *{place for text in _written(asked) for place in _PLACE.findall(text)})


def _written(asked: Asked) -> list[str]:
    """What the tables say of where areas and the facilities in question lie."""
    facilities = asked.city.facilities.named_in(asked.text)
    texts = [area.name for area in asked.city.collection.areas]
    return [normalise(text) for text in (*texts, *(t for f in facilities for t in (f.name, f.address, *f.words)))]


def _stems(places: tuple[str, ...]) -> tuple[str, ...]:
    """「末吉市民プール」 names the town 末吉, which is ours."""
    return tuple(place[:-1] for place in places if len(place) > 2)
