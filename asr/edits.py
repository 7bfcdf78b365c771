"""What was heard and its changes in, the written text out; further edits are composed into changes on what was heard."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from asr.transcript import Change, Reason, Segment


class _Span(NamedTuple):
    """A stretch in both texts: heard[h0:h1] stands as text[w0:w1]."""

    h0: int
    h1: int
    w0: int
    w1: int
    change: int | None  #: its index, or None where nothing was changed


@dataclass(frozen=True, slots=True)
class Edits:
    """What was heard and how it is written. The changes are in order and don't overlap."""

    heard: str
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, segment: Segment) -> Edits:
        """The edits of a segment; one that says nothing of what was heard was heard as it is written."""
        return cls(segment.heard, segment.changes) if segment.heard else cls(segment.text)

    def applied_to(self, segment: Segment) -> Segment:
        return dataclasses.replace(segment, text=self.text, heard=self.heard, changes=self.changes)

    @property
    def text(self) -> str:
        """What was heard with the changes that were not undone."""
        written, at = [], 0
        for change in self.changes:
            if not change.undone:
                written += [self.heard[at : change.start], change.written]
                at = change.end
        return "".join(written) + self.heard[at:]

    def without(self, reason: Reason) -> Edits:
        """The same without the changes that were made for a reason."""
        return Edits(self.heard, tuple(c for c in self.changes if reason not in c.reasons))

    def replace(self, start: int, end: int, written: str, reason: Reason) -> Edits:
        """Write `written` for `text[start:end]`.

        A change that it touches becomes one with it, and one that leaves things as they were heard disappears. Where a person
        has undone or written something nothing is edited, nor put in beside it: the edits stay as they are.
        """
        text, spans = self.text, list(self._spans())
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"no such stretch: {start}:{end} of {len(text)}")
        touched = [span for span in spans if span.change is not None and self._concerns(span, start, end)]
        stretch, absorbed = self._joined(spans, touched, start, end)
        if any(c.settled for c in absorbed):
            return self
        joined = text[stretch.w0 : start] + written + text[end : stretch.w1]
        reasons = tuple(dict.fromkeys([*(r for c in absorbed for r in c.reasons), reason]))
        if joined == self.heard[stretch.h0 : stretch.h1]:
            return self._with(absorbed)
        return self._with(absorbed, Change(start=stretch.h0, end=stretch.h1, written=joined, reasons=reasons))

    def correct(self, start: int, end: int, written: str) -> Edits:
        """Write `written` for `text[start:end]` as a person wants it, whatever a rule or another person made of it.

        A change that it touches, also at its edge, becomes one with it. What is written as it was heard counts as undone, so
        that no rule changes it again.
        """
        text, spans = self.text, list(self._spans())
        if text[start:end] == written:
            return self
        touched = [span for span in spans if span.change is not None and _meets(span, start, end)]
        stretch, absorbed = self._joined(spans, touched, start, end)
        joined = text[stretch.w0 : start] + written + text[end : stretch.w1]
        reasons = tuple(dict.fromkeys(r for c in absorbed for r in c.reasons))
        h0, h1 = stretch.h0, stretch.h1
        if joined == self.heard[h0:h1]:
            before = text[stretch.w0 : stretch.w1]
            return self._with(absorbed, Change(start=h0, end=h1, written=before, reasons=reasons, undone=True))
        reasons = tuple(dict.fromkeys([*reasons, Reason.CORRECTED]))
        return self._with(absorbed, Change(start=h0, end=h1, written=joined, reasons=reasons))

    def undo(self, index: int) -> Edits:
        """The same with one change as it was heard. Raises IndexError."""
        return self._with_undone(index, True)

    def redo(self, index: int) -> Edits:
        """The same with one change written again. Raises IndexError."""
        return self._with_undone(index, False)

    def heard_at(self, at: int) -> int:
        """The place in what was heard at which `text[at]` begins, inside a change by its share; what was left out there comes
        behind it. A place inside the text is one inside what was heard, where that has two characters."""
        place = 0
        for span in self._spans():
            if span.h0 < span.h1 and span.w0 < min(span.w1, at):
                share = min(1.0, (at - span.w0) / (span.w1 - span.w0))
                place = span.h0 + round((span.h1 - span.h0) * share)
        return max(1, min(place, len(self.heard) - 1))

    def written_span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text that stands for `heard[start:end]`, changes whole."""
        within = [s for s in self._spans() if s.h0 < end and start < s.h1]
        if not within:
            return (at := self._written(start)), at
        first, last = within[0], within[-1]
        w0 = first.w0 if first.change is not None else first.w0 + max(0, start - first.h0)
        w1 = last.w1 if last.change is not None else last.w1 - max(0, last.h1 - end)
        return w0, w1

    def _written(self, heard: int) -> int:
        """Where the place before `heard[heard]` is in the text; inside a change, its end."""
        for span in self._spans():
            if heard < span.h1 or (heard == span.h1 and span.change is None):
                return span.w0 + heard - span.h0 if span.change is None else span.w0 if heard <= span.h0 else span.w1
        return len(self.text)

    def _spans(self) -> Iterator[_Span]:
        """Both texts from beginning to end: each change is a span, and so is what lies unchanged between two."""
        h = w = 0
        for index, change in enumerate(self.changes):
            if h < change.start:
                yield _Span(h, change.start, w, w + change.start - h, None)
                w += change.start - h
            length = change.end - change.start if change.undone else len(change.written)
            yield _Span(change.start, change.end, w, w + length, index)
            h, w = change.end, w + length
        if h < len(self.heard):
            yield _Span(h, len(self.heard), w, w + len(self.heard) - h, None)

    def _concerns(self, span: _Span, start: int, end: int) -> bool:
        """Whether a change has to become one with a rule's edit of text[start:end], or forbids it."""
        if _touches(span, start, end):
            return True
        corrected = span.change is not None and self.changes[span.change].corrected
        return corrected and start == end and span.w0 <= start <= span.w1

    def _joined(self, spans: list[_Span], touched: list[_Span], start: int, end: int) -> tuple[_Span, tuple[Change, ...]]:
        """The stretch that an edit of text[start:end] and the changes that it touches make up, and those within it."""
        h0, h1 = _heard_range(spans, start, end, len(self.heard))
        stretch = _Span(
            min([h0, *(s.h0 for s in touched)]),
            max([h1, *(s.h1 for s in touched)]),
            min([start, *(s.w0 for s in touched)]),
            max([end, *(s.w1 for s in touched)]),
            None,
        )
        h0, h1 = stretch.h0, stretch.h1
        within = [s for s in spans if s.change is not None and (s in touched or (s.h0 < h1 and h0 < s.h1))]
        return stretch, tuple(self.changes[s.change] for s in within if s.change is not None)

    def _with(self, gone: tuple[Change, ...], *come: Change) -> Edits:
        """The same without some changes and with another."""
        kept = [*(c for c in self.changes if c not in gone), *come]
        return Edits(self.heard, tuple(sorted(kept, key=lambda c: (c.start, c.end))))

    def _with_undone(self, index: int, undone: bool) -> Edits:
        if not 0 <= index < len(self.changes):
            raise IndexError(index)
        changed = dataclasses.replace(self.changes[index], undone=undone)
        return Edits(self.heard, (*self.changes[:index], changed, *self.changes[index + 1 :]))


def _touches(span: _Span, start: int, end: int) -> bool:
    """Whether an edit of text[start:end] has to become one with a change."""
    if start < end:
        return span.w0 < end and start < span.w1 if span.w0 < span.w1 else start < span.w0 < end
    if span.h0 == span.h1:  # two insertions at the same place
        return span.w0 <= start <= span.w1
    return span.w0 < start < span.w1


def _meets(span: _Span, start: int, end: int) -> bool:
    """Whether a person's edit of text[start:end] takes a change in: one that lies within it, or stands beside it."""
    if span.w0 < span.w1 or span.h0 == span.h1:
        return span.w0 <= end and start <= span.w1
    return start < span.w0 < end


def _heard_range(spans: list[_Span], start: int, end: int, length: int) -> tuple[int, int]:
    """What text[start:end] stands for in what was heard; what was left out at its edges stays outside."""
    shown = [s for s in spans if s.w0 < s.w1]
    first = next((s for s in shown if s.w0 <= start < s.w1), None)
    h0 = length if first is None else first.h0 + (start - first.w0 if first.change is None else 0)
    if start == end:
        return h0, h0
    last = next(s for s in shown if s.w0 < end <= s.w1)
    return h0, last.h0 + end - last.w0 if last.change is None else last.h1
