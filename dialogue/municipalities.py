"""The cities, towns, villages and prefectures of Japan: a text in, those that it names out.

`data/municipalities.csv` has the 1,741 municipalities as the postal codes of October 2026 name them (Japan Post, free to use).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from core.table import read_table
from retrieval.analysis import normalise
from retrieval.tokens import tokens

_TABLE = Path(__file__).parent / "data" / "municipalities.csv"
_RANK = re.compile("[都道府県市区町村]")
_KANJI = re.compile("[一-鿿々ヶケ]")
_BEFORE_A_NAME = "都道府県郡日週月年旧元現"  #: 「鹿児島県鹿屋市」「明日鹿屋市」; after other kanji it is the end of another name
_SHORTEST_STEM = 2  #: letters; 津 and 関 are words, too
_OFFICES = {"市": "役所", "区": "役所", "町": "役場", "村": "役場"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A municipality or a prefecture where it stands in a text; `name` is as it is said there, 「志布志」 for 志布志市 too."""

    name: str
    start: int
    end: int
    is_whole: bool = True  #: with what ranks it: of 「宮崎」 it is not known whose city hall is meant

    @property
    def office(self) -> str:
        """What its city hall is called: 鹿屋市役所, 大崎町役場, 東京都庁."""
        return f"{self.name}{_OFFICES.get(self.name[-1], '庁')}" if self.is_whole else "そちらの役所"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    whole: frozenset[str]
    stems: frozenset[str]  #: without what ranks them
    prefectures: dict[str, str]  #: by municipality
    longest: int


@cache
def _names() -> _Names:
    rows = [row.cells for row in read_table(_TABLE).rows]
    whole = frozenset(normalise(row[column]) for row in rows for column in ("都道府県", "市区町村"))
    stems = frozenset(n[:-1] for n in whole if len(n) > _SHORTEST_STEM)
    prefectures = {normalise(row["市区町村"]): normalise(row["都道府県"]) for row in rows}
    return _Names(whole=whole, stems=stems, prefectures=prefectures, longest=max(map(len, whole)))


def prefecture_of(city: str) -> str | None:
    """The prefecture of a municipality; None where it is not in the table."""
    return _names().prefectures.get(normalise(city))


def municipalities_in(folded: str) -> list[Named]:
    """Those that a normalised text names, in order: the longest name that ends at a rank, or 「志布志の」 without one."""
    known = _names()
    found: list[Named] = []
    for rank in _RANK.finditer(folded):
        end = rank.end()
        starts = range(max(0, end - known.longest), end - 1)
        start = next((s for s in starts if folded[s:end] in known.whole and _may_begin(folded, s)), None)
        if start is not None:
            found.append(Named(name=folded[start:end], start=start, end=end))
    return found or _by_stem(folded, known, ("の", "は", "で"))


def homes_in(folded: str) -> list[Named]:
    """Those that somebody comes from or goes to, said without what ranks them: 「東京から」「大阪へ」."""
    return _by_stem(folded, _names(), ("から", "へ", "に"))


def _may_begin(folded: str, start: int) -> bool:
    before = folded[start - 1 : start]
    return not _KANJI.match(before) or before in _BEFORE_A_NAME


def _by_stem(folded: str, known: _Names, before: tuple[str, ...]) -> list[Named]:
    """Those that stand before one of some particles."""
    found, at = [], 0
    for token, after in pairwise(tokens(folded)):
        start = folded.index(token.surface, at)
        at = start + len(token.surface)
        if token.kind == "地名" and token.surface in known.stems and after.surface in before:
            found.append(Named(name=token.surface, start=start, end=at, is_whole=False))
    return found
