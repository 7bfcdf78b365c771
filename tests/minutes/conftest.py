"""How long meetings are kept, in a database of their own, and where their files are made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from asr.keeping.keeping import Keeping
from asr.keeping.log import Kind, RecordLog
from asr.workflow import Transcription
from core.passing import Passing
from minutes.repository import Meetings


@pytest.fixture
def keeping(transcription: Transcription, engine: Engine) -> Keeping:
    ids = Meetings(engine, transcription.recordings).ids
    return Keeping(engine=engine, transcription=transcription, ids=ids, days=0, log=RecordLog(engine=engine, kind=Kind.MEETING))


@pytest.fixture
def passing(tmp_path: Path) -> Passing:
    return Passing.within(tmp_path / "made")
