"""A cell's text in, the same as a spreadsheet takes for text out: what begins like a formula has a mark before it, which
`unguarded` takes off again.

Excel and LibreOffice run a cell of a CSV file that begins with one of these signs; Japanese Excel those of full width, too.
(OWASP: CSV Injection.)
"""

from __future__ import annotations

import re

MARK = "'"
_FORMULA = re.compile(rf"{MARK}*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(f"{MARK}(?={_FORMULA.pattern})")


def guarded(text: str) -> str:
    """With one mark more where it is a formula, or one that has marks already: else that would come back without them."""
    return MARK + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What was guarded; any other text as it is."""
    return text.removeprefix(MARK) if _GUARDED.match(text) else text
