"""A recording and its stretches of speech in, who speaks when out; and segments named after it.

Voice vectors identify a person. They live inside a call and are neither stored nor logged; see `asr.enrolment` for the exception.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice, pairwise
from itertools import count as count_from
from typing import Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.clustering import cluster
from asr.marks import CLOSING
from asr.pieces import cut
from asr.spans import Span
from asr.transcript import Segment, Turn, Word
from asr.turns import merged
from asr.voices import EnrolledVoice, names_of, print_of

Samples = npt.NDArray[np.float32]

_WINDOW_S = 1.6  # what the encoder was trained on
_STEP_S = 0.4
_BLOCK_S = 120.0  # in memory at a time, with its spectra 60 MB
_ROUNDING_S = 0.02
_LONGEST_CHAR_S = 0.4  # what a word takes beyond that is silence, or what nobody heard
_AT_ONCE_S = 0.02
_LONG_WORD_S = 1.0  # a shorter one amid another's speech is more likely a slip of the turns than an interjection


class Encoder(Protocol):
    """What gives vectors for voices: see `models.speaker_encoder`."""

    def embed_along(self, samples: Samples, starts_s: npt.NDArray[np.float64]) -> Samples:
        """Windows that begin at these seconds of the samples to (n, dimensions), rows of length 1."""


def diarise(
    pcm: Pcm,
    spans: tuple[Span, ...],
    *,
    encoder: Encoder,
    count: int | None,
    voices: Sequence[EnrolledVoice] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Turn, ...]:
    """Who speaks in `spans`: turns in order of time, without overlap, of 話者1, 話者2 … in the order of first speech.

    Where two speak at once the turn is given to one of them.

    Args:
        count: how many people speak at most, or None to find out.
        voices: of people who had theirs enrolled; those who are clearly heard go by their names.
        progress: called now and then with the share that is done (0..1); what it raises ends the work.
    """
    courses = [_centres_s(span) for span in spans]
    vectors, labels = _told_apart(pcm, courses, encoder, count, progress)
    names = _names(vectors, labels, voices)
    turns: list[Turn] = []
    at = 0
    for span, course in zip(spans, courses, strict=True):
        turns += _turns(span, course, [names[label] for label in labels[at : at + len(course)].tolist()])
        at += len(course)
    return merged(turns)


def voices_in(pcm: Pcm, spans: tuple[Span, ...], *, encoder: Encoder) -> list[Samples]:
    """(n, dimensions) for each of those who seem to speak: the windows of their voice."""
    vectors, labels = _told_apart(pcm, [_centres_s(span) for span in spans], encoder, None)
    return [vectors[labels == label] for label in np.unique(labels)]


def _told_apart(
    pcm: Pcm,
    courses: Sequence[npt.NDArray[np.float64]],
    encoder: Encoder,
    count: int | None,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Samples, npt.NDArray[np.intp]]:
    """The voice around each centre, and the number of the speaker that it is."""
    centres_s = np.concatenate(courses) if courses else np.empty(0)
    if not centres_s.size:
        return np.empty((0, 0), np.float32), np.empty(0, np.intp)
    vectors = _vectors(pcm, centres_s, encoder, progress)
    progress(1.0)
    with ThreadpoolController().limit(limits=1, user_api="blas"):  # small products: more threads only wait for each other
        return vectors, cluster(vectors, count, independent=_STEP_S / _WINDOW_S)


def _names(vectors: Samples, labels: npt.NDArray[np.intp], voices: Sequence[EnrolledVoice]) -> dict[int, str]:
    order = list(dict.fromkeys(labels.tolist()))
    known = names_of([print_of(vectors[labels == label]) for label in order], voices)
    unknown = (f"話者{i}" for i in count_from(1))
    return {label: name or next(unknown) for label, name in zip(order, known, strict=True)}


def assign(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """The segments, cut at the words where the speaker changes, each with who speaks longest in it; nobody does, nobody is named.

    A segment whose words are not known stays whole.

    Args:
        turns: in order of time, without overlap, as `diarise` gives them.
    """
    ends_s = [turn.end_s for turn in turns]

    def speaker(*heard: Segment | Word) -> str | None:
        return _speaker(heard, turns, bisect_right(ends_s, heard[0].start_s))

    def parts(segment: Segment) -> Iterator[Segment]:
        said = [_said(word, before) for before, word in zip([None, *segment.words], segment.words, strict=False)]
        names = [None if w.text in CLOSING else speaker(w) for w in said]  # nobody says a mark
        rest = iter(said)
        for part in cut(segment, _changes(segment.words, names)):
            own = tuple(islice(rest, len(part.words)))
            yield replace(part, speaker=(speaker(*own) if own else None) or speaker(part))

    return tuple(part for segment in segments for part in parts(segment))


def _said(word: Word, before: Word | None) -> Word:
    """The word no longer than anybody says it. What is too much lies before one that begins a sentence, and behind any other."""
    longest_s = _LONGEST_CHAR_S * len(word.text)
    if before is None or word.end_s - word.start_s <= longest_s:
        return word
    return replace(word, start_s=word.end_s - longest_s) if _closes(before) else replace(word, end_s=word.start_s + longest_s)


def _first_with(i: int, words: Sequence[Word]) -> int:
    """The first of the words that take no time and are said with this one: those behind a pause or a mark. Others end what was
    said before."""
    first = i
    while first > 0 and not _closes(words[first - 1]) and words[i].start_s - words[first - 1].start_s < _AT_ONCE_S:
        first -= 1
    before = words[first - 1] if first else None
    return first if before is None or _closes(before) or words[first].start_s - before.end_s >= _AT_ONCE_S else i


def _closes(word: Word) -> bool:
    return word.text.endswith(tuple(CLOSING))


def _changes(words: Sequence[Word], speakers: Sequence[str | None]) -> list[int]:
    """The offsets in what was heard at which another speaker goes on."""
    known = [(word, name) for word, name in zip(words, speakers, strict=True) if name is not None]
    steady = [name for _, name in known]
    for i, (word, name) in enumerate(known[1:-1], 1):
        is_alone = name not in (steady[i - 1], known[i + 1][1]) and steady[i - 1] == known[i + 1][1]
        if is_alone and word.end_s - word.start_s < _LONG_WORD_S:
            steady[i] = steady[i - 1]
    begins = [0, *accumulate(len(word.text) for word in words)]
    named = [begins[_first_with(i, words)] for i, name in enumerate(speakers) if name is not None]
    return [begin for begin, (a, b) in zip(named[1:], pairwise(steady), strict=True) if a != b]


def _speaker(heard: Sequence[Segment | Word], turns: Sequence[Turn], first: int) -> str | None:
    """Who speaks longest in these stretches, which are in order of time; `first` is the first turn that can be theirs."""
    spoken_s: defaultdict[str, float] = defaultdict(float)
    for i in range(first, len(turns)):
        turn = turns[i]
        if turn.start_s >= heard[-1].end_s:
            break
        spoken_s[turn.speaker] += sum(max(0.0, min(turn.end_s, h.end_s) - max(turn.start_s, h.start_s)) for h in heard)
    speaking = [name for name, spoken in spoken_s.items() if spoken > 0]  # a word that takes no time tells nothing
    return max(speaking, key=spoken_s.__getitem__, default=None)


def _centres_s(span: Span) -> npt.NDArray[np.float64]:
    """Where windows are centred: every 0.4 s; at least one in a span, and none of them outside it."""
    count = max(1, round(span.duration_s / _STEP_S))
    return span.start_s + span.duration_s * (np.arange(count) + 0.5) / count


def _vectors(pcm: Pcm, centres_s: npt.NDArray[np.float64], encoder: Encoder, progress: Callable[[float], None]) -> Samples:
    """The voice around each centre, with silence beyond the ends of the recording."""
    starts_s = centres_s - _WINDOW_S / 2
    found = []
    at = 0
    while at < len(starts_s):
        progress(at / len(starts_s))
        end = int(np.searchsorted(starts_s, starts_s[at] + _BLOCK_S))
        found.append(
            encoder.embed_along(_stretch(pcm, starts_s[at], starts_s[end - 1] + _WINDOW_S), starts_s[at:end] - starts_s[at])
        )
        at = end
    return np.concatenate(found)


def _stretch(pcm: Pcm, start_s: float, end_s: float) -> Samples:
    """A little more than that, because windows begin at the nearest 10 ms of it."""
    samples = np.zeros(round((end_s - start_s + _ROUNDING_S) * SAMPLE_RATE_HZ), np.float32)
    lead = round(max(0.0, -start_s) * SAMPLE_RATE_HZ)
    heard = pcm.read(max(0.0, start_s), end_s + _ROUNDING_S)[: len(samples) - lead]
    samples[lead : lead + len(heard)] = heard
    return samples


def _turns(span: Span, centres_s: npt.NDArray[np.float64], speakers: list[str]) -> Iterator[Turn]:
    """Cut a span half-way between the centres of windows with different speakers."""
    cuts = [i for i, (a, b) in enumerate(pairwise(speakers), 1) if a != b]
    edges_s = [span.start_s, *(float(centres_s[i - 1] + centres_s[i]) / 2 for i in cuts), span.end_s]
    for first, (start_s, end_s) in zip([0, *cuts], pairwise(edges_s), strict=True):
        yield Turn(start_s=start_s, end_s=end_s, speaker=speakers[first])
