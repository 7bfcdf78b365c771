"""Collection days by area (the open 5374 form: area_days, center, remarks): areas and kinds named in a question in, dates out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from kanjize import number2kanji

from retrieval.analysis import normalise, reading
from retrieval.city.calendar import Span, WeekdayRule, fiscal_year_end, parse_date, weekdays_text
from retrieval.garbage import ends_a_name, occurrences
from retrieval.names import fold, in_hiragana

AREA_COLUMNS = ("地区", "地名")
CENTER_COLUMN = "センター"
LONGEST_LOOK_AHEAD_DAYS = 400
_MARCH_DAYS = 31
_SHORTEST_READING = 4  #: kana of a place's name, that are looked for in texts
_KANJI = "一-鿿々"

# How residents call the kinds that most cities have; a column's own name and what stands in its brackets count as well.
_SPOKEN_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "可燃|燃える|燃やす|もえる|もやす|燃やせる": (
            "可燃ごみ|燃えるごみ|燃やすごみ|燃やせるごみ|もえるごみ|もやすごみ|生ごみ|可燃物|燃えるもの|もえるもの|燃ゆっごみ|燃ゆるごみ|もゆっごみ"
        ),
        "不燃|燃えない|燃やさない|もえない|燃やせない": (
            "不燃ごみ|燃えないごみ|燃やさないごみ|燃やせないごみ|もえないごみ|もやさないごみ|不燃物|燃えないもの|もえないもの|燃えんごみ|もえんごみ"
        ),
        "缶": "空き缶|あき缶|空缶|缶",
        "びん|ビン|瓶": "空きびん|空き瓶|空瓶|びん|瓶",
        "ペットボトル": "ペットボトル",
        "紙": "古紙|紙類|紙ごみ|新聞|雑誌|段ボール|ダンボール",
        "プラ": "プラスチック製容器包装|容器包装|プラスチック|プラごみ|プラ",
        "布|衣類": "布類|古着|衣類|古布",
        "有害|危険": "有害ごみ|危険ごみ|乾電池|蛍光灯",
        "粗大": "粗大ごみ",
    }
)


# What stands before the name of a kind that is not the end of another word (花びん): marks, particles, days, places.
_BEFORE_A_KIND = re.compile(
    "(?:^|[ 、。,.!?・「]|の|は|が|も|を|に|で|と|や|って|から|[日週回曜月町方内区古]|使用済み|いらない|不要な)$"
)
_LONGEST_BEFORE = 8
_RUBBISH = "可燃|不燃|資源|燃え|燃や|もえ|もや|ごみ"  #: what a name may run into: 末吉町本町燃えるごみ
# What may follow a town's name without being a place of it.
_NO_PLACE = (
    "(?:可燃|不燃|資源|有害|危険|粗大|燃|缶|紙類|布類|古|瓶|何|地区|地域|方面|内|全|在住|住|収集|回収|次|今|来|毎|明|曜|分|出)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """When one kind is collected in one area."""

    kind: str
    rules: tuple[WeekdayRule, ...] = ()
    months: frozenset[int] = frozenset(range(1, 13))
    dates: frozenset[date] = frozenset()  #: named one by one, where no rule holds
    remarks: tuple[str, ...] = ()

    def falls_on(self, day: date) -> bool:
        return day in self.dates or (day.month in self.months and any(r.falls_on(day) for r in self.rules))

    @property
    def last_known(self) -> date | None:
        """The last day that the table speaks of; None where a rule goes on."""
        return max(self.dates) if self.dates and not self.rules else None

    def __str__(self) -> str:
        if not self.rules:
            return "決まった日"
        months = "" if len(self.months) == 12 else f"（{'・'.join(str(m) for m in _from_april(self.months))}月）"
        return weekdays_text(self.rules) + months

    @classmethod
    def parse(cls, kind: str, cell: str, remarks: Mapping[str, str]) -> Pickup | None:
        """A cell of area_days: 「月 木」「水1 水3」「火2:4 6 8」「20261201」「火 *1」. None when empty or unknown."""
        days, _, months = normalise(cell).partition(":")
        rules, dates, notes = [], set(), []
        for token in days.split():
            if rule := WeekdayRule.parse(token):
                rules.append(rule)
            elif re.fullmatch(r"\d{8}", token) and (day := parse_date(token)):
                dates.add(day)
            elif token.startswith("*"):
                notes += [remarks[token[1:]]] if token[1:] in remarks else []
            else:
                return None  # a form that isn't known: no date is better than a wrong one
        if not rules and not dates:
            return None
        if months and not all(m.isdecimal() and 1 <= int(m) <= 12 for m in months.split()):
            return None
        return cls(
            kind=kind,
            rules=tuple(rules),
            months=frozenset(int(m) for m in months.split()) or frozenset(range(1, 13)),
            dates=frozenset(dates),
            remarks=tuple(notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One row: an area, its pickups by kind, and the days on which its centre takes nothing."""

    name: str
    pickups: tuple[Pickup, ...]
    pauses: tuple[Span, ...] = ()

    def pickup(self, kind: str) -> Pickup | None:
        return next((p for p in self.pickups if p.kind == kind), None)

    def is_paused(self, day: date) -> bool:
        return any(day in pause for pause in self.pauses)

    def knows_new_year(self, day: date) -> bool:
        """Whether the table says what happens around the new year that `day` is near to."""
        year = day.year + (day.month == 12)
        around = Span(first=date(year - 1, 12, 25), last=date(year, 1, 10))
        return any(p.first in around or p.last in around for p in self.pauses)

    def next_pickup(self, pickup: Pickup, start: date) -> date | None:
        """The first day from `start` on which the kind is collected; None when the table ends before."""
        days = (start + timedelta(days=i) for i in range(LONGEST_LOOK_AHEAD_DAYS))
        return next((d for d in days if pickup.falls_on(d) and not self.is_paused(d)), None)


