"""Whether a few words ask on about what was spoken of: 「必要なものは」「いくら」「その場合、代理でもいいですか」."""

from __future__ import annotations

import re

from retrieval.analysis import normalise
from retrieval.synonyms import shipped

_LONGEST = 14  #: characters
_LONGEST_POINTING = 30  #: of a text that says itself that it goes on
_MOST_WORDS = 2  #: with a meaning of their own
_POINTING = re.compile(r"^(?:じゃあ|では|でしたら|それ|その|そこ|この場合|これ|それなら|あと|ちなみに|ほかに|他に)")
_LEFT_OUT = re.compile(
    r"(?:は|って|も|では|でも|だと|だったら|なら|場合|とき|時|(?:でも|ても|で)?(?:いい|大丈夫|可能|できる|できます|いる|要る|いります|ある|あります|必要|かかる|かかります|いくら)"
    r"(?:です|ます|の)?か?)[?。\s]*$|^(?:いくら|いつ|何|なに|どこ|どう|誰|だれ|どの|どれ|なぜ|なんで|どうして)"
)


_ASKS_ONLY = re.compile("(?:いくら|いつ|何|なに|どこ|どう|誰|だれ|どの|どれ|なぜ|なんで|どうして)")


def names_nothing(text: str) -> bool:
    """Whether a text that goes on only points back or asks, so that what it finds alone is about anything: 「それはいくら」."""
    folded = normalise(text)
    return bool(_POINTING.match(folded) or _ASKS_ONLY.match(folded))


def goes_on(text: str) -> bool:
    """Whether a text can hardly be understood without the question before it."""
    folded = normalise(text)
    if _POINTING.match(folded):
        return len(folded) <= _LONGEST_POINTING
    return len(folded) <= _LONGEST and bool(_LEFT_OUT.search(folded)) and len(set(shipped().lemmas(folded))) <= _MOST_WORDS
