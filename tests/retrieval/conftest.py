"""What the tests of retrieval share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kb_kit import NOON, Opened

from core.clock import Clock
from core.database import open_database
from core.settings import Settings
from models.embedder import Embedder, load_embedder
from retrieval.knowledge import Knowledge


@pytest.fixture(scope="session")
def embedder(model_settings: Settings) -> Embedder:
    return load_embedder(model_settings)


@pytest.fixture
def opened(settings: Settings, embedder: Embedder) -> Iterator[Opened]:
    """opened(clock=...) -> the knowledge of one temporary home, as a process of its own would open it."""
    engines = []

    def open_knowledge(clock: Clock = lambda: NOON) -> Knowledge:
        engines.append(open_database(settings))
        return Knowledge(engines[-1], settings.home / "indexes", embedder, clock=clock)

    yield open_knowledge
    for engine in engines:
        engine.dispose()
