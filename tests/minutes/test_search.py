"""Promises of looking for words in all meetings: every word counts, the latest comes first, and the places are told."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.recording import Outcome, accepted
from asr.recordings import Recordings
from asr.transcript import Segment
from core.blobs import Blob
from core.clock import JST
from core.settings import Settings
from minutes.meeting import Meeting
from minutes.repository import Meetings
from minutes.search import find


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(home=home, database_url=url)


def keep(engine: Engine, recordings: Recordings, name: str, day: int, *said: str) -> None:
    blob, at = Blob(id=f"{name}.wav", size_bytes=1, sha256="0"), datetime(2026, 11, day, tzinfo=JST)
    recording = accepted(blob, file_name=f"rokuon{day}.wav", channels=Channels.MIXED, speakers="off", at=at)
    with engine.begin() as c:
        recordings.add(c, recording)
        Meetings(engine, recordings).add(c, Meeting(title=name, held_on=date(2026, 11, day), recording=recording))
    segments = [Segment(start_s=i, end_s=i + 1, text=text, speaker="市長") for i, text in enumerate(said)]
    recordings.replace_part(recording.id, 0, segments)
    recordings.finish(recording.id, Outcome(duration_s=9, elapsed_s=1, model="m", device="cpu"))


def test_every_word_is_looked_for_and_where_it_was_said_is_told(engine: Engine) -> None:
    recordings = Recordings(engine)
    meetings = Meetings(engine, recordings)
    keep(
        engine, recordings, "総務委員会", 3, "予算の話です。", "ＡＩの話です。", "100%です。", "予算です。", "予算。", "予算案。"
    )
    keep(engine, recordings, "庁議", 9, "予算は来月です。", "髙橋と霧ケ峰の話です。", "髙﨑と渡邉のケーキです。")

    def found(words: str) -> list[str]:
        result, total = find(meetings, recordings, words, 50)
        assert total == len(result)
        return [f.meeting.title for f in result]

    assert found("予算") == ["庁議", "総務委員会"]
    assert found("予算　総務") == found("ai") == found("ROKUON3") == found("100%") == ["総務委員会"]
    assert found("庁議 来月") == found("高橋 霧ヶ峰") == found("髙橋 霧ケ峰") == ["庁議"]
    assert found("髙﨑") == found("高﨑 渡邊") == found("髙崎と渡辺のケーキ") == ["庁議"]
    assert found("") == found("　") == found("_") == found("\0") == found("予算 ない") == []
    (latest,), total = find(meetings, recordings, "予算", 1)
    assert (latest.meeting.title, total) == ("庁議", 2)
    (whole,), _ = find(meetings, recordings, "予算 AI", 50)
    assert [(p.start_s, p.text) for p in whole.places] == [(0, "予算の話です。"), (1, "ＡＩの話です。"), (3, "予算です。")]
