"""Paragraphs of a Word file in, the numbers that Word writes before them out: they are in no paragraph's text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_KANJI = "〇一二三四五六七八九"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_SYMBOLS = {
    "aiueo": _AIUEO,
    "aiueoFullWidth": _AIUEO,
    "iroha": _IROHA,
    "irohaFullWidth": _IROHA,
    "lowerLetter": _LETTERS,
    "upperLetter": _LETTERS.upper(),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
}
_IN_KANJI = frozenset(
    {"japaneseCounting", "ideographDigital", "japaneseDigitalTenThousand", "chineseCounting", "taiwaneseCounting"}
)
_BULLET = "・"


@dataclass(frozen=True, slots=True)
class _Level:
    """How the paragraphs of one level of a list are numbered."""

    start: int
    form: str
    text: str  #: 「第%1条」; %n is the number of the n-th level
    restarts: int  #: below so many levels; articles count on through chapters with 0


class Numbers:
    """Counts through a document's paragraphs in their order."""

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, str] = {}  # of each list, whose levels it has
        self._levels: dict[tuple[str, int], _Level] = {}
        self._restarts: dict[tuple[str, int], int] = {}
        self._counts: dict[tuple[str, int], int] = {}
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/numbering"):
                self._read(relation.target_part.element)

    def before(self, paragraph: Paragraph) -> str:
        """What stands before a paragraph, with a space behind it; empty where nothing does."""
        place = _place(paragraph)
        if place is None or place[0] not in self._lists:
            return ""
        kind, depth = self._lists[place[0]], place[1]
        level = self._levels.get((kind, depth))
        if level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return _BULLET
        self._count(place[0], kind, depth)
        written = re.sub(r"%([1-9])", lambda m: self._written(kind, int(m[1]) - 1), level.text)
        return f"{written} " if written.strip() else ""

    def _count(self, number: str, kind: str, depth: int) -> None:
        start = self._restarts.pop((number, depth), None)
        now = self._counts.get((kind, depth))
        first = self._levels[kind, depth].start
        self._counts[kind, depth] = start if start is not None else first if now is None else now + 1
        for deeper in [place for place in self._counts if place[0] == kind and place[1] > depth]:
            if depth < self._levels[deeper].restarts:
                del self._counts[deeper]

    def _written(self, kind: str, depth: int) -> str:
        level = self._levels.get((kind, depth))
        return _in_form(self._counts.get((kind, depth), level.start), level.form) if level else ""

    def _read(self, numbering: Any) -> None:
        for abstract in numbering.iter(qn("w:abstractNum")):
            kind = abstract.get(qn("w:abstractNumId"))
            for level in abstract.iter(qn("w:lvl")):
                start, form, text, restarts = (
                    _value(level, name) for name in ("w:start", "w:numFmt", "w:lvlText", "w:lvlRestart")
                )
                depth = int(level.get(qn("w:ilvl")))
                self._levels[kind, depth] = _Level(int(start or 1), form or "decimal", text or "", int(restarts or depth))
        for number in numbering.iter(qn("w:num")):
            name = number.get(qn("w:numId"))
            self._lists[name] = _value(number, "w:abstractNumId") or ""
            for override in number.iter(qn("w:lvlOverride")):
                if start := _value(override, "w:startOverride"):
                    self._restarts[name, int(override.get(qn("w:ilvl")))] = int(start)


def _place(paragraph: Paragraph) -> tuple[str, int] | None:
    """The list that a paragraph is in, by itself or by its style, and its level there."""
    own = paragraph._p.pPr
    properties = [own] if own is not None else []
    style: Any = paragraph.style
    while style is not None:
        properties += [style.element.pPr] if style.element.pPr is not None else []
        style = style.base_style
    numbered = [p.find(qn("w:numPr")) for p in properties]
    found = next((n for n in numbered if n is not None), None)
    if found is None or (number := _value(found, "w:numId")) in (None, "0"):
        return None
    return str(number), int(_value(found, "w:ilvl") or 0)


def _value(element: Any, name: str) -> str | None:
    child = element.find(qn(name))
    return None if child is None else child.get(qn("w:val"))


def _in_form(number: int, form: str) -> str:
    if symbols := _SYMBOLS.get(form):
        return symbols[number - 1] if 0 < number <= len(symbols) else str(number)
    if form in _IN_KANJI:
        return _in_kanji(number)
    if form == "decimalFullWidth":
        return str(number).translate(_WIDE)
    if form in ("lowerRoman", "upperRoman"):
        return _in_roman(number).upper() if form == "upperRoman" else _in_roman(number)
    return str(number)


def _in_kanji(number: int) -> str:
    """一 to 九十九."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _KANJI[tens]) + ("十" if tens else "") + (_KANJI[ones] if ones else "")


def _in_roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        while number >= value:
            written, number = written + letters, number - value
    return written
