"""A telephone for tests: spoken lines as two legs of a call in the quality of G.711, written into its folder as time goes on."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile

from core.clock import now
from telephony.ongoing import Event, LiveCall, OngoingCall
from telephony.said import LiveText, Said
from tests.conftest import Speech, resample

RATE_HZ = 8000
PAUSE_S = 0.8
OURS, OTHER = 0, 1
VOICES = ("jf_alpha", "jm_kumo")

Line = tuple[int, str]


def telephone(samples: np.ndarray) -> np.ndarray:
    """16 kHz speech as it comes out of a telephone: 8 kHz, and the steps of mu-law (G.711, in its continuous form)."""
    narrow = np.clip(resample(samples, 16_000, RATE_HZ), -1, 1)
    steps = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    heard = np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255
    return (heard * 32767).astype(np.int16)


def legs_of(speech: Speech, lines: Sequence[Line], *, pause_s: float = PAUSE_S) -> tuple[np.ndarray, np.ndarray]:
    """Both legs, one speaking after the other, each silent while the other speaks."""
    pause = np.zeros(round(pause_s * RATE_HZ), np.int16)
    legs: tuple[list[np.ndarray], list[np.ndarray]] = ([pause], [pause])
    for leg, text in lines:
        spoken = telephone(soundfile.read(speech(text, VOICES[leg]), dtype="float32")[0])
        legs[leg].append(np.concatenate([spoken, pause]))
        legs[1 - leg].append(np.zeros(len(spoken) + len(pause), np.int16))
    return np.concatenate(legs[0]), np.concatenate(legs[1])


def begin(calls: Path, *, began_at: datetime | None = None, **about: object) -> OngoingCall:
    """A call that begins now, or at another moment."""
    known: dict[str, object] = {"our_name": "市民課", "other_name": "鈴木", "other_number": "0986760000"}
    call = LiveCall(id=uuid.uuid4().hex, began_at=began_at or now(), **(known | about))  # type: ignore[arg-type]
    return OngoingCall.begin(calls, call)


def play(ongoing: OngoingCall, legs: tuple[np.ndarray, np.ndarray], *, speed: float = 0, step_s: float = 0.1) -> None:
    """Write both legs on from where their files end, `speed` times as fast as people speak; 0 for at once."""
    sounds = [ongoing.sound(leg) or ongoing.new_sound(leg, RATE_HZ) for leg in (0, 1)]
    starts = [len(sound) for sound in sounds]
    step = round(step_s * RATE_HZ) if speed else len(legs[0])
    began_s = time.monotonic()
    for at in range(0, len(legs[0]), step):
        for sound, start, samples in zip(sounds, starts, legs, strict=True):
            sound.place(start + at, samples[at : at + step])
        if speed:
            time.sleep(max(0.0, began_s + (at + step) / RATE_HZ / speed - time.monotonic()))


@contextmanager
def ringing(home: Path, aside: Path) -> Iterator[Callable[..., OngoingCall]]:
    """ring(said, events, …) -> a call at a server of that home, of which this was understood before the server knows of it."""
    begun: list[OngoingCall] = []

    def ring(said: Sequence[Said] = (), events: Sequence[Event] = (), **about: object) -> OngoingCall:
        made = begin(aside, **about)  # type: ignore[arg-type]
        text = LiveText(made.folder)
        text.begin()
        for one in said:
            text.add(one)
        text.leave()
        for event in events:
            made.note(event)
        calls = home / "calls"
        calls.mkdir(exist_ok=True)
        made.folder = made.folder.rename(calls / made.folder.name)
        begun.append(made)
        return made

    yield ring
    for call in begun:
        shutil.rmtree(call.folder, ignore_errors=True)
