"""A meeting whose recording becomes minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from asr.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What the uploader said of a meeting, and its recording, whose id it shares."""

    title: str
    held_on: date
    recording: Recording

    @property
    def id(self) -> str:
        return self.recording.id

    @property
    def created_at(self) -> datetime:
        return self.recording.created_at
