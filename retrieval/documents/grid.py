"""The cells of a page's table in, a line of text for each row out, in which the headings say what the values are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """A cell, and how many columns and rows it spans. Each is itself alone, whatever it says."""

    text: str
    is_heading: bool = False
    wide: int = 1
    high: int = 1


_HIGHEST_HEAD = 3  #: rows
_COMPARED = re.compile(r"(?:(?:改正|変更|修正|見直し)[前後案]|現行|[新旧])(?:条例|規則|要綱|規程|制度|案)?(?:[(（].{1,10}[)）])?")
_IN_BRACKETS = re.compile(r"[(（][^()（）]{0,200}[)）]")

Row = Sequence[Cell]


def spread(rows: Iterable[Row]) -> list[Row]:
    """Rows with a cell in every column: one that spans several stands in each of them."""
    grid: list[Row] = []
    reaching: dict[int, tuple[Cell, int]] = {}  # by column, with how many more rows it takes
    for row in rows:
        line: list[Cell] = []
        for cell in (*row, None):
            while (above := reaching.get(len(line))) and above[1]:
                reaching[len(line)] = (above[0], above[1] - 1)
                line.append(above[0])
            for _ in range(cell.wide if cell else 0):
                assert cell is not None
                reaching[len(line)] = (cell, cell.high - 1)
                line.append(cell)
        grid.append(line)
    return grid


def carried_on(before: Sequence[Row], grid: Sequence[Row]) -> list[Row]:
    """The rows of a table on its next page. What is merged over rows of both pages is written on the first alone; where a column
    has other blanks, as one of remarks has, the first on the page is one, too."""
    above, first = (before[-1], grid[0]) if grid else ((), ())
    known = {*above, *first, *before[0]}
    blank = {at for row in (*before, *grid) for at, cell in enumerate(row) if not cell.text and cell not in known}
    said = {
        cell: replace(cell, text=over.text)
        for at, (over, cell) in enumerate(zip(above, first, strict=False))
        if not cell.text and at not in blank and (_is_high(over, before) or _is_high(cell, grid))
    }
    return [[said.get(cell, cell) for cell in row] for row in grid]


def _is_high(cell: Cell, grid: Sequence[Row]) -> bool:
    return sum(cell in row for row in grid) > 1


def has_headings(grid: Sequence[Row]) -> bool:
    return any(cell.is_heading for row in grid for cell in row)


def lines_of_grid(grid: Sequence[Row]) -> Iterator[str]:
    """「受付時間: 平日」 by the heading at the left, 「品目: 机、手数料: 500円」 by those above. Where no cell is a heading, the
    first of two columns is taken for headings unless it has sentences, else the first row."""
    rows = grid if has_headings(grid) else _with_headings(grid)
    last = max((n for n, row in enumerate(rows) if not _is_head(row)), default=0)  # a row of headings below it is one of sums
    above: list[str] = []
    in_head = False
    for n, row in enumerate(rows):
        is_head = n < last and _is_head(row)
        if is_head:
            head = [cell.text for cell in row]
            above = [_said(pair) for pair in zip(above, head, strict=False)] if in_head else head
        elif line := _under(above, row) if above and len(set(row)) > 1 else _beside(row):
            yield line
        in_head = is_head


def _under(head: Sequence[str], row: Row) -> str:
    """A row's values, each after its heading; one that stands in several columns of the same heading is said once."""
    said = dict.fromkeys((h, cell) for h, cell in zip(head, row, strict=False) if cell.text)
    return "、".join(f"{h}: {cell.text}" if h else cell.text for h, cell in said)


def _with_headings(grid: Sequence[Row]) -> list[Row]:
    if _has_names_at_left(grid):
        return [[replace(row[0], is_heading=True), *row[1:]] if len(set(row)) > 1 else row for row in grid]
    first = len(_titles(grid))
    return [*grid[:first], *under_first(grid[first:])]


def _has_names_at_left(grid: Sequence[Row]) -> bool:
    return max(map(len, grid)) == 2 and not are_two_named([row for row in grid if len(set(row)) > 1])


def are_two_named(rows: Sequence[Row]) -> bool:
    """Whether the first of rows of two cells names what stands below, and is no name with its value: the cells at the left are
    sentences mostly, or it is what was beside what becomes of it (「改正後」「改正前」)."""
    names, left = [cell.text for row in rows[:1] for cell in row], [row[0].text for row in rows[1:]]
    if not left or any(map(_is_sentence, names)):
        return False
    are_compared = all(_COMPARED.fullmatch("".join(name.split())) for name in names)
    return are_compared or 2 * sum(map(_is_sentence, left)) >= len(left)


def _is_sentence(text: str) -> bool:
    """A name may have one in brackets only: 「期限（必着。郵送も可）」."""
    return "。" in _IN_BRACKETS.sub("", text)


def _titles(grid: Sequence[Row]) -> Sequence[Row]:
    """The rows at the top of one cell each."""
    return grid[: next((n for n, row in enumerate(grid) if len(set(row)) > 1), 0)]


def head_of(grid: Sequence[Row]) -> Sequence[Row]:
    """The rows that a table's next page begins with again, or would have to be read under: those that name its columns, and its
    titles above them; none where names stand at the left."""
    first = len(_titles(grid))
    return () if _has_names_at_left(grid) else grid[: first + _height_of_head(grid[first:])]


def under_first(grid: Sequence[Row]) -> list[Row]:
    """The rows with those at the top as headings."""
    height = _height_of_head(grid)
    marked = {cell: replace(cell, is_heading=True) for row in grid[:height] for cell in row}
    return [[marked[cell] for cell in row] if n < height else row for n, row in enumerate(grid)]


def _height_of_head(rows: Sequence[Row]) -> int:
    """How many rows the headings of columns take: where one stands over several columns, as far down as one beside it reaches."""
    if len(set(rows[0])) == len(rows[0]):
        return 1
    height = next((n for n, row in enumerate(rows) if not set(row) & set(rows[0])), len(rows))
    return height if height <= _HIGHEST_HEAD and height < len(rows) else 1


def _is_head(row: Row) -> bool:
    """Whether a row has nothing but headings of columns; the corner above the headings of rows may be empty."""
    first, *others = row or [Cell(text="")]
    return len(set(row)) > 1 and all(c.is_heading for c in others) and (first.is_heading or not first.text)


def _beside(row: Row) -> str:
    """Values after the headings at their left; cells without any one after the other."""
    parts: list[str] = []
    label: list[str] = []
    for cell in dict.fromkeys(row):
        if cell.is_heading:
            label.append(cell.text)
        elif cell.text:
            parts.append(f"{_said(label)}: {cell.text}" if any(label) else cell.text)
            label = []
    return "、".join([*parts, *filter(None, label)])


def _said(headings: Iterable[str]) -> str:
    """Headings of one value, from the widest to the narrowest."""
    return " ".join(dict.fromkeys(filter(None, headings)))
