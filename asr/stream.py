"""One speaker's sound in, as it comes; what is to be recognised, and then partial and final texts, out.

No clock, no thread, no socket: time is the sound's own. An utterance ends with half a second of silence, a long one with half as
much. What was said up to there is asked for already at the beginning of that silence, so that the text is mostly there when the
end is certain; if the speaker goes on, it was a partial text. A final text never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from asr.detector import WINDOW
from asr.spans import Span

Samples = npt.NDArray[np.float32]

RATE_HZ = 16_000
LONGEST = round(9.6 * RATE_HZ)  #: of an utterance without a pause; the recogniser takes ten seconds

_SPEECH, _SILENCE = 0.5, 0.35  # probabilities, as Silero's own code has them
_PAUSE, _SHORT_PAUSE = round(0.5 * RATE_HZ), round(0.26 * RATE_HZ)
_LONG = 6 * RATE_HZ  # an utterance so long may end with a short pause: better there than where it grows too long
_GUESS = round(0.16 * RATE_HZ)
_EVERY = RATE_HZ  # between partial texts
_PAD = round(0.4 * RATE_HZ)  # a voice begins more softly than the detector hears
_SHORTEST = 3  # windows of voice; less is a click
_EARLIEST_CUT = 3 * RATE_HZ


class Kind(Enum):
    """Why a stretch is to be recognised."""

    PARTIAL = "partial"  #: somebody is speaking; may be left out
    GUESS = "guess"  #: probably the whole utterance
    FINAL = "final"  #: certainly


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """A stretch of an utterance that is to be recognised."""

    kind: Kind
    utterance: int
    sound_at_s: float  #: when `samples` begin: a little before the voice
    start_s: float
    end_s: float
    samples: Samples
    voices: tuple[Span, ...] = ()  #: where in them somebody speaks, pause by pause

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What was said so far of an utterance. The next partial or final text takes its place."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """The text of an utterance, which never changes; empty where partial texts came of what turned out not to be speech."""

    text: str
    start_s: float
    end_s: float
    segment: int  #: 0, 1, 2 …


Event = Partial | Final


class Detects(Protocol):
    """What tells speech from silence; see `asr.detector.Detector`."""

    def probabilities(self, samples: Samples, /) -> Samples: ...


class Stream:
    """The state of one speaker's stream."""

    def __init__(self, detector: Detects) -> None:
        self._detector = detector
        self._sound = np.zeros(0, np.float32)  # from `_sound_at` on
        self._sound_at = 0
        self._seen = 0  # samples that the detector has judged
        self._utterance: _Utterance | None = None
        self._count = 0
        self._floor = 0  # what lies before belongs to an earlier utterance
        self._guess: Wanted | None = None
        self._guessed: str | None = None
        self._ended: set[Wanted] = set()  # whose text will be final
        self._shown: set[int] = set()  # utterances of which a partial text was given
        self._segments = 0

    @property
    def heard_s(self) -> float:
        """How much sound came."""
        return (self._sound_at + len(self._sound)) / RATE_HZ

    @property
    def pauses(self) -> bool:
        """Whether the speaker is silent within an utterance, which may be its end."""
        return self._utterance is not None and self._utterance.silent_from is not None

    def feed(self, samples: Samples) -> list[Wanted | Event]:
        """Take the next samples at 16 kHz."""
        self._sound = np.concatenate([self._sound, samples])
        fresh = self._sound[self._seen - self._sound_at :]
        fresh = fresh[: len(fresh) // WINDOW * WINDOW]
        made: list[Wanted | Event] = []
        for probability in self._detector.probabilities(fresh):
            self._seen += WINDOW
            made += self._judge(float(probability))
        kept = self._utterance.start if self._utterance else max(self._floor, self._seen - _PAD - WINDOW)
        if kept > self._sound_at:
            self._sound = self._sound[kept - self._sound_at :]
            self._sound_at = kept
        return made

    def finish(self) -> list[Wanted | Event]:
        """No more sound will come."""
        return self._end(self._utterance) if self._utterance else []

    def heard(self, wanted: Wanted, text: str) -> list[Event]:
        """Take the text of what was wanted. Texts come in the order in which they were wanted."""
        if wanted in self._ended:
            self._ended.discard(wanted)
            return self._final(wanted, text)
        if wanted is self._guess:
            self._guessed = text
        if self._utterance is None or wanted.utterance != self._utterance.number:
            return []
        if not text:
            self._utterance.asked -= _EVERY // 2  # too little was said to be sure of; soon it is more
            return []
        self._shown.add(wanted.utterance)
        return [Partial(text=text, start_s=wanted.start_s, end_s=wanted.end_s)]

    def is_wanted(self, wanted: Wanted) -> bool:
        """Whether the text of it would still be of use."""
        if wanted.kind is Kind.PARTIAL:
            return self._utterance is not None and self._utterance.number == wanted.utterance and self._guess is None
        return wanted in self._ended or wanted is self._guess

    def is_over(self, wanted: Wanted) -> bool:
        """Whether what was wanted is certainly the whole utterance."""
        return wanted in self._ended

    def _judge(self, probability: float) -> list[Wanted | Event]:
        """Go one window on."""
        spoken = self._utterance
        if spoken is None:
            if probability >= _SPEECH:
                start = max(self._floor, self._sound_at, self._seen - WINDOW - _PAD)
                self._utterance = self._begun(start, self._seen - WINDOW)
            return []
        spoken.judge(probability, self._seen)
        if spoken.silent_from is None:
            self._guess = self._guessed = None
        silent = 0 if spoken.silent_from is None else self._seen - spoken.silent_from
        if silent >= (_PAUSE if self._seen - spoken.start < _LONG else _SHORT_PAUSE):
            return self._end(spoken)
        if self._seen - spoken.start >= LONGEST:
            return self._cut(spoken)
        if silent >= _GUESS and self._guess is None and spoken.voiced >= _SHORTEST:
            self._guess, self._guessed = self._wanted(spoken, Kind.GUESS, self._seen), None
            spoken.asked = self._seen  # its text is shown too
            return [self._guess]
        if not silent and self._seen - spoken.asked >= _EVERY:
            spoken.asked = self._seen
            return [self._wanted(spoken, Kind.PARTIAL, self._seen)]
        return []

    def _begun(self, start: int, voice: int) -> _Utterance:
        self._count += 1
        self._guess = self._guessed = None
        return _Utterance(number=self._count, start=start, voice=voice, asked=voice, voice_end=voice + WINDOW)

    def _end(self, spoken: _Utterance) -> list[Wanted | Event]:
        """The utterance is over: its text is final when it is there."""
        guess, text = self._guess, self._guessed
        self._utterance = self._guess = self._guessed = None
        self._floor = spoken.voice_end
        if spoken.voiced < _SHORTEST:
            return list(self._final(self._wanted(spoken, Kind.FINAL, self._seen), ""))  # takes back what was shown of it
        if guess is None:
            guess = self._wanted(spoken, Kind.FINAL, self._seen)
            self._ended.add(guess)
            return [guess]
        if text is None:
            self._ended.add(guess)
            return []
        return list(self._final(guess, text))

    def _cut(self, spoken: _Utterance) -> list[Wanted | Event]:
        """Nobody pauses for so long: end the utterance at its best pause, however short, and begin the next one there."""
        at = spoken.pause(max(spoken.start + _EARLIEST_CUT, spoken.voice))
        wanted = self._wanted(spoken, Kind.FINAL, at)
        self._ended.add(wanted)
        self._utterance = self._begun(at, at)
        self._utterance.go_on(spoken, at)
        return [wanted]

    def _wanted(self, spoken: _Utterance, kind: Kind, end: int) -> Wanted:
        return Wanted(
            kind=kind,
            utterance=spoken.number,
            sound_at_s=spoken.start / RATE_HZ,
            start_s=round(spoken.voice / RATE_HZ, 3),
            end_s=round(min(end, spoken.voice_end) / RATE_HZ, 3),
            samples=self._sound[spoken.start - self._sound_at : end - self._sound_at].copy(),
            voices=spoken.voices(end),
        )

    def _final(self, wanted: Wanted, text: str) -> list[Event]:
        if not text and wanted.utterance not in self._shown:
            return []
        self._shown.discard(wanted.utterance)
        self._segments += 1
        return [Final(text=text, start_s=wanted.start_s, end_s=wanted.end_s, segment=self._segments - 1)]


@dataclass(slots=True, kw_only=True)
class _Utterance:
    """What somebody is saying. Places are samples of the stream."""

    number: int
    start: int  #: of the sound that is recognised
    voice: int  #: where the voice begins
    voice_end: int
    asked: int  #: up to where a partial text was last wanted
    voiced: int = 1  #: windows
    silent_from: int | None = None
    probabilities: list[tuple[int, float]] = field(default_factory=list)  #: with the end of each window

    def judge(self, probability: float, end: int) -> None:
        self.probabilities.append((end, probability))
        if probability >= _SPEECH:
            self.silent_from = None
            self.voiced += 1
            self.voice_end = end
        elif probability < _SILENCE and self.silent_from is None:
            self.silent_from = end - WINDOW

    def voices(self, end: int) -> tuple[Span, ...]:
        """Where there is speech up to there, in seconds of the stream; pauses that are shorter than between words are none."""
        found: list[tuple[int, int]] = []
        for window_end, probability in self.probabilities:
            goes_on = bool(found) and found[-1][1] == window_end - WINDOW
            if window_end > end or probability < (_SILENCE if goes_on else _SPEECH):
                continue
            begin = found.pop()[0] if found and window_end - WINDOW - found[-1][1] < _GUESS else window_end - WINDOW
            found.append((begin, window_end))
        return tuple(Span(start_s=begin / RATE_HZ, end_s=last / RATE_HZ) for begin, last in found)

    def pause(self, earliest: int) -> int:
        """The middle of the longest pause from there on, or else of the window that is the least like speech."""
        windows = [w for w in self.probabilities if w[0] - WINDOW >= earliest]
        best, run = (0, 0), 0
        for end, probability in windows:
            run = run + 1 if probability < _SILENCE else 0
            best = max(best, (run, end - run * WINDOW // 2))
        if best[0]:
            return best[1]
        return min(windows, key=lambda w: w[1])[0] - WINDOW // 2

    def go_on(self, before: _Utterance, at: int) -> None:
        """Take over what was judged behind the cut."""
        for end, probability in before.probabilities:
            if end - WINDOW >= at:
                self.judge(probability, end)
        self.voice_end = max(self.voice_end, before.voice_end)
