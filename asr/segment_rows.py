"""A segment in, the columns that it is kept in out, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from asr.transcript import Change, Reason, Segment, Word

_MOST_OF_A_PART = 1_000_000


def columns_of(segment: Segment) -> dict[str, object]:
    """The segment's columns; what was heard and said of its words is JSON."""
    words = [[w.start_s, w.end_s, w.text, w.confidence] for w in segment.words]
    changes = [[c.start, c.end, c.written, c.reasons, c.undone] for c in segment.changes]
    return {
        "start_s": segment.start_s,
        "end_s": segment.end_s,
        "text": segment.text,
        "speaker": segment.speaker,
        "channel": segment.channel,
        "confidence": segment.confidence,
        "heard": segment.heard,
        "words": json.dumps(words, ensure_ascii=False),
        "changes": json.dumps(changes, ensure_ascii=False),
    }


def number_of(part: int, position: int) -> int:
    """What a segment is called by its place in the table, which it keeps as long as it is kept."""
    return part * _MOST_OF_A_PART + position


def place_of(number: int) -> tuple[int, int]:
    """The part and the position of a segment by its number."""
    return divmod(number, _MOST_OF_A_PART)


def segment_of(row: sa.Row[tuple[object, ...]]) -> Segment:
    """The segment of a row."""
    values = dict(row._mapping)
    return segment_from(values, number_of(values["part"], values["position"]))


def segment_from(values: Mapping[str, Any], number: int) -> Segment:
    """The segment of its columns. Those of older versions say nothing of what was heard."""
    return Segment(
        number=number,
        start_s=values["start_s"],
        end_s=values["end_s"],
        text=values["text"],
        speaker=values["speaker"],
        channel=values["channel"],
        confidence=values["confidence"],
        heard=values["heard"] or "",
        words=tuple(Word(start_s=a, end_s=b, text=t, confidence=c) for a, b, t, c in json.loads(values["words"] or "[]")),
        changes=tuple(
            Change(start=a, end=b, written=t, reasons=tuple(map(Reason, r)), undone=u)
            for a, b, t, r, u in json.loads(values["changes"] or "[]")
        ),
    )
