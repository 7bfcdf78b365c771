"""The lines of a PDF's page in, the same in the order in which people read them: one column after the other, names before their
values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_FEWEST_ROWS = 3  #: side by side, else they are no columns
_UNEVEN_ROWS = 3  #: by which one column may begin before another
_FEWEST_CHARS = 7  #: of a column's line, at the median; less is a list of names and values
_FULL = 0.8  #: of a column's width: a line so wide goes on in the next
_WIDEST_GAP = 2.2  #: between lines of a column, of their size
_SAME_SIZE = 0.08  #: by which sizes of one text may differ


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page, in points from its lower left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, other: Box) -> bool:
        """Whether the middle of another lies in it."""
        return self.x0 <= (other.x0 + other.x1) / 2 <= self.x1 and self.y0 <= (other.y0 + other.y1) / 2 <= self.y1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text."""

    text: str
    box: Box
    size: float  #: of its characters, in points
    page: int
    column: float = 0.0  #: width of the text that it stands in, in points; endless where it is a text by itself

    @property
    def is_full(self) -> bool:
        return _width(self) >= _FULL * self.column

    def goes_on_from(self, above: Line) -> bool:
        """Whether it can be of the same text as a line before it: of one size, and without a gap between them."""
        is_like = abs(self.size - above.size) <= _SAME_SIZE * max(self.size, above.size)
        return is_like and (self.page != above.page or self.is_near(above))

    def is_near(self, above: Line) -> bool:
        """Whether there is no gap between it and a line above it on its page; below a heading there is more room."""
        return above.box.y0 - self.box.y1 <= _WIDEST_GAP * max(self.size, above.size)


