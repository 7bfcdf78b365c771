"""What a clerk types to find entries in; whether its words stand in one out, however they are written."""

from __future__ import annotations

from functools import lru_cache

from retrieval.analysis import normalise
from retrieval.entry import Entry
from retrieval.tokens import tokens

_REMEMBERED = 50_000  #: entries; to look a text up in the dictionary takes a millisecond, to compare words nothing


class Finding:
    """Words of which all must stand in an entry: 引越し finds 引っ越し, and ﾏｲﾅﾝﾊﾞｰ finds マイナンバー."""

    def __init__(self, text: str) -> None:
        self._words = [(word, _stems(word)) for word in normalise(text).split(" ") if word]

    def finds(self, entry: Entry) -> bool:
        if not self._words:
            return True
        text = _text(entry)
        written = normalise(text)
        return all(word in written or (stems.strip("\t") and stems in _stems(text)) for word, stems in self._words)


def _text(entry: Entry) -> str:
    parts = (entry.id, *entry.questions, entry.answer, entry.category, entry.department)
    return "\n".join(filter(None, parts))


@lru_cache(maxsize=_REMEMBERED)
def _stems(text: str) -> str:
    """What the words of a text come to in every spelling, each between tabs."""
    return "\t" + "".join(f"{token.stem}\t" for token in tokens(normalise(text)))
