"""Rows of a table in, a line of text for each out, in which the header says what the values are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.documents.grid import Row, lines_of_grid, under_first


def lines_of(rows: Sequence[Row]) -> Iterator[str]:
    """One line a row: 「見出し: 値」 pairs under the first row of two cells or more; above it are titles."""
    filled = [row for row in rows if any(cell.text for cell in row)]
    at = next((n for n, row in enumerate(filled) if sum(bool(cell.text) for cell in dict.fromkeys(row)) > 1), len(filled))
    titles = filled[: at + 1] if at + 1 >= len(filled) else filled[:at]
    yield from (" ".join(cell.text for cell in dict.fromkeys(row) if cell.text) for row in titles)
    if at + 1 < len(filled):
        yield from lines_of_grid(under_first(filled[at:]))
