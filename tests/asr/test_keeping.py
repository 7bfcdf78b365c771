"""Promises of keeping: a recording is there for its time and then gone for good, unless it is held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr.audio import Channels
from asr.corrections import Corrections, Rewrite
from asr.keeping import keeping
from asr.keeping.hold import Hold
from asr.keeping.keeping import BY_ITSELF, Keeping
from asr.keeping.log import Kind, Person, RecordLog
from asr.recording import Outcome, accepted
from asr.recordings import Recordings
from asr.transcript import Segment
from asr.workflow import Transcription
from asr.writing import FOR_CLERKS
from core.blobs import BlobStore
from core.clock import JST
from core.errors import Held, InvalidInput, NotFound, Superseded

TAKEN_IN = datetime(2026, 11, 20, 13, 5, tzinfo=JST)
LAST_DAY = date(2027, 2, 18)  # 90 days later
GENERAL, CITIZENS = Person(name="総務課"), Person(name="市民課")
SAID = "相思市に転入します"
IDS = sa.select(sa.table("recordings", sa.column("id", sa.String)).c.id)


@dataclass
class Desk:
    """Recordings of one kind under a clock that the test sets."""

    keeping: Keeping
    engine: Engine
    at: datetime = field(default=TAKEN_IN)

    def take_in(self) -> str:
        """A finished recording with a text that somebody corrected."""
        t = self.keeping.transcription
        blob = t.blobs.put([b"sound"], limit_bytes=100)
        recording = accepted(blob, file_name="a.wav", channels=Channels.SEPARATE, speakers="off", at=self.at)
        with self.engine.begin() as c:
            t.recordings.add(c, recording)
        t.recordings.replace_part(recording.id, 0, [Segment(start_s=0, end_s=3, text=SAID, channel=0)])
        t.recordings.finish(recording.id, Outcome(duration_s=3, elapsed_s=1, model="m", device="cpu"))
        wanted = Rewrite(segment=0, was=SAID + "。", text="曽於市に転入します。")
        Corrections(self.engine, t.recordings).rewrite(recording.id, wanted, FOR_CLERKS, self.at)
        return recording.id

    def hold(self, recording_id: str, until: date | None = None, seen: datetime | None = None) -> None:
        self.keeping.hold(recording_id, Hold(reason="不当要求の記録", until=until, by="総務課", at=self.at), GENERAL, seen=seen)

    def on(self, day: date) -> None:
        """Let the clock's look of this day happen, in its first minute."""
        self.at = datetime.combine(day, datetime.min.time(), JST)
        self.keeping.sweep()

    def last_day(self, recording_id: str) -> date | None:
        return self.keeping.of([self.keeping.transcription.recordings.get(recording_id)])[recording_id].until

    @property
    def recordings(self) -> Recordings:
        return self.keeping.transcription.recordings

    def deleted(self) -> list[str]:
        return [d.recording.id for d in self.keeping.deleted()]

    def rows(self, table: str) -> int:
        with self.engine.connect() as c:
            return int(c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())

    def log(self) -> list[tuple[str, ...]]:
        with self.engine.connect() as c:
            return [tuple(row) for row in c.exec_driver_sql("SELECT who, deed, note, recording_id FROM record_log ORDER BY id")]


@pytest.fixture
def desk(transcription: Transcription, engine: Engine) -> Desk:
    log = RecordLog(engine=engine, kind=Kind.CALL)
    made = Keeping(engine=engine, transcription=transcription, ids=IDS, days=90, settle_s=0, log=log)
    desk = Desk(keeping=made, engine=engine)
    desk.keeping = replace(made, clock=lambda: desk.at)
    return desk


