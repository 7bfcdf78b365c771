"""Promises of what is noted: only what a clerk took or wrote, each once, never over words of another, in the file."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Rewrite
from asr.export import Format
from asr.keeping.keeping import Keeping
from asr.keeping.log import Person
from asr.recording import Outcome, accepted
from asr.transcript import Segment
from asr.workflow import Transcription
from asr.writing import FOR_CLERKS
from core.blobs import Blob
from core.clock import JST
from core.errors import InvalidInput, NotFound, Superseded
from core.passing import Passing
from core.settings import Settings
from minutes import points
from minutes.head import Head
from minutes.meeting import Meeting
from minutes.minutes import Minutes
from minutes.point import Kind, Wording
from minutes.points import Place
from minutes.record import Extent
from minutes.repository import Meetings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
SAID = (
    ("会長", "それでは議題1、AIチャットボットの導入について、企画政策課から説明をお願いします。"),
    ("話者2", "来年4月から始めたいと考えております。"),
    ("会長", "では、来年4月から始めることに決定いたします。"),
    ("会長", "財政課で精査して、次回までに報告してください。"),
    ("話者2", "はい、分かりました。"),
)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(home=home, database_url=url)


@pytest.fixture
def minutes(transcription: Transcription, engine: Engine, keeping: Keeping, passing: Passing) -> Minutes:
    meetings = Meetings(engine, transcription.recordings)
    minutes = Minutes(
        engine=engine,
        transcription=transcription,
        meetings=meetings,
        keeping=keeping,
        passing=passing,
        limit_bytes=100,
        clock=lambda: NOON,
    )
    blob = Blob(id="r.wav", size_bytes=1, sha256="0")
    recording = accepted(blob, file_name="会議.wav", channels=Channels.MIXED, speakers="off", at=NOON)
    with engine.begin() as c:
        transcription.recordings.add(c, recording)
        meetings.add(c, Meeting(title="庁議", held_on=date(2026, 11, 20), recording=recording))
    said = [Segment(start_s=i * 5.0, end_s=i * 5.0 + 5, text=text, speaker=who) for i, (who, text) in enumerate(SAID)]
    transcription.recordings.replace_part("r", 0, said)
    transcription.recordings.finish("r", Outcome(duration_s=25, elapsed_s=1, model="m", device="cpu"))
    return minutes


def words(minutes: Minutes, extent: Extent = Extent.FULL) -> str:
    document = Document(io.BytesIO(minutes.export("r", Format.DOCX, FOR_CLERKS, extent)))
    return "\n".join([*(c.text for t in document.tables for c in t._cells), *(p.text for p in document.paragraphs)])


CLERK = Person(name="総務課")
DECISION = Place(kind=Kind.DECISION, start_s=10, text=SAID[2][1])
TASK = Place(kind=Kind.TASK, start_s=15, text=SAID[3][1])


def test_nothing_is_in_the_file_before_a_clerk_takes_it(minutes: Minutes) -> None:
    assert [c.kind for c in minutes.points.of("r").candidates] == [Kind.AGENDA, Kind.DECISION, Kind.TASK]
    assert minutes.points.taken("r") == ()
    assert "決定事項" not in words(minutes)


def test_a_task_has_who_does_it_and_until_when_as_they_were_said(minutes: Minutes) -> None:
    point = minutes.points.take("r", TASK, NOON)
    assert point.wording == Wording(text="財政課で精査して、次回までに報告してください。", who="財政課", due="次回")
    assert point.quote.start_s == 15
    assert [c.kind for c in minutes.points.of("r").candidates] == [Kind.AGENDA, Kind.DECISION]


def test_what_a_clerk_writes_is_in_the_file_with_its_place_and_the_quote_stays(minutes: Minutes) -> None:
    taken = minutes.points.take("r", DECISION, NOON)
    wording = Wording(text="チャットボットを令和9年4月から\n運用する。")
    written = minutes.points.write("r", taken.id, taken.wording, wording)
    assert written.quote.text == "では、来年4月から始めることに決定いたします。"
    for extent in Extent:
        assert "チャットボットを令和9年4月から運用する。" in words(minutes, extent)
        assert "[00:00:10]" in words(minutes, extent)
    assert "考えております" in words(minutes)
    assert "考えております" not in words(minutes, Extent.POINTS)


def test_of_two_clerks_the_second_takes_nothing_twice_and_writes_over_nothing(minutes: Minutes) -> None:
    taken = minutes.points.take("r", DECISION, NOON)
    with pytest.raises(NotFound):
        minutes.points.take("r", DECISION, NOON)
    minutes.points.write("r", taken.id, taken.wording, Wording(text="一人目"))
    with pytest.raises(Superseded):
        minutes.points.write("r", taken.id, taken.wording, Wording(text="二人目"))
    assert [p.wording.text for p in minutes.points.taken("r")] == ["一人目"]


def test_what_is_dropped_is_proposed_again_only_when_it_is_asked_for(minutes: Minutes) -> None:
    minutes.points.drop("r", TASK, NOON)
    noted = minutes.points.of("r")
    assert (len(noted.points), len(noted.candidates), noted.dropped) == (0, 2, 1)
    minutes.points.bring_back("r")
    assert len(minutes.points.of("r").candidates) == 3


def test_what_is_removed_is_a_candidate_again(minutes: Minutes) -> None:
    taken = minutes.points.take("r", DECISION, NOON)
    minutes.points.remove("r", taken.id, taken.wording)
    assert len(minutes.points.of("r").candidates) == 3
    with pytest.raises(NotFound):
        minutes.points.remove("r", taken.id, taken.wording)


def test_what_somebody_else_wrote_meanwhile_is_not_removed(minutes: Minutes) -> None:
    taken = minutes.points.take("r", DECISION, NOON)
    minutes.points.write("r", taken.id, taken.wording, Wording(text="5月から始める。"))
    with pytest.raises(Superseded):
        minutes.points.remove("r", taken.id, taken.wording)
    assert [p.wording.text for p in minutes.points.taken("r")] == ["5月から始める。"]


def test_the_version_is_another_after_everything_that_is_done_to_points(minutes: Minutes) -> None:
    seen = [minutes.points.version("r")]
    taken = minutes.points.take("r", DECISION, NOON)
    seen.append(minutes.points.version("r"))
    written = minutes.points.write("r", taken.id, taken.wording, Wording(text="5月から始める。"))
    seen.append(minutes.points.version("r"))
    minutes.points.drop("r", TASK, NOON)
    seen.append(minutes.points.version("r"))
    minutes.points.remove("r", taken.id, written.wording)
    seen.append(minutes.points.version("r"))
    assert len(set(seen)) == 5


def test_of_two_decisions_that_a_clerk_typed_into_one_utterance_each_is_taken_and_dropped_alone(minutes: Minutes) -> None:
    festival, pool = "夏祭りは8月1日に開くことに決定しました。", "プールは来年度に直すことに決定しました。"
    minutes.corrections(CLERK).rewrite("r", Rewrite(segment=2, was=SAID[2][1], text=festival + pool), FOR_CLERKS, NOON)

    def proposed() -> list[str]:
        return [c.quote.text for c in minutes.points.of("r").candidates if c.kind is Kind.DECISION]

    places = [Place.of_candidate(c) for c in minutes.points.of("r").candidates if c.kind is Kind.DECISION]
    assert [place.text for place in places] == [festival, pool]
    minutes.points.take("r", places[1], NOON)
    assert [p.wording.text for p in minutes.points.taken("r")] == [pool]
    assert proposed() == [festival]
    minutes.points.drop("r", places[0], NOON)
    assert proposed() == []


def test_what_was_taken_is_not_proposed_again_when_its_utterance_is_put_right(minutes: Minutes) -> None:
    minutes.points.take("r", DECISION, NOON)
    wanted = Rewrite(segment=2, was=SAID[2][1], text="では、来年5月から始めることに決定いたします。")
    minutes.corrections(CLERK).rewrite("r", wanted, FOR_CLERKS, NOON)
    assert Kind.DECISION not in {c.kind for c in minutes.points.of("r").candidates}


def test_a_candidate_goes_by_the_text_as_it_is_corrected(minutes: Minutes) -> None:
    was = "では、来年4月から始めることに決定いたします。"
    minutes.corrections(CLERK).rewrite("r", Rewrite(segment=2, was=was, text="まだ決定しておりません。"), FOR_CLERKS, NOON)
    with pytest.raises(NotFound):
        minutes.points.take("r", DECISION, NOON)


def test_an_utterance_that_nothing_proposed_is_noted_by_hand(minutes: Minutes) -> None:
    point = minutes.points.note("r", Kind.DECISION, 1, NOON)
    assert (point.wording.text, point.quote.start_s) == ("来年4月から始めたいと考えております。", 5)
    for refused in (Wording(text=" \n"), Wording(text="長" * 1_001), Wording(text="x", who="長" * 101)):
        with pytest.raises(InvalidInput):
            minutes.points.write("r", point.id, point.wording, refused)


def test_an_utterance_that_two_clerks_note_is_noted_once_and_again_once_its_point_says_something_else(minutes: Minutes) -> None:
    point = minutes.points.note("r", Kind.DECISION, 1, NOON)
    with pytest.raises(InvalidInput, match="もう同じ文で"):
        minutes.points.note("r", Kind.DECISION, 1, NOON)
    minutes.points.note("r", Kind.TASK, 1, NOON)
    minutes.points.write("r", point.id, point.wording, Wording(text="来年4月から始める。"))
    minutes.points.note("r", Kind.DECISION, 1, NOON)
    assert [p.kind for p in minutes.points.taken("r")] == [Kind.DECISION, Kind.TASK, Kind.DECISION]


def test_the_head_is_laid_out_as_minutes_of_municipalities_are(minutes: Minutes) -> None:
    minutes.points.take("r", Place(kind=Kind.AGENDA, start_s=0, text=SAID[0][1]), NOON)
    minutes.heads.put("r", Head(), Head(hours="13:30～15:00", place="第1会議室", absent="総務課長", author="企画政策課"))
    rows = Document(io.BytesIO(minutes.export("r", Format.DOCX))).tables[0].rows
    assert [[c.text for c in row.cells] for row in rows] == [
        ["会議名", "庁議"],
        ["日時", "2026年11月20日（金）\u300013:30～15:00"],
        ["場所", "第1会議室"],
        ["出席者", "会長"],  # 話者2 is no name
        ["欠席者", "総務課長"],
        ["議題", "議題1、AIチャットボットの導入について"],
        ["作成者", "企画政策課"],
    ]


def test_nobody_fills_in_over_what_somebody_else_filled_in(minutes: Minutes) -> None:
    first = minutes.heads.put("r", Head(), Head(place="第1会議室"))
    for was in (Head(), Head(place="別の部屋")):
        with pytest.raises(Superseded):
            minutes.heads.put("r", was, Head(place="第2会議室"))
    assert minutes.heads.put("r", first, replace(first, present="市長\n\n副市長")).present == "市長、副市長"
    with pytest.raises(InvalidInput):
        minutes.heads.put("r", minutes.heads.of("r"), Head(place="長" * 2_001))


def test_all_of_it_goes_with_the_meeting(minutes: Minutes, engine: Engine) -> None:
    minutes.points.take("r", DECISION, NOON)
    minutes.heads.put("r", Head(), Head(place="第1会議室"))
    minutes.delete("r", CLERK)
    with engine.connect() as c:
        counted = [c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in ("points", "minutes_heads")]
    assert counted == [0, 0]


def test_what_only_refers_is_noted_with_what_it_refers_to_from_where_that_is_heard(minutes: Minutes) -> None:
    wanted = Rewrite(segment=2, was="では、来年4月から始めることに決定いたします。", text="では、そのように決定いたします。")
    minutes.corrections(CLERK).rewrite("r", wanted, FOR_CLERKS, NOON)
    minutes.points.take("r", replace(DECISION, text=wanted.text), NOON)
    (taken,) = minutes.points.taken("r")
    assert taken.wording.text == "来年4月から始めたいと考えております。では、そのように決定いたします。"
    assert [(q.text, q.start_s, q.speaker) for q in taken.about] == [("来年4月から始めたいと考えております。", 5, "話者2")]
    assert (taken.quote.text, taken.quote.start_s, taken.start_s) == ("では、そのように決定いたします。", 10, 5)
    assert "[00:00:05]" in words(minutes, Extent.POINTS)
    assert minutes.points.of("r").points == (taken,)
    assert [c.kind for c in minutes.points.of("r").candidates] == [Kind.AGENDA, Kind.TASK]


def test_of_words_that_are_too_long_the_decision_itself_is_kept(minutes: Minutes, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = "では、そのように決定いたします。"
    wanted = Rewrite(segment=2, was="では、来年4月から始めることに決定いたします。", text=decided)
    minutes.corrections(CLERK).rewrite("r", wanted, FOR_CLERKS, NOON)
    monkeypatch.setattr(points, "LONGEST_TEXT", len(decided) + 10)
    taken = minutes.points.take("r", replace(DECISION, text=decided), NOON)
    assert taken.wording.text == f"…と考えております。{decided}"
    assert minutes.points.write("r", taken.id, taken.wording, taken.wording).wording == taken.wording
    assert minutes.points.note("r", Kind.DECISION, 0, NOON).wording.text == f"…{SAID[0][1][-len(decided) - 9 :]}"


def test_candidates_that_nobody_wanted_take_no_room_from_what_is_noted(minutes: Minutes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST", 1)
    monkeypatch.setattr(points, "MOST_DROPPED", 1)
    first, second, *_ = [Place.of_candidate(c) for c in minutes.points.of("r").candidates]
    minutes.points.drop("r", first, NOON)
    with pytest.raises(InvalidInput, match="落とせるのは"):
        minutes.points.drop("r", second, NOON)
    minutes.points.take("r", second, NOON)
    with pytest.raises(InvalidInput, match="書き留められるのは"):
        minutes.points.note("r", Kind.AGENDA, 4, NOON)
