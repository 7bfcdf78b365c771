"""A sentence that only refers to others in (「そのようにいたします」), the sentences before it that say what out.

Both are found by wording. Every look back is over a bounded number of sentences, and every pattern over a bounded stretch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from minutes.point import Kind, Quote
from minutes.wording import LONGEST, Noted, is_named

_BEHIND = 4  #: sentences before, in which it stands what is meant
_BEHIND_DECIDED = 8  #: before a decision, of which there is talk
_BEHIND_NAMED = 200  #: before a vote, at which a bill is named: there is a debate between
_MOST_OF_ONE = 3  #: sentences that one proposes in a row
_FEWEST = 12  #: characters of a sentence that says something
_AT_ITS_HEAD = 30  #: characters

_TO_WHAT_WAS_SAID = re.compile(
    "そのよう[にな]|さよう|(?:その|この|説明の|提案の|報告の|案の?)(?:とおり|どおり)|そういう(?:こと|形)|(?:それ|これ|こちら)で(?![はもす、])"
    "|そう(?:し(?!た)|いたし|させ)|[このそ]の(?:案|内容|件|点|方向|形|線|まま)(?!名|数)|^(?:(?:では|はい|じゃあ)、?)*(?:決定|決まり)(?:です|ということ)"
    "|^.{0,6}異議(?:な[しく]|(?:は)?(?:あり|ござい)ません|はない)"
)
_TO_WHAT_IS_VOTED_ON = re.compile("本(?:案|件|議案|陳情|請願|議題)|原案|委員長の?報告")
_THING = "(?:それ|これ|そちら|その|この)(?!ため|うち|ほか|他|場合|際|時|上|で(?:は|すね)|から)"
_OF_A_TASK = re.compile(f"^(?:(?:では|それでは|じゃあ|はい)、?)*(?:[^、。]{{1,12}}[はが、]、?)?{_THING}|手元に")
_OF_A_QUESTION = re.compile(f"^(?:(?:では|それでは|じゃあ|また|あと|で)、?)*{_THING}")

_FORMULA = re.compile(
    "^(?:はい|ええ|分かりました|承知|ありがとう|結構|賛成)|異議|異論|(?:起立|挙手)|お諮り(?:いた)?します|^.{0,10}(?:いかが|よろしい|どう)(?:です|でしょう)か"
    "|(?:ご|御)(?:意見|質問|質疑)|(?:質疑|討論)(?:は|を|が|な)"
)
_PROPOSES = re.compile(
    "たい(?:と(?:思|考|存)|です|ので)|(?:こと|もの)(?:と|に)(?:し|いたし|させ)|という(?:こと|案|話|意見|提案|進め方|方向|声)|案(?:です|でございます|が|を)"
    "|(?:たら|ては|れば)(?:どう|いかが|いい|よい)|推薦|提案|いかが|よろしい|(?:形|の|とおり)でいいですか|採決"
    "|[にをと](?!ついて)[^、。]{0,16}(?:します|いたします|変えます|決めます|減らします|増やします|入れます|回す|する|替える|載せる|上げる|立ち上げる)[。]?$"
)
_FIGURE = re.compile("[0-9０-９一二三四五六七八九十百千万]+(?:年|月|日|時|週|回|人|件|円|割|台|か所|パーセント|％|%)")


def refers(text: str, kind: Kind) -> bool:
    """Whether a sentence of this kind leaves what it is about to others."""
    text = text[-LONGEST:]
    if kind is Kind.DECISION:
        return bool(_TO_WHAT_WAS_SAID.search(text)) or _is_vote(text) or not _says_something(text)
    if kind is Kind.TASK:
        return bool(_OF_A_TASK.search(text[:_AT_ITS_HEAD]))
    return kind is Kind.QUESTION and bool(_OF_A_QUESTION.search(text[:_AT_ITS_HEAD]))


def meant(said: Sequence[Quote], kinds: Sequence[Noted | None], at: int) -> tuple[Quote, ...]:
    """What a sentence that refers is about, in the words that were said before it; nothing where that is not found.

    That is what was proposed last, with what comes after it and gives a figure; else the last sentence that says something.
    For a vote it is where the chair named what is voted on. What was decided before is not meant.
    """
    if _is_vote(said[at].text) and (named := _named(said, at)):
        return (named,)
    task_or_question = _is(kinds[at], Kind.TASK) or _is(kinds[at], Kind.QUESTION)
    near = range(max(0, at - (_BEHIND if task_or_question else _BEHIND_DECIDED)), at)
    decided = max((i for i in near if _is(kinds[i], Kind.DECISION)), default=-1)
    before = [i for i in near if i > decided and _says_something(said[i].text)]
    proposals = [i for i in before if _proposes(said[i], kinds[i])]
    if not proposals:
        return tuple(said[i] for i in before[-1:])
    first = last = proposals[-1]
    while first - 1 in proposals and said[first - 1].speaker == said[last].speaker and last - first < _MOST_OF_ONE - 1:
        first -= 1
    figures = [i for i in before if i > last and _FIGURE.search(said[i].text[-LONGEST:])]
    return tuple(said[i] for i in [*range(first, last + 1), *figures])


def _is(noted: Noted | None, kind: Kind) -> bool:
    return noted is not None and noted.kind is kind


def _proposes(quote: Quote, noted: Noted | None) -> bool:
    return _is(noted, Kind.AGENDA) or _is(noted, Kind.QUESTION) or bool(_PROPOSES.search(quote.text[-LONGEST:]))


def _named(said: Sequence[Quote], at: int) -> Quote | None:
    speaker = said[at].speaker
    before = (said[i] for i in range(at - 1, max(-1, at - 1 - _BEHIND_NAMED), -1))
    return next((q for q in before if q.speaker == speaker and is_named(q.text)), None)


def _is_vote(text: str) -> bool:
    return bool(_TO_WHAT_IS_VOTED_ON.search(text[-LONGEST:])) and not is_named(text)


def _says_something(text: str) -> bool:
    text = text[-LONGEST:]
    if len(text) < _FEWEST or _TO_WHAT_WAS_SAID.search(text):
        return False
    return not _FORMULA.search(text) or (bool(_PROPOSES.search(text)) and len(text) >= 2 * _FEWEST)
