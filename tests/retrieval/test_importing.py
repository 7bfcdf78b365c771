"""Promises of `kb ready`: an empty home gets the sample, an older one the tables that came later, a city's own nothing of it."""

from __future__ import annotations

from pathlib import Path

from kb_kit import NOON, write_csv
from sqlalchemy.engine import Engine

from core.settings import CHECKOUT
from retrieval.importing import Importer, Options, missing
from retrieval.repository import Repository

SAMPLE = sorted(f for pattern in ("faq/*.csv", "*.csv", "garbage/*.csv") for f in (CHECKOUT / "samples" / "soo").glob(pattern))
FAQ = [f for f in SAMPLE if f.parent.name == "faq"]


def taken_in(engine: Engine, files: list[Path]) -> Repository:
    repository = Repository(engine)
    for path in files:
        Importer(repository, "soo", lambda: NOON, Options()).take(path, path.name)
    return repository


def test_an_empty_home_gets_everything(engine: Engine) -> None:
    assert missing(Repository(engine), "soo", SAMPLE) == SAMPLE


def test_a_home_with_an_older_sample_gets_the_tables_that_it_lacks(engine: Engine) -> None:
    later = {"facilities.csv", "duty_doctors.csv"}
    repository = taken_in(engine, [f for f in SAMPLE if f.name not in later])
    assert {f.name for f in missing(repository, "soo", SAMPLE)} == later
    repository = taken_in(engine, [f for f in SAMPLE if f.name in later])
    assert missing(repository, "soo", SAMPLE) == []


def test_what_was_retired_does_not_come_back_and_a_city_s_own_knowledge_gets_nothing(engine: Engine, tmp_path: Path) -> None:
    assert not set(missing(taken_in(engine, FAQ[:-1]), "soo", SAMPLE)) & set(FAQ)
    own = Repository(engine)
    Importer(own, "own", lambda: NOON, Options()).take(write_csv(tmp_path / "own.csv"), "own.csv")
    assert missing(own, "own", SAMPLE) == []
