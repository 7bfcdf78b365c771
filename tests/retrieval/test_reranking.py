"""Promises of reranking: one setting, confidence calibrated with it anew, and nothing reranked that was calibrated without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.database import open_database
from core.settings import Settings
from models.embedder import Embedder
from retrieval.analysis import normalise
from retrieval.judges import Judges
from retrieval.knowledge import Knowledge
from tests.conftest import copy_knowledge

SILENT = lambda *_: None  # noqa: E731
QUESTION = "引っ越してきたら何を出せばよいですか。"


class SharedPairs:
    """A reranker that counts pairs of characters in common: simple enough to say what it must prefer."""

    identity = "shared-pairs/1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        self.asked.append(query)
        return [len(_pairs(query) & _pairs(p)) / (1 + len(_pairs(query))) for p in passages]


def _pairs(text: str) -> set[str]:
    return {a + b for a, b in zip(normalise(text), normalise(text)[1:], strict=False)}


@pytest.fixture
def reranker() -> SharedPairs:
    return SharedPairs()


@pytest.fixture
def engine(settings: Settings, sample_home: Path) -> Iterator[Engine]:
    """A database that knows the vectors of the sample city."""
    copy_knowledge(sample_home, settings.home)
    engine = open_database(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def plain(engine: Engine, settings: Settings, embedder: Embedder) -> Knowledge:
    """Forty-two entries of the sample city, indexed without a reranker."""
    plain = Knowledge(engine, settings.home / "indexes", embedder)
    stored = [s for s in plain.repository.load("soo") if Audience.RESIDENT.may_read(s.entry.audience)][:42]
    plain.repository.save("few", [s.entry for s in stored], stored[0].updated_at)
    plain.build("few", SILENT)
    return plain


@pytest.fixture
def reranked(plain: Knowledge, engine: Engine, settings: Settings, embedder: Embedder, reranker: SharedPairs) -> Knowledge:
    return Knowledge(engine, settings.home / "indexes", embedder, judges=Judges(reranker=reranker))


def test_nothing_is_reranked_before_confidence_was_calibrated_with_it(
    plain: Knowledge, reranked: Knowledge, reranker: SharedPairs
) -> None:
    before = plain.search(QUESTION, "few", audience=Audience.RESIDENT)
    assert not plain.is_behind("few")
    assert reranked.is_behind("few")
    assert reranked.search(QUESTION, "few", audience=Audience.RESIDENT) == before
    assert reranker.asked == []


def test_another_reranker_gets_a_calibration_of_its_own_and_its_order_serves(
    plain: Knowledge, reranked: Knowledge, reranker: SharedPairs
) -> None:
    without = plain.version("few", Audience.RESIDENT)
    reranked.build("few", SILENT)
    version = reranked.version("few", Audience.RESIDENT)
    assert version.manifest.reranker == reranker.identity
    assert not reranked.is_behind("few")
    assert plain.is_behind("few")
    assert len(version.calibrations.usual.weights) == len(without.calibrations.usual.weights) + 2
    found = reranked.search(QUESTION, "few", audience=Audience.RESIDENT)
    scores = [h.evidence.reranked for h in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1
    plain.build("few", SILENT)
    assert plain.version("few", Audience.RESIDENT).manifest.reranker == ""
    assert plain.version("few", Audience.RESIDENT).calibrations == without.calibrations


def test_what_the_reranker_says_moves_the_confidence(reranked: Knowledge) -> None:
    reranked.build("few", SILENT)
    bands = reranked.version("few", Audience.RESIDENT).calibrations.usual
    hits = reranked.search("住民票の写しをもらいに行きたい", "few", audience=Audience.RESIDENT).hits
    assert not hits[0].evidence.exact
    raised = (replace(hits[0], evidence=replace(hits[0].evidence, reranked=(hits[0].evidence.reranked or 0) + 1)), *hits[1:])
    assert bands.confidence(raised) > bands.confidence(hits)


def test_a_question_that_stands_in_the_knowledge_base_stays_first(reranked: Knowledge) -> None:
    reranked.build("few", SILENT)
    for entry in reranked.version("few", Audience.RESIDENT).index.entries[:10]:
        found = reranked.search(entry.question, "few", audience=Audience.RESIDENT)
        assert found.hits[0].evidence.exact
        assert found.confidence == 1.0
