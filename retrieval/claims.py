"""Two answers in, whether they contradict each other out: by numbers, by limits, and by what is denied in one of them.

Words alone don't tell: 「申請できます」 and 「申請できません」 have the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.analysis import has_words, normalise
from retrieval.numerals import in_digits
from retrieval.tokens import Token, tokens

# Two sentences speak of the same where so many words, and this share of the shorter one's, are in both.
FEWEST_SHARED = 2
SAME_MATTER = 0.6

_SENTENCE_END = re.compile("[。\n（）()]")

_NUMBER = re.compile(
    r"(?P<phone>\d+-\d+-\d+)|(?P<day>\d+月\d+日)|(?P<hour>\d+時(?!間)(?:\d+分|半)?)|(?P<weekday>[月火水木金土日](?=曜))"
    r"|(?P<number>\d+(?:\.\d+)?)(?P<unit>時間|か月|[^\d\s。、・]?)"
)
_CLOCK = re.compile(
    r"(?P<half>午[前後])?(?<!\d)(?P<hour>\d{1,2})"
    r"(?::(?P<past>[0-5]\d)(?!\d)|時(?!間)(?:(?P<minute>\d{1,2})分|(?P<thirty>半))?)"
)
_UNIT_TEXTS = {"phone": "", "day": "", "hour": "", "weekday": "曜日"}  #: the value of most has what it counts in it
_PARTICLE = re.compile("[ぁ-ちっ-ん]")  #: 「レベル4では」 counts nothing, 「4つ」 does
_LIMIT = re.compile("間?[をの]?(以上|以降|から|以下|以内|まで|未満|超|前|後)")
_SAME_LIMIT = {"以降": "以上", "から": "以上", "以内": "以下", "まで": "以下"}
_MONTHS = re.compile("[ヶヵカケ箇](?=月)")
_FREE = re.compile("無料(?!の)")

# Two denials make a duty, and a guess denies nothing.
_DENIES_NOTHING = re.compile(
    "(?:なければ|なくては|ねば)(?:なりません|いけません|ならない|いけない)|かもしれ(?:ません|ない)|(?:すみ|かまい|構い)ません"
)
_NOT_NEEDED = re.compile("(?<=[はもが])いり(?=ません)")
_NEEDED = "必要"
_NEED_WITHIN = 3  #: places from what is needed to 必要: 届出をする必要
_DENIALS = frozenset({"ず", "ない", "無い", "まい", "不可", "不可能", "外"})
_DENIED = {"不要": _NEEDED, "無料": "有料"}  #: words that deny another
_SAME_WORD = {"要り": _NEEDED, "要する": _NEEDED} | _DENIED
_HOLLOW = frozenset(
    "有る 無い 為る 成る 居る 出来る 設ける 行う 可 可能 不可 不可能 良い 外 下さる 致す 頂く 御座る"
    " 方 人 者 場合 時 際 事 物 為".split()
)
_OPPOSITES = (("前", "後"), ("以前", "以後"), ("午前", "午後"), ("市内", "市外"))
_CONTENT_POS = frozenset({"名詞", "動詞", "形容詞", "形状詞", "接尾辞"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number with what it counts and whether it is a limit: 14, 日, 以下."""

    value: str
    unit: str
    limit: str = ""

    @property
    def text(self) -> str:
        """As people write it."""
        if self == _NO_CHARGE:
            return "無料"
        return self.value + _UNIT_TEXTS.get(self.unit, "" if _PARTICLE.fullmatch(self.unit) else self.unit)


_NO_CHARGE = Number(value="0", unit="円")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one sentence says."""

    words: frozenset[str]
    said: frozenset[str]  #: those in which a part of the sentence ends, and so what it says of the others
    denied: frozenset[str]  #: those of which it says that they are not so; nothing by name in a bare 「できません」
    numbers: frozenset[Number]

    def speaks_of_the_same(self, other: Claim) -> bool:
        shared, fewer = len(self.words & other.words), min(len(self.words), len(other.words))
        return self.words == other.words or (shared >= FEWEST_SHARED and shared >= SAME_MATTER * fewer)

    def replies_to_the_same(self, other: Claim) -> bool:
        """The same of the first sentences of two answers to one question, which need not repeat what that is about."""
        return bool(self.words & other.words) or min(len(self.words), len(other.words)) <= FEWEST_SHARED

    def contradicts(self, other: Claim) -> bool:
        """Whether both can't be true, if they are about the same."""
        if self.is_bare_denial or other.is_bare_denial:
            return bool(self.denied) != bool(other.denied)
        denied = self.denied & (other.said - other.denied) or other.denied & (self.said - self.denied)
        return bool(denied) or _opposed(self.words, other.words) or _differ(self.numbers, other.numbers)

    @property
    def is_bare_denial(self) -> bool:
        return bool(self.denied) and not self.words


def claims_of(answer: str) -> list[Claim]:
    """One claim a sentence, line or remark in brackets."""
    return [_claim(sentence) for sentence in _SENTENCE_END.split(answer) if has_words(sentence)]


def contradict(a: Sequence[Claim], b: Sequence[Claim]) -> bool:
    """Whether two answers to nearly one question contradict each other, in sentences that speak of the same."""
    first = bool(a and b) and a[0].replies_to_the_same(b[0]) and a[0].contradicts(b[0])
    return first or any(x.speaks_of_the_same(y) and x.contradicts(y) for x in a for y in b)


