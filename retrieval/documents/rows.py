"""Rows of a table in, a line of text for each out, in which the header says what the values are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.documents.block import tidy


def lines_of(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """One line a row: 「見出し: 値」 pairs under the first row of two cells or more; above it are titles."""
    filled = [[tidy(c) for c in row] for row in rows if any(c.strip() for c in row)]
    at = next((n for n, row in enumerate(filled) if sum(map(bool, row)) > 1), len(filled))
    head, body = filled[at : at + 1], filled[at + 1 :]
    yield from (" ".join(filter(None, row)) for row in (*filled[:at], *(head if not body else [])))
    yield from (under(head[0], row) for row in body)


def under(head: Sequence[str], row: Sequence[str]) -> str:
    """A row's values, each after its heading."""
    return "、".join(f"{h}: {c}" if h else c for h, c in zip(head, row, strict=False) if c)
