"""A segment as it was recognised in, the same as a clerk writes it out: every edit with its reason, and none where a person
has undone one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from asr.edits import Edits
from asr.fillers import Level, without_fillers
from asr.formal import formal
from asr.loops import Audio, guarded
from asr.notation import official
from asr.punctuation import punctuated
from asr.transcript import Change, Reason, Segment, Transcript

_OF_STYLE = frozenset({Reason.FILLER, Reason.STYLE, Reason.NOTATION, Reason.PUNCTUATION})
_NOTHING_KNOWN = Audio()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How text is written."""

    level: Level = Level.VERBATIM
    notation: bool = True  #: numbers as official documents write them
    punctuation: bool = True  #: 、 and 。 where the recogniser left them out


def write(segment: Segment, style: Style, audio: Audio = _NOTHING_KNOWN) -> Segment:
    """The segment in a style. What is written so already stays as it is."""
    edits = guarded(Edits.of(segment), segment, audio)
    if style.level is not Level.VERBATIM:
        edits = without_fillers(edits)
    if style.level is Level.FORMAL:
        edits = formal(edits)
    if style.notation:
        edits = official(edits)
    if style.punctuation:
        edits = punctuated(edits, segment.words)
    return edits.applied_to(segment)


def write_all(transcript: Transcript, style: Style) -> Transcript:
    """The transcript in a style. Segments of which nothing is left are left out."""
    written = (write(segment, style) for segment in transcript.segments)
    return replace(transcript, segments=tuple(s for s in written if s.text))


def decided(recognised: Segment, change: Change, *, undone: bool) -> Segment:
    """The segment as it is kept once a person has undone a change of its written form, or redone it.

    Changes that a style makes are not kept unless they are undone: the style makes them again.
    """
    edits = Edits.of(recognised)
    others = [c for c in edits.changes if not _meet(c, change)]
    if undone or not _OF_STYLE.issuperset(change.reasons):
        others.append(replace(change, undone=undone))
    return Edits(edits.heard, tuple(sorted(others, key=lambda c: (c.start, c.end)))).applied_to(recognised)


def _meet(a: Change, b: Change) -> bool:
    return (a.start, a.end) == (b.start, b.end) or (a.start < b.end and b.start < a.end)
