"""Words in, the meetings in whose name or speech all of them are out, each with where they are said."""

from __future__ import annotations

from dataclasses import dataclass

from asr.recording import Saying
from asr.recordings import Recordings
from asr.sought import having
from minutes.meeting import Meeting
from minutes.repository import Meetings
from retrieval.analysis import normalise

_EACH = 3  #: places of a meeting that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A meeting, and the first places where one of the words is said."""

    meeting: Meeting
    places: tuple[Saying, ...]


def find(meetings: Meetings, recordings: Recordings, words: str, most: int) -> tuple[list[Found], int]:
    """The latest meetings that have every word, and how many there are in all. None where no word is given."""
    wanted = [having(word) for word in normalise(words).split()]
    if not wanted:
        return [], 0
    ids = meetings.having(wanted)
    found = [meetings.get(meeting_id) for meeting_id in ids[:most]]
    places = recordings.saying([m.id for m in found], wanted, each=_EACH)
    return [Found(meeting=m, places=tuple(places.get(m.id, ()))) for m in found], len(ids)
