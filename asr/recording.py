"""An accepted recording, and how far its transcription is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from asr.audio import Channels
from asr.transcript import Segment
from core.blobs import Blob
from core.errors import InvalidInput

Speakers = int | Literal["auto", "off"]
MOST_SPEAKERS = 30


class State(StrEnum):
    """How far a recording is."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An accepted file and the state of its transcription."""

    id: str
    blob_id: str
    file_name: str  #: what the uploader called it; for people to read, never a path
    size_bytes: int
    sha256: str
    channels: Channels
    speakers: Speakers
    state: State = State.QUEUED
    progress: float = 0.0  #: 0..1
    message: str | None = None  #: why it failed or waits, for people
    duration_s: float | None = None
    elapsed_s: float | None = None
    model: str | None = None
    device: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A recording that somebody deleted, and may want back."""

    recording: Recording
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many recordings are not done."""

    waiting: int
    working: int
    failed: int
    since: datetime | None  #: when the oldest of those was accepted that wait or are being worked on


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is known of a recording once its last part was recognised."""

    duration_s: float
    elapsed_s: float
    model: str
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What has become of the segments of a recording since a revision of it."""

    revision: int  #: that it has now
    numbers: tuple[int, ...]  #: of all segments, in time order
    speakers: dict[str, list[int]]  #: which of them each person says
    segments: tuple[Segment, ...]  #: those that say something else since


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A place of a recording and what is said there, as it is kept."""

    start_s: float
    speaker: str | None
    text: str


def parse_speakers(text: str) -> Speakers:
    """`auto`, `off` or how many people speak, as forms send it. Raises InvalidInput."""
    if text == "auto":
        return "auto"
    if text == "off":
        return "off"
    if text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= MOST_SPEAKERS:
        return int(text)
    raise InvalidInput(f"話者は「自動」「区別しない」か、1から{MOST_SPEAKERS}までの人数を指定してください。")


def accepted(blob: Blob, *, file_name: str, channels: Channels, speakers: Speakers, at: datetime) -> Recording:
    """The recording that a stored upload becomes. It shares the blob's random name, so the ids of both are opaque."""
    return Recording(
        id=blob.id.partition(".")[0],
        blob_id=blob.id,
        file_name=file_name,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        channels=channels,
        speakers=speakers,
        created_at=at,
    )
