"""Promises of the minutes: a real recording in, text and a Word file out, nothing left after deletion."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlalchemy.engine import Engine

from asr.export import Format
from asr.keeping.keeping import Keeping
from asr.keeping.log import Person
from asr.recording import Outcome, Recording, State
from asr.transcript import Segment, Transcript
from asr.workflow import Transcription
from core.clock import JST
from core.errors import InvalidInput, NotFound, TooLarge
from core.passing import Passing
from minutes.export import docx, head_of
from minutes.meeting import Meeting
from minutes.minutes import Minutes, Subject
from minutes.point import Kind, Point, Wording
from minutes.record import Record
from minutes.repository import Meetings
from minutes.sample import sample

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
SUBJECT = Subject(title="定例会議", held_on=date(2026, 11, 20), speakers="off")


@pytest.fixture
def minutes(transcription: Transcription, engine: Engine, keeping: Keeping, passing: Passing) -> Minutes:
    return Minutes(
        engine=engine,
        transcription=transcription,
        meetings=Meetings(engine, transcription.recordings),
        keeping=keeping,
        passing=passing,
        limit_bytes=10_000_000,
        clock=lambda: NOON,
    )


def test_a_meeting_becomes_text_and_files_and_can_be_deleted(
    minutes: Minutes, speech: Callable[..., Path], finished: Callable[[str], Recording]
) -> None:
    content = speech("ただいまから、定例会議を始めます。").read_bytes()
    meeting = minutes.accept([content], file_name="会議.wav", subject=SUBJECT)
    assert minutes.meetings.get(meeting.id).title == "定例会議"
    assert finished(meeting.id).state is State.DONE

    read = minutes.meetings.get(meeting.id)
    assert (read.held_on, read.created_at, read.recording.file_name) == (date(2026, 11, 20), NOON, "会議.wav")
    assert "会議" in json.loads(minutes.export(meeting.id, Format.JSON))["text"]
    assert minutes.export(meeting.id, Format.VTT).startswith(b"WEBVTT")
    words = " ".join(cell.text for t in Document(io.BytesIO(minutes.export(meeting.id, Format.DOCX))).tables for cell in t._cells)
    assert "2026年11月20日（金）" in words
    assert "[00:00:00]" in words

    minutes.delete(meeting.id, Person(name="職員"))
    for missing in (minutes.meetings.get, lambda gone: minutes.delete(gone, Person(name="職員"))):
        with pytest.raises(NotFound):
            missing(meeting.id)
    assert minutes.meetings.all() == []
    assert list((minutes.transcription.work.parent / "blobs").iterdir()) == []


def test_a_file_over_the_limit_leaves_nothing_behind(minutes: Minutes) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"0" * 1_000_000

    with pytest.raises(TooLarge):
        minutes.accept(endless(), file_name="長い.wav", subject=SUBJECT)
    assert minutes.meetings.all() == []
    assert list((minutes.transcription.work.parent / "blobs").iterdir()) == []


def test_the_latest_meeting_comes_first(minutes: Minutes) -> None:
    for day in (3, 9, 5):
        minutes.accept([b"x"], file_name="a.wav", subject=Subject(title=f"{day}日", held_on=date(2026, 11, day)))
    assert [m.title for m in minutes.meetings.all()] == ["9日", "5日", "3日"]


def test_names_keep_the_spaces_and_signs_that_japanese_has_and_go_into_every_file(
    minutes: Minutes, finished: Callable[[str], Recording]
) -> None:
    given = Subject(title="令和８年①\u3000総務委員会\x0b🎌髙﨑㈱", held_on=date(2026, 11, 20))
    meeting = minutes.accept([b"x"], file_name="a.wav", subject=given)
    assert finished(meeting.id).state is State.FAILED
    recordings = minutes.transcription.recordings
    recordings.replace_part(meeting.id, 0, [Segment(start_s=0, end_s=1, text="総務\u3000太郎です", speaker="話者1")])
    recordings.finish(meeting.id, Outcome(duration_s=1, elapsed_s=1, model="m", device="cpu"))
    minutes.rename_speaker(meeting.id, "話者1", "総務\u3000太郎\n", Person(name="総務課"))
    assert minutes.meetings.get(meeting.id).title == "令和８年①\u3000総務委員会🎌髙﨑㈱"
    assert "総務\u3000太郎: 総務\u3000太郎です" in minutes.export(meeting.id, Format.TXT).decode()
    document = Document(io.BytesIO(minutes.export(meeting.id, Format.DOCX)))
    assert document.paragraphs[0].text == "令和８年①\u3000総務委員会🎌髙﨑㈱"
    assert [c.text for c in document.tables[1].rows[1].cells][1:] == ["総務\u3000太郎", "総務\u3000太郎です。"]


def test_a_meeting_needs_a_name() -> None:
    for title in ("", "  ", "\x0b", "長" * 201):
        with pytest.raises(InvalidInput):
            Subject(title=title, held_on=date(2026, 11, 20))


def test_minutes_in_word_have_japanese_fonts_the_facts_and_every_utterance() -> None:
    recording = Recording(
        id="a",
        blob_id="a",
        file_name="会\x0b議.mp3",
        size_bytes=1,
        sha256="",
        channels="mixed",  # type: ignore[arg-type]
        speakers=2,
        created_at=NOON,
    )
    meeting = Meeting(title="市民課\u3000窓口会議", held_on=date(2026, 11, 22), recording=recording)
    segments = (
        Segment(start_s=3.2, end_s=5.0, text="始めます。", speaker="話者1"),
        Segment(start_s=3725.0, end_s=3727.0, text="終わります。", speaker="話者2"),
    )
    transcript = Transcript(segments=segments, duration_s=3730.4, elapsed_s=1, model="m", device="cpu")
    document = Document(io.BytesIO(docx(Record(meeting=meeting, transcript=transcript))))

    assert document.paragraphs[0].text == meeting.title
    facts, utterances = document.tables
    assert [[c.text for c in row.cells] for row in facts.rows] == [
        ["会議名", "市民課\u3000窓口会議"],
        ["日時", "2026年11月22日（日）"],
    ]
    assert "録音「会議.mp3」（1時間2分10秒）" in document.paragraphs[-1].text
    assert [[c.text for c in row.cells] for row in utterances.rows] == [
        ["時刻", "話者", "発言"],
        ["[00:00:03]", "話者1", "始めます。"],
        ["[01:02:05]", "話者2", "終わります。"],
    ]
    assert 'w:eastAsia="ＭＳ 明朝"' in document.styles["Normal"].element.xml
    page = document.sections[0]
    assert [round(side.cm, 1) for side in (page.page_width, page.page_height)] == [21.0, 29.7]
    widths = [round(column.width.cm, 1) for column in utterances.columns]
    assert sum(widths) == 16.0, "from margin to margin"
    assert [round(cell.width.cm, 1) for cell in utterances.rows[-1].cells if cell.width] == widths
    assert "PAGE" in page.footer._element.xml


def test_a_point_of_the_agenda_that_has_a_number_gets_no_other() -> None:
    shown = sample()
    other = Point(id=9, kind=Kind.AGENDA, wording=Wording(text="その他"), quote=shown.points[0].quote)
    rows = dict(head_of(replace(shown, points=(*shown.points, other))))
    assert rows["議題"] == "議題1、広報紙の発行について\n2　その他"


def test_a_row_begins_a_page_rather_than_be_torn_unless_it_takes_half_of_one() -> None:
    shown = sample()
    kept, torn = ("承認することに決定しました。" * times for times in (30, 70))
    points = [
        Point(id=i, kind=Kind.DECISION, wording=Wording(text=t), quote=shown.points[0].quote) for i, t in enumerate((kept, torn))
    ]
    document = Document(io.BytesIO(docx(replace(shown, points=tuple(points)))))
    head, decisions, *_ = document.tables
    assert [_is_kept_whole(row) for row in head.rows] == [True] * len(head.rows)
    assert [_is_kept_whole(row) for row in decisions.rows] == [True, True, False]
    assert decisions.rows[0].cells[0].paragraphs[0].paragraph_format.keep_with_next, "no page ends with the names of columns"


def _is_kept_whole(row: Any) -> bool:
    return "<w:cantSplit" in row._tr.xml
