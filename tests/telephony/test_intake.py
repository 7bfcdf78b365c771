"""A call that was recorded live is taken into the records once, whatever dies in between."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.export import Format
from asr.keeping.log import Person
from asr.recording import Outcome
from asr.transcript import Segment
from core.clock import JST
from core.errors import NotFound
from core.settings import CHECKOUT
from telephony.call import OTHER_NAME, OUR_NAME, Parties, Remark, Side
from telephony.calls import Calls
from telephony.intake import Intake, _last_heard
from telephony.lines import Lines
from telephony.ongoing import Before, Ended, Event, Happened, LiveCall, OngoingCall
from telephony.said import LiveText

_BEGAN = datetime(2026, 11, 28, 9, 0, 5, tzinfo=JST)
_SOUND = np.arange(-4_000, 4_000, dtype=np.int16)
_CALL = LiveCall(
    id=uuid.uuid5(uuid.NAMESPACE_DNS, "a").hex,
    began_at=_BEGAN,
    our_leg=1,
    our_number="0986768800",
    other_name="鈴木花子",
    other_number="0986001234",
)


@pytest.fixture
def intake(calls: Calls, tmp_path: Path) -> Intake:
    return Intake(folder=tmp_path / "calls", calls=calls, lines=Lines({"09867688*": "市民課"}), rest_s=0.0)


def _recorded(intake: Intake, call: LiveCall = _CALL) -> OngoingCall:
    ongoing = OngoingCall.begin(intake.folder, call)
    ongoing.new_sound(0, 8_000).place(0, _SOUND)
    return ongoing


def _end(ongoing: OngoingCall) -> None:
    ongoing.end(Ended(at=_BEGAN, why="bye"))


_DIES = """
import os, sys
from pathlib import Path
import numpy as np
from tests.telephony.test_intake import _CALL, _SOUND
from telephony.ongoing import OngoingCall
ongoing = OngoingCall.begin(Path(sys.argv[1]), _CALL)
ongoing.new_sound(0, 8_000).place(0, _SOUND)
os._exit(9)
"""


def test_a_call_that_ended_becomes_a_record_under_its_own_id(intake: Intake, calls: Calls) -> None:
    _end(_recorded(intake))
    intake.take_all()
    call = calls.records.get(_CALL.id)
    assert call.parties == Parties(
        our_name="市役所（市民課）", other_name="鈴木花子", caller_number="0986001234", started_at=_BEGAN
    )
    assert (call.recording.file_name, call.remarks) == ("20261128-090005.wav", ())
    sound, rate = soundfile.read(calls.transcription.blobs.path(call.recording.blob_id), dtype="int16")
    assert rate == 8_000 and not sound[:, 0].any() and np.array_equal(sound[:, 1], _SOUND)
    assert not any(intake.folder.iterdir())


def test_a_call_that_goes_on_is_left_alone(intake: Intake, calls: Calls) -> None:
    ongoing = _recorded(intake)
    intake.take_all()
    assert ongoing.ended is None and ongoing.folder.exists()
    with pytest.raises(NotFound):
        calls.records.get(_CALL.id)


def test_a_call_whose_recorder_died_is_kept_up_to_then(intake: Intake, calls: Calls) -> None:
    recorder = subprocess.run([sys.executable, "-c", _DIES, str(intake.folder)], cwd=CHECKOUT, check=False)
    assert recorder.returncode == 9
    intake.take_all()
    call = calls.records.get(_CALL.id)
    path = calls.transcription.blobs.path(call.recording.blob_id)
    sound, _ = soundfile.read(io.BytesIO(path.read_bytes()), dtype="int16")
    assert np.array_equal(sound[:, 1], _SOUND)
    assert call.remarks == (Remark(at_s=len(_SOUND) / 8_000, text="録音が途中で終わりました"),), "more may have been said"


def test_a_crash_before_its_folder_is_gone_makes_no_second_record(
    intake: Intake, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end(_recorded(intake))
    _take_all_but_folders(intake, monkeypatch)
    intake.take_all()
    assert [call.id for call in calls.records.find().calls] == [_CALL.id]
    assert not any(intake.folder.iterdir())


def test_a_call_that_was_deleted_before_its_folder_could_be_does_not_return(
    intake: Intake, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end(_recorded(intake))
    _take_all_but_folders(intake, monkeypatch)
    calls.delete(_CALL.id, Person(name="担当"))
    _take_all_but_folders(intake, monkeypatch)
    assert calls.records.find().total == 0 and any(intake.folder.iterdir())
    intake.take_all()
    assert calls.records.find().total == 0 and not any(intake.folder.iterdir())


def test_what_is_left_of_a_call_and_cannot_be_taken_away_keeps_nobody_waiting(
    intake: Intake, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    (intake.folder / "half").mkdir(parents=True)
    (intake.folder / "half" / "lock").touch()
    _end(_recorded(intake))
    monkeypatch.setattr("telephony.intake.shutil.rmtree", _crash)
    intake.take_all()
    assert calls.records.find().total == 1


def test_what_cannot_be_taken_in_stays_and_keeps_nobody_waiting_and_is_counted(intake: Intake, calls: Calls) -> None:
    _end(_recorded(intake))
    other = _recorded(intake, replace(_CALL, id=uuid.uuid5(uuid.NAMESPACE_DNS, "b").hex))
    _end(other)
    (other.folder / "call.json").write_text("{")
    intake.take_all()
    assert [call.id for call in calls.records.find().calls] == [_CALL.id]
    assert other.folder.exists() and intake.stuck == 1
    shutil.rmtree(other.folder)
    intake.take_all()
    assert intake.stuck == 0


def test_a_name_that_is_too_long_or_unfit_for_a_page_costs_no_call(intake: Intake, calls: Calls) -> None:
    _end(_recorded(intake, replace(_CALL, other_name="名\n" * 200, other_number="0" * 50)))
    intake.take_all()
    parties = calls.records.get(_CALL.id).parties
    assert parties.other_name == "名" * 100 and parties.caller_number == "0" * 40


@pytest.mark.parametrize("name", ["\u200d \u200d", "\u200d\u3000", "\u200d\n", " "])
def test_a_name_of_nothing_that_can_be_seen_costs_no_call(intake: Intake, calls: Calls, name: str) -> None:
    _end(_recorded(intake, replace(_CALL, our_number="", our_name=name, other_name=name, other_number=name)))
    intake.take_all()
    parties = calls.records.get(_CALL.id).parties
    assert (parties.our_name, parties.other_name, parties.caller_number) == (OUR_NAME, OTHER_NAME, None)


def test_what_a_recorder_that_died_had_not_begun_is_taken_away(intake: Intake) -> None:
    (intake.folder / "half").mkdir(parents=True)
    (intake.folder / "half" / "lock").touch()
    intake.take_all()
    assert not any(intake.folder.iterdir())


def test_on_one_leg_nobody_is_said_to_have_said_what_the_other_may_have(intake: Intake, calls: Calls) -> None:
    _end(_recorded(intake, replace(_CALL, lone_leg=True)))
    intake.take_all()
    call = calls.records.get(_CALL.id)
    calls.transcription.recordings.replace_part(call.id, 0, [Segment(start_s=0, end_s=1, text="はい。", channel=1)])
    (line,) = calls.dialogue(call)
    assert line.segment.speaker == "鈴木花子（0986001234）との通話"


def test_after_a_transfer_each_stands_by_what_they_said_and_both_by_the_call(intake: Intake, calls: Calls) -> None:
    before = (Before(leg=1, until_s=65.0, number="0986768801"), Before(leg=0, until_s=90.0, name="鈴木太郎", number="0986009999"))
    ongoing = _recorded(intake, replace(_CALL, our_number="0986760001", our_name="税務課", before=before))
    ongoing.note(Event(kind=Happened.CHANGED, at_s=65.0, leg=1))
    _end(ongoing)
    intake.take_all()
    said = [(3.0, 9.0, 0), (60.0, 66.0, 0), (64.6, 69.0, 0), (80.0, 81.0, 1), (91.0, 92.0, 1)]
    segments = [Segment(start_s=start_s, end_s=end_s, text="はい。", channel=channel) for start_s, end_s, channel in said]
    calls.transcription.recordings.replace_part(_CALL.id, 0, segments)
    (call,) = calls.records.find("市民課 税務課 0986-00-9999").calls
    assert [line.segment.speaker for line in calls.dialogue(call)] == [
        "市役所（市民課）",
        "市役所（市民課）",
        "税務課",
        "鈴木太郎（0986009999）",
        "鈴木花子（0986001234）",
    ]
    assert call.about.endswith(
        "市役所側 市役所（市民課）、1:05から 税務課 相手側 鈴木太郎（0986009999）、1:30から 鈴木花子（0986001234）"
        " 通話中 1:05 話す人の交代（税務課）"
    )


def test_no_call_is_too_large_to_be_kept(intake: Intake, calls: Calls) -> None:
    small = replace(intake, calls=replace(calls, limit_bytes=10))
    _end(_recorded(small))
    small.take_all()
    assert calls.records.get(_CALL.id).recording.size_bytes > 10


def test_a_record_says_what_happened_beside_what_was_said(intake: Intake, calls: Calls) -> None:
    ongoing = _recorded(intake)
    for event in (
        Event(kind=Happened.LOST, at_s=65.0, leg=0, lasts_s=0.2),
        Event(kind=Happened.LOST, at_s=65.4, leg=0, lasts_s=0.1),
        Event(kind=Happened.LOST, at_s=70.0, leg=0, lasts_s=0.02),
        Event(kind=Happened.HELD, at_s=80.0),
    ):
        ongoing.note(event)
    with (ongoing.folder / "events.jsonl").open("a") as cut_off:
        cut_off.write('{"kind": "he\n')
    _end(ongoing)
    intake.take_all()
    call = calls.records.get(_CALL.id)
    assert call.remarks == (Remark(at_s=65.0, text="音声欠落 0.3秒", side=Side.OTHER), Remark(at_s=80.0, text="保留"))
    assert call.about.endswith("通話中 1:05 音声欠落 0.3秒（鈴木花子（0986001234））、1:20 保留")
    nothing_said = Outcome(duration_s=90, elapsed_s=1, model="m", device="cpu")
    calls.transcription.recordings.finish(call.id, nothing_said)
    assert (
        calls.export(call.id, Format.TXT).decode()
        == "[0:01:05] ［音声欠落 0.3秒（鈴木花子（0986001234））］\n[0:01:20] ［保留］\n"
    )


def test_a_call_of_which_nothing_was_heard_leaves_nothing(intake: Intake, calls: Calls) -> None:
    ongoing = OngoingCall.begin(intake.folder, _CALL)
    _end(ongoing)
    intake.take_all()
    assert calls.records.find().total == 0 and not any(intake.folder.iterdir())


def _take_all_but_folders(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take in what there is, of which no folder can be taken away."""
    with monkeypatch.context() as stuck:
        stuck.setattr("telephony.intake.shutil.rmtree", _crash)
        intake.take_all()


def _crash(folder: Path) -> None:
    raise OSError(f"gone: {folder.name}")


def test_a_call_whose_recorder_died_ended_then_and_not_when_its_text_was_read_again(intake: Intake) -> None:
    ongoing = _recorded(intake)
    for path in ongoing.folder.iterdir():
        os.utime(path, (_BEGAN.timestamp() + 60,) * 2)
    LiveText(ongoing.folder).begin()
    assert (_last_heard(ongoing) - _BEGAN).total_seconds() == 60
