"""A part of a recording in, segments of Japanese text with times and confidence out (Whisper through faster-whisper)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from asr.audio import Pcm
from asr.spans import Span
from asr.transcript import Segment
from asr.vocabulary import Vocabulary
from core.errors import ModelError
from models.whisper import Whisper

_INNER_SPACE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")  # Japanese has no spaces between words
_VAD = {"min_silence_duration_ms": 2000, "speech_pad_ms": 400}


def recognise(  # noqa: PLR0913  # all but the first are keywords
    pcm: Pcm,
    part: Span,
    *,
    whisper: Whisper,
    vocabulary: Vocabulary | None = None,
    channel: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Segment, ...]:
    """Recognise one part. Times are those of the whole recording.

    Args:
        on_progress: called after each segment with the seconds of the recording that are done.

    Raises:
        ModelError: the device gave up.
    """
    found: list[Segment] = []
    try:
        for heard in _transcribe(pcm, part, whisper):
            segment = _segment(heard, part, channel)
            if segment.text:
                found.append(segment)
            if on_progress:
                on_progress(segment.end_s)
    except RuntimeError as e:
        raise ModelError("音声認識の途中で計算装置が止まりました。--device cpu で、もう一度お試しください。") from e
    return tuple(found)


def _transcribe(pcm: Pcm, part: Span, whisper: Whisper) -> Iterator[Any]:
    segments, _ = whisper.model.transcribe(
        pcm.read(part.start_s, part.end_s),
        language="ja",
        beam_size=5,
        vad_filter=True,
        vad_parameters=_VAD,
        condition_on_previous_text=False,
    )
    yield from segments


def _segment(heard: Any, part: Span, channel: int | None) -> Segment:
    start_s = min(part.start_s + heard.start, part.end_s)
    return Segment(
        start_s=round(start_s, 3),
        end_s=round(max(start_s, min(part.start_s + heard.end, part.end_s)), 3),
        text=_INNER_SPACE.sub("", heard.text.strip()),
        channel=channel,
        confidence=round(min(1.0, math.exp(heard.avg_logprob)), 4),
    )
