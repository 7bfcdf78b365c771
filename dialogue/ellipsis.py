"""Whether a few words ask on about what was spoken of: 「必要なものは」「いくら」「翌年度に繰り越せる？」."""

from __future__ import annotations

import re

from retrieval.analysis import normalise
from retrieval.synonyms import shipped
from retrieval.tokens import Token, tokens
from retrieval.wording import asks

_LONGEST = 14  #: characters
_LONGEST_POINTING = 30  #: of a text that says itself that it goes on
_MOST_WORDS = 2  #: with a meaning of their own
_LONGEST_LONE = 20  #: of a verb with when, where and how
_POINTING = re.compile(r"^(?:じゃあ|では|でしたら|それ|その|そこ|この場合|これ|それなら|あと|ちなみに|ほかに|他に)")
_LEFT_OUT = re.compile(
    r"(?:(?<!と)は|って|も|では|でも|だと|だったら|なら|場合|とき|(?<!何)時|(?:でも|ても|で)?(?:いい|大丈夫|可能|できる|できます|いる|要る|いります|ある|あります|必要|かかる|かかります|いくら)"
    r"(?:です|ます|の)?か?)[?。\s]*$|^(?:いくら|いつ|何|なに|どこ|どう|誰|だれ|どの|どれ|なぜ|なんで|どうして)"
)
_ASPECT = (
    "(?:お?申し?込み?|申請|手続き?|受付|予約|締め?切り?|期限|料金|値段|費用|お金|金|手数料|持ち物|必要な(?:もの|物|書類)|書類|用紙|窓口|場所|時間"
    "|対象|条件)"
)
_ASKS_AN_ASPECT = re.compile(f"{_ASPECT}(?![一-鿿々ァ-ヶー]|[のかへまよ][一-鿿々ァ-ヶー])")  #: 「手数料は」, not 「時間外の窓口」
#: What is asked of something that is not named: 「申し込みはどこで」.
_OF_IT = re.compile(f"{_ASPECT}(?:は|って|を)(?:どこ|いつ|いくら|何|なに|誰|だれ|どう)[^、。]{{0,8}}$")
_ONLY_AN_ASPECT = re.compile(f"{_ASPECT}(?:を?教えて(?:ください)?)?[?。\\s]*")
_EVEN = re.compile("([^、。]{1,8}?)でも")
#: How many are asked for of what is named: 「証人は何人」. Hours are anybody's.
_HOW_MANY = re.compile(
    "(?:は|って|が)(?:いくつ|何(?!時)(?P<unit>[^、。]{1,3}?))(?:から|まで|以上|以下)?(?:です|必要|いる|要る|いります|要ります)?か?[?。\\s]*$"
)
_NOMINAL = frozenset({"名詞", "代名詞", "接頭辞", "接尾辞"})
_ASKED = ("?", "か", "の", "いい")
WISHED = (*_ASKED, "たい", "たいです")
FAILED = ("ない", "ないです", "ません", "ないのですが", "ないんですが", "ないんだけど")
_DONE = frozenset({"為る", "出来る"})
_CONDITION = frozenset({"たら", "だら", "なら", "と"})
_CIRCUMSTANCE = frozenset({"に", "へ", "で", "から", "まで", "より"})  #: particles of when, where and how, not of what


_ASKS_ONLY = re.compile("(?:いくら|いつ|何|なに|どこ|どう|誰|だれ|どの|どれ|なぜ|なんで|どうして)")


def names_a_matter(text: str) -> bool:
    """Whether a text that goes on names something else than what may be asked of anything: 「水道は」, not 「持ち物は」 or
    「何歳から」."""
    return not _ASKS_AN_ASPECT.match(normalise(text)) and not names_nothing(text) and bool(_named(normalise(text)))


def names_nothing(text: str) -> bool:
    """Whether a text that goes on only points back or asks, so that what it finds alone is about anything: 「それはいくら」."""
    folded = normalise(text)
    return bool(_POINTING.match(folded) or _ASKS_ONLY.match(folded))


def only_goes_on(text: str) -> bool:
    """Whether a text that goes on only asks what is done where or when: 「どこに持っていけばいい」."""
    return names_nothing(text) and lone_verb(text) is not None


