"""The characters of a page that is written from top to bottom in, its lines out, each turned so that it lies as others do.

pdfminer reads such a page across its columns. Its own search for upright lines takes numbers set side by side in a column
(12月) out of their sentence; here they stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from retrieval.documents.block import tidy
from retrieval.documents.layout import Box, Line
from retrieval.documents.ruled import Character

_BESIDE = 0.6  #: of a character's size, by which the middles of those in one column differ
_APART = 1.6  #: of a character's size, from one to the next: what is further down is another line
_READING = 0.7  #: of the usual size: what is smaller is a reading beside a word, unless it stands in the column


def is_vertical(characters: Sequence[Character]) -> bool:
    """Whether most characters stand right below the one before, in the order in which the page writes them."""
    below = sum(_is_below(one, other) for one, other in pairwise(characters))
    return below > len(characters) / 2


def lines_of(characters: Sequence[Character], page: int) -> list[Line]:
    """Lines from right to left, those of a band under another after its; turned by a quarter, so that what is further to the
    right lies higher."""
    seen = [c for c in characters if c.text.strip()]
    size = median(_size(c) for c in seen) if seen else 0.0
    return [_line(part, page) for column in _columns(_without_readings(seen, size), size) for part in _parts(column, size)]


def without_page_number(lines: Sequence[Line]) -> list[Line]:
    """A number above or below all of the text is the page's."""
    text = [line.box for line in lines if not line.text.isdigit()]
    first, last = min((b.x0 for b in text), default=0.0), max((b.x1 for b in text), default=0.0)
    return [li for li in lines if not li.text.isdigit() or (li.box.x1 > first and li.box.x0 < last)]


def _is_below(one: Character, other: Character) -> bool:
    size = _size(one)
    return (
        abs(_middle(one)[0] - _middle(other)[0]) < size / 3 and 0.5 * size < _middle(one)[1] - _middle(other)[1] < _APART * size
    )


def _without_readings(characters: Sequence[Character], size: float) -> list[Character]:
    """Small characters beside a column are readings of it; small numbers in the middle of one are its own."""
    large = [c for c in characters if _size(c) >= _READING * size]
    places = sorted({round(_middle(c)[0]) for c in large})
    return [c for c in characters if _size(c) >= _READING * size or any(abs(_middle(c)[0] - x) < size / 2 for x in places)]


def _columns(characters: Sequence[Character], size: float) -> Iterator[list[Character]]:
    column: list[Character] = []
    for character in sorted(characters, key=lambda c: -_middle(c)[0]):
        if column and _middle(column[0])[0] - _middle(character)[0] > _BESIDE * size:
            yield column
            column = []
        column.append(character)
    if column:
        yield column


def _parts(column: Sequence[Character], size: float) -> Iterator[list[Character]]:
    """A column's lines: a gap is between two bands of text."""
    part: list[Character] = []
    for character in sorted(column, key=lambda c: -_middle(c)[1]):
        apart = _APART * max(size, _size(character))  # a headline's are larger, and further from each other
        if part and _middle(part[-1])[1] - _middle(character)[1] > apart:
            yield part
            part = []
        part.append(character)
    if part:
        yield part


def _line(part: Sequence[Character], page: int) -> Line:
    rows: list[list[Character]] = []
    for character in part:
        if rows and _middle(rows[-1][0])[1] - _middle(character)[1] < _size(character) / 2:
            rows[-1].append(character)
        else:
            rows.append([character])
    text = "".join(c.text for row in rows for c in sorted(row, key=lambda c: c.box.x0))
    x0, x1 = min(c.box.x0 for c in part), max(c.box.x1 for c in part)
    y0, y1 = min(c.box.y0 for c in part), max(c.box.y1 for c in part)
    return Line(text=tidy(text), box=Box(-y1, x0, -y0, x1), size=round(median(_size(c) for c in part), 1), page=page)


def _middle(character: Character) -> tuple[float, float]:
    box = character.box
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def _size(character: Character) -> float:
    return max(character.box.x1 - character.box.x0, character.box.y1 - character.box.y0)
