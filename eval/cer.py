"""A reference and what was recognised in; character errors, and how many of a city's words were written right, out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from core.distance import edit_distance

_DROP = re.compile(r"[^\w々〆ー]|_")
_NUMBER = re.compile(r"[0-9〇一二三四五六七八九十百千万億]+")
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {str(n): n for n in range(10)}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "億": 10**8}


def plain(text: str) -> str:
    """NFKC, lower case, nothing but letters and digits, and one way to write a number: 十四 is 14."""
    bare = _DROP.sub("", unicodedata.normalize("NFKC", text).lower())
    return _NUMBER.sub(lambda found: _number(found.group()), bare)


def errors(reference: str, hypothesis: str) -> tuple[int, int]:
    """Edit distance and the characters of the reference."""
    a = plain(reference)
    return edit_distance(a, plain(hypothesis)), len(a)


def cer(reference: str, hypothesis: str) -> float:
    """Errors over the characters of the reference."""
    wrong, characters = errors(reference, hypothesis)
    return wrong / max(1, characters)


def found_terms(reference: str, hypothesis: str, terms: Iterable[str]) -> tuple[int, int]:
    """How often the reference's terms are in the hypothesis as well, and in the reference; no term inside a longer one."""
    a, b = plain(reference), plain(hypothesis)
    found = expected = 0
    for term in sorted({plain(t) for t in terms} - {""}, key=lambda t: (-len(t), t)):
        expected += (there := a.count(term))
        found += min(there, b.count(term))
        if there:
            a, b = a.replace(term, "\n"), b.replace(term, "\n")
    return found, expected


def _number(run: str) -> str:
    if not any(c in _TENS or c in _MYRIADS for c in run):
        return "".join(str(_DIGITS[c]) for c in run)
    whole = section = 0
    digits = ""
    for c in run:
        if c in _DIGITS:
            digits += str(_DIGITS[c])
        elif c in _TENS:
            section, digits = section + int(digits or 1) * _TENS[c], ""
        else:
            whole, section, digits = whole + (section + int(digits or 0) or 1) * _MYRIADS[c], 0, ""
    return str(whole + section + int(digits or 0))
