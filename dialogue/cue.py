"""A few words about the conversation itself, and no question: 「もう一度」「くわしく」「そうじゃなくて」「えーと」.

`data/cues.toml` has how they are said.
"""

from __future__ import annotations

import re
from enum import Enum

from dialogue.dialect import in_standard
from dialogue.wording import Wording, read_wording
from retrieval.analysis import normalise

_TABLE = read_wording("cues")
_WORDING = Wording(_TABLE["words"])
HESITATION = _WORDING.spelt("<hesitation>")


class Cue(Enum):
    """What somebody wants of the conversation; the value is its name in the table."""

    AGAIN = "again"
    SLOWLY = "slowly"
    MORE = "more"
    YES = "yes"
    NO = "no"
    WRONG = "wrong"
    STOP = "stop"
    PERSON = "person"
    PAUSE = "pause"


_HEAD = re.compile(
    rf"^(?:(?:{HESITATION}|すみません|すいません|ごめん(?:なさい)?|じゃあ?|では)"
    r"(?:[、,。]\s*|\s+|(?=もう|ゆっくり|くわしく|詳しく)))+"
)
_SAID = {cue: _WORDING.spelt(*_TABLE["cue"][cue.value]) for cue in Cue}
_WRONG_FIRST = re.compile(rf"^(?:(?:いや|いいえ|いえ|ううん)[、,。\s]*)?{_SAID[Cue.WRONG]}[、,。\s]+(?=..)")
_FORMS = {cue: re.compile(rf"{said}(?:か|ね|よ|わ|な|は)*[?。!.…、\s]*") for cue, said in _SAID.items()}
_DENIED_FIRST = re.compile(r"^(?:いや|いいえ|いえ|ううん)[、,。\s]*(?=違|ちが|そう|それ)")


def cue_in(text: str) -> Cue | None:
    """What a text that says nothing else wants of the conversation; None where it says anything else."""
    folded = normalise(text)
    said = _DENIED_FIRST.sub("", _HEAD.sub("", folded))
    forms = dict.fromkeys((folded, said, in_standard(said)))
    return next((cue for cue, form in _FORMS.items() if any(map(form.fullmatch, forms))), None)


def after_correction(text: str) -> str:
    """「そうじゃなくて、印鑑登録」 without the words that turn the last answer down."""
    return _WRONG_FIRST.sub("", text, count=1)
