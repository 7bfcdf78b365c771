"""A text that may ask several things in, each as a question by itself out: 「転入の手続きと、子どもの医療費の助成も知りたい」.

Whether the parts stand on their own is for the answers to show; here is only where a text may be divided, and what a part takes
over from the others: what is asked of both (「住民票と印鑑証明はどこで」), whose matter it is, and what was told before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from retrieval.analysis import normalise, strip_politeness
from retrieval.tokens import Token, tokens

MOST_PARTS = 3
LONGEST = 200  #: letters; who writes more tells a story

_SENTENCE = re.compile(r"[^。?!\n]+[。?!\n]*")
_HEAD = re.compile(
    r"^(?:(?:また|それから|それと|あと|ついでに|さらに|あわせて|そして|加えて|もう[1一]つ|(?:ほか|他)に)(?:は|も|に)?[、,\s]*)+"
)
_GREETING = re.compile(
    r"^(?:(?:こんにち[はわ]|こんばん[はわ]|おはよう(?:ございます)?|(?:はじめ|初め)まして|す[みい]ません|もしもし|お忙しいところ(?:恐れ入ります|す[みい]ません)?"
    r"|(?:いつも)?(?:大変)?お世話に(?:なります|なって(?:い|お)?ます|なっております))(?:が|けど)?[、,。!\s]+)+(?=.)"
)
_ASKS = re.compile(
    "[?]|か[。\\s]*$|教え(?!て(?:くれ|もらえ|いただけ)(?:な|ませんでした))|おしえ|知りたい|聞きたい|たい(?:です|のです|んです)?(?:が|けど)?[。\\s]*$|(?:ほし|欲し)い|ください|どう|どこ|いつ|いくら|何|なに|誰|どの|どんな"
)
_WISHES = re.compile("(?:たい|ほしい|欲しい|ください)(?:です|のです|んです)?(?:が|けど)?[。\\s]*$")
_SUBJECT = re.compile("[がを]")
#: Where one clause asks and the next begins: 「いつで、」「いくらか、」「値段と、どこで」「取りたいのと」
_CLAUSE = re.compile(
    "(?<=[いつくら時日号番誰])(?:まで|から)?(?P<end>)で[、,]|(?<=[すいるくらつ])(?:の)?か(?P<end2>)(?:と[、,]?|も?[、,])"
    "|(?P<end3>)(?<!あ)と[、,](?=どこ|いつ|いくら|何|どう|誰|必要)|(?<=たい)(?P<end4>)(?:のと|し)[、,]?"
)
_BACKGROUND = re.compile("(?:ので|のですが|んですが|ますが|ましたが|のだが|んだけど|ですけど|けれど|けど|たら)[、,]")
#: What is asked of something: alone it is of what was named before.
_ASPECT = re.compile(
    "(?:料金|値段|費用|金額|手数料|時間|場所|住所|電話番号|番号|連絡先|持ち物|必要な(?:もの|物|書類)|書類|期限|期間|条件|対象|窓口|予約|申請先|休み|定休日|行き方"
    "|駐車場|いつ|いくら|どこ|どう|何|誰)"
)
#: What a phrase ends in that names something to be done or told, not only somebody or something.
_DOING = re.compile(
    "の(?:.*)(?:手続き?|[^夕地]方|方法|申請|登録|変更|更新|再発行|取得|開始|予約|値段|料金|費用|助成|補助|支払い?|場所|時間|駐車場|期限|日)$"
)
_INTERROGATIVE = re.compile("いつ|いくら|どこ|どう|何|誰")
_SHORTEST_TOPIC = 2  #: letters
_TOPIC_ENDS = re.compile("の|は|って|を|が|も|に|で")
_NOT_TWO = re.compile(
    "違[いうっ]|ちがい|ちがう|同じ|使い分け|別[のなに]|どちら|どっち|関係|比べ|一緒に|同時|両方"
)  #: what two are asked about together
_NAMING = frozenset({"名詞", "接尾辞", "接頭辞", "形状詞"})
_MARKS = ("、", ",", "・")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of several questions."""

    asked: str  #: in words that can be understood alone
    question: str  #: with what was told before it
    is_clause: bool  #: whether it is told from the one before by more than 「と」: then it is one though nothing answers it


def parts_of(text: str) -> tuple[Part, ...]:
    """The questions, at most `MOST_PARTS`; none where the text is one question, or more of them."""
    if len(text) > LONGEST or _NOT_TWO.search(text):
        return ()
    sentences = _sentences(text)
    telling = [s for s in sentences if not _asks(s)]
    found = _told(telling) if len(telling) == len(sentences) else _asked(sentences, telling)
    several = len({p.question for p in found}) > 1 and len(found) <= MOST_PARTS
    return tuple(found) if several else ()


def asks_something(text: str) -> bool:
    """Whether there is a question in what somebody said, or the name of what it is about."""
    return len(text) <= LONGEST and any(map(_asks, _sentences(text)))


def _says_what(asked: str) -> bool:
    """「まとめて」 and 「開いてる」 ask nothing by themselves."""
    return any(t.pos == "名詞" for t in tokens(asked)) or _INTERROGATIVE.search(asked) is not None


def without_greeting(text: str) -> str:
    """A text without the greeting before what it says."""
    return _GREETING.sub("", text, count=1)


def without_story(text: str) -> str:
    """The sentences that ask something, without those that tell what happened; all of it where none does, or nothing else."""
    sentences = _sentences(text)
    asking = [_HEAD.sub("", s) for s in sentences if _asks(s)]
    return "".join(asking) if 0 < len(asking) < len(sentences) else normalise(text)