def test_a_recording_is_there_to_its_last_day_and_nothing_of_it_is_on_the_next(desk: Desk, home: Path) -> None:
    recording_id = desk.take_in()
    assert desk.last_day(recording_id) == LAST_DAY
    desk.on(LAST_DAY)
    assert desk.keeping.transcription.recordings.segments(recording_id)
    assert SAID.encode() in b"".join(path.read_bytes() for path in home.glob("madoguchi.db*"))

    desk.on(LAST_DAY + timedelta(days=1))
    with pytest.raises(NotFound):
        desk.keeping.transcription.recordings.get(recording_id)
    assert [desk.rows(t) for t in ("recordings", "segments", "corrections", "holds")] == [0, 0, 0, 0]
    assert list((home / "blobs").iterdir()) == []
    assert SAID.encode() not in b"".join(path.read_bytes() for path in home.glob("madoguchi.db*"))
    assert desk.log() == [(BY_ITSELF.name, "deleted", "保存期間 90日", recording_id)]


def test_what_is_kept_without_an_end_is_never_deleted_by_itself(desk: Desk) -> None:
    desk.keeping = replace(desk.keeping, days=0)
    recording_id = desk.take_in()
    desk.on(date(2126, 11, 20))
    assert desk.last_day(recording_id) is None
    assert desk.rows("recordings") == 1


