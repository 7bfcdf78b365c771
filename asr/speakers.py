"""A recording and its stretches of speech in, who speaks when out; and segments named after it.

Voice vectors identify a person. They live inside a call of `diarise` and are neither stored nor logged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from asr.audio import SAMPLE_RATE_HZ, Pcm
from asr.clustering import cluster
from asr.spans import Span
from asr.transcript import Segment, Turn

Samples = npt.NDArray[np.float32]

_WINDOW_S = 1.6  # what the encoder was trained on
_STEP_S = 0.4
_LOUDNESS = np.float32(10 ** (-30 / 20))  # root mean square, as in the encoder's training
_SILENCE = np.float32(1e-5)  # below one step of 16 bits
_BLOCK = 512  # windows in memory at a time: 50 MB
_TOUCHING_S = 0.2


class Encoder(Protocol):
    """What gives vectors for voices: see `models.speaker_encoder`."""

    def embed(self, windows: Samples) -> Samples:
        """(n, samples) to (n, dimensions), rows of length 1."""


def diarise(pcm: Pcm, spans: tuple[Span, ...], *, encoder: Encoder, count: int | None) -> tuple[Turn, ...]:
    """Who speaks in `spans`: turns in order of time, without overlap, of 話者1, 話者2 … in the order of first speech.

    Where two speak at once the turn is given to one of them.

    Args:
        count: how many people speak, or None to find out.
    """
    courses = [_centres_s(span) for span in spans]
    centres_s = np.concatenate(courses) if courses else np.empty(0)
    if not centres_s.size:
        return ()
    vectors = np.concatenate([encoder.embed(windows) for windows in _windows(pcm, centres_s)])
    labels = cluster(vectors, count, independent=_STEP_S / _WINDOW_S)
    names = {label: f"話者{i}" for i, label in enumerate(dict.fromkeys(labels.tolist()), 1)}
    turns: list[Turn] = []
    at = 0
    for span, course in zip(spans, courses, strict=True):
        speakers = [names[label] for label in labels[at : at + len(course)].tolist()]
        at += len(course)
        for turn in _turns(span, course, speakers):
            if turns and turns[-1].speaker == turn.speaker and turn.start_s - turns[-1].end_s <= _TOUCHING_S:
                turns[-1] = replace(turns[-1], end_s=turn.end_s)
            else:
                turns.append(turn)
    return tuple(turns)


def assign(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Each segment with the speaker who speaks longest in it; one in which nobody does stays without.

    Args:
        turns: in order of time, without overlap, as `diarise` gives them.
    """
    ends_s = [turn.end_s for turn in turns]
    return tuple(replace(s, speaker=_speaker(s, turns, bisect_right(ends_s, s.start_s))) for s in segments)


def _speaker(segment: Segment, turns: Sequence[Turn], first: int) -> str | None:
    spoken_s: defaultdict[str, float] = defaultdict(float)
    for i in range(first, len(turns)):
        turn = turns[i]
        if turn.start_s >= segment.end_s:
            break
        spoken_s[turn.speaker] += min(turn.end_s, segment.end_s) - max(turn.start_s, segment.start_s)
    return max(spoken_s, key=spoken_s.__getitem__, default=None)


def _centres_s(span: Span) -> npt.NDArray[np.float64]:
    """Where windows are centred: every 0.4 s; at least one in a span, and none of them outside it."""
    count = max(1, round(span.duration_s / _STEP_S))
    return span.start_s + span.duration_s * (np.arange(count) + 0.5) / count


def _windows(pcm: Pcm, centres_s: npt.NDArray[np.float64]) -> Iterator[Samples]:
    """Blocks of windows of equal loudness, so that a voice far from the microphone is heard like one close to it."""
    for at in range(0, len(centres_s), _BLOCK):
        windows = np.stack([_window(pcm, float(centre_s)) for centre_s in centres_s[at : at + _BLOCK]])
        loudness = np.sqrt(np.square(windows).mean(axis=1, keepdims=True))
        yield windows * (_LOUDNESS / np.maximum(loudness, _SILENCE))


def _window(pcm: Pcm, centre_s: float) -> Samples:
    """A window as it is in the recording, with silence beyond its ends."""
    start_s = centre_s - _WINDOW_S / 2
    samples = round(_WINDOW_S * SAMPLE_RATE_HZ)
    window = np.zeros(samples, np.float32)
    lead = round(max(0.0, -start_s) * SAMPLE_RATE_HZ)
    heard = pcm.read(max(0.0, start_s), centre_s + _WINDOW_S / 2)[: samples - lead]
    window[lead : lead + len(heard)] = heard
    return window


def _turns(span: Span, centres_s: npt.NDArray[np.float64], speakers: list[str]) -> Iterator[Turn]:
    """Cut a span half-way between the centres of windows with different speakers."""
    cuts = [i for i, (a, b) in enumerate(pairwise(speakers), 1) if a != b]
    edges_s = [span.start_s, *(float(centres_s[i - 1] + centres_s[i]) / 2 for i in cuts), span.end_s]
    for first, (start_s, end_s) in zip([0, *cuts], pairwise(edges_s), strict=True):
        yield Turn(start_s=start_s, end_s=end_s, speaker=speakers[first])
