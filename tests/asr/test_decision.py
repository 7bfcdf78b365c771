"""What a person decides on a change is kept, and recordings of older versions can be read and decided on."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.decision import Decision, decide
from asr.edits import Edits
from asr.fillers import Level
from asr.recording import Outcome, Recording
from asr.recordings import Recordings
from asr.transcript import Reason, Segment, Word
from asr.writing import FOR_CLERKS, Style, write
from core.database import open_database
from core.errors import NotFound
from core.settings import Settings

WORDS = (Word(start_s=1, end_s=1.5, text="えー", confidence=0.4), Word(start_s=1.5, end_s=2, text="二十人です"))
SEGMENT = Segment(start_s=1, end_s=2, text="えー二十人です", heard="えー二十人です", words=WORDS)
ADDED = {"segments": ("heard", "words", "changes")}


def finished(engine: Engine, *segments: Segment) -> Recordings:
    recordings = Recordings(engine)
    recording = Recording(
        id="r",
        blob_id="r.wav",
        file_name="a.wav",
        size_bytes=1,
        sha256="0",
        channels=Channels.MIXED,
        speakers="off",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    with engine.begin() as c:
        recordings.add(c, recording)
    recordings.replace_part("r", 0, segments)
    recordings.finish("r", Outcome(duration_s=2, elapsed_s=1, model="m", device="cpu"))
    return recordings


def test_a_segment_is_read_back_as_it_was_stored(engine: Engine) -> None:
    changed = Edits.of(SEGMENT).replace(2, 4, "20", Reason.NOTATION).undo(0).applied_to(SEGMENT)
    assert finished(engine, changed, Segment(start_s=2, end_s=3, text="はい")).segments("r") == (
        replace(changed, number=0),
        Segment(start_s=2, end_s=3, text="はい", number=1),
    )


def test_what_is_undone_stays_so_after_a_restart_and_can_be_redone(engine: Engine, settings: Settings) -> None:
    recordings = finished(engine, Segment(start_s=0, end_s=1, text="はい"), SEGMENT)
    assert write(SEGMENT, FOR_CLERKS).text == "20人です。"
    shown = decide(recordings, "r", Decision(segment=1, change=0, undone=True), FOR_CLERKS)
    assert shown.text == "えー20人です。"
    assert [c.undone for c in shown.changes] == [True, False, False]
    engine.dispose()
    again = Recordings(open_database(settings))
    assert write(again.segments("r")[1], Style(level=Level.FORMAL)).text == "えー20人です。"
    assert decide(again, "r", Decision(segment=1, change=0, undone=False), FOR_CLERKS).text == "20人です。"
    assert again.segments("r")[1] == replace(SEGMENT, number=1)


def test_a_decision_is_in_the_log_without_a_word_of_what_was_said(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "madoguchi.asr.decision"):
        decide(finished(engine, SEGMENT), "r", Decision(segment=0, change=1, undone=True), FOR_CLERKS)
    (line,) = caplog.records
    assert (line.getMessage(), vars(line)["recording"], vars(line)["change"], vars(line)["undone"]) == (
        "change_decided",
        "r",
        1,
        True,
    )
    assert "二十" not in str(vars(line))


@pytest.mark.parametrize("decision", [Decision(segment=1, change=0, undone=True), Decision(segment=0, change=9, undone=True)])
def test_what_is_not_there_is_not_found(engine: Engine, decision: Decision) -> None:
    recordings = finished(engine, SEGMENT)
    with pytest.raises(NotFound):
        decide(recordings, "r", decision, FOR_CLERKS)
    with pytest.raises(NotFound):
        decide(recordings, "other", Decision(segment=0, change=0, undone=True), FOR_CLERKS)
    assert recordings.segments("r") == (replace(SEGMENT, number=0),)


def test_rows_of_an_older_version_gain_the_new_columns_and_can_be_decided_on(engine: Engine, settings: Settings) -> None:
    finished(engine, Segment(start_s=0, end_s=1, text="二十人です"))
    with engine.begin() as c:
        for column in ADDED["segments"]:
            c.exec_driver_sql(f"ALTER TABLE segments DROP COLUMN {column}")
    engine.dispose()
    reopened = open_database(settings)
    assert set(ADDED["segments"]) <= {c["name"] for c in sa.inspect(reopened).get_columns("segments")}
    recordings = Recordings(reopened)
    assert recordings.segments("r") == (Segment(start_s=0, end_s=1, text="二十人です", number=0),)
    assert decide(recordings, "r", Decision(segment=0, change=0, undone=True), FOR_CLERKS).text == "二十人です。"
    reopened.dispose()
