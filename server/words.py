"""The words that a city registered in, those of them that hold now out: a changed table is heard with at once."""

from __future__ import annotations

import sqlalchemy as sa

from asr.vocabulary import Vocabulary, vocabulary_of
from core.faults import outage_of
from retrieval.repository import Repository

_KIND = "vocabulary"


class CityWords:
    """A knowledge base's vocabulary, read again only when its table changed. Thread-safe: at worst two read the same."""

    def __init__(self, tables: Repository, kb: str) -> None:
        self._tables, self._kb = tables, kb
        self._read: tuple[str, Vocabulary | None] | None = None

    def __call__(self) -> Vocabulary | None:
        try:
            return self._newest()
        except sa.exc.SQLAlchemyError as e:
            if self._read is None or outage_of(e) is None:
                raise
            return self._read[1]  # who speaks now is heard on while the database is away

    def _newest(self) -> Vocabulary | None:
        newest = next((v.digest for v in self._tables.tables_version(self._kb) if v.kind == _KIND), "")
        digest, words = self._read or ("", None)
        if newest != digest:
            rows = self._tables.load_table(self._kb, _KIND)
            words = vocabulary_of(rows) if rows else None
        self._read = newest, words
        return words