def same_claims(a: Sequence[Claim], b: Sequence[Claim]) -> bool:
    """Whether two answers deny the same and have the same numbers, in whatever order."""
    return _decisive(a) == _decisive(b)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text with what they count: 14日, 300円, 9時30分."""
    return frozenset(n.text for n in _numbers(normalise(text)))


def _decisive(claims: Sequence[Claim]) -> tuple[set[str], set[Number], set[str]]:
    words = {w for c in claims for w in c.words}
    return (
        {w for c in claims for w in c.denied},
        {n for c in claims for n in c.numbers},
        {w for pair in _OPPOSITES for w in pair if w in words},
    )


@lru_cache(maxsize=5_000)  # an answer is compared with several others, and many end in the same sentences
def _claim(sentence: str) -> Claim:
    text = _NOT_NEEDED.sub("要り", _DENIES_NOTHING.sub("", normalise(sentence)))
    places: list[int] = []  # of the words that say something
    said: set[str] = set()
    denied: set[str] = set()
    found = tokens(text)
    for i, token in enumerate(found):
        if token.pos in _CONTENT_POS and token.lemma not in _HOLLOW and not _counts(found, i):
            places.append(i)
        if (token.lemma in _DENIALS or token.lemma in _DENIED) and not _is_attribute(found, i):
            denied |= _denied(found, places)
        if token.surface == "、" or i == len(found) - 1:
            said |= {_word(found[p]) for p in places[-1:]}
    words = frozenset(_word(found[p]) for p in places)
    return Claim(words=words, said=frozenset(said), denied=frozenset(denied), numbers=frozenset(_numbers(text)))


def _denied(found: Sequence[Token], places: Sequence[int]) -> set[str]:
    """The last word, or nothing by name where there is none; with a need what is needed: 申請 of 「申請は必要ありません」."""
    last = {_word(found[p]) for p in places[-1:]} or {""}
    is_need = last == {_NEEDED} and len(places) > 1 and places[-1] - places[-2] <= _NEED_WITHIN
    return last | {_word(found[places[-2]])} if is_need else last


def _word(token: Token) -> str:
    """A word by its kanji: 預かる, 預かれる and 預かり are one."""
    word = _SAME_WORD.get(token.stem, token.stem)
    return re.sub("[ぁ-ん]", "", word) or word


def _is_attribute(found: Sequence[Token], i: int) -> bool:
    """Whether a denial only says of whom or when: 対象外の方, できないとき, なければ."""
    following = next((t for t in found[i + 1 :] if t.lemma not in ("です",)), None)
    return following is not None and (following.pos in ("名詞", "代名詞") or following.surface in ("の", "な", "ば", "と", "方"))


def _counts(found: Sequence[Token], i: int) -> bool:
    """Whether a token is a number or what follows it."""
    return found[i].kind == "数詞" or (i > 0 and found[i - 1].kind == "数詞")


def _numbers(text: str) -> Iterator[Number]:
    text = _CLOCK.sub(_on_the_clock, _MONTHS.sub("か", in_digits(text)).replace("正午", "12時"))
    for m in _NUMBER.finditer(text):
        limit = _LIMIT.match(text, m.end())
        name = limit[1] if limit else ""
        kind = m.lastgroup if m.lastgroup not in ("number", "unit") else m["unit"]
        yield Number(value=m["number"] or m[0], unit=kind or "", limit=_SAME_LIMIT.get(name, name))
    if _FREE.search(text):
        yield _NO_CHARGE


def _on_the_clock(found: re.Match[str]) -> str:
    """An hour as a day of twenty-four has it: 17時30分 of 「午後5時半」 and 「17:30」."""
    hour = int(found["hour"]) + (12 if found["half"] == "午後" and int(found["hour"]) < 12 else 0)
    minute = 30 if found["thirty"] else int(found["minute"] or found["past"] or 0)
    return f"{hour}時{minute}分" if minute else f"{hour}時"


def _opposed(a: frozenset[str], b: frozenset[str]) -> bool:
    sides = [((x in a, y in a), (x in b, y in b)) for x, y in _OPPOSITES]
    return any({one, other} == {(True, False), (False, True)} for one, other in sides)


def _differ(a: frozenset[Number], b: frozenset[Number]) -> bool:
    """Whether they count the same and come to something else."""
    units = {n.unit for n in a} & {n.unit for n in b}
    return any(_part(*({n for n in numbers if n.unit == unit} for numbers in (a, b))) for unit in units)


def _part(a: set[Number], b: set[Number]) -> bool:
    """Whether numbers of one unit have none in common, none at the same limit, or one at other limits."""
    limits, values = ({n.limit for n in a | b} - {""}, {n.value for n in a | b})
    return (
        _apart({n.value for n in a}, {n.value for n in b})
        or any(_apart({n.value for n in a if n.limit == at}, {n.value for n in b if n.limit == at}) for at in limits)
        or any(_apart({n.limit for n in a if n.value == v} - {""}, {n.limit for n in b if n.value == v} - {""}) for v in values)
    )


def _apart(a: set[str], b: set[str]) -> bool:
    """Whether there is something on both sides and nothing on both."""
    return bool(a and b and not a & b)
