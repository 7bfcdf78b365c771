"""What falls, floats or lies under something, and whether it is somebody: 「父が倒れている」 and 「倒れている人」, but neither
「木が倒れている」 nor 「倒れている木」."""

from __future__ import annotations

import re
from itertools import accumulate, takewhile

from retrieval.tokens import Token, tokens

_END_OF_CLAUSE = re.compile(r"[、。!?\s]")
# 「気分が悪くて倒れている」 and 「今倒れている」 don't name anybody.
_NOBODY = frozenset("今 さっき 昨日 今日 今朝 昨夜 先ほど 急 突然 気分 気持ち 具合 調子 頭 胸 腹 足 熱 血 息 心臓 めまい".split())
_THAT_FALLS = re.compile(
    "(?:自転車|バイク|車|木|竹|枝|塀|ブロック|柵|フェンス|電柱|看板|旗|テント|家具|たんす|タンス|棚|本棚|机|物置|小屋|墓|灯籠|石|稲|花瓶|鉢)$"
)
_NO_THING = frozenset("の ん こと とき 時 ところ 所 よう 様 みたい 模様".split())
_NOUNS = ("名詞", "代名詞")


def befalls(whom: re.Pattern[str], found: re.Match[str], *, nobody: bool) -> bool:
    """Whether the subject of a verb, the group of what was found in a text, is one of those `whom`; `nobody`, whether it may
    have none at all."""
    verb = found["verb"]
    described = _described(found.string[found.end("verb") :]) if verb.endswith(("る", "た")) else ()
    if any(map(whom.search, described)):
        return True
    if described and _THAT_FALLS.search(described[-1]):
        return False  # 「子どもが倒れた自転車でけがした」: who stands before it did something else
    subject = _subject(tokens(_END_OF_CLAUSE.split(found.string[: found.start("verb")])[-1]))
    return nobody and not described if subject is None else bool(whom.search(subject))


def _subject(before: tuple[Token, ...]) -> str | None:
    """What stands before the last 「が」, 「は」 or 「も」, or right before the verb; nobody in 「気分が悪くて倒れている」."""
    for i in range(len(before), 0, -1):
        particle = before[i] if i < len(before) else None
        marks = particle is None or (particle.pos == "助詞" and particle.surface in ("が", "は", "も"))
        noun = before[i - 1]
        if marks and noun.pos in (*_NOUNS, "接尾辞") and noun.surface not in _NOBODY:
            return "".join(token.surface for token in before[:i])
    return None


def _described(after: str) -> tuple[str, ...]:
    """What the verb describes, word by word longer: 木 in 「倒れている木を切って」; 人, 人い and so on in 「倒れている人います」,
    where no particle ends it."""
    if after[:1].isspace():
        return ()
    phrase = list(takewhile(lambda t: t.pos != "助詞" or t.surface == "の", tokens(after)))
    is_noun = bool(phrase) and phrase[0].pos in (*_NOUNS, "接頭辞") and phrase[0].surface not in _NO_THING
    return tuple(accumulate(token.surface for token in phrase)) if is_noun else ()
