"""Promises of the knowledge base in the database: a write is whole or not at all, and nothing is embedded twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.clock import JST
from core.settings import Settings
from models.embedder import Embedder, Vectors, load_embedder
from retrieval.entry import Entry
from retrieval.repository import Repository, entries

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
ENTRIES = [
    Entry(id=f"e{i}", question=f"問い{i}", answer=f"答え{i}", audience=a) for i, a in enumerate([*Audience, Audience.RESIDENT])
]


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine)


def quiet(_done: int, _total: int) -> None:
    pass


def test_what_was_saved_comes_back_in_its_order(repository: Repository) -> None:
    report = repository.save("kb", ENTRIES, NOON)
    assert (report.added, report.changed, report.unchanged) == (3, (), 0)
    assert [s.entry for s in repository.load("kb")] == ENTRIES
    assert repository.load("other") == []


def test_saving_again_changes_only_what_is_different(repository: Repository) -> None:
    repository.save("kb", ENTRIES, NOON)
    later = NOON + timedelta(days=1)
    changed = replace(ENTRIES[1], answer="新しい答え")
    report = repository.save("kb", [ENTRIES[0], changed, Entry(id="e9", question="問い9", answer="答え9")], later)
    assert (report.added, len(report.changed), report.unchanged) == (1, 1, 1)
    stored = repository.load("kb")
    assert [s.entry.id for s in stored] == ["e0", "e1", "e2", "e9"]
    assert stored[1].entry == changed
    days = [s.updated_at.date() for s in stored]
    assert days == [NOON.date(), later.date(), NOON.date(), later.date()]


def test_an_entry_that_becomes_staffs_is_staffs_in_the_column_too(repository: Repository, engine: Engine) -> None:
    repository.save("kb", ENTRIES, NOON)
    repository.save("kb", [replace(ENTRIES[0], audience=Audience.STAFF)], NOON)
    with engine.connect() as c:
        assert c.execute(sa.select(entries.c.audience).where(entries.c.id == "e0")).scalar() == "staff"


def test_a_save_that_fails_in_the_middle_leaves_nothing(repository: Repository) -> None:
    def broken() -> Sequence[Entry]:
        class Breaks(list[Entry]):
            def __iter__(self):  # type: ignore[no-untyped-def]
                yield ENTRIES[0]
                raise ConnectionError

        return Breaks(ENTRIES)

    with pytest.raises(ConnectionError):
        repository.save("kb", broken(), NOON)
    assert repository.load("kb") == []


def test_a_citys_table_is_replaced_as_a_whole(repository: Repository) -> None:
    before = repository.tables_version("kb")
    repository.save_table(
        "kb", "readings", [{"surface": "曽於", "reading": "そお"}, {"surface": "財部", "reading": "たからべ"}], NOON
    )
    first = repository.tables_version("kb")
    repository.save_table("kb", "readings", [{"surface": "末吉", "reading": "すえよし"}], NOON)
    assert repository.load_table("kb", "readings") == [{"surface": "末吉", "reading": "すえよし"}]
    assert len({before, first, repository.tables_version("kb")}) == 3
    repository.save_table("kb", "readings", [], NOON)
    assert repository.load_table("kb", "readings") == []


class Counting:
    """The real embedder, with a note of what it was asked."""

    def __init__(self, real: Embedder) -> None:
        self._real, self.asked = real, list[str]()
        self.identity, self.dimensions = real.identity, real.dimensions

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._real.queries(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._real.passages(texts)


def test_a_text_is_embedded_once_in_its_life(repository: Repository, model_settings: Settings) -> None:
    embedder = Counting(load_embedder(model_settings))
    first = repository.embed(["犬", "猫", "犬"], embedder, quiet)
    assert sorted(embedder.asked) == ["犬", "猫"]
    assert np.array_equal(first[0], first[2])
    second = repository.embed(["猫", "鳥"], embedder, quiet)
    assert sorted(embedder.asked) == ["犬", "猫", "鳥"]
    assert np.array_equal(second[0], first[1])
    assert repository.embed([], embedder, quiet).shape == (0, embedder.dimensions)


def test_vectors_of_another_embedder_are_not_taken(repository: Repository, model_settings: Settings) -> None:
    embedder = Counting(load_embedder(model_settings))
    repository.embed(["犬"], embedder, quiet)
    embedder.identity = "another"
    repository.embed(["犬"], embedder, quiet)
    assert embedder.asked == ["犬", "犬"]
