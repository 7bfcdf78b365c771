"""Promises of the text of calls that go on: nothing is skipped, nothing is lost by a restart, and who must wait gets it later."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.stream import Kind, Wanted
from core.clock import now
from core.settings import CHECKOUT
from telephony.followed import Hearing
from telephony.ongoing import Ended, Event, Happened, OngoingCall
from telephony.said import LiveText, Said
from tests.conftest import Speech
from tests.telephony.captions_kit import LINES, PATIENT_S, WITHIN_S, Opens, end, is_over, said, standing, until
from tests.telephony.phone_kit import OTHER, OURS, RATE_HZ, begin, legs_of, play

OTHER_PROCESS = f"""
import sys, time
from pathlib import Path
import telephony.ear
from asr.live import Live
from telephony.captions import Captions
telephony.ear._STALLED_S = {PATIENT_S}
Captions(Path(sys.argv[1]), lambda: Live(lambda wanted: "そちら", most=4, threads=1), most=2).start()
time.sleep(600)
"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def test_what_both_say_becomes_text_at_its_time_while_the_call_goes_on(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES)
    call = begin(calls)
    captions = follow()
    play(call, legs, speed=2)
    until(lambda: len(said(captions, call)) == 3, "a line is missing")
    found = said(captions, call)
    assert [s.leg for s in found] == [OURS, OTHER, OURS]
    assert "ごみを捨てたい" in found[1].text and "必要です" in found[2].text
    for one in found:  # the text is where the sound is
        voice = np.abs(legs[one.leg].astype(int)) > 1000
        assert voice[round(one.start_s * RATE_HZ) : round(one.end_s * RATE_HZ)].any()
        assert not voice[round(one.end_s * RATE_HZ) + 800 : round((one.end_s + 0.5) * RATE_HZ)].any()
    assert standing(captions, call).ended_at is None
    assert LiveText(call.folder).read() == [i.what for i in captions.items(call.folder.name)]


def test_partial_text_comes_first_and_goes_when_the_final_one_is_there(calls: Path, follow: Opens, speech: Speech) -> None:
    call = begin(calls)
    captions = follow()
    legs = legs_of(speech, LINES[1:2])
    play(call, (legs[0][: 4 * RATE_HZ], legs[1][: 4 * RATE_HZ]), speed=2)
    until(lambda: bool(standing(captions, call).saying), "no partial text")
    (saying,) = standing(captions, call).saying
    assert saying.leg == OTHER and saying.text
    assert said(captions, call) == []
    assert LiveText(call.folder).read() == [], "what may change is not kept"
    play(call, (legs[0][4 * RATE_HZ :], legs[1][4 * RATE_HZ :]))
    until(lambda: len(said(captions, call)) == 1, "no final text")
    assert standing(captions, call).saying == ()


def test_a_restart_refills_and_goes_on_where_it_was(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES)
    half = round(len(legs[0]) * 0.6)  # in the middle of the caller's words
    call = begin(calls)
    first = follow()
    play(call, (legs[0][:half], legs[1][:half]))
    until(lambda: len(said(first, call)) >= 1, "the first line is missing")
    first.stop()
    kept = said(first, call)
    play(call, (legs[0][half:], legs[1][half:]))  # nobody listens

    second = follow()
    until(lambda: len(said(second, call)) == 3, "a line is missing")
    end(call)
    until(lambda: is_over(second, call), "the call does not end")
    found = said(second, call)
    assert [s.leg for s in found] == [OURS, OTHER, OURS], "nothing is said twice"
    assert found[: len(kept)] == kept
    assert "ごみを捨てたい" in found[1].text


def test_of_two_that_follow_a_call_one_hears_it_and_both_show_its_text(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES)
    call = begin(calls)
    first = follow(hear=lambda _: "こちら")
    until(lambda: standing(first, call).hearing is Hearing.HEARD, "the call is not heard")
    second = follow(hear=lambda _: "そちら")
    play(call, legs)
    until(lambda: len(said(second, call)) == 3, "the other does not show it")
    assert standing(second, call).hearing is Hearing.HEARD
    end(call)
    for captions in (first, second):
        until(lambda of=captions: is_over(of, call), "the call does not end")  # type: ignore[misc]
        assert [s.text for s in said(captions, call)] == ["こちら"] * 3
    assert len(LiveText(call.folder).read()) == 3


def test_whoever_has_a_place_hears_the_call_that_waits_for_the_other(calls: Path, follow: Opens, speech: Speech) -> None:
    at = now()
    older, newer = (begin(calls, began_at=at + timedelta(seconds=n)) for n in (0, 1))
    full = follow(most=1, hear=lambda _: "こちら")
    until(lambda: standing(full, older).hearing is Hearing.HEARD, "the first is not heard")
    follow(most=1, hear=lambda _: "そちら")
    until(lambda: standing(full, newer).hearing is Hearing.HEARD, "it waits still")
    for call, text in ((older, "こちら"), (newer, "そちら")):
        play(call, legs_of(speech, LINES[1:2]))
        until(lambda of=call: bool(said(full, of)), "no text")  # type: ignore[misc]
        assert [s.text for s in said(full, call)] == [text]


