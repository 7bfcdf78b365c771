"""A call that goes on is a folder that only grows."""

from __future__ import annotations

import errno
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from core.clock import JST
from telephony.ongoing import Ended, Event, Happened, LiveCall, OngoingCall, calls_in, leftovers_in

_BEGAN = datetime(2026, 11, 28, 9, 0, tzinfo=JST)


def _begun(folder: Path, name: str = "a") -> OngoingCall:
    return OngoingCall.begin(folder, LiveCall(id=name, began_at=_BEGAN, other_name="鈴木", other_number="0986760000"))


def test_who_comes_late_reads_all_of_a_call(tmp_path: Path) -> None:
    ongoing = _begun(tmp_path)
    ongoing.new_sound(1, 8000).place(3, np.array([7, -7], np.int16))
    ongoing.note(Event(kind=Happened.LOST, at_s=1.5, leg=1, lasts_s=0.02))
    (late,) = calls_in(tmp_path)
    assert late.call == ongoing.call and late.call.began_at == _BEGAN
    sound = late.sound(1)
    assert sound is not None and sound.rate_hz == 8000 and sound.read(0, 10).tolist() == [0, 0, 0, 7, -7]
    assert late.sound(0) is None
    assert late.events() == [Event(kind=Happened.LOST, at_s=1.5, leg=1, lasts_s=0.02)]
    assert late.ended is None


def test_a_line_that_is_being_written_is_not_read_in_half(tmp_path: Path) -> None:
    ongoing = _begun(tmp_path)
    ongoing.note(Event(kind=Happened.HELD, at_s=1.0))
    with (ongoing.folder / "events.jsonl").open("a") as f:
        f.write('{"kind": "resu')
    assert [e.kind for e in ongoing.events()] == [Happened.HELD]


def test_a_call_says_when_and_why_it_ended(tmp_path: Path) -> None:
    ongoing = _begun(tmp_path)
    ongoing.end(Ended(at=_BEGAN, why="bye"))
    assert ongoing.ended == Ended(at=_BEGAN, why="bye")


def test_a_call_that_is_not_to_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    ongoing = _begun(tmp_path)
    ongoing.new_sound(0, 8000)
    held = len(list(Path("/proc/self/fd").iterdir()))
    ongoing.discard()
    assert not list(tmp_path.iterdir()) and len(list(Path("/proc/self/fd").iterdir())) == held - 1


def test_a_call_whose_end_can_not_be_written_is_let_go_all_the_same(tmp_path: Path) -> None:
    ongoing = _begun(tmp_path)
    (ongoing.folder / "ended.json.part").mkdir()
    with pytest.raises(OSError):
        ongoing.end(Ended(at=_BEGAN, why="bye"))
    with OngoingCall(ongoing.folder).held() as free:
        assert free


def test_a_folder_that_was_never_begun_whole_is_no_call(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    _begun(tmp_path)
    assert [c.folder.name for c in calls_in(tmp_path)] == ["a"]


def test_a_folder_that_is_taken_away_while_others_are_looked_at_stops_nobody(tmp_path: Path) -> None:
    _begun(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")  # as one that went between listing and looking
    assert [c.folder.name for c in calls_in(tmp_path)] == ["a"]


def test_a_folder_that_may_not_be_looked_into_hides_no_other_and_is_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        _begun(tmp_path, name)
    exists = Path.exists

    def refused(path: Path) -> bool:
        if path.parent.name == "b":  # another user's, as of who once started the recorder as root
            raise PermissionError(errno.EACCES, "not ours")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refused)
    assert {c.folder.name for c in calls_in(tmp_path)} == {"a", "b"} and not list(leftovers_in(tmp_path))


def test_of_a_call_that_is_not_to_be_kept_a_crash_leaves_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ongoing = _begun(tmp_path)
    monkeypatch.setattr("telephony.ongoing.shutil.rmtree", lambda *_, **__: None)
    ongoing.discard()
    assert list(calls_in(tmp_path)) == []
    assert [c.folder for c in leftovers_in(tmp_path)] == [ongoing.folder]


def test_who_looks_whether_a_call_is_free_puts_nothing_into_a_folder_that_goes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with OngoingCall(tmp_path / "a").held() as ours:
        assert not ours
    assert list((tmp_path / "a").iterdir()) == []
