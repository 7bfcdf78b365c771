"""Promises of what was looked through: it is kept, by whoever, once, and goes with the recording."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.looked import Looked
from asr.recording import accepted
from asr.recordings import Recordings
from core.blobs import Blob
from core.clock import JST


def test_what_was_looked_through_is_kept_once_until_the_recording_goes(engine: Engine) -> None:
    recordings, looked = Recordings(engine), Looked(engine)
    blob, at = Blob(id="r.wav", size_bytes=1, sha256="0"), datetime(2026, 11, 22, tzinfo=JST)
    with engine.begin() as c:
        recordings.add(c, accepted(blob, file_name="a.wav", channels=Channels.MIXED, speakers="off", at=at))
    looked.add("r", [2, 0])
    looked.add("r", [2, 1])
    assert Looked(engine).of("r") == [0, 1, 2]
    with engine.begin() as c:
        recordings.delete(c, "r")
    looked.add("r", [1])
    assert looked.of("r") == []