def test_when_the_process_that_hears_a_call_is_killed_the_other_hears_on(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES)
    half = round(len(legs[0]) * 0.6)  # in the middle of the caller's words
    call = begin(calls)
    with subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, str(calls)], cwd=CHECKOUT) as other:
        try:
            until(lambda: LiveText(call.folder).is_written, "the call is not heard")
            captions = follow(hear=lambda _: "こちら")
            play(call, (legs[0][:half], legs[1][:half]))
            until(lambda: bool(said(captions, call)), "the first line is missing")
        finally:
            other.kill()
    play(call, (legs[0][half:], legs[1][half:]))
    until(lambda: len(said(captions, call)) == 3, "a line is missing")
    end(call)
    until(lambda: is_over(captions, call), "the call does not end")
    found = said(captions, call)
    assert [s.leg for s in found] == [OURS, OTHER, OURS], "nothing is said twice"
    assert (found[0].text, found[2].text) == ("そちら", "こちら")


def test_who_reads_along_does_not_wait_for_the_disk(calls: Path, follow: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    call = begin(calls)
    captions = follow(most=0)
    standing(captions, call)
    stands, goes_on = threading.Event(), threading.Event()

    def stuck(ongoing: OngoingCall) -> Ended | None:
        stands.set()
        assert goes_on.wait(WITHIN_S)
        return None

    monkeypatch.setattr(OngoingCall, "ended", property(stuck))
    assert stands.wait(WITHIN_S)
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(captions.standings)
        try:
            assert len(reading.result(WITHIN_S / 2)) == 1
        finally:
            goes_on.set()


def test_a_line_that_a_power_loss_cut_is_heard_again(calls: Path, follow: Opens, speech: Speech) -> None:
    call = begin(calls)
    kept = Said(leg=OURS, start_s=0.8, end_s=1.0, text="はい")
    text = LiveText(call.folder)
    text.begin()
    text.add(kept)
    text.leave()
    with (call.folder / "live.jsonl").open("a", encoding="utf-8") as f:
        f.write('{"leg": 1, "start_s": 2.0, "en')
    play(call, legs_of(speech, LINES[1:2]))
    captions = follow()
    until(lambda: len(said(captions, call)) == 2, "no text")
    lines = (call.folder / "live.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["leg"] for line in lines] == [OURS, OTHER]


def test_the_end_of_a_call_gives_the_last_words_their_text(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES[1:2], pause_s=0.2)
    call = begin(calls)
    captions = follow()
    until(lambda: standing(captions, call).hearing is Hearing.HEARD, "the call is not heard")
    play(call, legs, speed=0)
    end(call)
    until(lambda: is_over(captions, call), "the call does not end")
    assert [s.leg for s in said(captions, call)] == [OTHER]
    assert captions.standings() == [], "it does not go on any more"


def test_a_recorder_that_falls_silent_ends_what_is_being_said(
    calls: Path, follow: Opens, speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On hold no sound comes: the words before it get their text, and those after it theirs at the right time."""
    monkeypatch.setattr("telephony.ear._STALLED_S", 2.0)
    legs = legs_of(speech, LINES[1:2], pause_s=0.2)
    call = begin(calls)
    captions = follow()
    play(call, legs)
    until(lambda: len(said(captions, call)) == 1, "the words before the silence have no text")
    silence = np.zeros(10 * RATE_HZ, np.int16)
    play(call, (np.concatenate([silence, legs[0]]), np.concatenate([silence, legs[1]])))
    until(lambda: len(said(captions, call)) == 2, "the words after it have no text")
    first, second = said(captions, call)
    assert second.start_s - first.start_s == pytest.approx(10 + len(legs[0]) / RATE_HZ, abs=0.3)
    assert first.text == second.text


def test_the_newest_of_too_many_calls_waits_and_loses_nothing(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES[1:2])
    at = now()
    older, newer = (begin(calls, began_at=at + timedelta(seconds=n)) for n in (0, 1))
    for call in (newer, older):
        play(call, legs)
    captions = follow(most=1)
    until(lambda: len(said(captions, older)) == 1, "no text")
    assert standing(captions, newer).hearing is Hearing.WAITING
    assert said(captions, newer) == []
    end(older)
    until(lambda: len(said(captions, newer)) == 1, "the one that waited has no text")
    assert standing(captions, newer).hearing is Hearing.HEARD


def test_a_call_that_is_read_along_is_heard_before_one_that_nobody_reads(calls: Path, follow: Opens, speech: Speech) -> None:
    legs = legs_of(speech, LINES[1:2])
    at = now()
    older, newer = (begin(calls, began_at=at + timedelta(seconds=n)) for n in (0, 1))
    play(older, legs)
    captions = follow(most=1, hear=lambda _: "はい。")
    until(lambda: len(said(captions, older)) == 1, "no text")
    play(newer, legs)
    captions.read_along(newer.folder.name)
    until(lambda: len(said(captions, newer)) == 1, "what is read has no text")
    assert standing(captions, older).hearing is Hearing.WAITING
    play(older, legs)
    captions.read_along(older.folder.name)
    captions.read_along(newer.folder.name)
    assert standing(captions, newer).hearing is Hearing.HEARD, "of two that are read the one that was heard goes on"
    end(newer)
    until(lambda: len(said(captions, older)) == 2, "what was said meanwhile is lost")


def test_without_a_place_no_call_is_heard(calls: Path, follow: Opens) -> None:
    call = begin(calls)
    captions = follow(most=0)
    assert [s.hearing for s in [standing(captions, call)]] == [Hearing.OFF]


def test_text_that_comes_late_is_told_and_comes(calls: Path, follow: Opens, speech: Speech) -> None:
    def slow(wanted: Wanted) -> str:
        time.sleep(1.5)
        return wanted.kind.value

    legs = legs_of(speech, [LINES[1]] * 3)
    call = begin(calls)
    captions = follow(hear=slow)
    play(call, legs)
    until(lambda: standing(captions, call).behind_s > 5, "nobody is told")
    until(lambda: len(said(captions, call)) == 3, "sound was skipped")
    until(lambda: standing(captions, call).behind_s < 1, "it is still told")
    assert all(s.text != Kind.PARTIAL.value for s in said(captions, call))


def test_a_call_that_is_taken_into_the_records_is_left(calls: Path, follow: Opens, speech: Speech) -> None:
    call, other = begin(calls), begin(calls)
    captions = follow()
    play(call, legs_of(speech, LINES[1:2]))
    standing(captions, call)
    shutil.rmtree(call.folder)
    until(lambda: captions.standing(call.folder.name) is None, "it is still there")
    play(other, legs_of(speech, LINES[1:2]))
    until(lambda: len(said(captions, other)) == 1, "the others go on")


def test_a_wideband_leg_is_heard_too(calls: Path, follow: Opens, speech: Speech) -> None:
    call = begin(calls, lone_leg=True)
    samples = soundfile.read(speech(LINES[1][1]), dtype="int16")[0]
    call.new_sound(0, 16_000).place(0, np.concatenate([samples, np.zeros(16_000, np.int16)]))
    captions = follow()
    until(lambda: len(said(captions, call)) == 1, "no text")
    assert "どうすればいいですか" in said(captions, call)[0].text


def test_what_leaks_into_the_other_leg_is_nobody_s_words(calls: Path, follow: Opens, speech: Speech) -> None:
    """A line or a handset gives the clerk's voice back on the caller's leg, a tenth of a second later and 20 dB weaker."""
    ours, other = legs_of(speech, LINES)
    line = np.concatenate([np.zeros(800), 0.1 * np.exp(-np.arange(40) / 8) * (-1.0) ** np.arange(40)])
    leaked = np.convolve(ours, line)[: len(ours)].astype(np.int16)
    call = begin(calls)
    captions = follow()
    until(lambda: standing(captions, call).hearing is Hearing.HEARD, "the call is not heard")
    play(call, (ours, other + leaked))
    end(call)
    until(lambda: is_over(captions, call), "the call does not end")
    assert [s.leg for s in said(captions, call)] == [OURS, OTHER, OURS]


def test_who_speaks_more_softly_at_the_same_time_keeps_the_words(calls: Path, follow: Opens, speech: Speech) -> None:
    ours, other = legs_of(speech, LINES[2:])[OURS], legs_of(speech, LINES[1:2])[OTHER] // 3
    longest = max(len(ours), len(other))
    call = begin(calls)
    captions = follow()
    until(lambda: standing(captions, call).hearing is Hearing.HEARD, "the call is not heard")
    play(call, (np.pad(ours, (0, longest - len(ours))), np.pad(other, (0, longest - len(other)))))
    end(call)
    until(lambda: is_over(captions, call), "the call does not end")
    assert {s.leg for s in said(captions, call)} == {OURS, OTHER}


def test_hold_and_loss_stand_in_the_call(calls: Path, follow: Opens) -> None:
    call = begin(calls)
    captions = follow()
    call.note(Event(kind=Happened.HELD, at_s=3.0))
    until(lambda: standing(captions, call).is_held, "nobody is told of the hold")
    call.note(Event(kind=Happened.RESUMED, at_s=9.0))
    until(lambda: not standing(captions, call).is_held, "it holds for ever")
    for n in range(5):
        call.note(Event(kind=Happened.LOST, at_s=10 + n, leg=OTHER, lasts_s=0.5))
    call.note(Event(kind=Happened.LOST, at_s=30, leg=OTHER, lasts_s=0.5))
    until(lambda: len(captions.items(call.folder.name)) == 4, "losses are missing")
    losses = [i.what for i in captions.items(call.folder.name)][2:]
    assert [(e.at_s, e.lasts_s) for e in losses if isinstance(e, Event)] == [(10, 2.5), (30, 0.5)], "one burst is one loss"
