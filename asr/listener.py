"""A stretch of live speech in, its text out: quickly while it is being said, with care once it was said."""

from __future__ import annotations

from dataclasses import dataclass

from asr.clips import Clip
from asr.recogniser import recognise
from asr.spans import Span
from asr.stream import RATE_HZ, Kind, Samples, Wanted
from asr.vocabulary import Vocabulary
from asr.writing import FOR_CLERKS, write_all
from core.errors import ModelError
from models.engine import FRAMES_PER_S
from models.whisper import Whisper

_FEWEST_FRAMES, _MARGIN_FRAMES = 1100, 60  # as for clips (asr.decoder)
_TOKENS_PER_S, _TOKENS_MORE = 10, 10
_LEAST_LOGPROB = -1.0  # a partial text that is so unsure would only confuse


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
    vocabulary: Vocabulary | None = None

    def hear(self, wanted: Wanted) -> str:
        """The text of a stretch, empty where nothing was said.

        Raises:
            ModelError: the device gave up.
        """
        return self._glance(wanted) if wanted.kind is Kind.PARTIAL else self._recognise(wanted)

    def _recognise(self, wanted: Wanted) -> str:
        """As recordings are recognised and written."""
        span = Span(start_s=wanted.sound_at_s, end_s=wanted.sound_at_s + wanted.duration_s)
        spoken = _Spoken(samples=wanted.samples, at_s=wanted.sound_at_s)
        segments = recognise(spoken, [Clip((span,))], whisper=self.whisper, vocabulary=self.vocabulary)
        return "".join(s.text for s in write_all(segments, FOR_CLERKS))

    def _glance(self, wanted: Wanted) -> str:
        """The likeliest next token each time, and no second look."""
        frames = max(_FEWEST_FRAMES, round(wanted.duration_s * FRAMES_PER_S) + _MARGIN_FRAMES)
        tokens = self.whisper.tokens
        longest = round(wanted.duration_s * _TOKENS_PER_S) + _TOKENS_MORE
        try:
            encoded = self.whisper.encode([self.whisper.features(wanted.samples, frames)])
            (found,) = self.whisper.generate(encoded, tokens.start, beam=1, longest=longest)
        except RuntimeError as e:
            raise ModelError("音声認識の途中で計算装置が止まりました。管理者に連絡してください。") from e
        return tokens.decode(found.ids).replace(" ", "") if found.logprob > _LEAST_LOGPROB else ""
