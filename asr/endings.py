"""A text that the recogniser ended a sound too early in, the same with its last word whole out.

What closes a Japanese sentence is often whispered, and Whisper leaves it out: 教えてくださ, 知りた. No such form of a word ends a
sentence, so what is missing is certain.
"""

from __future__ import annotations

import re

from asr.edits import Edits
from asr.transcript import Reason
from core.sounds.morphemes import morphemes

_MISSING = "い"
_END = r"(?=[。？?！!\s]|$)"
_POLITE = re.compile(f"(?:くださ|下さ){_END}")
_WISH = re.compile(f"た{_END}")


def completed(edits: Edits) -> Edits:
    """ください and たい, where their last sound is missing at the end of a sentence."""
    text = edits.text
    ends = [m.end() for m in _POLITE.finditer(text)] + [m.end() for m in _WISH.finditer(text) if _is_wish(text, m.start())]
    for end in sorted(ends, reverse=True):
        edits = edits.replace(end, end, _MISSING, Reason.ENDING)
    return edits


def _is_wish(text: str, at: int) -> bool:
    """Whether た stands behind a verb whose past has another form: 知りた, of which the past is 知った."""
    return any(
        m.end == at and m.conjugation.startswith("五段") and "サ行" not in m.conjugation and m.form == "連用形-一般"
        for m in morphemes(text)
    )
