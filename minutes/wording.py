"""A sentence in, what it is by its wording out: few are taken for something, as each is read by a clerk.

What is said of another time, of another body, as a plan or as a question is no decision; what residents have to do is no task.
Every pattern looks at a bounded stretch: the time is linear in the sentence.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from minutes.point import Kind

LONGEST = 400  #: characters of a sentence that is looked at

_END = "(?:ので(?:、.{0,30})?|から)?[。！]?$"
_NUMBER = "[0-9０-９一二三四五六七八九十]"

_POINT_OF_AGENDA = re.compile(
    f"日程第{_NUMBER}|(?:議案|報告|陳情|請願|認定|承認|同意|諮問|発議)第{_NUMBER}{{1,4}}号|(?:議題|案件|次第)の?第?{_NUMBER}(?:つ目)?|議題(?!は|が|も|に[入移進])"
    f"|{_NUMBER}(?:番|つ)目の(?:議題|案件)|(?:報告|協議|審議)事項の?{_NUMBER}"
)
_OPENS_A_POINT = re.compile(
    "(?:(?:(?:説明|報告)を?|[課係室局])(?:お願い|求め|願い)(?:いた|し)?|(?:審査|審議|協議)に入り|に(?:入り|移り|進み))ま(?:す|しょう)"
    f"{_END}|説明してください{_END}|指名を行います{_END}"
)
_MATTER = re.compile(f"(?:{_POINT_OF_AGENDA.pattern}).{{2,100}}?(?:について|の件|に関すること)")
_PUT_ON_AGENDA = re.compile("(?:を|して)議題と(?:いた)?します" + _END)

_DECIDED = re.compile(
    "(?:(?:可決|否決|承認|採択|議決|決定)(?:と|すること(?:に|と))?(?:決定)?(?:いたし|させていただき|され|し)(?:ます|ました)"
    "|継続審[議査]と(?:いた)?します|了承(?:(?:され|いただき)ました|と(?:いた)?します)|すべきものと決(?:定し|定いたし|し)ました"
    "|(?:ことに|そのように|さよう|ことで)決(?:し|まり|定し|定いたし)ました|に決まりました"
    "|^(?:では|それでは|じゃあ|(?:ほかに)?(?:(?:ご|御)?(?:意見|異議)[もはが]?)?な[いし].{0,10}ので)、.{0,200}ことと(?:いたし|させていただき|し)ます)"
    + _END
)
_DECIDED_AS_SAID = re.compile(
    "(?:(?:そのよう|さよう)に(?:いたし|させていただき|し|進め|取り計らい)ます|(?:その|この)とおりと(?:いたし|し)ます"
    "|(?:それ|これ|その線|その方向)で(?:[い行]きましょう|決定(?:です|ということで)?|決め(?:ます|させていただきます)|進めましょう)"
    "|そうしましょう|そういうことで、?(?:お願い(?:いた)?します|決(?:定|まり).{0,6})"
    "|^(?:(?:はい|では|それでは|じゃあ)、?)*(?:決定|決まり)(?:です|ということで))[。！]?$"
)
_NOT_HERE_AND_NOW = re.compile(
    "(?:前回|昨年|前年|去年)(?!と同[じ様]|並み|の?(?:とおり|どおり))|先日|先月|先週|先ほど|以前|過去|すでに|既に|これまで|もし|まだ|"
    "(?:国|県|政府|内閣|閣議|他市|[都道府県市]議会)(?:で|が|は|において|では)|"
    "(?:会|課|局|部|市長|議会)(?:で|が|において)決定|(?<!こと)が(?:決定|承認|採択)"
    "|[0-9０-９][年月]度?に(?:決定|可決|承認|議決)"
)
_PROPOSED = re.compile("(?:よろしい|いかが|(?:ご|御)?異議(?:は)?(?:ござい|あり)ません)(?:です|でしょう)?か[。？]?$")
_ASSENT = re.compile("^(?:はい、?)?(?:(?:ご|御)?異議(?:な[しく]|(?:は)?(?:あり|ござい)ません)|賛成です)")
_ASSENT_FOUND = re.compile("^(?:ご|御)?異議なしと認めます[。]?$")

_WHO = re.compile(
    "(?:[一-龠々ァ-ヶーA-Za-z]{1,12}?(?:課|係|室|部|局|支所|センター)(?:と|、))?"
    "(?:[一-龠々ァ-ヶーA-Za-z]{1,12}?(?:課|係|室|部|局|支所|センター|委員|課長|部長|係長|局長)|各課)"
    "(?=は|が|で|において|のほうで|の方で)"
)
_DUE = re.compile(
    "(?:次回(?:の[一-龠]{1,6})?|[来今]週中?|[来今]月(?:中|末)?|年内|年度内|年度末|[0-9０-９]{1,2}月(?:[0-9０-９]{1,2}日|末|[上中下]旬)?|明日)"
    "(?=までに|まで、|に向けて|中に|に[^、。]{0,20}へ)|次回(?:の[一-龠]{1,6})?(?=で?ご?(?:お示し|報告|説明))|[来今][週月]中(?=に)|後日|改めて"
)
_SOON = re.compile("次回|[来今]週")
_ACTION = re.compile(
    "確認|報告|回答|提出|用意|準備|まとめ|整理|調べ|調査|精査|修正|作成|検討|調整|送|お示し|提示|共有|周知|持ち帰|宿題|出して|作って"
)
_ASKED = re.compile(
    "(?:て(?:おいて)?ください|[をで]お願い(?:いた)?します|ていただきたい(?:です|と思います)|ようお願い(?:いた)?します)" + _END
)
_PROMISED = re.compile("(?<!てい)(?<!ており)(?<!お願いし)(?<!お願いいたし)(?:ます|ましょう)" + _END)
_OF_RESIDENTS = re.compile("申告|申請|申し込|申込|届け?出|納付|納め|応募|投票|返却|毎月|毎年|毎週")

_ASKS = re.compile(
    "(?<!ご意見)(?:について|に関して|か|を|の点|は)、?(?:(?:お伺い|お尋ね|お聞き)(?:いた)?し|伺い)(?:ます|たいと思います|たいのですが)"
    + _END
    + "|(?:答弁|見解|所見)を(?:求めます|お聞かせください|お?伺います)"
    + _END
    + "|(?:か|について)(?:、)?(?:教え|お聞かせ)(?:て)?ください"
    + _END
)
_OPEN_QUESTION = re.compile(
    "(?:何|いつ|どこ|どの|どう|どんな|なぜ|いくら|どれ|誰|どちら).{0,120}(?:でしょう|です|ます|ました|のです)か[。？]?$"
)
_OF_THE_CHAIR = re.compile(
    "ございません|ありません|よろしい|いかが|(?:ご|御)(?:異議|質問|意見)|お手元|休憩|何(?:時|ページ)"
    "|(?:たら|ては|れば)どう|^.{0,10}どう(?:です|でしょう)か"
)
_FEWEST = 10  #: characters of a question


class Noted(NamedTuple):
    """What a sentence is."""

    kind: Kind
    who: str = ""
    due: str = ""
    as_said: bool = False  #: a decision by a few words, which is none unless it stands before them what is decided


def noted(sentence: str) -> Noted | None:
    """What a sentence is to be noted as, if anything."""
    sentence = sentence[-LONGEST:]
    if _PUT_ON_AGENDA.search(sentence) or (_POINT_OF_AGENDA.search(sentence) and _OPENS_A_POINT.search(sentence)):
        return Noted(Kind.AGENDA)
    if _DECIDED.search(sentence) and not _NOT_HERE_AND_NOW.search(sentence):
        return Noted(Kind.DECISION)
    if _DECIDED_AS_SAID.search(sentence):
        return Noted(Kind.DECISION, as_said=True)
    if _is_question(sentence):
        return Noted(Kind.QUESTION)
    return _task(sentence)


def finds_assent(sentence: str) -> bool:
    """Whether the chair says that nobody objects."""
    return bool(_ASSENT_FOUND.search(sentence))


def is_for_a_break(sentence: str) -> bool:
    """Whether it is about having a rest, which nobody notes."""
    return "休憩" in sentence


def is_named(sentence: str) -> bool:
    """Whether a sentence calls a point of the agenda by its number."""
    return bool(_POINT_OF_AGENDA.search(sentence[-LONGEST:]))


def matter(sentence: str) -> str:
    """What a sentence that opens a point of the agenda calls it, in its own words; else all of it."""
    found = _MATTER.search(sentence[-LONGEST:])
    return found[0] if found else sentence


def proposes(sentence: str) -> bool:
    """Whether the chair asks for assent to what it says."""
    return bool(_PROPOSED.search(sentence[-LONGEST:]))


def assents(sentence: str) -> bool:
    """Whether nobody objects."""
    return bool(_ASSENT.search(sentence))


def _is_question(sentence: str) -> bool:
    if len(sentence) < _FEWEST or _OF_THE_CHAIR.search(sentence):
        return False
    return bool(_ASKS.search(sentence) or _OPEN_QUESTION.search(sentence))


def _task(sentence: str) -> Noted | None:
    """A task is asked for or promised, with who does it or until when, as far as they are said."""
    asked, promised = _ASKED.search(sentence), _PROMISED.search(sentence)
    if not (asked or promised) or not _ACTION.search(sentence):
        return None
    who, due = _WHO.search(sentence), _DUE.search(sentence)
    enough = (who and (due or asked)) or (due and (_SOON.search(due[0]) or not asked))
    if not enough or (_OF_RESIDENTS.search(sentence) and not who):
        return None
    return Noted(Kind.TASK, who[0] if who else "", due[0] if due else "")
