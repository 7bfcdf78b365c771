"""What recognition gives: segments of text with times, and the transcript that they make up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why the written text differs from what was heard."""

    VOCABULARY = "vocabulary"  #: a word of the city that was heard in other characters
    SOUND = "sound"  #: a word taken for another that sounds alike (asr.misheard)
    LANGUAGE = "language"  #: heard again by one who knows what people ask (asr.rehearing)
    LOOP = "loop"  #: the recogniser repeated itself
    INVENTED = "invented"  #: a stock phrase where nobody spoke
    ENDING = "ending"  #: the last sound of a sentence, which was whispered
    FILLER = "filler"
    STYLE = "style"  #: spoken forms in writing (整文)
    NOTATION = "notation"  #: numbers, dates, times and money as official documents write them
    PUNCTUATION = "punctuation"
    CORRECTED = "corrected"  #: by a person, who heard the recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A stretch of what was heard, written differently. Those of a segment don't overlap."""

    start: int  #: first character, in `Segment.heard`
    end: int  #: behind the last one; equal to start where something was only put in
    written: str
    reasons: tuple[Reason, ...]
    undone: bool = False  #: a person wants it as it was heard

    @property
    def corrected(self) -> bool:
        """Whether a person wrote it."""
        return Reason.CORRECTED in self.reasons

    @property
    def settled(self) -> bool:
        """Whether a person has decided on it: no rule edits it any more."""
        return self.undone or self.corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word as it was heard, with its time in the recording."""

    start_s: float
    end_s: float
    text: str
    confidence: float | None = None  #: 0..1, mean token probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of speech and its text."""

    start_s: float
    end_s: float
    text: str
    speaker: str | None = None
    channel: int | None = None  #: 0 or 1 for separately transcribed channels, else None
    confidence: float | None = None  #: 0..1, mean token probability
    heard: str = ""  #: what was recognised; `text` is this with the changes that were not undone
    words: tuple[Word, ...] = ()  #: their texts make up `heard`; none where times are not known
    changes: tuple[Change, ...] = ()  #: in order
    number: int | None = None  #: by which it is called while it is kept, whatever comes before it


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
