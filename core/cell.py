"""A cell's text in, the same as a spreadsheet takes for text out: what begins like a formula has a mark before it, which
`unguarded` takes off again.

Excel and LibreOffice run a cell of a CSV file that begins with one of these signs; Japanese Excel those of full width, too.
(OWASP: CSV Injection.)
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

MARK = "'"
_FORMULA = re.compile(rf"{MARK}*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(f"{MARK}(?={_FORMULA.pattern})")


def guarded(text: str) -> str:
    """With one mark more where it is a formula, or one that has marks already: else that would come back without them."""
    return MARK + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What was guarded; any other text as it is."""
    return text.removeprefix(MARK) if _GUARDED.match(text) else text


def written(value: object) -> str:
    """A value as a person would type it into a CSV: ISO dates, with the hour if any; whole numbers without a point."""
    match value:
        case None:
            text = ""
        case datetime():
            midnight = (value.hour, value.minute) == (0, 0)
            text = value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
        case date():
            text = value.isoformat()
        case time():
            text = value.isoformat("minutes")
        case timedelta():
            text = _hours(value)
        case bool():
            text = str(value).upper()
        case float() if value.is_integer():
            text = str(int(value))
        case _:
            text = str(value)
    return text


def _hours(length: timedelta) -> str:
    """A length of time as a workbook shows it, over a day too: 26:00."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
