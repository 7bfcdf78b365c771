"""What a question says that it does not mean: 「市民課ではなく税務課」 names one counter, 「大隅図書館以外」 none."""

from __future__ import annotations

import re

from retrieval.analysis import normalise

#: The year, month or week before a day that is turned down is that of the day which is meant: 「1月5日ではなく6日」.
_KEPT = r"(?P<kept>(?:(?:今|再?来|去|昨)年|(?:令和)?\d{1,4}年)?(?:\d{1,2}月|(?:再来|来|今)[週月])?)"
_DENIED = re.compile(rf"{_KEPT}[^のはがをに、。,.?!\s]{{1,20}}(?<!だけ)(?<!のみ)(?<!ばかり)(?:では|じゃ|で)なくて?[、,\s]*(?=\S)")


def without_denied(text: str) -> str:
    """A text without the names and days that it turns down before the ones it means; as it is, where it turns down none."""
    folded = normalise(text)
    meant = _DENIED.sub(lambda found: found["kept"], folded)
    return text if meant == folded else meant


def leaves_out(text: str) -> bool:
    """Whether a text asks for all but what it names."""
    return "以外" in normalise(text)
