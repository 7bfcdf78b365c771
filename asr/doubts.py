"""What was heard in a clip in, whether something of it may be missing out.

A decoder that hears the same sentence again, or a pause in the middle of a clip, may skip what follows, or repeat what came
before. The first shows in the times of the words: the speech that was left out is counted to a single token.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from asr.clips import Clip
from asr.decoder import LEAST_SURE
from asr.line import Line
from asr.loops import repeats_itself, said_once
from asr.transcript import Segment

_LONGEST_TOKEN_S = 1.5  # of voice: in meetings, calls and read sentences, 280 clips, none that is right has more than 1.0 s
_SURE = math.exp(LEAST_SURE)  #: a text's confidence from which it counts as heard
_KEPT = 0.8  #: of the letters of a text that repeats itself, each said once: its halves may spell them differently


def is_doubtful(line: Line, clip: Clip) -> bool:
    """Whether speech was left out of a clip's text, or said more often in it than in the recording."""
    if repeats_itself(line.text):
        return True
    starts_s = line.aligned.starts_s[: len(line.aligned.probabilities)]
    is_timed = len(starts_s) < 2 or any(starts_s)  # a long text of live speech is not
    return is_timed and any(clip.voiced_s(a, b) > _LONGEST_TOKEN_S for a, b in pairwise([*starts_s, clip.duration_s]))


def is_better(apart: Sequence[Segment], whole: Sequence[Segment]) -> bool:
    """Whether what the halves of a doubtful clip give by themselves is to be taken instead of its own text."""
    heard = "".join(s.heard for s in whole)
    fewest = _KEPT * _letters(said_once(heard)) if repeats_itself(heard) else _letters(_text(whole)) + 1
    return _letters(_text(apart)) >= fewest and _is_sure(apart)


def _text(segments: Sequence[Segment]) -> str:
    return "".join(s.text for s in segments)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _is_sure(segments: Sequence[Segment]) -> bool:
    """Long segments count more."""
    sure = sum((s.confidence or 0.0) * _letters(s.text) for s in segments)
    return 0 < _SURE * _letters(_text(segments)) <= sure
