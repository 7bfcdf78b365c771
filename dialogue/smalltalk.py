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
_HELLO = (
    "こんにちは。{}の窓口案内です。手続きや制度について、知りたいことをお聞かせください。"
    "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。"
)
_NOTHING_ASKED = "知りたいことを、言葉でお聞かせください。選ぶときは「1番」のように番号でもお答えいただけます。"
_HELP = (
    "知りたいことを、ふだんの言葉でお聞かせください。{}の手続きや窓口、ごみの分け方など、暮らしのことをご案内します。"
    "たとえば「引っ越してきたときの手続き」「粗大ごみの出し方」のようにお尋ねください。"
)
_NOT_OURS = (
    "申し訳ありません。その内容にはお答えできません。{}の手続きや制度、暮らしの相談窓口についてご案内しています。"
    "市役所に関することをお尋ねください。"
)

_OF_IT = "how_of_it"
_WHOLE = ("greeting", "thanks", "yes_or_no", "how", _OF_IT)  #: said of the whole text

_REPLIES = (  # in this order
    ("greeting", Act.GREETING, _HELLO),
    ("yes_or_no", Act.GREETING, _NOTHING_ASKED),
    ("how", Act.GREETING, _HELP),
    (_OF_IT, Act.GREETING, _HELP),
    ("who_answers", Act.CHATTER, _A_MACHINE),
    ("chatter", Act.CHATTER, _NOT_OURS),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed reply."""

    act: Act
    text: str
    danger: Emergency | None = None


def reply_to(text: str, city: str, *, goes_on: bool = False) -> Reply | None:
    """The fitting reply to what is not a question for the city hall; None for everything else. Who `goes_on` from what was told
    asks how that is used, not this chat."""
    folded = normalise(text)
    emergency = emergency_in(folded)
    if emergency:
        return Reply(Act.EMERGENCY, WHAT_TO_DO[emergency], emergency)
    if _is("thanks", folded):
        return Reply(Act.THANKS, THANKS)
    kinds = (kind for kind in _REPLIES if not (goes_on and kind[0] == _OF_IT))
    return next((Reply(act, says.format(city)) for said, act, says in kinds if _is(said, folded)), None)


def _is(act: str, folded: str) -> bool:
    return any(_said()[act].search(text) for text in (folded, in_standard(folded)))


@cache
def _said() -> dict[str, re.Pattern[str]]:
    """How each act is said, by its name in the table."""
    table = read_wording("smalltalk")
    wording = Wording(table.pop("words"))
    phrases = {act: "|".join(says for rule in rules for says in rule["says"]) for act, rules in table.items()}
    return {act: wording.pattern(rf"^(?:{said})$" if act in _WHOLE else said) for act, said in phrases.items()}
