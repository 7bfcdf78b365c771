"""A segment parted where a person says, or joined with the next one: as they are kept from then on."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from asr.correction import corrected
from asr.edits import Edits
from asr.marks import CLOSING
from asr.pieces import cut
from asr.transcript import Segment, Word
from asr.writing import Style, write
from core.errors import InvalidInput

_NOWHERE = "発言を分けるには、文の途中にカーソルを置いてください。"


def split(recognised: Segment, at: int, style: Style) -> tuple[Segment, Segment]:
    """The two halves of a segment parted before `text[at]` of what it says in a style.

    In that style they say what stood on either side, with the marks that an end has. Times are those of the words; a word that is
    parted shares its time out by length. Raises InvalidInput where there is nothing on one side.
    """
    shown = write(recognised, style)
    first, second = shown.text[:at].strip(), shown.text[at:].lstrip(CLOSING).strip()
    if not first or not second:
        raise InvalidInput(_NOWHERE)
    heard = Edits.of(shown).heard_at(at)
    parts = cut(_divided(recognised, heard), [heard])
    if len(parts) != 2:
        raise InvalidInput(_NOWHERE)
    return _saying(parts[0], first, style), _saying(parts[1], second, style)


def joined(first: Segment, second: Segment) -> Segment:
    """Two segments as one, of the speaker of the first; rules of writing read it as one sentence."""
    a, b = Edits.of(first), Edits.of(second)
    at = len(a.heard)
    moved = tuple(replace(c, start=c.start + at, end=c.end + at) for c in b.changes)
    known = (first.words or not a.heard) and (second.words or not b.heard)
    one = replace(
        first,
        end_s=max(first.end_s, second.end_s),
        words=first.words + second.words if known else (),
        confidence=_mean((first.confidence, at), (second.confidence, len(b.heard))),
    )
    return Edits(a.heard + b.heard, a.changes + moved).applied_to(one)


def _divided(segment: Segment, at: int) -> Segment:
    """The segment with no word and no change over that place of what was heard."""
    edits = Edits.of(segment)
    kept = tuple(c for c in edits.changes if not c.start < at < c.end)
    ends = accumulate(len(w.text) for w in segment.words)
    words = [half for w, end in zip(segment.words, ends, strict=True) for half in _halves(w, len(w.text) - (end - at))]
    return Edits(edits.heard, kept).applied_to(replace(segment, words=tuple(words)))


def _halves(word: Word, at: int) -> tuple[Word, ...]:
    if not 0 < at < len(word.text):
        return (word,)
    middle_s = word.start_s + (word.end_s - word.start_s) * at / len(word.text)
    return replace(word, end_s=middle_s, text=word.text[:at]), replace(word, start_s=middle_s, text=word.text[at:])


def _saying(part: Segment, text: str, style: Style) -> Segment:
    """The part as it is kept so that it says this, but for the marks at its end, which go by the rules."""
    says = write(part, style).text
    return part if says.rstrip(CLOSING) == text.rstrip(CLOSING) else corrected(part, text, style)


def _mean(*parts: tuple[float | None, int]) -> float | None:
    known = [(confidence, length) for confidence, length in parts if confidence is not None]
    total = sum(length for _, length in known)
    return sum(c * n for c, n in known) / total if total else None