class CollectionTable:
    """Areas and kinds, found in questions by what residents call them."""

    def __init__(
        self,
        rows: Iterable[dict[str, str]],
        *,
        centers: Iterable[dict[str, str]] = (),
        remarks: Iterable[dict[str, str]] = (),
        readings: Mapping[str, str] | None = None,
        saved_on: date | None = None,
    ) -> None:
        notes = {normalise(r.get("ID", "")): r["注意事項"] for r in remarks if r.get("注意事項")}
        pauses = _pauses(centers)
        self.areas = tuple(dict.fromkeys(_area(row, notes, pauses) for row in rows if _area_name(row)))
        self._last_day = _last_day(self.areas, saved_on)
        self.kinds = tuple(dict.fromkeys(p.kind for a in self.areas for p in a.pickups))
        self._kind_words = {kind: _kind_words(kind) for kind in self.kinds}
        self._read = _reader(readings or {})
        self._wholes = {a.name: self._spelled(*_whole_names(a.name)) for a in self.areas}
        self._places = {a.name: self._spelled(*_place_parts(_place(a.name))) for a in self.areas}
        self._towns = {a.name: self._spelled(*_town_parts(a.name)) for a in self.areas}

    def __bool__(self) -> bool:
        return bool(self.areas)

    def last_day(self, today: date) -> date:
        """The last day that the table is told of: 31 March of this fiscal year, or of an earlier one that the table is of."""
        this_year = fiscal_year_end(today)
        return min(this_year, self._last_day or this_year)

    def kinds_in(self, text: str) -> tuple[str, ...]:
        """The kinds that a text names: those of its words; of 資源ごみ, which several are, and びん only the latter."""
        written, clear = normalise(text), in_hiragana(text)
        words = ((kind, w) for kind, words in self._kind_words.items() for w in words if w in clear)
        said = [(spans, kind) for kind, w in words if (spans := _said(w, written, clear))]
        every = {span for spans, _ in said for span in spans}
        whole = {(a, b) for a, b in every if not any((c, d) != (a, b) and c <= a and b <= d for c, d in every)}
        by_word = [{kind for spans, kind in said if span in spans} for span in sorted(whole)]
        named = [kinds for kinds in by_word if not any(other < kinds for other in by_word)]
        return tuple(kind for kind in self.kinds if any(kind in kinds for kinds in named))

    def areas_in(self, text: str) -> tuple[Area, ...]:
        """The areas that a text names: those whose whole name it has, else those of the places and towns that it has. None where
        it names a place of a town that the table does not have there."""
        folded = fold(text)
        if not any(map(folded.__contains__, self._beginnings)):
            return ()  # like most texts
        pieces = [fold(p) for p in re.split(r"[\s、。,.!?・「」]", normalise(text))]
        whole = _longest([(a, max((n for n in self._wholes[a.name] if n in folded), key=len, default="")) for a in self.areas])
        # 末吉町本町 is not also 本町 of another town
        pieces = [_without({n for a in whole for n in self._wholes[a.name]}, piece) for piece in pieces]
        in_towns = [a for a in self.areas if _standing_in(self._towns[a.name], pieces)]
        places = [(a, _standing_in(self._places[a.name], pieces)) for a in self.areas]
        if whole:  # 「末吉町本町と上町」
            towns = {town(a.name) for a in (*whole, *in_towns)}
            return (*whole, *(a for a in _longest(places) if town(a.name) in towns and a not in whole))
        own = [(a, place) for a, place in places if a in in_towns] if in_towns else places
        if any(place for _, place in places):
            return _longest(own)
        if begun := [a for a, _ in own if _begins_with(fold(_place(a.name)), pieces)]:
            return tuple(begun)
        if any(_goes_on(fold(part), piece) for a in in_towns for part in _town_parts(a.name) for piece in pieces):
            return ()
        return tuple(in_towns)

    def kind_called(self, text: str) -> str | None:
        """What a kind is called, where a text is nothing but that: 「不燃」 is 不燃ごみ."""
        words = {word for words in self._kind_words.values() for word in words}
        return next((called for called in (text, f"{text}ごみ", re.sub("ごみ|ゴミ", "", text)) if fold(called) in words), None)

    def without_areas(self, text: str) -> str:
        """A text without the names of areas and towns that it gives to something else or sets apart: 「末吉町本町のスプレー缶」,
        「あさってのごみ 大隅町岩川」."""
        written, left = normalise(text), []
        end = 0
        for match in self._giving.finditer(in_hiragana(written)):
            left.append(written[end : match.start()])
            end = match.end()
        return "".join((*left, written[end:])).strip(" 、。,")

    def is_area(self, text: str) -> bool:
        """Whether a text is nothing but the name of a place in the table."""
        bare = re.sub("(?:地区)?(?:です|だよ|でお願いします|に住んでいます|の方)?。?$", "", fold(text))
        return bare in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        """All that areas, their places and towns are called."""
        return frozenset().union(*self._wholes.values(), *self._places.values(), *self._towns.values())

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """One of which every text has that names an area: it may have no more of a place's name than two letters."""
        return self._names.union(fold(_place(a.name))[:2] for a in self.areas) - {""}

    def _spelled(self, *names: str) -> frozenset[str]:
        """How places are written: 二之方 is 二の方 and にのかた, and 鳴神 is 鳴神町. A short reading stands in too many words."""
        known = {fold(name) for name in names if len(name) >= 2}
        known |= {re.sub("[之ノ]", "の", name) for name in known}
        known |= {name[:-1] for name in known if len(name) > 2 and name.endswith("町")}
        known |= {name.removesuffix("地区") for name in known}
        known |= {re.sub("[ゖけが]", kana, name) for name in known if "ゖ" in name for kana in "けが"}
        known |= {re.sub("[0-9]+", lambda m: number2kanji(int(m[0])), name) for name in known}
        read = {kana for name in names if len(kana := fold(self._read(name))) >= _SHORTEST_READING}
        return frozenset(known | read)

    @cached_property
    def _giving(self) -> re.Pattern[str]:
        """Finds the names of areas that are given something, or stand apart."""
        one_of = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        area = f"(?:{one_of or '$^'}){{1,2}}(?:地区)?"
        begins = f"(?:(?<![{_KANJI}ぁ-ん0-9])|(?<=[市町村区郡日曜])|(?<=[のとや]))"
        return re.compile(rf"{begins}(?:{area}[とや・]){{0,3}}{area}(?:の|で(?!す)|は|に(?=[今明])|(?=[\s、。,?]|$|{_RUBBISH}))")


