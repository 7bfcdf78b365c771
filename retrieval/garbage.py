"""How to put out a thing: looked up in the city's sorting table (the open 5374 form), never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.analysis import normalise, reading

_INTENT = re.compile(
    "捨て|すて|ごみ|ゴミ|分別|ぶんべつ|出し方|だしかた|処分|何曜日|回収|収集(?!カレンダー|車|員|場|所)|燃える|燃えない|燃やせ|可燃|不燃|資源|リサイクル"
)
# Something was thrown away already, or by somebody else: no question of how to.
_DONE = re.compile("(?:捨て|すて)(?:て|ちゃ)(?:しま|った|い[たっ])|(?:捨て|処分し|すて)た(?:けど|の|が|ら|、|$)|不法投棄|誰かが")
# What is left of a folded question without it is the thing itself.
_WORDING = re.compile(
    "(?:の|は|って|を|が)*(?:どう|どこ|何に|捨て|すて|出し方|だしかた|出せ|出す|出した|処分|分別|ぶんべつ|何ごみ|なにごみ|どのごみ|何曜日|回収|収集|燃え|燃やせ|可燃|不燃"
    "|資源|りさいくる).*$"
)


_WORDING_AS_WRITTEN = re.compile(_WORDING.pattern.replace("りさいくる", "リサイクル"))
_SHORTEST_PART = 2  #: of a name, to be looked for in others
_SHORTEST_SLIP = 4  #: shorter words are too near to too many others

# A word in a question is the thing itself only where it begins and ends there: 電子レンジ台 is no 電子レンジ, and a 膨らんだ電池
# is not put out as a 電池. What may stand before it says nothing of what it is; what stands behind it goes on with the sentence.
_PLAIN = (
    "古い|古く(?:なった)?|ふるい|いらない|要らない|いらなく(?:なった)?|不要な|不要になった|不用な|使わない|使わなくなった|使い終わった"
    "|使い終えた|使用済みの?|家の|うちの|自宅の|家庭の|実家の|子供の|子どもの|大量の|たくさんの|大きい|大きな|小さい|小さな"
)
_BEFORE = re.compile(
    f"(?:^|[ 、。,.!?・「『]|は|が|も|を|に|で|から|ので|けど|けれど|たら|なら|って|と|や|あと|この|その|あの|{_PLAIN})$"
)
_BEHIND = re.compile(
    "$|[ 、。,.!?・」』(]|は|を|が|も|って|と(?:か|は|いう)?(?!け)|や|に(?:ついて|は)|なん(?:です|だ)|です|だけ|など|とか"
    "|の?(?:どう|どこ|何|なに|いつ|捨て|すて|出し|だし|出せ|出す|処分|分別|ぶんべつ|回収|収集|ごみ|日|次|燃|可燃|不燃|資源|りさいくる|正しい"
    "|料金|手数料)|来|明日|あした|今[日週度]|きょう|毎週|第|つぎ|まだ|あ[りる]|だ|じゃ"
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
        if not _asks_how_to(text) and not self.is_name(text):
            return ()
        containing = self._containing(_thing(text))  # one alone is what it is a part of: offered, never told
        return self.things_in(text) or self._same_reading(text) or (containing if len(containing) > 1 else ())

    def things_in(self, text: str) -> tuple[GarbageItem, ...]:
        """The items that a text names, whatever is asked of them; not those whose name is a part of something else's."""
        for name in (fold(text), _thing(text)):
            if name in self._by_spelling:
                return tuple(self._by_spelling[name])
        named = [spelling for spelling, whole in self._spelled_in(text) if whole]
        return tuple(dict.fromkeys(item for spelling in named for item in self._by_spelling[spelling]))

    def _spelled_in(self, text: str) -> list[tuple[str, bool]]:
        """The spellings in a text, the longest first, and whether each is a thing by itself there; none within another."""
        clear = in_hiragana(text)
        found: list[tuple[int, int, str, bool]] = []
        for spelling in self._spellings:
            for match in re.finditer(re.escape(spelling), clear):
                start, end = match.span()
                if _is_a_word(spelling, clear) and not any(a <= start and end <= b for a, b, _, _ in found):
                    whole = bool(_BEFORE.search(clear[:start])) and ends_a_name(clear[end:])
                    found.append((start, end, spelling, whole))
        return [(spelling, whole) for _, _, spelling, whole in found]

    def near(self, text: str) -> tuple[GarbageItem, ...]:
        """What may be meant by a thing that is not in the table, nearest first. Only offered.

        Things of which the name has a part (膨らんだスマホ: 膨張した電池, スマホ), else those one slip in four characters away.
        """
        if not _asks_how_to(text):
            return ()
        thing = _thing(text)
        if "ごみ" in thing:
            return ()
        return self.parts_in(text) or self._containing(thing) or self._slipped(thing)

    def parts_in(self, text: str) -> tuple[GarbageItem, ...]:
        """Things whose names begin or end with what a thing's name has beside a known one, then the known ones."""
        known = [spelling for spelling, _ in self._spelled_in(text)]
        if not known:
            return ()
        others = [
            part for part in re.split("|".join(map(re.escape, known)), _thing(text)) if len(part.strip("の")) >= _SHORTEST_PART
        ]
        like = [s for part in others for s in self._spellings if s.startswith(part.strip("の")) or s.endswith(part.strip("の"))]
        return tuple(dict.fromkeys(item for spelling in (*like, *known) for item in self._by_spelling[spelling]))

    def _slipped(self, thing: str) -> tuple[GarbageItem, ...]:
        if len(thing) < _SHORTEST_SLIP:
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
    return re.sub(r"[\s・、。,.!?「」]", "", in_hiragana(text))


def ends_a_name(rest: str) -> bool:
    """Whether a name ends where a text goes on like this; that of a ペットボトルのふた goes on."""
    return _BEHIND.match(rest) is not None


def _thing(text: str) -> str:
    """What is left of a question without what it asks."""
    return _WORDING.sub("", fold(text))


def in_hiragana(text: str) -> str:
    """Normalised, katakana as hiragana; its marks stay, which tell where words end."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in normalise(text))


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
