"""Promises of the city's words: what is heard with is the table as it is now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Engine

from core.clock import JST
from retrieval.repository import Repository
from retrieval.synonyms import wording_of
from server.words import CityWords

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)


def test_a_changed_vocabulary_is_heard_with_at_once(engine: Engine) -> None:
    tables = Repository(engine)
    words = CityWords(tables, "soo")
    assert words() is None
    tables.save_table("soo", "vocabulary", [{"term": "弥五郎どん", "reading": "やごろうどん", "kind": "行事"}], NOON)
    first = words()
    assert first is not None
    assert [t.term for t in first.terms] == ["弥五郎どん"]
    assert words() is first, "it is not read again"
    tables.save_table("soo", "vocabulary", [{"term": "鬼追い", "reading": "おにおい", "kind": "行事"}], NOON)
    second = words()
    assert second is not None
    assert [t.term for t in second.terms] == ["鬼追い"]


def test_a_reading_may_be_written_in_katakana(engine: Engine) -> None:
    tables = Repository(engine)
    tables.save_table("soo", "vocabulary", [{"term": "弥五郎どん", "reading": "ﾔｺﾞﾛｳドン", "kind": "行事"}], NOON)
    assert wording_of(tables, "soo").terms == {"弥五郎どん": "やごろうどん"}