def _last_day(areas: Sequence[Area], saved_on: date | None) -> date | None:
    """The end of the fiscal year that a table is of, by the days that it names and the day that it was saved on. In March it is
    the next year's that is saved. None where nothing says which year it is of."""
    days = {pause.last for area in areas for pause in area.pauses}.union(*(p.dates for area in areas for p in area.pickups))
    days |= {saved_on + timedelta(days=_MARCH_DAYS)} if saved_on else set()
    return fiscal_year_end(max(days)) if days else None


def town(area: str) -> str:
    """The part of an area's name that groups it: 末吉町 of 末吉町本町; the name itself where there is none."""
    found = re.match("(.{1,6}?[町村])(?=.)", area)
    return found[1] if found else area


def names_kind(kind: str, text: str) -> bool:
    """Whether a text names a kind by one of its words, be it one that the table has no days of."""
    written, clear = normalise(text), in_hiragana(text)
    return any(_said(word, written, clear) for word in _kind_words(kind))


def readable_cell(cell: str) -> bool:
    """Whether a cell of area_days is empty or in a form that is known."""
    return not cell.strip() or Pickup.parse("", cell, {}) is not None


def _area_name(row: Mapping[str, str]) -> str:
    return next((row[c] for c in AREA_COLUMNS if row.get(c)), "")


