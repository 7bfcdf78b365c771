"""Collection days by area (the open 5374 form: area_days, center, remarks): areas and kinds named in a question in, dates out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from retrieval.analysis import normalise, reading
from retrieval.city.calendar import Span, WeekdayRule, parse_date, weekdays_text
from retrieval.garbage import ends_a_name, fold, in_hiragana

AREA_COLUMNS = ("地区", "地名")
CENTER_COLUMN = "センター"
LONGEST_LOOK_AHEAD_DAYS = 400

# How residents call the kinds that most cities have; a column's own name and what stands in its brackets count as well.
_SPOKEN_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "可燃|燃える|燃やす|もえる|もやす|燃やせる": "可燃ごみ|燃えるごみ|燃やすごみ|燃やせるごみ|もえるごみ|もやすごみ|生ごみ",
        "不燃|燃えない|燃やさない|もえない|燃やせない": (
            "不燃ごみ|燃えないごみ|燃やさないごみ|燃やせないごみ|もえないごみ|もやさないごみ"
        ),
        "缶": "空き缶|あき缶|空缶|缶",
        "びん|ビン|瓶": "空きびん|空き瓶|空瓶|びん|瓶",
        "ペットボトル": "ペットボトル",
        "紙": "古紙|紙類|新聞|雑誌|段ボール|ダンボール",
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
    ) -> None:
        notes = {normalise(r.get("ID", "")): r["注意事項"] for r in remarks if r.get("注意事項")}
        pauses = _pauses(centers)
        self.areas = tuple(_area(row, notes, pauses) for row in rows if _area_name(row))
        self.kinds = tuple(dict.fromkeys(p.kind for a in self.areas for p in a.pickups))
        self._kind_words = {kind: _kind_words(kind) for kind in self.kinds}
        self._readings = {a.name: fold(_read(a.name, readings or {})) for a in self.areas}

    def __bool__(self) -> bool:
        return bool(self.areas)

    def kinds_in(self, text: str) -> tuple[str, ...]:
        """The kinds that a text names: those of its words; of 資源ごみ, which several are, and びん only the latter."""
        written = normalise(text)
        said = [(spans, kind) for kind, words in self._kind_words.items() for w in words if (spans := _said(w, written))]
        every = {span for spans, _ in said for span in spans}
        whole = {(a, b) for a, b in every if not any((c, d) != (a, b) and c <= a and b <= d for c, d in every)}
        by_word = [{kind for spans, kind in said if span in spans} for span in sorted(whole)]
        named = [kinds for kinds in by_word if not any(other < kinds for other in by_word)]
        return tuple(kind for kind in self.kinds if any(kind in kinds for kinds in named))

    def areas_in(self, text: str) -> tuple[Area, ...]:
        """The areas that a text names: those whose whole name it has, else those of the places and towns that it has. None where
        it names a place of a town that the table does not have there."""
        folded, pieces = fold(text), [fold(p) for p in re.split(r"[\s、。,.!?・「」]", normalise(text))]
        whole = [a for a in self.areas if fold(a.name) in folded or self._readings[a.name] in folded]
        if whole:  # 末吉町本町 is not also 本町 of another town
            names = [fold(a.name) for a in whole]
            return tuple(a for a in whole if not any(fold(a.name) != n and fold(a.name) in n for n in names))

        def named(part: str) -> bool:
            return len(part) >= 2 and any(_stands_in(fold(part), piece) for piece in pieces)

        in_towns = [a for a in self.areas if any(named(t) for t in _town_parts(a.name))]
        places = [a for a in self.areas if named(_place(a.name))]
        if places:
            own = [a for a in places if a in in_towns] if in_towns else places
            return tuple(
                a for a in own if not any(_place(a.name) != _place(b.name) and _place(a.name) in _place(b.name) for b in own)
            )
        if any(_goes_on(fold(part), piece) for a in in_towns for part in _town_parts(a.name) for piece in pieces):
            return ()
        return tuple(in_towns)

    def kind_called(self, text: str) -> str | None:
        """What a kind is called, where a text is nothing but that: 「不燃」 is 不燃ごみ."""
        words = {word for words in self._kind_words.values() for word in words}
        return next((called for called in (text, f"{text}ごみ") if fold(called) in words), None)

    def without_areas(self, text: str) -> str:
        """A text without the names of areas and towns that it gives to something else: 「末吉町本町のスプレー缶」."""
        names = sorted({n for a in self.areas for n in (a.name, *_place_parts(a.name))}, key=len, reverse=True)
        return re.sub(f"(?:{'|'.join(map(re.escape, names))})(?:地区)?の", "", text)

    def is_area(self, text: str) -> bool:
        """Whether a text is nothing but the name of a place in the table."""
        bare = re.sub("(?:です|だよ|でお願いします|に住んでいます|の方)?。?$", "", fold(text))
        names = {fold(n) for a in self.areas for n in (a.name, *_place_parts(a.name))} | set(self._readings.values())
        return bare in names


def town(area: str) -> str:
    """The part of an area's name that groups it: 末吉町 of 末吉町本町; the name itself where there is none."""
    found = re.match("(.{1,6}?[町村])(?=.)", area)
    return found[1] if found else area


