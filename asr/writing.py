"""A segment as it was recognised in, the same as a clerk writes it out.

Every edit has its reason, and where a person has undone one there is none. Nothing of a style is kept: it is applied when the
text is read, so that the same recording can be read in each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from asr.edits import Edits
from asr.fillers import Level, without_fillers
from asr.formal import formal
from asr.notation import Notation, official
from asr.punctuation import punctuated
from asr.transcript import Segment

_KEPT = 12_000  #: segments of two meetings of three hours, each in two styles (90 MB); fewer, and every look writes them all anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How text is written."""

    level: Level = Level.VERBATIM
    notation: Notation = Notation.OFFICIAL
    punctuation: bool = True  #: 、 and 。 where the recogniser left them out


FOR_CLERKS = Style(level=Level.CLEAN)
"""What pages and files show unless a clerk chooses otherwise."""


@lru_cache(maxsize=_KEPT)
def write(segment: Segment, style: Style) -> Segment:
    """The segment in a style. What is written so already stays as it is."""
    edits = Edits.of(segment)
    if style.level is not Level.VERBATIM:
        edits = without_fillers(edits)
    if style.level is Level.FORMAL:
        edits = formal(edits)
    if style.notation is Notation.OFFICIAL:
        edits = official(edits)
    if style.punctuation:
        edits = punctuated(edits, segment.words)
    return edits.applied_to(segment)


def write_all(segments: Iterable[Segment], style: Style) -> tuple[Segment, ...]:
    """The segments in a style. Those of which nothing is left are left out."""
    written = (write(segment, style) for segment in segments)
    return tuple(s for s in written if s.text)