def _area(row: dict[str, str], notes: Mapping[str, str], pauses: Mapping[str, tuple[Span, ...]]) -> Area:
    kinds = [k for k in row if k not in (*AREA_COLUMNS, CENTER_COLUMN)]
    parsed = (Pickup.parse(kind, row[kind], notes) for kind in kinds)
    center = fold(row.get(CENTER_COLUMN, ""))
    return Area(name=_area_name(row), pickups=tuple(p for p in parsed if p), pauses=pauses.get(center, ()))


def _pauses(centers: Iterable[dict[str, str]]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, tuple[Span, ...]] = {}
    for row in centers:
        first, last = parse_date(row.get("休止開始日", "")), parse_date(row.get("休止終了日", ""))
        if first and last and first <= last:
            name = fold(row.get("名称", ""))
            found[name] = (*found.get(name, ()), Span(first=first, last=last))
    return found


def _kind_words(kind: str) -> frozenset[str]:
    """資源ごみ（びん） is called 資源ごみ, びん, 空きびん …"""
    folded = normalise(kind)
    inside = re.search(r"\((.*?)\)", folded)
    words = {folded, re.sub(r"\(.*?\)", "", folded), inside[1] if inside else folded}
    for marks, spoken in _SPOKEN_KINDS.items():
        if re.search(marks, inside[1] if inside else folded):
            words |= set(spoken.split("|"))
    return frozenset(fold(w) for w in words if w) | {kana for w in words if len(kana := fold(reading(w))) >= 4}


def _town_parts(area: str) -> tuple[str, ...]:
    """末吉町 and 末吉 of 末吉町本町; nothing where no town groups the area."""
    first = town(area)
    if first == area:
        return ()
    return (first, first[:-1]) if len(first) > 2 else (first,)


