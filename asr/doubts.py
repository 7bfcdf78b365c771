"""What was heard in a clip in, whether something of it may be missing out.

A decoder that hears the same sentence again, or a pause in the middle of a clip, may skip what follows, or repeat what came
before. The first shows in the times of the words: the speech that was left out is counted to a single token.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from asr.clips import Clip
from asr.decoder import loops
from asr.line import Line
from asr.transcript import Segment

_LONGEST_TOKEN_S = 1.5  # of voice: in meetings, calls and read sentences, 280 clips, none that is right has more than 1.0 s
_LEAST_SURE = 0.37  # a text's confidence, from which it counts as heard: a mean log-probability of -1, as in asr.decoder


def is_doubtful(line: Line, clip: Clip) -> bool:
    """Whether speech was left out of a clip's text, or said more often in it than in the recording."""
    times_s = [*line.aligned.starts_s[: len(line.aligned.probabilities)], clip.duration_s]
    return loops(line.text) or any(clip.voiced_s(a, b) > _LONGEST_TOKEN_S for a, b in pairwise(times_s))


def better(whole: Sequence[Segment], apart: Sequence[Segment]) -> tuple[Segment, ...]:
    """Of a doubtful clip's text, and what its halves give by themselves, the one to take."""
    fuller = loops("".join(s.heard for s in whole)) or _letters(apart) > _letters(whole)
    return tuple(apart if fuller and _is_sure(apart) else whole)


def _letters(segments: Sequence[Segment]) -> int:
    return sum(map(str.isalnum, "".join(s.text for s in segments)))


def _is_sure(segments: Sequence[Segment]) -> bool:
    """Long segments count more."""
    letters = sum(len(s.text) for s in segments)
    return letters > 0 and sum((s.confidence or 0.0) * len(s.text) for s in segments) >= _LEAST_SURE * letters