def readable_cell(cell: str) -> bool:
    """Whether a cell of area_days is empty or in a form that is known."""
    return not cell.strip() or Pickup.parse("", cell, {}) is not None


def _area_name(row: Mapping[str, str]) -> str:
    return next((row[c] for c in AREA_COLUMNS if row.get(c)), "")


def _area(row: dict[str, str], notes: Mapping[str, str], pauses: Mapping[str, tuple[Span, ...]]) -> Area:
    kinds = [k for k in row if k not in (*AREA_COLUMNS, CENTER_COLUMN)]
    parsed = (Pickup.parse(kind, row[kind], notes) for kind in kinds)
    center = row.get(CENTER_COLUMN, "")
    return Area(name=_area_name(row), pickups=tuple(p for p in parsed if p), pauses=pauses.get(center, ()))


def _pauses(centers: Iterable[dict[str, str]]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, tuple[Span, ...]] = {}
    for row in centers:
        first, last = parse_date(row.get("休止開始日", "")), parse_date(row.get("休止終了日", ""))
        if first and last and first <= last:
            name = row.get("名称", "")
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


def _place_parts(area: str) -> tuple[str, ...]:
    """末吉町本町 is also 末吉町, 末吉 and 本町."""
    return tuple(p for p in (*_town_parts(area), _place(area)) if len(p) >= 2)


def _town_parts(area: str) -> tuple[str, ...]:
    """末吉町 and 末吉 of 末吉町本町; nothing where no town groups the area."""
    first = town(area)
    if first == area:
        return ()
    return (first, first[:-1]) if len(first) > 2 else (first,)


def _place(area: str) -> str:
    """The area's own name within its town."""
    return area.removeprefix(town(area)) or area


def _stands_in(part: str, folded: str) -> bool:
    """Whether a place name stands in a text by itself; a kanji or digit before it would make another name of it."""
    return bool(re.search(rf"(?<![一-鿿々0-9]){re.escape(part)}", folded))


def _goes_on(part: str, folded: str) -> bool:
    """Whether a town's name goes on with that of a place: 末吉町岩川, and not 末吉町可燃ごみ."""
    return bool(re.search(rf"(?<![一-鿿々0-9]){re.escape(part)}(?!町)(?!の?{_NO_PLACE})の?[一-鿿々]{{2,}}", folded))


def _said(word: str, text: str) -> set[tuple[int, int]]:
    """Where a normalised text names a kind by a word, and not only by a part of another (スプレー缶, プラモデル)."""
    clear = in_hiragana(text)
    return {
        match.span()
        for match in re.finditer(re.escape(word), clear)
        if _BEFORE_A_KIND.search(clear[: match.start()])
        and ends_a_name(clear[match.end() :])
        and not re.match("[ァ-ヶ][ァ-ヶー]", text[match.end() - 1 :])
    }


def _read(name: str, readings: Mapping[str, str]) -> str:
    """The name's reading: the city's own dictionary first, the longest surfaces first."""
    for surface in sorted(readings, key=len, reverse=True):
        name = name.replace(surface, readings[surface])
    return reading(name)


def _from_april(months: Iterable[int]) -> list[int]:
    return sorted(months, key=lambda m: (m - 4) % 12)
