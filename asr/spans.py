"""PCM in, stretches of speech out, and the parts that a long recording is recognised in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from faster_whisper.vad import VadOptions, get_speech_timestamps

from asr.audio import SAMPLE_RATE_HZ, Pcm

LONGEST_PART_S = 120.0

_BLOCK_S = 300.0
_PAUSE_S = 0.5
_OPTIONS = VadOptions(min_silence_duration_ms=round(_PAUSE_S * 1000), max_speech_duration_s=28, speech_pad_ms=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a recording."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def speech_spans(pcm: Pcm, check: Callable[[], None] = lambda: None) -> tuple[Span, ...]:
    """Where somebody speaks (Silero VAD), in order, without overlap.

    Args:
        check: called now and then; what it raises ends the work.
    """
    return tuple(voiced(pcm, Span(start_s=0.0, end_s=pcm.duration_s), _OPTIONS, _PAUSE_S, check))


def voiced(
    pcm: Pcm, whole: Span, options: VadOptions, pause_s: float, check: Callable[[], None] = lambda: None
) -> Iterator[Span]:
    """The speech of a stretch by any options of the detector, found in blocks short enough to be held in memory."""
    start_s = whole.start_s
    while start_s < whole.end_s:
        check()
        end_s = min(start_s + _BLOCK_S, whole.end_s)
        block = _spans_between(pcm, start_s, end_s, options)
        cut = block[-1] if block and end_s < whole.end_s and block[-1].end_s >= end_s - pause_s else None
        if cut is not None and cut.start_s > start_s:  # the border may be in the middle of a word: begin again before it
            block.pop()
            end_s = cut.start_s
        yield from block
        start_s = end_s


def _spans_between(pcm: Pcm, start_s: float, end_s: float, options: VadOptions) -> list[Span]:
    return [
        Span(
            start_s=start_s + stamp["start"] / SAMPLE_RATE_HZ,
            end_s=min(start_s + stamp["end"] / SAMPLE_RATE_HZ, end_s),
        )
        for stamp in get_speech_timestamps(pcm.read(start_s, end_s), options)
    ]


def parts(spans: Iterable[Span], duration_s: float, longest_s: float = LONGEST_PART_S) -> tuple[Span, ...]:
    """Cut a recording at its pauses into parts of at most `longest_s`, leaving out what has no speech.

    A span that is longer than that by itself is cut into equal pieces.
    """
    made: list[Span] = []
    for span in spans:
        for piece in _pieces(span, min(span.end_s, duration_s), longest_s):
            if made and piece.end_s - made[-1].start_s <= longest_s:
                made[-1] = Span(start_s=made[-1].start_s, end_s=piece.end_s)
            else:
                made.append(piece)
    return tuple(made)


def _pieces(span: Span, end_s: float, longest_s: float) -> list[Span]:
    whole_s = end_s - span.start_s
    if whole_s <= 0:
        return []
    count = max(1, -int(-whole_s // longest_s))
    edges = [span.start_s + whole_s * i / count for i in range(count)] + [end_s]
    return [Span(start_s=a, end_s=b) for a, b in pairwise(edges)]
