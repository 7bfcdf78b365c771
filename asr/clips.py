"""A recording's speech in, clips for the recogniser out: cut at pauses, long silences left out, with times that lead back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import VadOptions

from asr.audio import Pcm, Sound
from asr.spans import Span, voiced

LONGEST_S = 10.0
"""Well shorter than Whisper's window: between two pauses that near to each other the decoder skips no sentence."""

_PAD_S = 0.4  # a voice begins and ends more softly than the detector hears
_PAUSE_S = 0.16  # a clip may end at a pause as short as that
_LONG_PAUSE_S = 0.7  # between sentences; at shorter ones a cut costs more, up to four clips
_COST_OF_SHORT_PAUSE = 4 / _LONG_PAUSE_S
_HEARD_S = 0.2  # of a voice is a word, less may be the end of the one before
_SILENCE_S = 1.0  # a longer one is left out but for the padding at both sides
_OPTIONS = VadOptions(
    min_silence_duration_ms=round(_PAUSE_S * 1000), max_speech_duration_s=LONGEST_S - 2 * _PAD_S, speech_pad_ms=0
)


@dataclass(frozen=True, slots=True)
class Clip:
    """Stretches of a recording, in order, that are recognised as if they were one."""

    spans: tuple[Span, ...]
    voices: tuple[Span, ...] = ()  #: where in them somebody speaks, pause by pause

    @property
    def start_s(self) -> float:
        return self.spans[0].start_s

    @property
    def end_s(self) -> float:
        return self.spans[-1].end_s

    @property
    def duration_s(self) -> float:
        """Of the sound that is left."""
        return sum(span.duration_s for span in self.spans)

    def read(self, pcm: Sound) -> npt.NDArray[np.float32]:
        return np.concatenate([pcm.read(span.start_s, span.end_s) for span in self.spans])

    def recorded(self, start_s: float, end_s: float) -> tuple[float, float]:
        """When a word, said from `start_s` to `end_s` of the clip, is said in the recording.

        The silence before a word is counted to it, so one that reaches over a border is said behind it unless heard before.
        """
        begin_s, found = 0.0, (self.end_s, self.end_s)
        for span in self.spans:
            shift_s = span.start_s - begin_s
            first_s, last_s = max(start_s + shift_s, span.start_s), min(end_s + shift_s, span.end_s)
            begin_s += span.duration_s
            if last_s > first_s or (start_s == end_s and last_s == first_s):
                found = first_s, last_s
                if self._heard_s(first_s, last_s) >= _HEARD_S:
                    break
        return found

    def span_at(self, at_s: float) -> int:
        """The span that holds a moment of the recording, or is the last before it."""
        return max((n for n, span in enumerate(self.spans) if span.start_s <= at_s + 0.01), default=0)

    def voiced_s(self, start_s: float, end_s: float) -> float:
        """How long somebody speaks between two moments of the clip itself, in seconds."""
        found_s = begin_s = 0.0
        for span in self.spans:
            shift_s = span.start_s - begin_s
            found_s += self._heard_s(max(start_s + shift_s, span.start_s), min(end_s + shift_s, span.end_s))
            begin_s += span.duration_s
        return found_s

    def _heard_s(self, start_s: float, end_s: float) -> float:
        """How long somebody speaks between two moments of the recording."""
        return sum(max(0.0, min(v.end_s, end_s) - max(v.start_s, start_s)) for v in self.voices)

    def halves(self) -> tuple[Clip, Clip] | None:
        """The clip cut in two at its longest pause, if there is one."""
        pauses = [(b.start_s - a.end_s, (a.end_s + b.start_s) / 2) for a, b in pairwise(self.voices) if b.start_s > a.end_s]
        if not pauses:
            return None
        _, at_s = max(pauses)
        return self._between(self.start_s, at_s), self._between(at_s, self.end_s)

    def _between(self, start_s: float, end_s: float) -> Clip:
        return Clip(_between(self.spans, start_s, end_s), _between(self.voices, start_s, end_s))


def _between(spans: Sequence[Span], start_s: float, end_s: float) -> tuple[Span, ...]:
    return tuple(
        Span(start_s=max(span.start_s, start_s), end_s=min(span.end_s, end_s))
        for span in spans
        if span.start_s < end_s and span.end_s > start_s
    )


def clips(pcm: Pcm, part: Span | None = None) -> tuple[Clip, ...]:
    """Pack the speech of a recording, or of a part of it, into clips of at most ten seconds."""
    whole = part or Span(start_s=0.0, end_s=pcm.duration_s)
    found = list(voiced(pcm, whole, _OPTIONS, _PAUSE_S))
    pauses_s = [_LONG_PAUSE_S, *(b.start_s - a.end_s for a, b in pairwise(found))]
    return tuple(_packed(found, _padded(found, whole), pauses_s))


def _padded(found: Sequence[Span], whole: Span) -> list[Span]:
    """The spans a little wider than their voice, up to the middle of the pauses between them."""
    middles = [(a.end_s + b.start_s) / 2 for a, b in pairwise(found)]
    edges = [whole.start_s, *middles, whole.end_s]
    return [
        Span(start_s=max(before_s, span.start_s - _PAD_S), end_s=min(after_s, span.end_s + _PAD_S))
        for span, before_s, after_s in zip(found, edges, edges[1:], strict=False)
    ]


def _packed(voices: Sequence[Span], spans: Sequence[Span], pauses_s: Sequence[float]) -> list[Clip]:
    """As few clips as can be, cut where the pauses are long: the cheapest way to the end of the recording.

    Args:
        spans: the same voices, padded.
        pauses_s: before each of them.
    """
    cheapest, come_from = [0.0], [0]
    for end in range(1, len(spans) + 1):
        ways: list[tuple[float, int]] = []
        own: list[Span] = []
        for start in range(end - 1, -1, -1):
            own = _joined([spans[start]], own)
            if ways and sum(s.duration_s for s in own) > LONGEST_S:
                break
            cut = _COST_OF_SHORT_PAUSE * max(0.0, _LONG_PAUSE_S - pauses_s[start])
            ways.append((cheapest[start] + 1 + cut, start))
        cost, start = min(ways)
        cheapest.append(cost)
        come_from.append(start)
    found, end = [], len(spans)
    while end:
        start, own = come_from[end], []
        for span in spans[start:end]:
            own = _joined(own, [span])
        found.append(Clip(tuple(own), tuple(voices[start:end])))
        end = start
    return found[::-1]


def _joined(before: list[Span], after: list[Span]) -> list[Span]:
    """Spans in a row: grown together where the pause between is short."""
    if before and after and after[0].start_s - before[-1].end_s < _SILENCE_S - 2 * _PAD_S + 1e-6:
        return [*before[:-1], Span(start_s=before[-1].start_s, end_s=after[0].end_s), *after[1:]]
    return [*before, *after]
