"""Who spoke when, as it was told apart by voices, and segments that people may have corrected in; turns that say the same out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from asr.transcript import Segment, Turn

_TOUCHING_S = 0.2


def merged(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns in order of time, where those of one speaker that touch are one."""
    found: list[Turn] = []
    for turn in turns:
        if found and found[-1].speaker == turn.speaker and turn.start_s - found[-1].end_s <= _TOUCHING_S:
            found[-1] = replace(found[-1], end_s=turn.end_s)
        else:
            found.append(turn)
    return tuple(found)


def following(turns: Sequence[Turn], segments: Iterable[Segment]) -> tuple[Turn, ...]:
    """The turns as the segments have it: where something is said, its speaker speaks.

    What is left of a turn around what is said goes with a neighbour, unless one of them is its speaker. A turn in which nothing
    is said stays. Each in order of time; channels that were recognised apart have no turns.
    """
    said = _stretches(s for s in segments if s.channel is None)
    rest = [piece for turn, within in _within(turns, said) for piece in _rest(turn, within)]
    return merged(sorted([*said, *rest], key=lambda t: t.start_s))


def _stretches(segments: Iterable[Segment]) -> list[Turn]:
    """Who is named by each segment, from where the one before ends."""
    found: list[Turn] = []
    for s in segments:
        start_s = max(s.start_s, found[-1].end_s) if found else s.start_s
        if s.speaker and start_s < s.end_s:
            found.append(Turn(start_s=start_s, end_s=s.end_s, speaker=s.speaker))
    return found


def _within(turns: Sequence[Turn], said: Sequence[Turn]) -> Iterator[tuple[Turn, list[Turn]]]:
    """Each turn with the stretches that it shares some time with."""
    first = 0
    for turn in turns:
        while first < len(said) and said[first].end_s <= turn.start_s:
            first += 1
        last = first
        while last < len(said) and said[last].start_s < turn.end_s:
            last += 1
        yield turn, list(said[first:last])


def _rest(turn: Turn, within: Sequence[Turn]) -> Iterator[Turn]:
    """What of a turn lies before, between and behind stretches."""
    at_s, before = turn.start_s, None
    for stretch in [*within, None]:
        end_s = stretch.start_s if stretch else turn.end_s
        beside = [s.speaker for s in (before, stretch) if s]
        if at_s < end_s:
            yield Turn(start_s=at_s, end_s=end_s, speaker=turn.speaker if turn.speaker in beside or not beside else beside[0])
        at_s, before = (stretch.end_s, stretch) if stretch else (end_s, before)
