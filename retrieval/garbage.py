"""How to put out a thing: looked up in the city's sorting table (the open 5374 form), never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.analysis import normalise

_INTENT = re.compile(
    "捨て|すて|ごみ|ゴミ|分別|ぶんべつ|出し方|だしかた|処分|何曜日|回収|燃える|燃えない|燃やせ|可燃|不燃|資源|リサイクル"
)
# What is left of a folded question without it is the thing itself.
_WORDING = re.compile(
    "(?:の|は|って|を|が)*(?:どう|どこ|何に|捨て|すて|出し方|だしかた|出せ|出す|出した|処分|分別|ぶんべつ|何ごみ|なにごみ|どのごみ|何曜日|回収|燃え|燃やせ|可燃|不燃"
    "|資源|りさいくる).*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbageItem:
    """One row of the sorting table."""

    name: str
    type: str
    notice: str
    spellings: frozenset[str]  #: folded name, reading and aliases


class GarbageTable:
    """The city's sorting table."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self._items = [_item(row) for row in rows if row.get("name") and row.get("type")]
        self._by_spelling: dict[str, list[GarbageItem]] = {}
        for item in self._items:
            for spelling in item.spellings:
                self._by_spelling.setdefault(spelling, []).append(item)
        self._spellings = sorted((s for s in self._by_spelling if len(s) >= 2), key=len, reverse=True)

    def __len__(self) -> int:
        return len(self._items)

    def look_up(self, text: str) -> tuple[GarbageItem, ...]:
        """The items that a question about putting something out names; empty when it is not such a question.

        The longest spelling wins, so ペットボトルのふた is not taken for ペットボトル.
        """
        folded = fold(text)
        if not _INTENT.search(normalise(text)) and folded not in self._by_spelling:
            return ()
        for spelling in self._spellings:
            if spelling in folded and _is_a_word(spelling, folded):
                return tuple(self._by_spelling[spelling])
        thing = _WORDING.sub("", folded)
        return tuple(self._by_spelling.get(thing, ())) or self._containing(thing)

    def _containing(self, thing: str) -> tuple[GarbageItem, ...]:
        """The items whose names have the thing in them: 電池 is 乾電池 and ボタン電池. Shortest names first."""
        if len(thing) < 2 or "ごみ" in thing:
            return ()
        found = {i: s for s in self._spellings if thing in s for i in self._by_spelling[s]}
        return tuple(sorted(found, key=lambda i: (thing not in fold(i.name), len(i.name), i.name)))


def fold(text: str) -> str:
    """Normalised, katakana as hiragana, without spaces: one spelling for ペットボトル and ぺっとぼとる."""
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in normalise(text))
    return re.sub(r"[\s・、。,.!?「」]", "", hiragana)


def _is_a_word(spelling: str, folded: str) -> bool:
    """Two kana can stand inside any word (かさ in かさい); so short kana spellings must begin the question."""
    if len(spelling) > 2 or not re.fullmatch("[ぁ-んー]+", spelling):
        return True
    return bool(re.match(re.escape(spelling) + "(?:$|[のはをがっと])", folded))


def _item(row: dict[str, str]) -> GarbageItem:
    names = [row["name"], row.get("reading", ""), *row.get("aliases", "").split("|")]
    spellings = {fold(n) for n in names if n.strip()}
    spellings |= {fold(re.sub(r"[（(].*?[)）]", "", n)) for n in names if re.search(r"[（(]", n)}
    return GarbageItem(name=row["name"], type=row["type"], notice=row.get("notice", ""), spellings=frozenset(spellings - {""}))
