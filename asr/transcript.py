"""What recognition gives: segments of text with times, and the transcript that they make up."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of speech and its text."""

    start_s: float
    end_s: float
    text: str
    speaker: str | None = None
    channel: int | None = None  #: 0 or 1 for separately transcribed channels, else None
    confidence: float | None = None  #: 0..1, mean token probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stretch in which one person speaks, whatever was said."""

    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The text of a recording."""

    segments: tuple[Segment, ...]
    turns: tuple[Turn, ...] = field(default=())
    duration_s: float
    elapsed_s: float  #: time that the work took, without loading the model
    model: str
    device: str

    @property
    def text(self) -> str:
        return "".join(s.text for s in self.segments)
