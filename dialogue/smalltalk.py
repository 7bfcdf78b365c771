"""What is not a question to the city hall: greetings, thanks, emergencies, chatter. `data/smalltalk.toml` has how it is said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dialogue.answer import Act
from dialogue.dialect import in_standard
from dialogue.emergency import WHAT_TO_DO, Emergency, emergency_in
from dialogue.wording import Wording, read_wording
from retrieval.analysis import normalise

THANKS = "ご利用ありがとうございました。ほかにもお困りのことがあれば、いつでもお尋ねください。"
_A_MACHINE = "お答えしているのは人ではなく、{}の案内のコンピューターです。職員とお話しになるときは、お電話ください。"
_NOT_OURS = (
    "申し訳ありません。その内容にはお答えできません。{}の手続きや制度、暮らしの相談窓口についてご案内しています。"
    "市役所に関することをお尋ねください。"
)

_WHOLE = ("greeting", "thanks", "yes_or_no")  #: said of the whole text


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed reply."""

    act: Act
    text: str
    danger: Emergency | None = None


def reply_to(text: str, city: str) -> Reply | None:
    """The fitting reply to what is not a question for the city hall; None for everything else."""
    folded = normalise(text)
    emergency = emergency_in(folded)
    if emergency:
        return Reply(Act.EMERGENCY, WHAT_TO_DO[emergency], emergency)
    if _is("greeting", folded):
        return Reply(
            Act.GREETING,
            f"こんにちは。{city}の窓口案内です。手続きや制度について、知りたいことをお聞かせください。"
            "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。",
        )
    if _is("thanks", folded) or _is("thanks", in_standard(folded)):
        return Reply(Act.THANKS, THANKS)
    if _is("yes_or_no", folded):
        return Reply(
            Act.GREETING, "知りたいことを、言葉でお聞かせください。選ぶときは「1番」のように番号でもお答えいただけます。"
        )
    if _is("who_answers", folded):
        return Reply(Act.CHATTER, _A_MACHINE.format(city))
    return Reply(Act.CHATTER, _NOT_OURS.format(city)) if _is("chatter", folded) else None


def _is(act: str, folded: str) -> bool:
    return bool(_said()[act].search(folded))


@cache
def _said() -> dict[str, re.Pattern[str]]:
    """How each act is said, by its name in the table."""
    table = read_wording("smalltalk")
    wording = Wording(table.pop("words"))
    phrases = {act: "|".join(says for rule in rules for says in rule["says"]) for act, rules in table.items()}
    return {act: wording.pattern(rf"^(?:{said})$" if act in _WHOLE else said) for act, said in phrases.items()}