def goes_on(text: str) -> bool:
    """Whether a text can hardly be understood without the question before it."""
    folded = normalise(text)
    if _POINTING.match(folded):
        return len(folded) <= _LONGEST_POINTING
    is_left_out = _LEFT_OUT.search(folded) or _HOW_MANY.search(folded)
    if len(folded) <= _LONGEST and is_left_out and len(_named(folded)) <= _MOST_WORDS:
        return True
    if _OF_IT.match(folded) or _ONLY_AN_ASPECT.fullmatch(folded):
        return True
    return lone_verb(folded, endings=(*_ASKED, *FAILED)) is not None


def lone_verb(text: str, *, endings: tuple[str, ...] = _ASKED) -> str | None:
    """The verb that a question has alone, beside when, where and how: 「翌年度に繰り越せる？」 doesn't tell what; with other
    `endings`, where it is wished, too (「図書館で勉強したい」), or failed (「払えない」). None for other texts."""
    folded = normalise(text)
    found = tokens(folded.rstrip("?。 ")) if len(folded) <= _LONGEST_LONE else ()
    at = _verb_at(found)
    if at is None or not folded.rstrip("。 ").endswith(endings) or not all(map(_is_ending, found[at + 1 :])):
        return None
    return found[at].lemma if _only_circumstances(found[:at]) else None


def says(text: str, asked: str) -> bool:
    """Whether the verb that a question has alone stands in a text, in whatever form, and what it is asked of besides:
    「夜でも出せる？」."""
    verb, besides = lone_verb(asked), _EVEN.match(normalise(asked))
    if verb is None or (besides and not says_all(text, besides[1])):
        return False
    return any(token.lemma == verb for token in tokens(normalise(text)))


def says_all(text: str, asked: str) -> bool:
    """Whether all that a few words name stands in a text."""
    words = _named(normalise(asked))
    return bool(words) and words <= set(shipped().lemmas(text))


def says_how_many(text: str, asked: str) -> bool:
    """Whether a text has a number of what is counted in a few words, if they ask for one: of 「証人は何人」 one of people."""
    counted = _HOW_MANY.search(normalise(asked))
    if counted is None or not counted["unit"]:
        return True
    return re.search(f"[0-9一二三四五六七八九十]{re.escape(counted['unit'])}", normalise(text)) is not None


def _named(folded: str) -> set[str]:
    """What a few words have with a meaning of their own: of 「診断書は要る？」 the paper."""
    return set(shipped().lemmas(_HOW_MANY.sub("", _LEFT_OUT.sub("", folded))))


def _verb_at(found: tuple[Token, ...]) -> int | None:
    """Where the only verb with a meaning of its own is, or the noun that is done: 「請求すれば」."""
    verbs = [i for i, token in enumerate(found) if token.pos == "動詞" and not asks(token) and not _is_manner(found[i + 1 :])]
    if not verbs:
        verbs = [i - 1 for i, token in enumerate(found) if token.lemma in _DONE and found[i - 1].kind == "普通名詞" and i > 0]
    return verbs[0] if len(verbs) == 1 else None


def _is_manner(after: tuple[Token, ...]) -> bool:
    """Whether a verb says how another is done: 「分けて取れる」."""
    return bool(after) and after[0].lemma == "て"


def _is_ending(token: Token) -> bool:
    """What a verb ends in: 「…ますか」「…すればいい」; 「…したら」 says what has happened, and more is asked after it."""
    return token.surface not in _CONDITION and (token.pos in ("助詞", "助動詞") or token.lemma in _DONE or token.lemma == "良い")


def _only_circumstances(before: tuple[Token, ...]) -> bool:
    """Whether each noun before a verb says when, where or how."""
    last = len(before) - 1
    for at, token in enumerate(before):
        if token.pos in _NOMINAL and (at == last or before[at + 1].pos not in _NOMINAL):
            if at == last or before[at + 1].surface not in _CIRCUMSTANCE:
                return False
        elif token.pos not in (*_NOMINAL, "助詞", "副詞") and not _is_manner(before[at + 1 :]):
            return False
    return True
