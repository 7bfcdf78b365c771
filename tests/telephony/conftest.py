"""Call records in a database of their own."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from asr.keeping.keeping import Keeping
from asr.keeping.log import Kind, RecordLog
from asr.workflow import Transcription
from telephony.calls import Calls
from telephony.repository import CallRecords


@pytest.fixture
def calls(transcription: Transcription, engine: Engine) -> Calls:
    records = CallRecords(engine, transcription.recordings)
    keeping = Keeping(
        engine=engine, transcription=transcription, ids=records.ids, days=90, log=RecordLog(engine=engine, kind=Kind.CALL)
    )
    return Calls(engine=engine, transcription=transcription, records=records, keeping=keeping, limit_bytes=10_000_000)