def _told(sentences: Sequence[str]) -> list[Part]:
    """「カードをなくしました。印鑑登録証もなくしました。」 asks nothing, and both; without 「も」 it is a story."""
    if not all("も" in s for s in sentences[1:]):
        return []
    bare = [_tidy(_HEAD.sub("", s)) for s in sentences]
    return [Part(asked=s, question=s, is_clause=False) for s in bare]


def _asked(sentences: Sequence[str], telling: Sequence[str]) -> list[Part]:
    told, found, wish = "", list[Part](), False
    for sentence in sentences:
        bare = _HEAD.sub("", sentence)
        if sentence in telling:
            told += bare
            continue
        wishes = _WISHES.search(bare) is not None
        if wish and not wishes and bare == sentence:
            return []  # 「ビザをのばしたいです。市役所でできますか」 is one question
        wish = wishes
        background = _background(bare)
        for clause in _clauses(bare.removeprefix(background), found):
            parts = [part for part in _of_a_clause(clause) if _says_what(part.asked)]
            found += [replace(p, asked=p.question, question=f"{told}{background}{p.question}") for p in parts]
    return found


def _sentences(text: str) -> list[str]:
    lines = (without_greeting(normalise(line)) for line in text.splitlines())
    return [told for line in lines for s in _SENTENCE.findall(line) if _HEAD.sub("", told := s.strip())]


def _asks(sentence: str) -> bool:
    """Whether a sentence asks for something, or is what is asked about: 「粗大ごみの出し方」. The others tell what happened."""
    if _ASKS.search(sentence):
        return True
    said = [t for t in tokens(sentence) if t.pos not in ("助詞", "補助記号", "記号")]
    return bool(said) and said[-1].pos in _NAMING and not _SUBJECT.search(sentence)


def _background(sentence: str) -> str:
    """The clauses before what is asked: 「子どもが生まれたので、」"""
    ends = [m.end() for m in _BACKGROUND.finditer(sentence)]
    return sentence[: ends[-1]] if ends and ends[-1] < len(sentence) else ""


def _clauses(sentence: str, before: Sequence[Part]) -> list[Part]:
    found: list[Part] = []
    start = 0
    for joint in [*_CLAUSE.finditer(sentence), None]:
        end = max(joint.end(name) for name in _CLAUSE.groupindex) if joint else len(sentence)
        asked = _tidy(_HEAD.sub("", sentence[start:end].strip("、, ")))
        if asked:
            found.append(Part(asked=asked, question=_with_topic(asked, [*before, *found]), is_clause=True))
        start = joint.end() if joint else end
    return found


def _of_a_clause(clause: Part) -> list[Part]:
    """What a clause asks of several things, that 「と」 joins: 「布団と毛布の捨て方」「転入の手続きと、医療費の助成」."""
    found = tokens(clause.question)
    joints = [i for i in range(1, len(found) - 1) if _joins(found, i)]
    if not joints or len(joints) >= MOST_PARTS:
        return [clause]
    pieces = ["".join(t.surface for t in found[a + 1 : b]) for a, b in pairwise([-1, *joints, len(found)])]
    tail = _tail(found[joints[-1] + 1 :])
    parts: list[Part] = []
    for piece in pieces:
        asked = _tidy(piece.strip("、, "))
        question = asked + tail if piece != pieces[-1] and _is_a_name(asked) else _with_topic(asked, parts)
        is_own = piece.startswith(_MARKS) or all(_DOING.search(each) for each in (asked, *(p.asked for p in parts)))
        parts.append(Part(asked=asked, question=question, is_clause=is_own))
    return parts


def _joins(found: tuple[Token, ...], at: int) -> bool:
    """Whether a token is 「と」 between two nouns, neither 「夫と離婚する」 nor 「として」."""
    if found[at].surface != "と" or found[at].pos != "助詞" or found[at - 1].pos not in _NAMING:
        return False
    after = [t for t in found[at + 1 :] if t.surface not in _MARKS]
    noun = next((i for i, t in enumerate(after) if t.pos not in _NAMING), len(after))
    return noun > 0 and (noun == len(after) or after[noun].pos not in ("動詞", "助動詞"))


def _tail(after: tuple[Token, ...]) -> str:
    """What follows the last of several names, and is asked of all of them: 「の捨て方」「はどこで取れますか」."""
    end = next((i for i, t in enumerate(after) if t.pos == "助詞"), len(after))
    return "".join(t.surface for t in after[end:])


def _is_a_name(piece: str) -> bool:
    return all(t.pos in _NAMING for t in tokens(piece))


def _with_topic(asked: str, before: Sequence[Part]) -> str:
    """「どこで取れるか」 and 「料金は」 with the matter of the part before."""
    if not before or not _ASPECT.match(asked):
        return asked
    topic = next((t for t in _TOPIC_ENDS.split(before[-1].question) if t and not _INTERROGATIVE.match(t)), "")
    if len(topic) < _SHORTEST_TOPIC or tokens(topic)[-1].pos not in _NAMING:  # 「この前…」「必要なもの…」
        return asked
    return f"{topic}{'は' if _INTERROGATIVE.match(asked) else 'の'}{asked}"


def _tidy(asked: str) -> str:
    """As a heading."""
    return (
        re.sub("(?:について|に関して|のこと)?(?:も|は|を|が|って)?[。、\\s]*$", "", strip_politeness(asked.rstrip("。、?! ")))
        or asked
    )
