"""A row of the sorting table in, the thing that it is of with all its names out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from retrieval.analysis import reading
from retrieval.names import fold
from retrieval.wording import Group

_IN_BRACKETS = re.compile("[（(](.*?)[)）]")
_READ_IN_BRACKETS = re.compile("[一-鿿々]+[（(](?P<kana>[ぁ-んー]+)[)）]")
_LONGEST_READING = 3  #: kana of one kanji
_MATERIAL = re.compile("(?:[^・]*製|陶器|磁器|陶磁器|金属|ガラス|プラスチック|ビニール|ナイロン|木|竹|紙|布|・)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbageItem:
    """One row of the sorting table."""

    name: str
    type: str
    notice: str
    spellings: frozenset[str]  #: folded name, reading and aliases
    vague: frozenset[str]  #: aliases without their brackets: a 灯油缶（プラスチック製） is not every 灯油缶

    @property
    def own_name(self) -> str:
        """The name without what it is made of or how large it is."""
        return _outside_brackets(self.name)

    @property
    def material(self) -> str:
        """What the things of the row are made of, as its name says in brackets: 「木製・竹製」; empty where it doesn't."""
        return next((found[1] for found in _IN_BRACKETS.finditer(self.name) if _MATERIAL.fullmatch(found[1])), "")


def item_of(row: dict[str, str]) -> GarbageItem:
    """A name is known without its brackets, too; what else a thing is called, only as what it may mean."""
    whole = _outside_brackets(row["name"])
    short = [part for part in whole.split("・") if len(part) < 3]
    parts = [part for part in whole.split("・") if len(part) >= 3 or (len(part) == 2 and not re.search("[ぁ-ん]", part))]
    kinds = [whole[:-1]] if len(whole) > 3 and whole.endswith("類") else []  # 茶わん類
    names = (row["name"], whole, *kinds, *parts, *_readings(row, whole), *row.get("aliases", "").split("|"))
    spellings = frozenset(fold(n) for n in names) - {""}
    vague = frozenset(fold(_outside_brackets(n)) for n in (*names, *short)) - spellings - {""}
    return GarbageItem(name=row["name"], type=row["type"], notice=row.get("notice", ""), spellings=spellings, vague=vague)


def _readings(row: Mapping[str, str], whole: str) -> tuple[str, ...]:
    """The reading of a name, and the beginning of it that is the name's without its brackets: たまごぱっく. Where the row has
    none, that in its brackets (錐（きり）) and the dictionary's."""
    given, short = row.get("reading", ""), reading(whole)
    bracketed = _READ_IN_BRACKETS.fullmatch(row["name"])
    told = bracketed["kana"] if bracketed and len(bracketed["kana"]) <= _LONGEST_READING * len(whole) else ""
    return (given, told, short) if not given or fold(given).startswith(fold(short)) else (given, told)


def also_called(items: Sequence[GarbageItem], synonyms: Sequence[Group]) -> tuple[GarbageItem, ...]:
    """The items with what the city calls the same as one of their names, unless another row is called so itself."""
    known = frozenset().union(*(item.spellings | item.vague for item in items))
    groups = [frozenset(map(fold, group)) for group in synonyms]

    def called(item: GarbageItem) -> GarbageItem:
        others = [group - known for group in groups if group & item.spellings]
        return replace(item, spellings=item.spellings.union(*others)) if any(others) else item

    return tuple(map(called, items))


def _outside_brackets(name: str) -> str:
    return _IN_BRACKETS.sub("", name)
