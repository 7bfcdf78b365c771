"""A segment in; the pieces of its written text with their times, or the segments that it is cut into, out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from asr.edits import Edits
from asr.marks import closes
from asr.transcript import Segment, Word


class Piece(NamedTuple):
    """A word or a change as it is written. One that was left out has no text. (A long recording has 50,000: tuples are made
    in a quarter of the time.)"""

    start_s: float
    end_s: float
    text: str
    confidence: float | None = None  #: 0..1, the least of the words that it covers
    change: int | None = None  #: index in `Segment.changes`


def pieces(segment: Segment) -> tuple[Piece, ...]:
    """The written text in order. Where the words are not known, every piece has the times of the segment."""
    edits, borders = Edits.of(segment), _borders(segment)
    found: list[Piece] = []
    at = 0
    for index, change in enumerate(edits.changes):
        found += _words(segment, borders, edits.heard, at, change.start)
        text = edits.heard[change.start : change.end] if change.undone else change.written
        found.append(_piece(segment, borders, (change.start, change.end), text, index))
        at = change.end
    return (*found, *_words(segment, borders, edits.heard, at, len(edits.heard)))


def cut(segment: Segment, at: Sequence[int]) -> tuple[Segment, ...]:
    """The segment in parts, cut at these offsets of what was heard.

    A cut inside a change or a word moves to its end, and one before a mark behind it. Words and changes go with their part; times
    are those of the words, or shared out by length where these are not known. Parts without text are left out.
    """
    edits, borders = Edits.of(segment), _borders(segment)
    offsets = sorted({_clear(offset, edits, borders) for offset in at if offset > 0} - {0, len(edits.heard)})
    if not offsets:
        return (edits.applied_to(segment),)
    places = list(pairwise([0, *offsets, len(edits.heard)]))
    parts = (_part(segment, edits, borders, start, end) for start, end in places)
    return tuple(part for part in parts if part.heard)


def _borders(segment: Segment) -> list[int]:
    """Where each word begins in what was heard, and the end; empty where the words are not known."""
    heard = segment.heard or segment.text
    if not segment.words or "".join(w.text for w in segment.words) != heard:
        return []
    return [0, *accumulate(len(w.text) for w in segment.words)]


def _covered(segment: Segment, borders: list[int], start: int, end: int) -> tuple[Word, ...]:
    """The words in heard[start:end]; for an empty stretch the one before it, or else after it."""
    if not borders:
        return ()
    first = bisect_right(borders, start) - 1
    if start < end:
        return segment.words[first : bisect_left(borders, end)]
    before = bisect_left(borders, start) - 1
    return segment.words[before : before + 1] if before >= 0 else segment.words[first : first + 1]


def _piece(segment: Segment, borders: list[int], place: tuple[int, int], text: str, change: int | None) -> Piece:
    start, end = place
    covered = _covered(segment, borders, start, end)
    if not covered:
        return Piece(start_s=segment.start_s, end_s=segment.end_s, text=text, confidence=segment.confidence, change=change)
    known = [w.confidence for w in covered if w.confidence is not None]
    start_s, end_s = covered[0].start_s, covered[-1].end_s
    if start == end and borders[-1] and start > 0:
        start_s = end_s  # something put in takes no time
    return Piece(start_s=start_s, end_s=end_s, text=text, confidence=min(known, default=None), change=change)


def _words(segment: Segment, borders: list[int], heard: str, start: int, end: int) -> Iterator[Piece]:
    """heard[start:end], which nobody changed, word by word."""
    edges = [start, *(b for b in borders if start < b < end), end]
    for a, b in pairwise(edges):
        if a < b:
            yield _piece(segment, borders, (a, b), heard[a:b], None)


def _clear(offset: int, edits: Edits, borders: list[int]) -> int:
    """The first place from `offset` on that is inside neither a change nor a word, and not before a mark."""
    while True:
        moved = max([offset, *(c.end for c in edits.changes if c.start < offset < c.end)])
        while closes(edits.heard, moved):
            moved += 1
        if borders:
            moved = borders[min(bisect_left(borders, moved), len(borders) - 1)]
        if moved == offset:
            return offset
        offset = moved


def _part(segment: Segment, edits: Edits, borders: list[int], start: int, end: int) -> Segment:
    words = (
        tuple(w for w, (a, b) in zip(segment.words, pairwise(borders), strict=True) if start <= a < b <= end) if borders else ()
    )
    mine = (c for c in edits.changes if start <= c.start and c.end <= end and (c.end > start or (start == 0 and c.end == 0)))
    changes = tuple(replace(c, start=c.start - start, end=c.end - start) for c in mine)
    part = Edits(edits.heard[start:end], changes)
    start_s, end_s = _times(segment, words, len(edits.heard), start, end)
    return part.applied_to(replace(segment, start_s=start_s, end_s=end_s, words=words, confidence=_mean(segment, words)))


def _times(segment: Segment, words: tuple[Word, ...], length: int, start: int, end: int) -> tuple[float, float]:
    """The first part begins and the last one ends with the segment; words may be rounded to beyond it, and parts are not."""
    if words:
        inner_s = words[0].start_s, words[-1].end_s
    else:
        spoken_s = segment.end_s - segment.start_s
        inner_s = segment.start_s + spoken_s * start / length, segment.start_s + spoken_s * end / length
    start_s, end_s = (min(max(at_s, segment.start_s), segment.end_s) for at_s in inner_s)
    return segment.start_s if start == 0 else start_s, segment.end_s if end == length else end_s


def _mean(segment: Segment, words: tuple[Word, ...]) -> float | None:
    """The confidence of some words, long ones counting more."""
    known = [(w.confidence, len(w.text)) for w in words if w.confidence is not None]
    if not known:
        return segment.confidence
    return sum(c * n for c, n in known) / sum(n for _, n in known)