def _place(area: str) -> str:
    """The area's own name within its town."""
    return area.removeprefix(town(area)) or area


def _place_parts(place: str) -> tuple[str, ...]:
    """一区新町 is also 新町, of which there may be others."""
    return (place, *re.findall("(?:区|大字|丁目)(.{2,})$", place))


def _whole_names(area: str) -> tuple[str, ...]:
    """末吉町本町 is also 末吉本町, 末吉の本町 and 末吉町の本町."""
    if not (towns := _town_parts(area)):
        return (area,)
    return tuple(f"{each}{of}{_place(area)}" for each in towns for of in ("", "の"))


def _standing_in(names: Iterable[str], pieces: Sequence[str]) -> str:
    """The longest of the names that stands in one of the pieces of a text; empty where none does."""
    found = (name for name in names for piece in pieces if name in piece and _stands_in(name, piece))
    return max(found, key=len, default="")


def _longest(found: Sequence[tuple[Area, str]]) -> tuple[Area, ...]:
    """The areas whose names, those found of them, are not a part of what was found of another: 新町 is not 一区新町."""
    names = {name for _, name in found}
    return tuple(area for area, name in found if name and not any(name != other and name in other for other in names))


def _begins_with(place: str, pieces: Sequence[str]) -> bool:
    """Whether the beginning of a place's name stands in a text by itself: 間人 of 間人岡成."""
    beginnings = (place[:length] for length in range(len(place) - 1, 1, -1))
    return any(
        re.search(rf"(?:(?<![{_KANJI}0-9])|(?<=[市町村])){re.escape(name)}(?![{_KANJI}])", piece)
        for name in beginnings
        for piece in pieces
        if name in piece
    )


def _stands_in(name: str, folded: str) -> bool:
    """Whether a place name stands in a text by itself; a kanji or digit before it would make another name of it, and kana on
    either side of one in kana another word."""
    if not re.fullmatch("[ぁ-んー]+", name):
        return bool(re.search(rf"(?:(?<![{_KANJI}0-9])|(?<=[日曜])){re.escape(name)}", folded))
    begins = f"(?:(?<![{_KANJI}ぁ-ん0-9])|(?<=[市町村区のとや])|(?<=ちょう))"
    ends = f"(?:(?![{_KANJI}ぁ-んー])|(?=[のはでと]|地区))"
    return bool(re.search(f"{begins}{re.escape(name)}{ends}", folded))


def _without(names: Iterable[str], piece: str) -> str:
    for name in names:
        piece = piece.replace(name, " ")
    return piece


def _goes_on(part: str, folded: str) -> bool:
    """Whether a town's name goes on with that of a place: 末吉町岩川, and not 末吉町可燃ごみ."""
    return part in folded and bool(
        re.search(rf"(?<![{_KANJI}0-9]){re.escape(part)}(?!町)(?!の?{_NO_PLACE})の?[{_KANJI}]{{2,}}", folded)
    )


def _said(word: str, text: str, clear: str) -> set[tuple[int, int]]:
    """Where a normalised text, which is `clear` in hiragana, names a kind by a word, and not only by a part of another
    (スプレー缶, プラモデル)."""
    return {
        (start, end)
        for start, end in occurrences(word, clear)
        if _BEFORE_A_KIND.search(clear, max(0, start - _LONGEST_BEFORE), start)
        and ends_a_name(clear[end:])
        and not re.match("[ァ-ヶ][ァ-ヶー]", text[end - 1 : end + 1])
    }


def _reader(readings: Mapping[str, str]) -> Callable[[str], str]:
    """Reads names: by the city's own dictionary first, the longest surfaces first."""
    surfaces = sorted(readings, key=len, reverse=True)

    def read(name: str) -> str:
        for surface in surfaces:
            name = name.replace(surface, readings[surface])
        return reading(name)

    return read


def _from_april(months: Iterable[int]) -> list[int]:
    return sorted(months, key=lambda m: (m - 4) % 12)
