"""Promises of a department's scope: an index holds exactly what its readers may see, whatever belongs to whom."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from kb_kit import NOON, Opened, ticking

from core.audience import Audience
from core.database import open_database
from core.settings import Settings
from core.table import Row
from models.embedder import Embedder
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, Refusal, parse_row, to_row
from retrieval.knowledge import Knowledge
from retrieval.postgres.versions import Postgres

DEPARTMENTS = ("税務課", "福祉課", "../../課", "a/b")
READERS = [(Audience.RESIDENT, None), (Audience.STAFF, None), *((Audience.STAFF, d) for d in DEPARTMENTS)]
SEEN_BY = {"resident": {*READERS}, "staff": {r for r in READERS if r[0] is Audience.STAFF}}

owned = st.tuples(st.sampled_from(["resident", "staff", "department"]), st.sampled_from(DEPARTMENTS))


def entry_of(number: int, audience: str, department: str) -> Entry:
    cells = {
        "id": f"e{number}",
        "question": f"{number}番の倉庫の鍵はどこですか。",
        "answer": f"{number}番の棚です。",
        "audience": audience,
        "department": department,
    }
    parsed = parse_row(cells, Row(2, cells))
    assert isinstance(parsed, Entry)
    return parsed


def readers_of(audience: str, department: str) -> set[tuple[Audience, str | None]]:
    return SEEN_BY.get(audience) or {(Audience.STAFF, department)}


@pytest.fixture(scope="module")
def names() -> count[int]:
    return count()


@given(entries=st.lists(owned, min_size=1, max_size=5), after=st.lists(owned, min_size=1, max_size=5))
@trying(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_holds_what_its_readers_may_see_and_nothing_else(
    opened: Opened, names: count[int], entries: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    knowledge = opened(clock=ticking())
    kb = f"k{next(names)}"
    current: dict[int, tuple[str, str]] = {}
    for state in (entries, after):  # what was confined may be everybody's afterwards, and the other way round
        current |= dict(enumerate(state))
        knowledge.repository.save(kb, [entry_of(n, *owner) for n, owner in current.items()], NOON)
        knowledge.build(kb, lambda *_: None)
        for reader in READERS:
            holds_what_is_theirs(knowledge, kb, reader, current)


def test_postgresql_keeps_departments_apart_too(settings: Settings, embedder: Embedder, postgres_url: str) -> None:
    engine = open_database(settings.model_copy(update={"database_url": postgres_url}))
    clock, kb = ticking(), "of-departments"
    current = {0: ("resident", "税務課"), 1: ("staff", "税務課"), 2: ("department", "税務課"), 3: ("department", "a/b")}

    def opened() -> Knowledge:
        return Knowledge(engine, settings.home / "indexes", embedder, clock=clock, store=Postgres(engine))

    opened().repository.save(kb, [entry_of(n, *owner) for n, owner in current.items()], NOON)
    opened().build(kb, lambda *_: None)
    for reader in READERS:
        holds_what_is_theirs(opened(), kb, reader, current)
    engine.dispose()


def holds_what_is_theirs(
    knowledge: Knowledge, kb: str, reader: tuple[Audience, str | None], current: dict[int, tuple[str, str]]
) -> None:
    theirs = {f"e{n}" for n, owner in current.items() if reader in readers_of(*owner)}
    assert {e.id for e in knowledge.version(kb, *reader).index.entries} == theirs
    assert {e.id for e in knowledge.shown(kb, *reader)} == theirs
    for n in current:
        found = knowledge.search(f"{n}番の倉庫の鍵はどこですか。", kb, audience=reader[0], department=reader[1], top=20)
        assert {h.entry.id for h in found.hits} == theirs


@given(owner=owned)
def test_a_row_says_whose_it_is_and_is_written_the_same(owner: tuple[str, str]) -> None:
    entry = entry_of(1, *owner)
    cells = dict(zip(COLUMNS, to_row(entry), strict=True))
    assert cells["audience"] == owner[0]
    assert Entry.from_json(entry.to_json()) == entry
    assert {r for r in READERS if entry.is_for(*r)} == readers_of(*owner)


def test_an_entry_for_a_department_needs_one() -> None:
    cells = {"id": "a", "question": "鍵は？", "answer": "棚です。", "audience": "department"}
    refused = parse_row(cells, Row(2, cells))
    assert isinstance(refused, Refusal)
    assert "担当課を" in refused.reason
