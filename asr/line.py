"""Token ids and their alignment in, a line of characters out, each with its time and how sure the recogniser was of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from asr.clips import Clip
from asr.marks import closes
from asr.transcript import Word
from core.sounds.morphemes import morphemes
from models.engine import Aligned
from models.tokens import Tokens

_INNER_SPACE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class Line:
    """What was heard in a clip."""

    text: str
    owners: tuple[int, ...]  #: of each character, the place of its token
    aligned: Aligned

    def log_probability(self, start: int, end: int) -> float:
        """Of the tokens that make up `text[start:end]`."""
        first, last = self.tokens(start, end)
        return sum(_log(p) for p in self.aligned.probabilities[first:last])

    def log_probability_after(self, end: int, count: int) -> float:
        """Of the few tokens behind `text[:end]`."""
        last = self.tokens(0, end)[1]
        return sum(_log(p) for p in self.aligned.probabilities[last : last + count])

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The first token of `text[start:end]` and the one behind its last."""
        return (self.owners[start], self.owners[end - 1] + 1) if end > start else (0, 0)

    @property
    def mean_log_probability(self) -> float:
        probabilities = self.aligned.probabilities
        return sum(_log(p) for p in probabilities) / max(1, len(probabilities))

    def words(self, clip: Clip) -> tuple[Word, ...]:
        """The words of the line with their times in the recording that the clip is of."""
        made: list[Word] = []
        at = 0
        for surface in _surfaces(self.text):
            behind = at + len(surface)
            first, last = self.tokens(at, behind)
            next_s = self.aligned.starts_s[self.owners[behind]] if behind < len(self.text) else clip.duration_s
            start_s, end_s = clip.recorded(self.aligned.starts_s[first], next_s)
            if made and all(closes(self.text, place) for place in range(at, behind)):  # else the pause behind it
                start_s = end_s = made[-1].end_s
            mean = self.log_probability(at, behind) / max(1, last - first)
            made.append(
                Word(
                    start_s=round(start_s, 2),
                    end_s=round(max(start_s, end_s), 2),
                    text=surface,
                    confidence=round(math.exp(mean), 3),
                )
            )
            at = behind
        return tuple(made)


def tidy(text: str) -> str:
    """A text without the spaces that Whisper puts between Japanese phrases."""
    return _INNER_SPACE.sub("", text.strip())


def line_of(ids: Sequence[int], aligned: Aligned, tokens: Tokens) -> Line:
    """The characters of a text's tokens; bytes that make up no character are left out."""
    raw = tokens.bytes_of(ids)
    owner_of_byte = [place for place, piece in enumerate(raw) for _ in piece]
    characters: list[str] = []
    owners: list[int] = []
    at = 0
    for character in b"".join(raw).decode("utf-8", "surrogateescape"):
        if not "\udc80" <= character <= "\udcff":
            characters.append(character)
            owners.append(owner_of_byte[at])
        at += len(character.encode("utf-8", "surrogateescape"))
    return Line("".join(characters), tuple(owners), aligned)


def _surfaces(text: str) -> list[str]:
    """The words of a text (unidic), spaces and all."""
    found, at = [], 0
    for word in morphemes(text):
        found.append(text[at : word.end])
        at = word.end
    return [*found, text[at:]] if at < len(text) else found


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-12))
