"""How to put out a thing: looked up in the city's sorting table (the open 5374 form), never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile, zip_longest

from retrieval.analysis import is_bare_name, normalise
from retrieval.garbage_item import GarbageItem, also_called, item_of
from retrieval.names import (
    fold,
    has_kanji,
    in_hiragana,
    may_be_one,
    shares_a_kanji,
    sound,
    sounds,
    unvoiced,
    without_okurigana,
    written_alike,
)
from retrieval.tokens import tokens
from retrieval.wording import Group

ASKS_HOW_TO = re.compile(
    "捨て|すて|うっ[せす]|ごみ|ゴミ|分別|ぶんべつ|出し方|だしかた|処分|何曜日|回収|収集(?!カレンダー|車|員|場|所)|燃える|燃えない|燃やせ|可燃|不燃|資源|リサイクル"
)
# Something was thrown away already, or by somebody else: no question of how to.
_DONE = re.compile(
    "(?:捨て|すて)(?:て|ちゃ)(?:しま|った|い[たっ])|(?:捨て|処分し|すて)た(?:けど|の|が|ら|、|$)|(?:捨て|すて)(?:られ[てた]|てあ[りるっ])|不法投棄|誰かが"
)
_BAG = re.compile("(?:捨て|すて|入れ|出)[るす](?:ための)?袋")  #: is asked for, not what goes into it
# The table is for what comes out of homes.
_BUSINESS = "店|食堂|飲食店|レストラン|会社|工場|事業所?|商売|事務所|旅館|ホテル"
OF_A_BUSINESS = re.compile(
    f"(?:{_BUSINESS}|仕事|職場|現場)(?:で|から)出(?:[たるす]|ま[しす])|(?:{_BUSINESS})を(?:(?:やっ|し)て|営ん|経営)"
)
# What is left of a folded question without it is the thing itself.
_WORDING = re.compile(
    "(?:の|は|って|を|が)*(?:どう|どこ|何に|捨て|すて|出し方|だしかた|出せ|出す|出した|処分|分別|ぶんべつ|何ごみ|なにごみ|どのごみ|何曜日|回収|収集|燃え|燃やせ|可燃|不燃"
    "|資源|りさいくる).*$"
)


_WORDING_AS_WRITTEN = re.compile(_WORDING.pattern.replace("りさいくる", "リサイクル"))
_ASKED_OF_A_NAME = re.compile(
    "(?<=.)(?:は|って|とは|を)?(?:(?:どう|どげん|いけん)(?:やって|して)?(?:(?:すれば|したら|すっと|せば|する|出せば|出したら|出す|だせば|だす)(?:いい|よい|良い|よか)?)?"
    "(?:の|です|でしょう)?か?)?$"
)
_TELLING = re.compile("[一-鿿]|[ぁ-ゖァ-ヺー]{3}")
_SHORTEST_SOUND = 3
_LONG_SOUND = 5  #: kana, that name a thing whether voiced or not
_SHORTEST_PART = 2  #: of a name, to be looked for in others
_SHORTEST_SLIP = 4  #: shorter words are too near to too many others

# A word in a question is the thing itself only where it begins and ends there: 電子レンジ台 is no 電子レンジ, and a 膨らんだ電池
# is not put out as a 電池. What may stand before it says nothing of what it is; what stands behind it goes on with the sentence.
_DONE_WITH = (
    "いらない|いらん|要らない|いらなく(?:なった)?|要らなくなった|不要な|不要になった|不用な|使わなくなった|使い終わった|使い終えた"
    "|使用済みの?"
)
_CUT = "刈った|刈り取った|抜いた|枯れた|剪定した"
_PLAIN = (
    f"{_DONE_WITH}|古い|古か|古く(?:なった)?|ふるい|使わない|家の|うちの|自宅の|家庭の|実家の|子供の|子どもの|大量の|たくさんの"
    f"|大きい|大きな|小さい|小さな|{_CUT}"
)
_BEFORE = re.compile(
    f"(?:^|[ 、。,.!?・「『]|は|が|も|を|に|で|から|ので|けど|けれど|たら|なら|って|と|や|あと|この|その|あの|{_PLAIN})$"
)
_LONGEST_BEFORE = 16
_BETWEEN_NAMES = re.compile("([とや、・,])")
_LONGEST_NAME = 5  #: pieces of one: it has at most two of these in it
_NEGATED = re.compile("(?:じゃ|では?)な|以外")
_BROKEN = re.compile("(?:壊れ|こわれ|故障し|使えなくなっ|動かなくなっ)た|動かない|使えない|映らない|点かない|つかない")
#: What may be otherwise of a thing, so that the table's row for it may not hold.
_STATES = f"(?:{_BROKEN.pattern}|(?:割れ|われ|欠け|破れ|やぶれ|汚れ|よごれ|錆び|さび|膨らん|膨張し|曲がっ)[ただ])"
#: No part of a thing, as 子ども is of 子ども服.
_PERSON = re.compile("(?:子ども|子供|こども|赤ちゃん|赤ん坊|乳児|幼児|息子|娘|孫|大人|老人|人)(?:たち|達)?")
_STATE = re.compile(f"{_STATES}$")
_NAMED_IN_A_STATE = re.compile(f"(?:{_STATES}|{_DONE_WITH}|{_CUT})[^はがを、。]+(?:は|って)?[?。]*")
_GONE = "(?:壊れ|こわれ|割れ|われ|欠け|破れ|やぶれ)た"  #: that a TV shows nothing is no reason to put it out
_IN_A_STATE = re.compile(f"(?P<thing>[^はがを、。?]+?)(?:が|は)?(?P<state>{_GONE})[?。]*")
_LEADING = re.compile(f"(?P<state>{_STATES})|{_PLAIN}")
_BEHIND = re.compile(
    "$|[ 、。,.!?・」』(]|は|を|が|も|って|と(?:か|は|いう)?(?!け)|や|に(?:ついて|は)|なん(?:です|だ)|です|だけ|など|とか"
    "|の?(?:どう|どこ|何|なに|いつ|捨て|すて|出し|だし|出せ|出す|処分|分別|ぶんべつ|回収|収集|ごみ|日|次|燃|可燃|不燃|資源|りさいくる|正しい"
    "|料金|手数料)|来|明日|あした|今[日週度]|きょう|毎週|第|つぎ|まだ|あ[りる]|だ|じゃ(?!な|ね)"
)


class GarbageTable:
    """The city's sorting table."""

    def __init__(self, rows: Iterable[dict[str, str]], synonyms: Sequence[Group] = ()) -> None:
        """`synonyms` are the city's groups of words that mean the same."""
        items = dict.fromkeys(item_of(row) for row in rows if row.get("name") and row.get("type"))
        self._items = also_called(tuple(items), synonyms)
        self._by_spelling: dict[str, list[GarbageItem]] = {}
        for item in self._items:
            for spelling in item.spellings | item.vague:
                self._by_spelling.setdefault(spelling, []).append(item)
        self._by_sound: dict[str, set[str]] = {}  # spellings by how they sound, and by how they do without voicing
        self._by_stems: dict[str, set[str]] = {}
        for spelling in chain.from_iterable(item.spellings for item in self._items):
            heard = sound(spelling)
            for key in (heard, unvoiced(heard)):
                self._by_sound.setdefault(key, set()).add(spelling)
            self._by_stems.setdefault(without_okurigana(spelling), set()).add(spelling)
        self._spellings = sorted((s for s in self._by_spelling if len(s) >= 2), key=len, reverse=True)

    @property
    def types(self) -> frozenset[str]:
        """How things are put out: 可燃ごみ, 小型家電 …"""
        return frozenset(item.type for item in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def is_name(self, text: str) -> bool:
        """Whether a text is what a thing is called and nothing else, in whatever spelling: 「毛布は？」「折りたたみ傘」."""
        names = _with_and_without_of(fold(text), _bare(text))
        spelled = any(name in item.spellings for name in names for item in self._by_spelling.get(name, ()))
        return spelled or bool(self._spelled_otherwise(_bare(text)))

    def look_up(self, text: str) -> tuple[GarbageItem, ...]:
        """The items that a question about putting something out names; empty when it is not such a question.

        The longest spelling wins, so ペットボトルのふた is not taken for ペットボトル.
        """
        text = self._state_first(text)
        if not self._asks_how_to(text):
            return ()
        thing = _thing(text)
        named, containing = self.things_in(text), self._containing(thing)
        if self.is_vague(text):
            others = containing if len(thing) >= _SHORTEST_PART else ()
            return tuple(dict.fromkeys((*named, *self._same_sound(text), *others)))
        if len(named) < len(each := self._of_a_list(text)):
            return each
        # one alone that has the name in it is what that is a part of: offered, never told
        return named or self._same_sound(text) or (containing if len(containing) > 1 else ())

    def _state_first(self, text: str) -> str:
        """「割れた茶碗」 of 「茶碗が割れた」; any other text as it is."""
        said = _IN_A_STATE.fullmatch(normalise(text))
        return f"{said['state']}{said['thing']}" if said and self.is_name(said["thing"]) else text

    def _asks_how_to(self, text: str) -> bool:
        """Whether it is asked how to put something out; what is broken, and nothing more said of it, is to be thrown away."""
        folded = normalise(text)
        if _DONE.search(folded) or _BAG.search(folded) or OF_A_BUSINESS.search(folded):
            return False
        only_named = self.is_name(text) or self._listed(folded)
        return bool(only_named or ASKS_HOW_TO.search(folded) or _NAMED_IN_A_STATE.fullmatch(folded))

    def things_in(self, text: str) -> tuple[GarbageItem, ...]:
        """The items that a text names, whatever is asked of them; not those whose name is a part of something else's."""
        return tuple(dict.fromkeys(item for group in self.named_in(text) for item in group))

    def named_in(self, text: str) -> tuple[tuple[GarbageItem, ...], ...]:
        """The items of each name in a text."""
        return tuple(tuple(self._by_spelling[spelling]) for spelling in self._names_in(text))

    def _names_in(self, text: str) -> list[str]:
        names = (*_with_and_without_of(fold(text), _bare(text)), _thing(text))
        whole = next((name for name in (*names, *map(self._without_state, names)) if name in self._by_spelling), None)
        if whole:
            return [whole]
        return self._listed(text) or [spelling for spelling, is_whole in self._spelled_in(text) if is_whole]

    def _without_state(self, name: str) -> str:
        """The thing alone, where what is said before it changes nothing: 「割れた皿」. A name of one letter is found only so."""
        state, rest = _state_and_thing(name)
        return rest if rest in self._by_spelling and (not state or self._says_nothing(state, rest)) else ""

    def _listed(self, text: str) -> list[str]:
        """The names that a text is a list of; none where anything in it is no name."""
        parts = self._parts_of_a_list(text)
        return parts if all(part in self._by_spelling for part in parts) else []

    def _parts_of_a_list(self, text: str) -> list[str]:
        """What stands between 「と」, 「や」 and commas, without how it is asked, names that have one of them (ふとん) whole;
        nothing where there are no two."""
        pieces, parts, at = _BETWEEN_NAMES.split(_WORDING_AS_WRITTEN.sub("", normalise(text))), [], 0
        while at < len(pieces):
            ends = range(min(at + _LONGEST_NAME, len(pieces) - 1 + len(pieces) % 2), at, -2)
            names = ((end, _bare("".join(pieces[at:end]))) for end in ends)
            end, name = next((e, n) for e, n in names if n in self._by_spelling or e == at + 1)
            parts.append(name)
            at = end + 1
        return list(dict.fromkeys(parts)) if len(parts) > 1 else []

    def _of_a_list(self, text: str) -> tuple[GarbageItem, ...]:
        """All that may be meant by a list of things of which some are called by a part of their names (電池と蛍光灯), what is
        clear first."""
        parts = self._parts_of_a_list(text)
        found = [*takewhile(bool, (tuple(self._by_spelling.get(part, ())) or self._called(part) for part in parts))]
        if len(found) < len(parts):
            return ()
        found.sort(key=len)
        in_turn = chain.from_iterable(zip_longest(*found))  # so that a choice of a few has something of each
        return tuple(dict.fromkeys(item for item in in_turn if item is not None))

    def _called(self, part: str) -> tuple[GarbageItem, ...]:
        """The items that have a word in their names; カン is in too many others (やかん、換気扇) to be one."""
        return self._containing(part) if _TELLING.search(part) else ()

    def _spelled_in(self, text: str) -> list[tuple[str, bool]]:
        """The spellings in a text, the longest first, and whether each is a thing by itself there; none within another."""
        clear = in_hiragana(text)
        found: list[tuple[int, int, str, bool]] = []
        for spelling in filter(clear.__contains__, self._spellings):  # of thousands, hardly any is
            for start, end in occurrences(spelling, clear):
                if (
                    _is_a_word(spelling, clear, end)
                    and not _NEGATED.match(clear, end)
                    and not any(a <= start and end <= b for a, b, _, _ in found)
                ):
                    found.append((start, end, spelling, self._is_whole(spelling, clear, start, end)))
        return [(spelling, whole) for _, _, spelling, whole in found]

    def _is_whole(self, spelling: str, clear: str, start: int, end: int) -> bool:
        """Whether nothing around a name makes another thing of it."""
        if not ends_a_name(clear[end:]):
            return False
        if start and clear[start - 1] in "おご" and re.match("[一-鿿]", spelling):  # お布団
            start -= 1
        if _BEFORE.search(clear, max(0, start - _LONGEST_BEFORE), start):
            return True
        state = _STATE.search(clear, max(0, start - _LONGEST_BEFORE), start)
        return state is not None and self._says_nothing(state[0], spelling)

    def _says_nothing(self, state: str, spelling: str) -> bool:
        """Whether a thing in a state is put out as any other: where its row speaks of that, or, of a broken one, where the table
        has no row for broken ones of its kind."""
        if all(f"{state}もの" in item.notice for item in self._by_spelling[spelling]):
            return True
        kin = spelling[-_SHORTEST_PART:]
        return bool(_BROKEN.fullmatch(state)) and not any(s.startswith(state) and s.endswith(kin) for s in self._spellings)

    def near(self, text: str) -> tuple[GarbageItem, ...]:
        """What may be meant by a thing that is not in the table, nearest first. Only offered.

        Things of which the name has a part (膨らんだスマホ: 膨張した電池, スマホ), else those one slip in four characters away.
        """
        if not self._asks_how_to(text):
            return ()
        thing = _thing(text)
        if "ごみ" in thing:
            return ()
        in_a_state = tuple(self._by_spelling.get(_state_and_thing(thing)[1], ()))
        found = (*self._containing(thing), *self.parts_in(text), *in_a_state)
        return tuple(dict.fromkeys(found)) or self._slipped(thing) or self.heard_in(sound(thing))

    def unknown(self, text: str) -> str | None:
        """The thing that a text asks how to put out, by a name that is not in the table; None for any other text."""
        thing = _WORDING_AS_WRITTEN.sub("", normalise(text))
        if not thing or "ごみ" in in_hiragana(thing) or not self._asks_how_to(text) or not is_bare_name(thing):
            return None
        return None if self.look_up(text) or self.near(text) else thing

    def is_vague(self, text: str) -> bool:
        """Whether a text names a thing only by what others may be called, too."""
        names = self._names_in(text)
        return any(all(spelling in item.vague for item in self._by_spelling[spelling]) for spelling in names)

    def alike(self, text: str) -> tuple[GarbageItem, ...]:
        """What a bare name may mean of the table: things that sound so, have it in their names or are what it ends with. Only
        offered, for it may be no rubbish at all."""
        thing = _bare(text)
        heads = [spelling for spelling, _ in self._spelled_in(thing) if thing.endswith(spelling)]
        sounding = [
            i for i in self._same_sound(thing) if not has_kanji(thing) or any(shares_a_kanji(thing, s) for s in i.spellings)
        ]  # 歯医者 is no 廃車
        heads += self._heard_at_the_end(thing)
        last = tokens(thing)[-1].surface if thing else ""
        heads += [last] if len(last) == 1 and has_kanji(last) and last in self._by_spelling else []  # ビニール傘, but not 基本
        containing = self._containing(thing)
        found = (
            *self._by_spelling.get(thing, ()),
            *sounding,
            *(containing if len(thing) >= _SHORTEST_PART or len(containing) > 1 else ()),  # 火 is no 花火
            *(i for head in heads for i in self._by_spelling[head]),
        )
        return tuple(dict.fromkeys(found))

    def _heard_at_the_end(self, thing: str) -> list[str]:
        """What a thing ends with by its sound, the longest first: ジャムの瓶のふた with びんのふた."""
        said = sounds(thing)
        ends = (end for at in range(1, len(said)) if len(end := "".join(said[at:])) >= _SHORTEST_SLIP)
        return [s for end in ends for s in sorted(self._by_sound.get(end, ())) if sound(s) == end and written_alike(thing, s)]

    def heard_in(self, text: str) -> tuple[GarbageItem, ...]:
        """The items whose names sound so or end so, for a text that is all in hiragana, which no dictionary tells from particles:
        でんち."""
        thing = _bare(text)
        if len(thing) < _SHORTEST_SOUND or not re.fullmatch("[ぁ-んー]+", thing):
            return ()
        plain = unvoiced(thing)
        sounding = (s for s in self._by_sound.get(plain, ()) if unvoiced(sound(s)) == plain) if len(thing) >= _LONG_SOUND else ()
        ending = {i for s in self._spellings if s.endswith(thing) for i in self._by_spelling[s]}
        return tuple(dict.fromkeys((*self._called_so(sounding), *sorted(ending, key=lambda i: (len(i.name), i.name)))))

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

    def _same_sound(self, text: str) -> tuple[GarbageItem, ...]:
        """蒲団 is read as 布団 is."""
        thing = _WORDING_AS_WRITTEN.sub("", normalise(text))
        otherwise, heard = self._spelled_otherwise(fold(thing)), sound(thing)
        if otherwise or len(heard) < _SHORTEST_SOUND:
            return otherwise
        return self._called_so(s for s in self._by_sound.get(heard, ()) if sound(s) == heard)

    def _spelled_otherwise(self, name: str) -> tuple[GarbageItem, ...]:
        """The items of a name in another spelling, of which a part is written as theirs: 敷き布団 (敷布団), ペットボトルの蓋,
        物干し竿 (物干しざお)."""
        heard = sound(name)
        found = set(self._by_stems.get(without_okurigana(name), ()))
        if len(heard) >= _SHORTEST_SOUND:
            found |= {s for s in self._by_sound.get(unvoiced(heard), ()) if sound(s) == heard or shares_a_kanji(name, s)}
        return self._called_so(s for s in found if may_be_one(name, s))

    def _called_so(self, spellings: Iterable[str]) -> tuple[GarbageItem, ...]:
        """The items that have any of these spellings, in the order of the table."""
        wanted = frozenset(spellings)
        return tuple(item for item in self._items if item.spellings & wanted) if wanted else ()

    def _containing(self, thing: str) -> tuple[GarbageItem, ...]:
        """The items whose names have the thing in them: 電池 is 乾電池 and ボタン電池. One kanji, which stands in too many words,
        must end them: 針 is 縫い針, but 犬 no 死んだ犬. Shortest names first."""
        if "ごみ" in thing or _PERSON.fullmatch(thing) or not (len(thing) >= _SHORTEST_PART or re.fullmatch("[一-鿿]", thing)):
            return ()
        stands_in = re.compile(re.escape(thing) if len(thing) >= _SHORTEST_PART else f"(?<![ただ]){thing}$").search
        found = {i: s for s in self._spellings if stands_in(s) for i in self._by_spelling[s]}
        return tuple(sorted(found, key=lambda i: (thing not in fold(i.name), len(i.name), i.name)))


def occurrences(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a word stands in a text. A pattern for each of the table's words would be more than `re` keeps compiled."""
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + len(word))


def ends_a_name(rest: str) -> bool:
    """Whether a name ends where a text goes on like this; that of a ペットボトルのふた goes on."""
    return _BEHIND.match(rest) is not None


def _thing(text: str) -> str:
    """What is left of a question without what it asks."""
    return _WORDING.sub("", fold(text))


def _state_and_thing(name: str) -> tuple[str, str]:
    """What is said of a thing that may matter, and the thing: 割れた and 皿; neither where nothing is said before it."""
    before = _LEADING.match(name)
    return (before["state"] or "", name[before.end() :]) if before else ("", "")


def _with_and_without_of(*names: str) -> tuple[str, ...]:
    """Names as they stand and without 「の」: プロパンガスのボンベ is called プロパンガスボンベ in the table."""
    return (*names, *(name.replace("の", "") for name in names))


def _bare(text: str) -> str:
    """A name without what makes a question of it."""
    return _ASKED_OF_A_NAME.sub("", fold(text))


def _is_a_word(spelling: str, folded: str, end: int) -> bool:
    """Two kana can stand inside any word (かさ in かさい): short kana must begin the question. ノートpc is no ノート."""
    after = folded[end : end + 1]
    if re.match("[a-z0-9]", after):
        return False
    if len(spelling) > 2 or not re.fullmatch("[ぁ-んー]+", spelling):
        return True
    return end == len(spelling) and (not after or after in "のはをがっと")


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
