"""Call records in a database of their own."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from asr.workflow import Transcription
from telephony.calls import Calls
from telephony.repository import CallRecords


@pytest.fixture
def calls(transcription: Transcription, engine: Engine) -> Calls:
    records = CallRecords(engine, transcription.recordings)
    return Calls(engine=engine, transcription=transcription, records=records, limit_bytes=10_000_000)
