"""A stretch of live speech in, its text out: quickly while it is being said, with care once it was said."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from asr.clips import Clip
from asr.expectation import Expectation
from asr.recogniser import recognise
from asr.spans import Span
from asr.stream import RATE_HZ, Kind, Samples, Wanted
from asr.vocabulary import Words, no_words
from asr.writing import FOR_CLERKS, write_all
from core.errors import ModelError
from models.device import Device
from models.engine import FRAMES_PER_S, Aligned, Decoded, Encoded, Engine, Features, Search
from models.whisper import Whisper

_FEWEST_FRAMES, _MARGIN_FRAMES = 1100, 60  # as for clips (asr.decoder)
_TOKENS_PER_S, _TOKENS_MORE = 10, 10
_LEAST_LOGPROB = -1.0  # a partial text that is so unsure would only confuse
_LONGEST_STOCK_TOKENS = 32  # of a phrase that may be invented (asr.loops)


@dataclass(frozen=True, slots=True)
class _Untimed:
    """An engine that leaves out when each word was said: live text has no words to click on.

    Two texts are still compared, and it is still found out how sure a text is that may be invented.
    """

    whole: Engine
    start: tuple[int, ...]

    @property
    def device(self) -> Device:
        return self.whole.device

    @property
    def clips_at_once(self) -> int:
        return self.whole.clips_at_once

    def features(self, samples: Features, frames: int) -> Features:
        return self.whole.features(samples, frames)

    def encode(self, features: Features) -> Encoded:
        return self.whole.encode(features)

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        return self.whole.generate(encoded, prompt, search)

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        if tuple(start) != self.start or any(len(text) <= _LONGEST_STOCK_TOKENS for text in texts):
            return self.whole.align(encoded, texts, frames, start)
        return [Aligned(starts_s=[0.0] * len(text), probabilities=[1.0] * len(text)) for text in texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """Samples that begin at a moment of a stream."""

    samples: Samples
    at_s: float

    def read(self, start_s: float, end_s: float) -> Samples:
        first, last = (max(0, round((s - self.at_s) * RATE_HZ)) for s in (start_s, end_s))
        return self.samples[first:last]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A recogniser for live speech."""

    whisper: Whisper
    vocabulary: Words = no_words
    cores: threading.Lock = field(default_factory=threading.Lock)  #: who hears alone has all of them

    def hear(self, wanted: Wanted) -> str:
        """The text of a stretch, empty where nothing was said.

        Raises:
            ModelError: the device gave up.
        """
        hear = self._glance if wanted.kind is Kind.PARTIAL else self._recognise
        if not self.cores.acquire(blocking=False):
            return hear(wanted, self.whisper.suited_to(2))
        try:
            return hear(wanted, self.whisper)
        finally:
            self.cores.release()

    def _recognise(self, wanted: Wanted, whisper: Whisper) -> str:
        """As recordings are recognised and written."""
        span = Span(start_s=wanted.sound_at_s, end_s=wanted.sound_at_s + wanted.duration_s)
        spoken = _Spoken(samples=wanted.samples, at_s=wanted.sound_at_s)
        hurried = replace(whisper, engine=_Untimed(whisper.engine, tuple(whisper.tokens.start)), language_model=None)
        clip = Clip((span,), wanted.voices)
        segments = recognise(spoken, [clip], whisper=hurried, expected=Expectation(vocabulary=self.vocabulary()), widely=True)
        return "".join(s.text for s in write_all(segments, FOR_CLERKS))

    def _glance(self, wanted: Wanted, whisper: Whisper) -> str:
        """The likeliest next token each time, and no second look."""
        frames = max(_FEWEST_FRAMES, round(wanted.duration_s * FRAMES_PER_S) + _MARGIN_FRAMES)
        tokens = whisper.tokens
        longest = round(wanted.duration_s * _TOKENS_PER_S) + _TOKENS_MORE
        try:
            encoded = whisper.encode([whisper.features(wanted.samples, frames)])
            (found,) = whisper.generate(encoded, tokens.start, Search(beam=1, longest=longest))
        except RuntimeError as e:
            raise ModelError("音声認識の途中で計算装置が止まりました。管理者に連絡してください。") from e
        return tokens.decode(found.ids).replace(" ", "") if found.logprob > _LEAST_LOGPROB else ""
