"""Character error rate of Japanese text, without spaces and punctuation."""

from __future__ import annotations

import re
import unicodedata

_DROP = re.compile(r"[^\w々〆ー]|_")


def plain(text: str) -> str:
    """NFKC, lower case, nothing but letters and digits."""
    return _DROP.sub("", unicodedata.normalize("NFKC", text).lower())


def cer(reference: str, hypothesis: str) -> float:
    """Edit distance over the length of the reference (Levenshtein 1966)."""
    a, b = plain(reference), plain(hypothesis)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1] / max(1, len(a))
