"""Call records in a database of their own, and calls that go on, followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from asr.keeping.keeping import Keeping
from asr.keeping.log import Kind, RecordLog
from asr.listener import Listener
from asr.live import Live
from asr.stream import Wanted
from asr.workflow import Transcription
from models.whisper import Whisper
from telephony.calls import Calls
from telephony.captions import SPEAKERS, Captions
from telephony.repository import CallRecords
from tests.telephony.captions_kit import PATIENT_S, Opens


@pytest.fixture
def calls(transcription: Transcription, engine: Engine) -> Calls:
    records = CallRecords(engine, transcription.recordings)
    keeping = Keeping(
        engine=engine, transcription=transcription, ids=records.ids, days=90, log=RecordLog(engine=engine, kind=Kind.CALL)
    )
    return Calls(engine=engine, transcription=transcription, records=records, keeping=keeping, limit_bytes=10_000_000)


@pytest.fixture
def follow(tmp_path: Path, whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opens]:
    """follow(most=2, hear=…) -> the calls in that folder's `calls`, followed; `hear` stands in for the recogniser. A test that
    stands still in the middle of a word ends none."""
    monkeypatch.setattr("telephony.ear._STALLED_S", PATIENT_S)
    with ExitStack() as stack:

        def opened(*, most: int = 2, hear: Callable[[Wanted], str] | None = None) -> Captions:
            listens = hear or Listener(whisper=whisper).hear
            captions = Captions(tmp_path / "calls", lambda: Live(listens, most=most * SPEAKERS, threads=2), most=most)
            stack.callback(captions.stop)
            captions.start()
            return captions

        yield opened
