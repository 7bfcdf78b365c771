"""Collection days by area (the open 5374 form: area_days, center, remarks): areas and kinds named in a question in, dates out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from retrieval.analysis import normalise, reading
from retrieval.city.calendar import Span, WeekdayRule, parse_date, weekdays_text
from retrieval.garbage import fold

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
        """The kinds that a text names: the one of the longest word, or all that share it (資源ごみ)."""
        folded = fold(text)
        found = [(len(w), kind) for kind, words in self._kind_words.items() for w in words if w in folded]
        longest = max((n for n, _ in found), default=0)
        return tuple(dict.fromkeys(kind for n, kind in found if n == longest))

    def areas_in(self, text: str) -> tuple[Area, ...]:
        """The areas that a text names: those whose whole name it has, else those that its place name is a part of."""
        folded, pieces = fold(text), [fold(p) for p in re.split(r"[\s、。,.!?・「」]", normalise(text))]
        whole = [a for a in self.areas if fold(a.name) in folded or self._readings[a.name] in folded]
        if whole:  # 末吉町本町 is not also 本町 of another town
            names = [fold(a.name) for a in whole]
            return tuple(a for a in whole if not any(fold(a.name) != n and fold(a.name) in n for n in names))
        parts = [(p, a) for a in self.areas for p in _place_parts(a.name) if any(_stands_in(fold(p), piece) for piece in pieces)]
        if not parts:
            return ()
        longest = max(len(p) for p, _ in parts)
        return tuple(dict.fromkeys(a for p, a in parts if len(p) == longest))

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
    first = town(area)
    rest = area.removeprefix(first)
    short = first[:-1] if first != area and len(first) > 2 else ""
    return tuple(p for p in (first if first != area else "", short, rest) if len(p) >= 2)


def _stands_in(part: str, folded: str) -> bool:
    """Whether a place name stands in a text by itself; a kanji or digit before it would make another name of it."""
    return bool(re.search(rf"(?<![一-鿿々0-9]){re.escape(part)}", folded))


def _read(name: str, readings: Mapping[str, str]) -> str:
    """The name's reading: the city's own dictionary first, the longest surfaces first."""
    for surface in sorted(readings, key=len, reverse=True):
        name = name.replace(surface, readings[surface])
    return reading(name)


def _from_april(months: Iterable[int]) -> list[int]:
    return sorted(months, key=lambda m: (m - 4) % 12)
