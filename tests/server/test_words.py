"""Promises of the city's words: what is heard with is the table as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

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


def test_who_speaks_is_heard_on_with_the_words_as_they_were_while_the_database_is_away(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(_: str) -> NoReturn:
        raise OperationalError("SELECT 1", {}, Exception("down"))

    tables = Repository(engine)
    tables.save_table("soo", "vocabulary", [{"term": "弥五郎どん", "reading": "やごろうどん", "kind": "行事"}], NOON)
    words, started = CityWords(tables, "soo"), CityWords(tables, "soo")
    before = words()
    monkeypatch.setattr(tables, "tables_version", is_away)
    assert words() is before
    with pytest.raises(OperationalError):
        started()  # of a recording, which is tried again, the words are not to be lost


def test_a_reading_may_be_written_in_katakana(engine: Engine) -> None:
    tables = Repository(engine)
    tables.save_table("soo", "vocabulary", [{"term": "弥五郎どん", "reading": "ﾔｺﾞﾛｳドン", "kind": "行事"}], NOON)
    assert wording_of(tables, "soo").terms == {"弥五郎どん": "やごろうどん"}
