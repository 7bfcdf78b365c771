"""A list of a city's words in (CSV: term,reading,kind), a vocabulary for the recogniser out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnreadableTable
from core.table import read_table

_COLUMNS = ("term", "reading", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word as the city writes it."""

    term: str
    reading: str  #: in hiragana
    kind: str  #: what sort of word it is, such as 地名 or 組織


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that a recording is likely to have, in the order of the list."""

    terms: tuple[Term, ...]


Words = Callable[[], Vocabulary | None]
"""The vocabulary as it is now: a server outlives the table that it was read from."""


def no_words() -> None:
    """Nothing but what every recogniser knows."""


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary file, CSV or Excel.

    Raises:
        NotFound, TooLarge, UnreadableTable: see `core.table.read_table`.
        UnreadableTable: without the three columns, or a row without a term or reading or that can't be believed.
    """
    table = read_table(path)
    if missing := [c for c in _COLUMNS if c not in table.columns]:
        raise UnreadableTable(f"語彙の表に {'、'.join(missing)} の列がありません。1行目を term,reading,kind にしてください。")
    for row in table.rows:
        if row.fault:
            raise UnreadableTable(f"語彙の表の {row.number} 行目を使えません。{row.fault}。直して保存し直してください。")
        if not row.cells["term"] or not row.cells["reading"]:
            raise UnreadableTable(f"語彙の表の {row.number} 行目に term か reading がありません。書き足してください。")
    return vocabulary_of(row.cells for row in table.rows)


def vocabulary_of(rows: Iterable[Mapping[str, str]]) -> Vocabulary:
    """The vocabulary that rows with the columns term, reading and kind make up."""
    return Vocabulary(terms=tuple(Term(term=r["term"], reading=r["reading"], kind=r.get("kind", "")) for r in rows))
