"""How to put out a thing: looked up in the city's sorting table (the open 5374 form), never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.analysis import normalise, reading

_INTENT = re.compile(
    "捨て|すて|ごみ|ゴミ|分別|ぶんべつ|出し方|だしかた|処分|何曜日|回収|燃える|燃えない|燃やせ|可燃|不燃|資源|リサイクル"
)
# Something was thrown away already, or by somebody else: no question of how to.
_DONE = re.compile("(?:捨て|すて)(?:て|ちゃ)(?:しま|った|い[たっ])|(?:捨て|処分し|すて)た(?:けど|の|が|ら|、|$)|不法投棄|誰かが")
# What is left of a folded question without it is the thing itself.
_WORDING = re.compile(
    "(?:の|は|って|を|が)*(?:どう|どこ|何に|捨て|すて|出し方|だしかた|出せ|出す|出した|処分|分別|ぶんべつ|何ごみ|なにごみ|どのごみ|何曜日|回収|燃え|燃やせ|可燃|不燃"
    "|資源|りさいくる).*$"
)


_WORDING_AS_WRITTEN = re.compile(_WORDING.pattern.replace("りさいくる", "リサイクル"))
_SHORTEST_SLIP = 4  #: shorter words are too near to too many others


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
        self._by_reading: dict[str, list[GarbageItem]] = {}
        for item in self._items:
            self._by_reading.setdefault(fold(reading(_outside_brackets(item.name))), []).append(item)
        self._spellings = sorted((s for s in self._by_spelling if len(s) >= 2), key=len, reverse=True)

    def __len__(self) -> int:
        return len(self._items)

    def is_name(self, text: str) -> bool:
        """Whether a text is the name of one thing and nothing else."""
        return fold(text) in self._by_spelling

    def look_up(self, text: str) -> tuple[GarbageItem, ...]:
        """The items that a question about putting something out names; empty when it is not such a question.

        The longest spelling wins, so ペットボトルのふた is not taken for ペットボトル.
        """
        folded = fold(text)
        if not _asks_how_to(text) and folded not in self._by_spelling:
            return ()
        for spelling in self._spellings:
            if spelling in folded and _is_a_word(spelling, folded):
                return tuple(self._by_spelling[spelling])
        thing = _WORDING.sub("", folded)
        return tuple(self._by_spelling.get(thing, ())) or self._same_reading(text) or self._containing(thing)

    def near(self, text: str) -> tuple[GarbageItem, ...]:
        """What may be meant by a thing that is not in the table, nearest first: one slip in four characters. Only offered."""
        if not _asks_how_to(text):
            return ()
        thing = _WORDING.sub("", fold(text))
        if len(thing) < _SHORTEST_SLIP or "ごみ" in thing:
            return ()
        found: dict[GarbageItem, int] = {}
        for spelling in self._spellings:
            slips = _slips(thing, spelling, most=len(thing) // _SHORTEST_SLIP)
            if slips is not None:
                for item in self._by_spelling[spelling]:
                    found[item] = min(slips, found.get(item, slips))
        return tuple(sorted(found, key=lambda i: (found[i], len(i.name), i.name)))

    def _same_reading(self, text: str) -> tuple[GarbageItem, ...]:
        """蒲団 is read as 布団 is."""
        thing = fold(reading(_WORDING_AS_WRITTEN.sub("", normalise(text))))
        return tuple(self._by_reading.get(thing, ())) if len(thing) >= 3 else ()

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


def _asks_how_to(text: str) -> bool:
    folded = normalise(text)
    return bool(_INTENT.search(folded)) and not _DONE.search(folded)


def _is_a_word(spelling: str, folded: str) -> bool:
    """Two kana can stand inside any word (かさ in かさい): short kana must begin the question. ノートpc is no ノート."""
    if re.search(re.escape(spelling) + "[a-z0-9]", folded):
        return False
    if len(spelling) > 2 or not re.fullmatch("[ぁ-んー]+", spelling):
        return True
    return bool(re.match(re.escape(spelling) + "(?:$|[のはをがっと])", folded))


def _outside_brackets(name: str) -> str:
    return re.sub(r"[（(].*?[)）]", "", name)


def _slips(a: str, b: str, *, most: int) -> int | None:
    """The edit distance of two words with neighbours swapped counted once (Damerau 1964); None above `most`."""
    if abs(len(a) - len(b)) > most:
        return None
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def _item(row: dict[str, str]) -> GarbageItem:
    names = [row["name"], row.get("reading", ""), *row.get("aliases", "").split("|")]
    names += [part for part in _outside_brackets(row["name"]).split("・") if len(part) >= 3]
    spellings = {fold(n) for n in names if n.strip()}
    spellings |= {fold(_outside_brackets(n)) for n in names if re.search(r"[（(]", n)}
    return GarbageItem(name=row["name"], type=row["type"], notice=row.get("notice", ""), spellings=frozenset(spellings - {""}))