Row = Sequence[Line]


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines between two tables."""
    rows = list(_rows(lines))
    ordered: list[Line] = []
    at = 0
    while at < len(rows):
        columns, end = _columns(rows, at)
        if columns:
            ordered += [line for column in columns for line in _of_one_width(column)]
        else:
            ordered += [_joined(rows[at])] if len(rows[at]) > 1 else rows[at]
        at = end
    width = max((_width(li) for li in ordered if not li.column), default=0.0)
    return [li if li.column else replace(li, column=width) for li in ordered]


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    """Lines beside each other, from top to bottom, each row from left to right."""
    row: list[Line] = []
    for line in sorted(lines, key=lambda li: -(li.box.y0 + li.box.y1)):
        if row and (line.box.y0 + line.box.y1) / 2 < row[0].box.y0:
            yield sorted(row, key=lambda li: li.box.x0)
            row = []
        row.append(line)
    if row:
        yield sorted(row, key=lambda li: li.box.x0)


@dataclass(slots=True)
class _Column:
    """Lines one above the other. Each is above or below another of them, so that what they reach over has no hole."""

    lines: list[Line]
    x0: float
    x1: float

    def holds(self, line: Line) -> bool:
        """Whether a line stands in it, as far as its sides say."""
        return self.x0 < line.box.x1 and line.box.x0 < self.x1

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.x0, self.x1 = min(self.x0, line.box.x0), max(self.x1, line.box.x1)


def _columns(rows: Sequence[Row], start: int) -> tuple[list[list[Line]], int]:
    """The columns of text that begin with a row, none where it is no row of columns, and the row after them. Their lines need not
    stand in one row, where one has a heading and the other none."""
    if not _may_begin(rows, start):
        return [], start + 1
    columns: list[_Column] = []
    pairs, end = 0, start
    heading: tuple[int, list[int]] | None = None  # that may be over all columns after it, and how long each was before it
    for at in range(start, len(rows)):
        row = rows[at]
        if columns and not any(line.is_near(column.lines[-1]) for line in row for column in columns):
            break
        places = _places(columns, row)
        if heading is not None and (places is None or any(_is_after_gap(line, columns) for line in row)):
            end, columns = heading[0], _cut(columns, heading[1])
            break
        if places is None:
            break
        if heading is not None and any(_goes_on_beside(line, columns, rows[heading[0]]) for line in row):
            heading = None
        may_open = at - start < _UNEVEN_ROWS
        if columns and not any(_is_within(line, columns, may_open=may_open) for line in row):
            heading = at, [len(column.lines) for column in columns]
        pairs += len(row) > 1 or (at > start and any(_is_beside(row[0], line) for line in rows[at - 1]))
        _put(columns, row, places)
        end = at + 1
    found = [column.lines for column in sorted(columns, key=lambda column: column.lines[0].box.x0)]
    return (found, end) if pairs >= _FEWEST_ROWS and _are_text(found) else ([], start + 1)


def _places(columns: Sequence[_Column], row: Row) -> list[int | None] | None:
    """The column that each line of a row goes on in, by its number; None for one that begins another. None altogether where a
    line reaches over two of them, or two lines stand in one."""
    over = [[i for i, column in enumerate(columns) if column.holds(line)] for line in row]
    taken = [places[0] for places in over if places]
    overlap = any(_is_above(one, other) for one, other in pairwise(row))
    if overlap or any(len(places) > 1 for places in over) or len(set(taken)) < len(taken):
        return None
    return [places[0] if places else None for places in over]


def _put(columns: list[_Column], row: Row, places: Sequence[int | None]) -> None:
    for line, place in zip(row, places, strict=True):
        if place is None:
            columns.append(_Column([line], line.box.x0, line.box.x1))
        else:
            columns[place].add(line)


def _cut(columns: Sequence[_Column], lengths: Sequence[int]) -> list[_Column]:
    """Columns as they were when they had so many lines."""
    return [replace(column, lines=column.lines[:length]) for column, length in zip(columns, lengths, strict=False)]


def _is_beside(line: Line, other: Line) -> bool:
    """Whether a line stands beside one of the row above it, a little lower: lines of columns do, but neither a name and the value
    below it nor the date and the addressee of a letter."""
    return not _is_above(other, line) and line.box.y1 > other.box.y0


def _is_after_gap(line: Line, columns: Sequence[_Column]) -> bool:
    """Whether a line stands below a gap in its column: there, a heading beside the gap was over both."""
    above = (column.lines[-1] for column in columns)
    return any(_is_above(last, line) and not line.is_near(last) for last in above)


def _goes_on_beside(line: Line, columns: Sequence[_Column], heading: Row) -> bool:
    """Whether a line goes on without a gap in a column that a heading does not stand in: then that is over its own alone."""
    above = [column.lines[-1] for column in columns if column.holds(line)]
    return any(line.is_near(last) and last not in heading for last in above)


def _may_begin(rows: Sequence[Row], start: int) -> bool:
    """Whether a row may be the first of columns: that of the one may stand a little higher than that of the other."""
    first, following = rows[start], rows[start + 1 : start + 1 + _UNEVEN_ROWS]
    if len(first) > 1 or not following:
        return len(first) > 1
    lines = [line for row in following for line in row]
    return any(line.goes_on_from(first[0]) for line in lines) and not all(_is_above(first[0], line) for line in lines)


def _is_within(line: Line, columns: Sequence[_Column], *, may_open: bool) -> bool:
    """Whether a line goes on in its column, be it below a heading, or begins another column, rather than being a heading over
    all. One that `may_open` a column may be that column's heading."""
    last = [column.lines[-1] for column in columns]
    above = [each for each in last if _is_above(each, line)]
    if not above:
        return may_open or any(map(line.goes_on_from, last))
    return any(line.is_near(each) and line.size <= each.size * (1 + _SAME_SIZE) for each in above)


def _are_text(columns: Sequence[Sequence[Line]]) -> bool:
    """Whether columns are text that runs on from line to line, rather than a table without rulings: what is in its cells is as
    long as it happens to be."""
    widths = max(([_width(line) for line in column] for column in columns), key=max)
    is_long = all(median(len(line.text) for line in column) >= _FEWEST_CHARS for column in columns)
    return is_long and median(widths) >= _FULL * max(widths)


def _is_above(one: Line, other: Line) -> bool:
    return one.box.x0 < other.box.x1 and other.box.x0 < one.box.x1


def _of_one_width(lines: Sequence[Line]) -> list[Line]:
    width = max(map(_width, lines), default=0.0)
    return [replace(li, column=width) for li in lines]


def _width(line: Line) -> float:
    return line.box.x1 - line.box.x0


def _joined(row: Row) -> Line:
    """A row as one line: a name and its value."""
    box = Box(row[0].box.x0, min(li.box.y0 for li in row), row[-1].box.x1, max(li.box.y1 for li in row))
    return replace(row[0], text=" ".join(li.text for li in row), box=box, column=float("inf"))
