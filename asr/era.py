"""The era of a year that was heard as a nought: 令和 and 零は sound the same, and nobody says 零は before a year."""

from __future__ import annotations

import re

from asr.edits import Edits
from asr.transcript import Reason

_NOUGHT = re.compile("(?<![0-9０-９.．,，])[0０零〇][はわ](?=、?[0-9０-９元一二三四五六七八九十]{1,3}年)")


def in_era(edits: Edits) -> Edits:
    """0は8年度 as 令和8年度."""
    for found in reversed(list(_NOUGHT.finditer(edits.text))):
        edits = edits.replace(found.start(), found.end(), "令和", Reason.VOCABULARY)
    return edits