def test_nothing_is_deleted_by_itself_in_the_first_hour_of_a_process(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take_in()
    desk.keeping = replace(desk.keeping, settle_s=3600)
    desk.on(LAST_DAY + timedelta(days=1))
    assert desk.rows("recordings") == 1
    began_s = monotonic()
    monkeypatch.setattr(keeping, "monotonic", lambda: began_s + 3601)
    desk.keeping.sweep()
    assert desk.rows("recordings") == 0


def test_a_clock_that_is_set_to_a_wrong_year_costs_nothing_until_an_hour_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take_in()
    desk.keeping = replace(desk.keeping, settle_s=3600)
    began_s, right = monotonic(), LAST_DAY - timedelta(days=1)
    desk.on(right)
    monkeypatch.setattr(keeping, "monotonic", lambda: began_s + 7200)
    desk.on(right.replace(year=right.year + 10))
    desk.on(right)
    assert (desk.rows("recordings"), desk.log()) == (1, [])
    monkeypatch.setattr(keeping, "monotonic", lambda: began_s + 7200 + 3601)
    desk.on(right)
    desk.on(LAST_DAY)
    assert desk.rows("recordings") == 1


def test_a_held_recording_outlives_its_time_and_nobody_can_delete_it(desk: Desk) -> None:
    recording_id = desk.take_in()
    desk.hold(recording_id)
    assert desk.last_day(recording_id) is None
    desk.on(LAST_DAY + timedelta(days=1000))
    with pytest.raises(Held, match="保全を解除"):
        desk.keeping.delete(recording_id, CITIZENS)
    assert desk.rows("recordings") == 1

    desk.keeping.lift(recording_id, GENERAL, seen=TAKEN_IN)
    desk.keeping.lift(recording_id, GENERAL, seen=TAKEN_IN)
    desk.on(LAST_DAY + timedelta(days=1000))
    assert desk.rows("recordings") == 0
    assert [line[:3] for line in desk.log()] == [
        ("総務課", "held", "不当要求の記録"),
        ("総務課", "lifted", ""),
        (BY_ITSELF.name, "deleted", "保存期間 90日"),
    ]


def test_a_hold_that_nobody_saw_is_neither_shortened_nor_lifted(desk: Desk) -> None:
    recording_id = desk.take_in()
    desk.hold(recording_id)
    first, desk.at = desk.at, desk.at + timedelta(minutes=1)
    with pytest.raises(Superseded, match="ほかの画面"):
        desk.hold(recording_id, until=LAST_DAY)  # by a page that was opened before the hold
    desk.hold(recording_id, seen=first)
    for stale in (
        lambda: desk.hold(recording_id, until=LAST_DAY, seen=first),
        lambda: desk.keeping.lift(recording_id, GENERAL, seen=first),
    ):
        with pytest.raises(Superseded):
            stale()
    assert [line[1] for line in desk.log()] == ["held", "held"]
    desk.on(LAST_DAY + timedelta(days=1000))
    assert desk.rows("recordings") == 1


def test_a_hold_ends_after_its_last_day(desk: Desk) -> None:
    longer, shorter = desk.take_in(), desk.take_in()
    end = LAST_DAY + timedelta(days=30)
    desk.hold(longer, until=end)
    desk.hold(shorter, until=TAKEN_IN.date())
    assert [desk.last_day(i) for i in (longer, shorter)] == [end, LAST_DAY]
    desk.on(TAKEN_IN.date() + timedelta(days=1))
    desk.keeping.delete(shorter, CITIZENS)
    desk.on(end)
    assert desk.rows("recordings") == 1
    desk.on(end + timedelta(days=1))
    assert desk.rows("recordings") == 0


def test_a_hold_says_why_and_can_not_be_over_already(desk: Desk) -> None:
    recording_id = desk.take_in()
    with pytest.raises(InvalidInput, match="今日か、今日より先"):
        desk.hold(recording_id, until=TAKEN_IN.date() - timedelta(days=1))
    for wrong in ("", " \n", "長" * 201):
        with pytest.raises(InvalidInput, match="理由"):
            Hold(reason=wrong, by="総務課", at=TAKEN_IN)
    for missing in (lambda: desk.hold("gone"), lambda: desk.keeping.lift("gone", GENERAL, seen=TAKEN_IN)):
        with pytest.raises(NotFound):
            missing()
    assert desk.log() == []


def test_a_deletion_that_was_cut_off_is_gone_on_with(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    recording_id = desk.take_in()
    with monkeypatch.context() as patch:
        patch.setattr(Transcription, "discard", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.keeping.delete(recording_id, CITIZENS)
    assert desk.rows("recordings") == 1
    desk.keeping.sweep()
    assert desk.rows("recordings") == 0
    assert [line[:2] for line in desk.log()] == [("市民課", "deleted")]


def test_a_file_that_can_not_be_deleted_holds_no_other_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, *_ = [desk.take_in() for _ in range(3)]
    delete = BlobStore.delete

    def refuse(store: BlobStore, blob_id: str) -> None:
        if blob_id.startswith(stuck):
            raise PermissionError
        delete(store, blob_id)

    with monkeypatch.context() as patch:
        patch.setattr(BlobStore, "delete", refuse)
        for _ in range(2):
            desk.on(LAST_DAY + timedelta(days=1))
        assert desk.rows("recordings") == 1
    desk.keeping.sweep()
    assert desk.rows("recordings") == 0
    assert [line[1] for line in desk.log()] == ["deleted"] * 3


def test_files_that_can_not_be_deleted_take_nobody_elses_turn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        desk.take_in()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(keeping, "_AT_ONCE", 1)
    monkeypatch.setattr(BlobStore, "delete", refuse)
    for _ in range(3):
        desk.on(LAST_DAY + timedelta(days=1))
    assert len({line[3] for line in desk.log()}) == 3  # each had its turn


def test_many_processes_delete_a_recording_once(desk: Desk) -> None:
    for _ in range(5):
        desk.take_in()
    desk.at = TAKEN_IN + timedelta(days=92)
    with ThreadPoolExecutor(4) as pool:
        for looked in [pool.submit(desk.keeping.sweep) for _ in range(4)]:
            looked.result()
    assert desk.rows("recordings") == 0
    ids = [line[3] for line in desk.log()]
    assert len(ids) == len(set(ids)) == 5


@pytest.fixture
def lenient(desk: Desk) -> Desk:
    """What is deleted can be brought back for 14 days."""
    desk.keeping = replace(desk.keeping, deleted_days=14)
    return desk


def test_what_was_deleted_is_found_by_nobody_and_comes_back_as_it_was(lenient: Desk, home: Path) -> None:
    desk, recordings = lenient, lenient.recordings
    recording_id, other = desk.take_in(), desk.take_in()
    before = (recordings.get(recording_id), recordings.segments(recording_id), recordings.revision(recording_id))
    proposals = Corrections(desk.engine, recordings)
    assert [w.right for w in proposals.proposed([SAID])] == ["曽於市"]
    for i in (recording_id, other):
        desk.keeping.delete(i, CITIZENS)
    with pytest.raises(NotFound, match="元に戻せる"):
        recordings.get(recording_id)
    assert recordings.all([recording_id]) == {}
    assert recordings.first_of(before[0].sha256, IDS) is None, "the same file can be sent anew"
    assert proposals.proposed([SAID]) == []
    for change in (
        lambda: proposals.rewrite(recording_id, Rewrite(segment=0, was="", text="x"), FOR_CLERKS, desk.at),
        lambda: desk.hold(recording_id),
        lambda: desk.keeping.delete(recording_id, CITIZENS),
        lambda: recordings.advance(recording_id, 0.5),
    ):
        with pytest.raises(NotFound):
            change()

    assert desk.deleted() == sorted([recording_id, other])
    desk.keeping.restore(recording_id, GENERAL)
    assert desk.deleted() == [other]
    assert (recordings.get(recording_id), recordings.segments(recording_id), recordings.revision(recording_id)) == before
    assert (home / "blobs" / before[0].blob_id).read_bytes() == b"sound"
    with pytest.raises(NotFound, match="先に元に戻された"):
        desk.keeping.restore(recording_id, GENERAL)
    assert [line[:2] for line in desk.log() if line[3] == recording_id] == [("市民課", "deleted"), ("総務課", "restored")]


def test_what_was_deleted_is_gone_for_good_after_its_last_day(lenient: Desk) -> None:
    desk, day = lenient, TAKEN_IN.date()
    recording_id, brought_back = desk.take_in(), desk.take_in()
    for i in (recording_id, brought_back):
        desk.keeping.delete(i, CITIZENS)
    assert {d.until for d in desk.keeping.deleted()} == {day + timedelta(days=14)}
    desk.on(day + timedelta(days=14))
    desk.keeping.restore(brought_back, CITIZENS)
    assert desk.deleted() == [recording_id]
    desk.on(day + timedelta(days=15))
    assert desk.deleted() == []
    assert [desk.rows(t) for t in ("recordings", "segments", "corrections")] == [1, 1, 1]
    assert desk.log()[-1] == (BY_ITSELF.name, "erased", "削除から14日", recording_id)
    assert desk.recordings.get(brought_back)


def test_a_deletion_makes_no_time_longer(lenient: Desk) -> None:
    recording_id = lenient.take_in()
    lenient.on(LAST_DAY)
    lenient.keeping.delete(recording_id, CITIZENS)
    assert [d.until for d in lenient.keeping.deleted()] == [LAST_DAY]
    lenient.on(LAST_DAY + timedelta(days=1))
    assert lenient.rows("recordings") == 0
    assert lenient.log()[-1] == (BY_ITSELF.name, "erased", "保存期間 90日", recording_id)


def test_what_was_deleted_can_be_gone_for_good_at_once_and_nothing_else_can(lenient: Desk, home: Path) -> None:
    recording_id = lenient.take_in()
    with pytest.raises(NotFound, match="削除した録音の中にありません"):
        lenient.keeping.erase(recording_id, GENERAL)
    lenient.keeping.delete(recording_id, CITIZENS)
    others = replace(lenient.keeping, ids=IDS.where(sa.false()))  # recordings of another kind, which other people may delete
    for wrong in (others.erase, others.restore):
        with pytest.raises(NotFound):
            wrong(recording_id, CITIZENS)
    assert others.deleted() == []
    lenient.keeping.erase(recording_id, GENERAL)
    assert [lenient.rows(t) for t in ("recordings", "segments", "corrections")] == [0, 0, 0]
    assert list((home / "blobs").iterdir()) == []
    assert SAID.encode() not in b"".join(path.read_bytes() for path in home.glob("madoguchi.db*"))
    assert [line[:2] for line in lenient.log()] == [("市民課", "deleted"), ("総務課", "erased")]
