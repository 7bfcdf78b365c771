"""Which of several that were offered a few words pick: 「2番」「上のやつ」「下から二番目」「代理人のほう」."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue.cue import HESITATION
from retrieval.analysis import normalise

#: A number that counts things is one with its つ: 「いつ」 alone asks when.
_NUMBERS = (
    r"(?:1|一|いち|ひと(?=つ))",
    r"(?:2|二|に|ふた(?=つ))",
    r"(?:3|三|さん|みっ(?=つ))",
    r"(?:4|四|よん|よっ(?=つ)|し)",
    r"(?:5|五|ご|いつ(?=つ))",
    r"(?:6|六|ろく|むっ(?=つ))",
    r"(?:7|七|なな|しち)",
    r"(?:8|八|はち|やっ(?=つ))",
    r"(?:9|九|きゅう|ここの(?=つ))",
)
_COUNTED = tuple(re.compile(rf"(?P<side>[上下]から)?{number}(?:つ|番|ばん|個)?(?:目|め)?") for number in _NUMBERS)
_MOST = r"(?:一番|いちばん|1番)?"
_FIRST = re.compile(rf"{_MOST}(?:最初|さいしょ|はじめ|初め|先|上)")
_MIDDLE = re.compile("真ん中|まんなか|中")
_LAST = re.compile(rf"{_MOST}(?:最後|さいご|下)")

_HEAD = re.compile(rf"^(?:(?:{HESITATION}|じゃあ?|では|それでは)[、,\s]*+)++")
_POINTING = r"(?:の?(?:やつ|もの|ほう|方|件|質問|選択肢)|のこと|の)"
_WISHED = r"(?:です|だ|で|を|お|が|は|に|します|して|いい|知りたい|聞きたい|教えて|お願い|ください|下さい|かな|ね|よ|か|な)*"
_TAIL = re.compile(rf"{_POINTING}?{_WISHED}[。.!?、\s]*$")
_CALLED = re.compile(rf"(?P<name>.{{2,}}?)(?:の(?:ほう|方|やつ|件)|のこと){_WISHED}[。.!?、\s]*")


_LONGEST = 60  #: letters; who says more asks something


def place_in(text: str, among: int) -> int | None:
    """The place, from 0, that a text names among so many; it may lie beyond them. None where it names none."""
    if len(text) > _LONGEST:
        return None
    said = _HEAD.sub("", normalise(text)).replace(" ", "")
    for bare in (said.rstrip("。.!?、"), _TAIL.sub("", said, count=1)):
        if _FIRST.fullmatch(bare):
            return 0
        if _LAST.fullmatch(bare):
            return among - 1 if among else None
        if _MIDDLE.fullmatch(bare) and among % 2:
            return among // 2
        for place, form in enumerate(_COUNTED):
            if found := form.fullmatch(bare):
                return among - 1 - place if found["side"] == "下から" and place < among else place
    return None


def chosen_among(text: str, questions: Sequence[str]) -> int | None:
    """The place of the question that a text picks: by saying it again, by its place, or by words that it alone has."""
    if text in questions:
        return list(questions).index(text)
    place = place_in(text, len(questions))
    if place is not None:
        return place if place < len(questions) else None
    if len(text) > _LONGEST:
        return None
    called = _CALLED.fullmatch(_HEAD.sub("", normalise(text)))
    having = [i for i, question in enumerate(questions) if called and called["name"] in normalise(question)]
    return having[0] if len(having) == 1 else None
