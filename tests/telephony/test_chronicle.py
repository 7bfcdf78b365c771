"""What readers of a call see: everything once, in its place, and what still grows as one thing."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import now
from telephony.chronicle import Chronicle
from telephony.followed import Followed
from telephony.lines import Lines
from telephony.ongoing import Event, Happened, LiveCall, OngoingCall
from telephony.said import LIVE_TEXT, LiveText, Said
from telephony.tail import Tail


def event(kind: Happened, at_s: float, leg: int | None = None, lasts_s: float = 0.0) -> Event:
    return Event(kind=kind, at_s=at_s, leg=leg, lasts_s=lasts_s)


def shown(chronicle: Chronicle, since: int = 0) -> list[tuple[str, float]]:
    return [(i.key, i.at_s) for i in chronicle.since(since)]


@contextmanager
def full_after(path: Path, size_bytes: int) -> Iterator[None]:
    """The disk takes so much more of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_only_what_came_or_changed_is_told_again() -> None:
    chronicle = Chronicle()
    for n in range(3):
        chronicle.say(Said(leg=0, start_s=n, end_s=n + 1, text="はい"))
    known = chronicle.since(0)[-1].version
    assert chronicle.since(known) == []
    chronicle.happen(event(Happened.LOST, 1.5, leg=1, lasts_s=0.1))
    assert shown(chronicle, known) == [("event-0", 1.5)]
    assert [key for key, _ in shown(chronicle)] == ["said-0", "said-1", "said-2", "event-0"]


def test_a_burst_of_losses_is_one_that_grows_and_each_leg_has_its_own() -> None:
    chronicle = Chronicle()
    for n in range(4):
        chronicle.happen(event(Happened.LOST, 10 + n * 0.9, leg=n % 2 and 1, lasts_s=0.02))
    assert shown(chronicle) == [("event-0", 10), ("event-1", 10.9), ("event-2", 11.8), ("event-3", 12.7)]
    for n in range(20):
        chronicle.happen(event(Happened.LOST, 20 + n * 0.5, leg=0, lasts_s=0.02))
    (burst,) = [i.what for i in chronicle.since(0) if i.at_s >= 20]
    assert isinstance(burst, Event) and burst.lasts_s == pytest.approx(0.4)


def test_a_line_that_stays_bad_is_told_again_and_again() -> None:
    chronicle = Chronicle()
    for n in range(120):
        chronicle.happen(event(Happened.LOST, n * 0.5, leg=0, lasts_s=0.02))
    told = [i.what for i in chronicle.since(0) if isinstance(i.what, Event)]
    assert [e.at_s for e in told] == [0, 10, 20, 30, 40, 50]
    assert sum(e.lasts_s for e in told) == pytest.approx(120 * 0.02)


def test_a_number_that_is_entered_is_one_thing_and_not_its_digits() -> None:
    chronicle = Chronicle()
    for n in range(1000):
        chronicle.happen(event(Happened.KEY, 5 + n * 0.3, leg=1))
    assert shown(chronicle) == [("event-0", 5)]
    chronicle.happen(event(Happened.KEY, 400, leg=1))
    assert len(shown(chronicle)) == 2


@pytest.mark.parametrize(
    ("held", "resumed", "is_held"),
    [((None,), (None,), False), ((0,), (None,), False), ((0,), (0,), False), ((None,), (1,), False), ((0, 1), (1,), True)],
)
def test_a_call_is_held_until_nobody_holds_it(
    held: tuple[int | None, ...], resumed: tuple[int | None, ...], is_held: bool
) -> None:
    chronicle = Chronicle()
    for leg in held:
        chronicle.happen(event(Happened.HELD, 1, leg=leg))
    assert chronicle.is_held
    for leg in resumed:
        chronicle.happen(event(Happened.RESUMED, 2, leg=leg))
    assert chronicle.is_held is is_held


def test_lines_are_read_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    tail = Tail(path)
    assert tail.lines() == []
    with path.open("ab", buffering=0) as f:
        f.write("一\n二\n三".encode())
        assert tail.lines() == ["一", "二"]
        assert tail.lines() == []
        f.write("つ\n".encode()[:2])
        assert tail.lines() == [], "half a letter is no line"
        f.write("つ\n".encode()[2:])
        assert tail.lines() == ["三つ"]


def test_what_is_kept_of_a_call_that_was_taken_away_makes_no_file(tmp_path: Path) -> None:
    said = Said(leg=0, start_s=1, end_s=2, text="はい")
    with pytest.raises(FileNotFoundError):
        LiveText(tmp_path).add(said)
    assert list(tmp_path.iterdir()) == []
    LiveText(tmp_path).begin()
    LiveText(tmp_path).add(said)
    assert LiveText(tmp_path).read() == [said]


def test_a_full_disk_takes_no_event_with_the_one_that_it_cut_off(tmp_path: Path) -> None:
    call = OngoingCall.begin(tmp_path, LiveCall(id="a", began_at=now()))
    first, lost, last = (event(Happened.LOST, n, leg=0, lasts_s=n) for n in (1.0, 2.0, 3.0))
    call.note(first)
    with full_after(call.folder / "events.jsonl", 20), pytest.raises(OSError, match="too large"):
        call.note(lost)
    call.note(last)
    assert call.events() == [first, last]


def test_a_full_disk_leaves_no_half_line_for_the_next_to_be_lost_with(tmp_path: Path) -> None:
    first, lost, last = (Said(leg=0, start_s=n, end_s=n + 1, text="はい。" * n) for n in (1, 9, 3))
    LiveText(tmp_path).begin()
    LiveText(tmp_path).add(first)
    with full_after(tmp_path / LIVE_TEXT, 20), pytest.raises(OSError, match="too large"):
        LiveText(tmp_path).add(lost)
    LiveText(tmp_path).add(last)
    assert LiveText(tmp_path).read() == [first, last]
    assert len((tmp_path / LIVE_TEXT).read_text("utf-8").splitlines()) == 2


def test_lines_that_can_t_be_read_take_no_other_with_them(tmp_path: Path) -> None:
    said, held = Said(leg=0, start_s=1, end_s=2, text="はい"), Event(kind=Happened.HELD, at_s=1.0)
    call = OngoingCall.begin(tmp_path, LiveCall(id="a", began_at=now()))
    text = LiveText(call.folder)
    text.begin()
    for name in (LIVE_TEXT, "events.jsonl"):
        (call.folder / name).write_bytes('{"leg": 1, "kind": "あ'.encode()[:-1] + b'{"leg": 1}\n[]\n1\n')
    text.add(said)
    call.note(held)
    news = Followed(OngoingCall(call.folder), Lines({})).look()
    assert (news.said, news.events) == ([said], [held])
