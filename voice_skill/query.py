"""The words of a slot in, the bare question out; and which of the offered choices was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from dialogue.choice import chosen_among
from voice_skill.envelope import Slot

#: Alexa gives the slot without the words around it in the sample, so the intent says which words those were.
QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "AskIntent": "{}",
        "ProcedureIntent": "{}の手続き",
        "DisposalIntent": "{}の捨て方",
        "WhereIntent": "{}の場所はどこですか",
        "WhenIntent": "{}はいつですか",
        "PriceIntent": "{}はいくらですか",
        "NeedIntent": "{}に必要なもの",
        "LostIntent": "{}をなくした",
        "WantIntent": "{}したい",
        "DoneIntent": "{}した",
        "CanIntent": "{}はできますか",
        "ContactIntent": "{}の電話番号",
    }
)

_HEAD = re.compile(r"^(?:(?:えーっ?と|ええと|えっと|あのう?|あのー|すみません|すいません|ちょっと)[、,\s]*)+")
_ASK = (
    r"(?:教え|おしえ|案内し|調べ|説明し|聞かせ|話し)て"
    r"(?:(?:もらえ|いただけ|くれ|ほし|欲し)(?:ます|ません|る|ない|い)?|(?:くだ|下)さ(?:い|いませんか?|いますか?))?"
    r"|(?:知り|しり|聞き|ききに|伺い|うかがい)たい|お(?:願|ねが)い(?:し(?:ます|たい)|いたします|できますか?)?|よろしく(?:お願いします)?"
)
_END = r"(?:(?:ん|の)?(?:です|だ)(?:けれ?ど(?:も)?|が)?)?(?:ね|よ|か|な|かな)*"
_TAIL = re.compile(
    rf"[\s、,]*(?:について|に関して|に関する|のこと|の件)?[\s]*(?:は|を|が|で|も)?[\s、,]*(?:{_ASK}){_END}[\s。．！!？?、]*$"
)
_PLACE = re.compile("[1-9]")
_ABOUT = re.compile(r"(?:について|に関して|のこと|の件)(?:は|を)?[\s。．？?、]*$")


def bare_question(said: str) -> str:
    """Without the politeness around it, which says nothing about the matter; what is nothing else stays as it is."""
    question = _HEAD.sub("", said.strip())
    previous = None
    while question != previous:
        previous, question = question, _TAIL.sub("", question)
    return _ABOUT.sub("", question).strip() or said.strip()


def choice(slot: Slot, questions: Sequence[str]) -> int | None:
    """The place, from 0, of the question that a slot picks; None when it picks none of them."""
    if _PLACE.fullmatch(slot.resolved_id or ""):
        place = int(slot.resolved_id or 0) - 1
        return place if place < len(questions) else None
    return chosen_among((slot.value or "").strip(), questions)
