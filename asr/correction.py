"""What a person writes in the place of what a segment says in, the segment as it is kept from then on out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from asr.edits import Edits
from asr.transcript import Change, Reason, Segment
from asr.writing import Style, write
from core.errors import InvalidInput
from core.printable import printable

LONGEST_TEXT = 2_000
LONGEST_WORD = 100  #: characters that somebody asks to have corrected everywhere
_FEWEST_CHARS, _LONGEST_WORD = 2, 20  #: of a word that may stand elsewhere
_LONGEST_COMPARED = 300  #: characters: the time that a comparison takes may grow with the square of them
_FEWEST_ALIKE = 2  #: characters between two corrections; a single one that is the same is part of one correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A stretch of a text and what is written for it."""

    start: int
    end: int
    written: str


def corrected(recognised: Segment, text: str, style: Style) -> Segment:
    """The segment as it is kept once a person wrote `text` for what it says in a style: in that style it says exactly this.

    What was not touched goes on following the style that it is read in.
    """
    return _rewritten(recognised, replacements(write(recognised, style).text, text), style)


def _rewritten(recognised: Segment, wanted: list[Replacement], style: Style) -> Segment:
    """The segment as it is kept with stretches, in order, of what it says in a style written anew. Where a rule would make
    something else of its neighbourhood then, all of the segment is taken as written by the person."""
    shown = write(recognised, style).text
    text = shown
    for r in reversed(wanted):
        text = text[: r.start] + r.written + text[r.end :]
    kept = _corrected(recognised, wanted, style)
    if write(kept, style).text == text:
        return kept
    heard = Edits.of(recognised).heard
    as_heard = text == heard
    whole = Change(start=0, end=len(heard), written=shown if as_heard else text, reasons=(Reason.CORRECTED,), undone=as_heard)
    return Edits(heard, (whole,)).applied_to(recognised)


def _corrected(recognised: Segment, wanted: list[Replacement], style: Style) -> Segment:
    edits = Edits.of(write(recognised, style))
    for r in reversed(wanted):
        edits = edits.correct(r.start, r.end, r.written)
    settled = [c for c in edits.changes if c.settled]
    of_recognition = [c for c in Edits.of(recognised).changes if not c.settled and not any(_meet(c, s) for s in settled)]
    changes = tuple(sorted([*settled, *of_recognition], key=lambda c: (c.start, c.end)))
    return Edits(edits.heard, changes).applied_to(recognised)


def replacements(old: str, new: str) -> list[Replacement]:
    """What was written differently, in order; in texts of great difference that is all between their common ends."""
    start = _alike(old, new)
    tail = _alike(old[start:][::-1], new[start:][::-1])
    a, b = old[start : len(old) - tail], new[start : len(new) - tail]
    if max(len(a), len(b)) > _LONGEST_COMPARED:
        return [Replacement(start=start, end=start + len(a), written=b)]
    found: list[tuple[int, int, int, int]] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if found and a0 - found[-1][1] < _FEWEST_ALIKE:
            found[-1] = (found[-1][0], a1, found[-1][2], b1)
        else:
            found.append((a0, a1, b0, b1))
    return [Replacement(start=start + a0, end=start + a1, written=b[b0:b1]) for a0, a1, b0, b1 in found]


def words_corrected(old: str, new: str) -> list[tuple[str, str]]:
    """The words that were written differently, as they may stand elsewhere: those with kanji or katakana, whole."""
    wanted = replacements(old, new)
    free_from = [0, *(r.end for r in wanted)]
    free_until = [*(r.start for r in wanted[1:]), len(old)]
    found = []
    for r, first, last in zip(wanted, free_from, free_until, strict=False):
        start, end = r.start, r.end
        if not any(map(_names, old[start:end])):
            continue
        while start > first and _names(old[start - 1]):
            start -= 1
        while end < last and _names(old[end]):
            end += 1
        wrong, right = old[start:end], old[start : r.start] + r.written + old[r.end : end]
        if _FEWEST_CHARS <= len(wrong) <= _LONGEST_WORD and 0 < len(right) <= _LONGEST_WORD:
            found.append((wrong, right))
    return found


def _names(char: str) -> bool:
    """Whether names and terms are written so: kanji, katakana, letters; not digits, whose neighbours differ each time."""
    return "ァ" <= char <= "ヿ" or (char.isalpha() and char >= "一") or (char.isascii() and char.isalpha())


def occurrences(text: str, wrong: str, right: str) -> Iterator[int]:
    """Where a word stands that is to be written differently; not where it is part of what would be written (曽於 in 曽於市)."""
    inside = right.find(wrong)
    at = text.find(wrong)
    while at >= 0:
        done = inside >= 0 and at >= inside and text.startswith(right, at - inside)
        if not done:
            yield at
        at = text.find(wrong, at + len(wrong))


def replace_word(recognised: Segment, wrong: str, right: str, style: Style) -> tuple[Segment, int]:
    """The segment as it is kept with a word written differently wherever it says it in a style, and in how many places."""
    text = write(recognised, style).text
    places = list(occurrences(text, wrong, right))
    wanted = [Replacement(start=at, end=at + len(wrong), written=right) for at in places]
    return (_rewritten(recognised, wanted, style) if wanted else recognised), len(places)


def plain(text: str, *, longest: int) -> str:
    """What people typed, in one line without control characters. Raises InvalidInput where it is too long."""
    line = printable(text)
    if len(line) > longest:
        raise InvalidInput(f"{longest:,}文字までにしてください。長い文は、いくつかの発言に分けて直してください。")
    return line


def _meet(change: Change, settled: Change) -> bool:
    """Whether a change has become part of what a person decided."""
    within = settled.start <= change.start and change.end <= settled.end
    return within or (change.start < settled.end and settled.start < change.end)


def _alike(a: str, b: str) -> int:
    """How many characters both begin with."""
    for at, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return at
    return min(len(a), len(b))
