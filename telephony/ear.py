"""The sound of one leg in, as its file grows; its partial and final texts out, at their time in the call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr

from asr.live import Closed, Deliver, Speaker
from asr.stream import RATE_HZ, Event, Final, Partial
from telephony.ongoing import Sound
from telephony.said import Said

STEP_S = 2.0  #: that are read at a time, so that who is far behind does not hold up the others
_MOST_WAITING_S = 20.0  #: speech that waits to be recognised; the rest stays in the file until then
_STALLED_S = 2.0  #: without new sound what is being said is over, for nobody knows when more will come
_FULL_SCALE = np.float32(32768)

Join = Callable[[Deliver], Speaker]
Echoes = Callable[[float, float], bool]  #: whether between two moments of the call only the other leg was heard again


class Ear:
    """One leg. Used by one thread, which hands to `take` what `deliver` was given by others."""

    def __init__(self, leg: int, *, from_s: float, join: Join, deliver: Deliver, echoes: Echoes) -> None:
        self._leg = leg
        self._join, self._deliver, self._echoes = join, deliver, echoes
        self._speaker: Speaker | None = None
        self._resampler: soxr.ResampleStream | None = None  # none where the rate is the recogniser's own
        self._begun_s = self._heard_s = from_s  # where the speaker's stream began, and up to where every text is final
        self._at: int | None = None  # samples of the file that were read
        self._grew_s = 0.0
        self._finishing = False
        self.partial: Partial | None = None
        self.behind_s = 0.0  #: how long ago that was said of which there is no final text yet, silence aside

    def listen(self, sound: Sound, now_s: float, *, is_over: bool) -> bool:
        """Hear what came. `now_s` is of a clock that never goes back. Returns whether there may be more at once.

        Raises:
            MadoguchiError: the recogniser can't be used.
        """
        length = len(sound)
        at = self._at = round(self._heard_s * sound.rate_hz) if self._at is None else self._at
        self._measure(length, sound.rate_hz)
        if self._finishing:
            return False
        if at >= length:
            if self._speaker is not None and (is_over or now_s - self._grew_s > _STALLED_S):
                self._finish(self._speaker)
            return False
        self._grew_s = now_s
        if self._speaker is None:
            self._begin(at / sound.rate_hz, sound.rate_hz)
        assert self._speaker is not None
        if self._speaker.behind_s > _MOST_WAITING_S:
            return False
        samples = sound.read(at, round(STEP_S * sound.rate_hz))
        self._at = at + len(samples)
        self._speaker.feed(self._resampled(samples.astype(np.float32) / _FULL_SCALE))
        return self._at < length

    def is_done(self, sound: Sound) -> bool:
        """Whether everything up to the end of the file has its final text."""
        return self._speaker is None and (self._at or 0) >= len(sound)

    def is_echo(self, given: Event | Closed) -> bool:
        """Whether what the recogniser made is only what the other leg said. It takes a moment."""
        if not isinstance(given, Partial | Final) or not given.text:
            return False
        return self._echoes(self._begun_s + given.start_s, self._begun_s + given.end_s)

    def take(self, given: Event | Closed, *, is_echo: bool = False) -> Said | None:
        """Take what the recogniser made. Returns an utterance that has its final text."""
        match given:
            case Partial():
                start_s, end_s = self._begun_s + given.start_s, self._begun_s + given.end_s
                self.partial = None if is_echo else Partial(text=given.text, start_s=start_s, end_s=end_s)
            case Final():
                start_s, end_s = self._begun_s + given.start_s, self._begun_s + given.end_s
                self.partial = None
                self._heard_s = end_s
                if given.text and not is_echo:
                    return Said(leg=self._leg, start_s=round(start_s, 2), end_s=round(end_s, 2), text=given.text)
            case Closed():
                self.leave()
        return None

    def leave(self) -> None:
        """Nothing more is wanted of what was heard."""
        if self._speaker is not None:
            self._speaker.leave()
        self._speaker = self.partial = None
        self._finishing = False

    def _begin(self, at_s: float, rate_hz: int) -> None:
        self._speaker = self._join(self._deliver)
        self._begun_s = at_s
        self._resampler = None if rate_hz == RATE_HZ else soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32")

    def _finish(self, speaker: Speaker) -> None:
        self._finishing = True
        speaker.feed(self._resampled(np.zeros(0, np.float32), is_last=True))
        speaker.finish()

    def _resampled(self, samples: np.ndarray, *, is_last: bool = False) -> np.ndarray:
        return self._resampler.resample_chunk(samples, last=is_last) if self._resampler is not None else samples

    def _measure(self, length: int, rate_hz: int) -> None:
        read_s = (self._at or 0) / rate_hz
        owed_s = self._speaker.owed_since_s if self._speaker is not None else None
        since_s = read_s if owed_s is None else min(read_s, self._begun_s + owed_s)
        self.behind_s = max(0.0, length / rate_hz - since_s)
