"""`madoguchi phone` as an exchange meets it: a process of its own that records, and loses nothing when it is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soundfile
import soxr

from asr.recording import Recording, State
from telephony.call import Side
from telephony.calls import Calls
from telephony.intake import Intake
from telephony.lines import Lines
from telephony.media.g711 import MU_LAW
from telephony.ongoing import LEGS, OngoingCall, Samples, calls_in
from tests.conftest import MADOGUCHI
from tests.telephony.recording_client import RATE_HZ, RecordingClient, mu_law

_WITHIN_S = 30.0
T = TypeVar("T")


class Phone:
    """The process, and where it listens."""

    def __init__(self, home: Path) -> None:
        env = {**os.environ, "MADOGUCHI_HOME": str(home)}
        self.log = (home / "phone.log").open("w+")
        self.process = subprocess.Popen([MADOGUCHI, "phone", "--port", "0"], env=env, stderr=self.log)
        self.port = int(_until(lambda: re.findall(r"sip:127\.0\.0\.1:(\d+)", (home / "phone.log").read_text()))[0])

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(_WITHIN_S)


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    started = Phone(tmp_path)
    yield started
    started.process.kill()
    started.process.wait()
    started.log.close()


@pytest.fixture
def intake(tmp_path: Path, calls: Calls) -> Intake:
    return Intake(folder=tmp_path / "calls", calls=calls, lines=Lines({"0986768800": "市民課"}))


@pytest.fixture
def parties(speech: Callable[..., Path]) -> tuple[Samples, Samples]:
    """The caller asks, then the city hall answers."""
    asks, answers = (
        _telephone(speech("ごみの収集日を教えてください。", "jm_kumo")),
        _telephone(speech("はい、月曜日と木曜日です。")),
    )
    silence = np.zeros_like
    return np.concatenate([asks, silence(answers)]), np.concatenate([silence(asks), answers])


def test_a_call_becomes_a_record_that_says_who_said_what(
    phone: Phone,
    intake: Intake,
    calls: Calls,
    parties: tuple[Samples, Samples],
    finished: Callable[[str], Recording],
) -> None:
    with RecordingClient(port=phone.port) as client:
        client.speak(parties)
        ongoing = _recording(intake)
    _until(lambda: _all_taken(intake))
    call = calls.records.get(ongoing.folder.name)
    assert (call.parties.our_name, call.parties.name(Side.OTHER)) == ("市役所（市民課）", "鈴木花子（0986001234）")
    sound, _ = soundfile.read(calls.transcription.blobs.path(call.recording.blob_id), dtype="int16")
    for channel, said in enumerate(reversed(parties)):
        assert _holds(sound[:, channel], said)
    assert finished(call.id).state is State.DONE
    lines = calls.dialogue(call)
    assert [line.side for line in lines][:: len(lines) - 1] == [Side.OTHER, Side.OURS]
    assert "教えて" in lines[0].segment.text and "月曜日" in lines[-1].segment.text


def test_what_was_said_before_the_recorder_was_killed_is_kept(
    phone: Phone, intake: Intake, calls: Calls, parties: tuple[Samples, Samples]
) -> None:
    killed: list[float] = []

    def kill(after_s: float) -> None:
        if after_s == 2.0:
            _until(lambda: _is_written(intake, 1.8))  # how soon it is, another test promises
            phone.end(signal.SIGKILL)
            killed.append(after_s)

    client = RecordingClient(port=phone.port)
    client.begin()
    client.speak(parties, while_speaking=kill)
    client.close()
    assert killed
    ongoing = _recording(intake)
    assert _all_taken(intake)
    recording = calls.records.get(ongoing.folder.name).recording
    sound, _ = soundfile.read(calls.transcription.blobs.path(recording.blob_id), dtype="int16")
    assert _holds(sound[:, 1], parties[0][: round(0.8 * RATE_HZ)])


def test_a_recorder_that_is_told_to_end_hangs_up_and_keeps_the_call(
    phone: Phone, intake: Intake, parties: tuple[Samples, Samples]
) -> None:
    with RecordingClient(port=phone.port) as client:
        client.speak((parties[0][:RATE_HZ], parties[1][:RATE_HZ]))
        ongoing = _recording(intake)
        phone.process.send_signal(signal.SIGTERM)
        assert client.hung_up()
    assert phone.process.wait(_WITHIN_S) == 0
    assert ongoing.ended is not None and ongoing.ended.why == "stopped"


def _all_taken(intake: Intake) -> bool:
    intake.take_all()
    return not list(calls_in(intake.folder))


def _telephone(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="int16")
    return np.asarray(soxr.resample(samples, rate, RATE_HZ), np.int16)


def _recording(intake: Intake) -> OngoingCall:
    return _until(lambda: list(calls_in(intake.folder)))[0]


def _is_written(intake: Intake, until_s: float) -> bool:
    return all(sound and len(sound) > until_s * RATE_HZ for sound in map(_recording(intake).sound, LEGS))


def _holds(sound: Samples, said: Samples) -> bool:
    """Whether it has these samples, as mu-law carries them, exactly and somewhere in its first second."""
    carried = MU_LAW[np.frombuffer(mu_law(said[: len(said) // 160 * 160]), np.uint8)]
    return any(np.array_equal(sound[start : start + len(carried)], carried) for start in range(RATE_HZ))


def _until(holds: Callable[[], T]) -> T:
    end = time.monotonic() + _WITHIN_S
    while not (held := holds()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
    return held
