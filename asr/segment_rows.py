"""A segment in, the columns that it is kept in out, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from asr.transcript import Change, Reason, Segment, Word


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


def segment_of(row: sa.Row[tuple[object, ...]]) -> Segment:
    """The segment of a row."""
    return segment_from(dict(row._mapping))


def segment_from(values: Mapping[str, Any]) -> Segment:
    """The segment of its columns. Those of older versions say nothing of what was heard."""
    return Segment(
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
