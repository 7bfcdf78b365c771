"""Clips of a recording in, segments of Japanese text with word times and recorded changes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import accumulate, pairwise

from asr.audio import Sound
from asr.clips import Clip
from asr.corrector import Corrector, correct, corrector_of
from asr.decoder import Hearing, Samples, batches, hear
from asr.edits import Edits
from asr.endings import completed
from asr.language import Language
from asr.line import Line
from asr.loops import Audio, guarded
from asr.pieces import cut
from asr.rehearing import reheard
from asr.transcript import Segment
from asr.vocabulary import Vocabulary
from core.errors import ModelError
from models.whisper import Whisper


def recognise(
    pcm: Sound,
    chosen: Sequence[Clip],
    *,
    whisper: Whisper,
    vocabulary: Vocabulary | None = None,
    language: Language | None = None,
    widely: bool = False,
    channel: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Segment, ...]:
    """Recognise clips (see `asr.clips.clips`). Times are those of the whole recording; what is not speech gives no segment.

    Args:
        vocabulary: words of the city that are put right where they were said and written in other characters.
        language: what people are likely to say; what is in doubt is heard again with it.
        widely: see `asr.decoder.hear`; for a short recording.
        on_progress: called after each batch with the seconds of speech that are done.

    Raises:
        ModelError: the device gave up.
    """
    corrector = corrector_of(vocabulary)
    samples = [clip.read(pcm) for clip in chosen]
    found: list[tuple[int, Segment]] = []
    done_s = 0.0
    try:
        for batch in _corrected(samples, whisper, corrector, language, widely):
            for clip, no_speech, line, edited in batch:
                done_s += chosen[clip].duration_s
                if line.text:
                    heard = _segments(line, edited, chosen[clip], channel)
                    found += ((clip, _guarded(segment, no_speech)) for segment in heard)
            if on_progress:
                on_progress(done_s)
    except RuntimeError as e:
        raise ModelError("音声認識の途中で計算装置が止まりました。--device cpu で、もう一度お試しください。") from e
    return tuple(segment for _, segment in sorted(found, key=lambda f: f[0]))


_Heard = tuple[int, float, Line, Edits]
"""A clip's place, how likely nobody spoke, what was heard, and the same corrected."""


def _corrected(
    samples: Sequence[Samples], whisper: Whisper, corrector: Corrector, language: Language | None, widely: bool
) -> Iterator[list[_Heard]]:
    """Batches side by side, as many as the recogniser has lanes."""
    several = whisper.suited_to(len(samples))

    def heard(batch: tuple[int, ...]) -> list[_Heard]:
        return [
            (clip, decoded.no_speech, line, edited)
            for hearing in hear(batch, samples, several, widely=widely)
            for clip, decoded, (line, edited) in zip(
                hearing.clips, hearing.decoded, _understood(hearing, corrector, language), strict=True
            )
        ]

    if several.lanes == 1:
        yield from map(heard, batches(samples, several))
        return
    yield from _pool(several.lanes).map(heard, batches(samples, several))


def _understood(hearing: Hearing, corrector: Corrector, language: Language | None) -> list[tuple[Line, Edits]]:
    """What was heard in each clip, and the same with a city's words written in, and heard again with its language."""
    found = correct(hearing, corrector)
    if language is None:
        return found
    again = reheard(hearing, [edits for _, edits in found], language)
    return [(line, edits) for (line, _), edits in zip(found, again, strict=True)]


@cache
def _pool(lanes: int) -> ThreadPoolExecutor:
    """Threads that stay: what libraries keep for each thread is then kept once."""
    return ThreadPoolExecutor(lanes, thread_name_prefix="recogniser")


def _guarded(segment: Segment, no_speech: float) -> Segment:
    """The segment without loops, without a stock phrase that the sound does not bear out, and with its last word whole."""
    return completed(guarded(Edits.of(segment), segment, Audio(no_speech=no_speech))).applied_to(segment)


def _segments(line: Line, edits: Edits, clip: Clip, channel: int | None) -> tuple[Segment, ...]:
    """What was heard in a clip; a segment for each stretch between silences."""
    words = line.words(clip)
    whole = Segment(
        start_s=round(clip.start_s, 3),
        end_s=round(clip.end_s, 3),
        text=edits.text,
        channel=channel,
        confidence=round(math.exp(line.mean_log_probability), 4),
        heard=edits.heard,
        words=words,
        changes=edits.changes,
    )
    offsets = [0, *accumulate(len(w.text) for w in words)]
    spans = [clip.span_at(w.start_s) for w in words]
    borders = [offsets[i + 1] for i, (a, b) in enumerate(pairwise(spans)) if a != b]
    return cut(whole, borders)
