"""The era of a year that was heard as a nought: 令和 and 零は sound the same, and nobody says 零は before a year."""

from __future__ import annotations

import re

from asr.edits import Edits
from asr.transcript import Reason

# 待機児童数0は3年連続 is a nought: behind what is counted, or before how long.
_LASTS = "間|連続|続|ぶり|来|以上|以内|余|ほど|くらい|ぐらい|目|前(?![半期])|後(?![半期])|半(?!ば)"
_NOUGHT = re.compile(
    f"(?<![0-9０-９.．,，一-鿿々ァ-ヶー])[0０零〇][はわ](?=、?[0-9０-９元一二三四五六七八九十]{{1,3}}年(?!{_LASTS}))"
)


def in_era(edits: Edits) -> Edits:
    """0は8年度 as 令和8年度."""
    for found in reversed(list(_NOUGHT.finditer(edits.text))):
        edits = edits.replace(found.start(), found.end(), "令和", Reason.VOCABULARY)
    return edits
