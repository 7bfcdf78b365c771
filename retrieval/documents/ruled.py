"""The rulings and characters of a PDF's page in, its tables out: each character in the cell that it stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.documents.block import tidy
from retrieval.documents.grid import Cell, Row
from retrieval.documents.layout import Box

_THIN = 3.0  #: of a ruling, in points
_NEAR = 3.0  #: rulings so near each other are one
_SPACE = 0.5  #: between two words, of a character's height
_ROOM = 2.5  #: at the end of a line that goes on in no other, of a character's height
_HIGHEST = 0.85  #: of the page: what is higher is a frame around it
_MOST_CELLS = 4_000  #: a drawing has more


@dataclass(frozen=True, slots=True)
class Character:
    """A character and its place."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table's rows with a cell in every column, and where its columns begin."""

    grid: Sequence[Row]
    columns: tuple[float, ...]
    box: Box
    page: int

    def goes_on_from(self, other: Table) -> bool:
        """Whether it has the columns of a table on the page before."""
        same = len(self.columns) == len(other.columns)
        return same and all(abs(a - b) <= _NEAR for a, b in zip(self.columns, other.columns, strict=True))


def tables_of(drawn: Sequence[Box], characters: Sequence[Character], page: Box, number: int) -> list[Table]:
    """The tables of a page from top to bottom. Lines under words and frames around them are none."""
    rulings = [box for box in drawn if box.y1 - box.y0 < _HIGHEST * (page.y1 - page.y0)]
    found = (_table(part, characters, number) for part in _apart(rulings))
    return [table for table in found if table]


def _apart(rulings: Sequence[Box]) -> Iterator[list[Box]]:
    """Rulings of one table each: nothing is drawn at the heights between two."""
    part: list[Box] = []
    lowest = 0.0
    for box in sorted(rulings, key=lambda b: -b.y1):
        if part and box.y1 < lowest - _NEAR:
            yield part
            part = []
        lowest = min(lowest, box.y0) if part else box.y0
        part.append(box)
    if part:
        yield part


def _table(part: Sequence[Box], characters: Sequence[Character], page: int) -> Table | None:
    upright = [edge for box in part for edge in _sides(box.x0, box.x1, box.y0, box.y1)]
    level = [edge for box in part for edge in _sides(box.y0, box.y1, box.x0, box.x1)]
    if not upright or not level:
        return None
    ends = [end for _, start, stop in level for end in (start, stop)]  # tables may be open at their sides
    xs = _places([*(x for x, _, _ in upright), min(ends), max(ends)])
    ys = _places([y for y, _, _ in level])
    if len(xs) < 3 or len(ys) < 2 or len(xs) * len(ys) > _MOST_CELLS:
        return None
    ys.reverse()
    owners = _owners(xs, ys, upright, level)
    texts = _texts(characters, xs, ys, owners)
    cells = {owner: Cell(text=texts.get(owner, "")) for owner in set(owners.values())}
    grid = [[cells[owners[r, c]] for c in range(len(xs) - 1)] for r in range(len(ys) - 1)]
    filled = [row for row in grid if any(cell.text for cell in row)]
    box = Box(xs[0], ys[-1], xs[-1], ys[0])
    return Table(grid=filled, columns=tuple(xs), box=box, page=page) if filled else None


Edge = tuple[float, float, float]
"""Where a ruling lies, and from where to where it goes."""


def _sides(near: float, far: float, start: float, stop: float) -> list[Edge]:
    """The rulings in one direction that a drawn box has: itself, where it is thin, else its two sides."""
    if far - near <= _THIN:
        return [((near + far) / 2, start, stop)] if stop - start > _THIN else []
    return [(near, start, stop), (far, start, stop)] if stop - start > _THIN else []


def _places(values: Sequence[float]) -> list[float]:
    """Distinct places in order; those that are near each other are one."""
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _NEAR:
            places.append(value)
    return places


Place = tuple[int, int]
"""Row and column."""


def _owners(xs: Sequence[float], ys: Sequence[float], upright: Sequence[Edge], level: Sequence[Edge]) -> dict[Place, Place]:
    """For each place of the grid the first one of the cell that it is part of: between places of one cell nothing is drawn."""
    owners: dict[Place, Place] = {}
    for r, (top, bottom) in enumerate(pairwise(ys)):
        for c, (left, right) in enumerate(pairwise(xs)):
            beside = c > 0 and not _is_drawn(upright, left, (top + bottom) / 2)
            below = r > 0 and not _is_drawn(level, top, (left + right) / 2)
            owners[r, c] = owners[r, c - 1] if beside else owners[r - 1, c] if below else (r, c)
    return owners


def _is_drawn(edges: Sequence[Edge], place: float, through: float) -> bool:
    return any(abs(at - place) <= _NEAR and start - _NEAR <= through <= stop + _NEAR for at, start, stop in edges)


def _texts(
    characters: Sequence[Character], xs: Sequence[float], ys: Sequence[float], owners: dict[Place, Place]
) -> dict[Place, str]:
    """What stands in each cell, its lines put together."""
    held: dict[Place, list[Character]] = {}
    rights = {owner: xs[c + 1] for (_, c), owner in sorted(owners.items())}
    down = [-y for y in ys]
    for character in characters:
        x, y = (character.box.x0 + character.box.x1) / 2, (character.box.y0 + character.box.y1) / 2
        place = bisect_right(down, -y) - 1, bisect_right(xs, x) - 1
        if place in owners:
            held.setdefault(owners[place], []).append(character)
    return {owner: tidy("".join(_written(found, rights[owner]))) for owner, found in held.items()}


def _written(characters: Sequence[Character], right: float) -> Iterator[str]:
    """Characters of a cell that ends there, line by line; words apart on one line stay apart, and so do lines of which the first
    had room for more."""
    last: Box | None = None
    for line in _lines(characters):
        if last and right - last.x1 > _ROOM * (last.y1 - last.y0):
            yield " "
        last = None
        for character in line:
            box = character.box
            if last and box.x0 - last.x1 > _SPACE * (box.y1 - box.y0):
                yield " "
            yield character.text
            last = box


def _lines(characters: Sequence[Character]) -> list[list[Character]]:
    """From top to bottom, each from left to right. Numbers of another font lie a little higher or lower than the words."""
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda c: -(c.box.y0 + c.box.y1)):
        if lines and (character.box.y0 + character.box.y1) / 2 > lines[-1][0].box.y0:
            lines[-1].append(character)
        else:
            lines.append([character])
    return [sorted(line, key=lambda c: c.box.x0) for line in lines]
