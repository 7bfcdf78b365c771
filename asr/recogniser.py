"""Clips of a recording in, segments of Japanese text with word times and recorded changes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, pairwise
from threading import Lock

from asr.audio import Sound
from asr.clips import Clip
from asr.corrector import Corrector, correct, corrector_of
from asr.decoder import Hearing, batches, hear
from asr.doubts import is_better, is_doubtful
from asr.edits import Edits
from asr.endings import completed
from asr.expectation import NOTHING, Expectation
from asr.flowing import flowing
from asr.line import Line
from asr.loops import guarded
from asr.misheard import put_right
from asr.pieces import cut
from asr.rehearing import reheard
from asr.transcript import Segment
from core.errors import ModelError
from models.whisper import Whisper

_ENCODED, _DECODED = 0.45, 0.8  #: shares of the work on a batch that are done then, on two cores
_BEFORE_WORDS = 0.5  #: the share that is done before misheard words are looked for
_MOST_CUTS = 3  #: into eighths of ten seconds: hardly a sentence is shorter


def recognise(
    pcm: Sound,
    chosen: Sequence[Clip],
    *,
    whisper: Whisper,
    expected: Expectation = NOTHING,
    widely: bool = False,
    channel: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Segment, ...]:
    """Recognise clips (see `asr.clips.clips`). Times are those of the whole recording; what is not speech gives no segment.

    Args:
        widely: see `asr.decoder.hear`; for a short recording.
        on_progress: called with the seconds of speech that are done as batches go on, by whichever thread works on one; what it
            raises ends the work.

    Raises:
        ModelError: the device gave up.
    """
    recogniser = _Recogniser(pcm, whisper, corrector_of(expected.vocabulary), expected, widely, channel)
    try:
        found = recogniser.segments(chosen, on_progress or _ignore)
    except RuntimeError as e:
        raise ModelError("音声認識の途中で計算装置が止まりました。--device cpu で、もう一度お試しください。") from e
    return flowing(segment for own in found for segment in own)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was heard in a clip."""

    place: int  #: of the clip
    line: Line
    edits: Edits  #: the same, corrected
    no_speech: float  #: 0..1, how likely nobody spoke


class _Progress:
    """How many seconds of speech are done, told in order, whichever of the threads gets on."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report, self._done_s, self._turn = report, 0.0, Lock()

    def add(self, more_s: float) -> None:
        with self._turn:
            self._done_s += more_s
            self._report(self._done_s)


@dataclass(frozen=True, slots=True)
class _Recogniser:
    pcm: Sound
    whisper: Whisper
    corrector: Corrector
    expected: Expectation
    widely: bool
    channel: int | None

    @property
    def _puts_words_right(self) -> bool:
        """Whether misheard words are looked for: not where there is nothing to tell them by, which takes no time then either."""
        known = self.whisper.language_model is not None and self.whisper.homophones is not None
        return known and bool(self.expected.about)

    def segments(
        self, chosen: Sequence[Clip], on_progress: Callable[[float], None], cuts: int = _MOST_CUTS
    ) -> list[tuple[Segment, ...]]:
        """What is said in each clip. Where something of it may be missing, the clip is cut in halves that are heard apart, and
        these again, so many times."""
        found, doubtful = self._heard(chosen, on_progress)
        halves = {place: both for place in doubtful if cuts and (both := chosen[place].halves())}
        if not halves:
            return found
        all_s = sum(clip.duration_s for clip in chosen)
        parts = [half for both in halves.values() for half in both]
        apart = self.segments(parts, lambda _: on_progress(all_s), cuts - 1)
        for place, first, second in zip(halves, apart[::2], apart[1::2], strict=True):
            if is_better((*first, *second), found[place]):
                found[place] = (*first, *second)
        return found

    def _heard(self, chosen: Sequence[Clip], report: Callable[[float], None]) -> tuple[list[tuple[Segment, ...]], list[int]]:
        """What is heard in each clip at once, and the places of those where something may be missing."""
        found: list[tuple[Segment, ...]] = [()] * len(chosen)
        doubtful = []
        for batch in self._batches(chosen, _Progress(report)):
            for heard in batch:
                clip = chosen[heard.place]
                if heard.line.text:
                    found[heard.place] = _segments(heard, clip, self.channel)
                    if is_doubtful(heard.line, clip):
                        doubtful.append(heard.place)
        return found, doubtful

    def _batches(self, chosen: Sequence[Clip], progress: _Progress) -> Iterator[list[_Heard]]:
        """Batches side by side, as many as the recogniser has lanes."""
        samples = [clip.read(self.pcm) for clip in chosen]
        several = self.whisper.suited_to(len(samples))

        def understand(batch: tuple[int, ...]) -> list[_Heard]:
            all_s = sum(chosen[place].duration_s for place in batch)
            heard_s = all_s * (_BEFORE_WORDS if self._puts_words_right else 1.0)
            encoded = partial(progress.add, heard_s * _ENCODED)
            hearings = hear(batch, samples, several, widely=self.widely, on_encoded=encoded)
            progress.add(heard_s * (_DECODED - _ENCODED))
            clip_done = partial(progress.add, (all_s - heard_s) / len(batch))
            found = [
                _Heard(place, line, edits, decoded.no_speech)
                for hearing in hearings
                for place, decoded, (line, edits) in zip(
                    hearing.clips, hearing.decoded, self._understood(hearing, clip_done), strict=True
                )
            ]
            progress.add(heard_s * (1 - _DECODED))
            return found

        run = map if several.lanes == 1 else _pool(several.lanes).map
        yield from run(understand, batches(samples, several))

    def _understood(self, hearing: Hearing, on_clip: Callable[[], None]) -> list[tuple[Line, Edits]]:
        """What was heard in each clip, and the same with a city's words written in, misheard words put right, and heard again
        with the city's language."""
        found = correct(hearing, self.corrector)
        edits = [own for _, own in found]
        if self._puts_words_right:
            for row, better in enumerate(put_right(hearing, found, self.expected.about, self.corrector.places_written)):
                edits[row] = better
                on_clip()
        if self.expected.language is not None:
            edits = reheard(hearing, edits, self.expected.language)
        return [(line, own) for (line, _), own in zip(found, edits, strict=True)]


@cache
def _pool(lanes: int) -> ThreadPoolExecutor:
    """Threads that stay: what libraries keep for each thread is then kept once."""
    return ThreadPoolExecutor(lanes, thread_name_prefix="recogniser")


def _segments(heard: _Heard, clip: Clip, channel: int | None) -> tuple[Segment, ...]:
    """What was heard in a clip; a segment for each stretch between silences."""
    line, edits = heard.line, heard.edits
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
    return tuple(_guarded(segment, heard.no_speech) for segment in cut(whole, borders))


def _guarded(segment: Segment, no_speech: float) -> Segment:
    """The segment without loops, without a stock phrase that the sound does not bear out, and with its last word whole."""
    return completed(guarded(Edits.of(segment), segment, no_speech)).applied_to(segment)


def _ignore(_done_s: float) -> None:
    return None
