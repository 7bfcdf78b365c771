"""A part of a recording in, segments of Japanese text with times and confidence out (Whisper through faster-whisper)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from asr.audio import Pcm
from asr.prompt import echoes, prompt_of
from asr.spans import Span, parts, spans_between
from asr.transcript import Segment
from asr.vocabulary import Vocabulary
from core.errors import ModelError
from models.whisper import Whisper

_CHUNK_S = 28.0
"""Whisper hears 30 s at a time: a chunk that fits, cut at a pause, is never cut by the window."""

_SHORTEST_PROMPTED_S = 2.0  # less speech than that says too little against the prompt
_FEWEST_CHARS_PER_S = 4.0
"""Slower than anybody speaks Japanese (about 5 to 9 characters a second): the prompt has made the decoder stop early."""

_LOOPING_RATIO = 2.4  # text that compresses better repeats itself (openai/whisper, transcribe.py)
_INNER_SPACE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")  # Japanese has no spaces between words


def recognise(
    pcm: Pcm,
    part: Span,
    *,
    whisper: Whisper,
    vocabulary: Vocabulary | None = None,
    channel: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Segment, ...]:
    """Recognise one part. Times are those of the whole recording; what is not speech gives no segment.

    Args:
        vocabulary: its city and offices are shown to the recogniser.
        on_progress: called after each chunk with the seconds of the recording that are done.

    Raises:
        ModelError: the device gave up.
    """
    found: list[Segment] = []
    try:
        prompt = prompt_of(vocabulary, lambda text: len(whisper.model.hf_tokenizer.encode(text, add_special_tokens=False).ids))
        spans = spans_between(pcm, part.start_s, part.end_s)
        for chunk in parts(spans, part.end_s, _CHUNK_S):
            found += (_segment(h, chunk, channel) for h in _hear(pcm, chunk, whisper, prompt) if h.text.strip())
            if on_progress:
                on_progress(chunk.end_s)
    except RuntimeError as e:
        raise ModelError("音声認識の途中で計算装置が止まりました。--device cpu で、もう一度お試しください。") from e
    return tuple(found)


def _hear(pcm: Pcm, chunk: Span, whisper: Whisper, prompt: str | None) -> list[Any]:
    """The chunk with the prompt, and without it where the prompt did harm."""
    if prompt is None or chunk.duration_s < _SHORTEST_PROMPTED_S:
        return _decode(pcm, chunk, whisper, None)
    prompted = _decode(pcm, chunk, whisper, prompt)
    text = "".join(h.text for h in prompted)
    if echoes(text, prompt):
        return _decode(pcm, chunk, whisper, None)
    if len(text) >= chunk.duration_s * _FEWEST_CHARS_PER_S:
        return prompted
    plain = _decode(pcm, chunk, whisper, None)
    loops = any(h.compression_ratio > _LOOPING_RATIO for h in plain)
    return plain if not loops and len("".join(h.text for h in plain)) > len(text) else prompted


def _decode(pcm: Pcm, chunk: Span, whisper: Whisper, prompt: str | None) -> list[Any]:
    segments, _ = whisper.model.transcribe(
        pcm.read(chunk.start_s, chunk.end_s),
        language="ja",
        beam_size=5,
        condition_on_previous_text=False,
        initial_prompt=prompt,
    )
    return list(segments)


def _segment(heard: Any, chunk: Span, channel: int | None) -> Segment:
    start_s = min(chunk.start_s + heard.start, chunk.end_s)
    return Segment(
        start_s=round(start_s, 3),
        end_s=round(max(start_s, min(chunk.start_s + heard.end, chunk.end_s)), 3),
        text=_INNER_SPACE.sub("", heard.text.strip()),
        channel=channel,
        confidence=round(min(1.0, math.exp(heard.avg_logprob)), 4),
    )
