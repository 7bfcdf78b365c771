"""A city's tables in, its wording for search out: synonyms that it edits, and names and terms that are kept whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from core.table import read_table
from retrieval.analysis import normalise
from retrieval.repository import Repository
from retrieval.tokens import to_hiragana
from retrieval.wording import Group, Wording, words_of

SHIPPED = Path(__file__).parent / "data" / "synonyms.csv"

# Where names and terms come from: the table, the column of the name and that of its reading.
_TERMS = (("vocabulary", "term", "reading"), ("departments", "name", "reading"), ("facilities", "name", "reading"))


def wording_of(repository: Repository, kb: str) -> Wording:
    """The wording of a knowledge base. Without a table of synonyms it is that which ships."""
    rows = repository.load_table(kb, "synonyms")
    groups = groups_of(rows) if rows else shipped().groups
    terms: dict[str, str] = {}
    for kind, name, reading in _TERMS:
        rows = [row for row in repository.load_table(kb, kind) if row.get(name)]
        terms |= {row[name]: to_hiragana(normalise(row.get(reading, ""))) for row in rows}
    return Wording(groups, terms)


@cache
def shipped() -> Wording:
    """What every city says."""
    return Wording(groups_of(row.cells for row in read_table(SHIPPED).rows))


def groups_of(rows: Iterable[Mapping[str, str]]) -> tuple[Group, ...]:
    """Groups of words that mean the same, of rows with the columns 表記 and 同義語."""
    return tuple(words_of(row) for row in rows)
