"""An entry of the knowledge base: one question, its approved answer, and who may read it until when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from functools import cached_property

from core.audience import Audience
from retrieval.analysis import normalise

_ALIKE = 0.4  #: of the pairs of characters of two texts; most pairs of a city's questions share less than a third
DOCUMENT_PREFIX = "doc:"  #: how the ids of passages begin; a row of that id would take a passage's place


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One FAQ entry. Empty optional fields are None."""

    id: str
    question: str
    answer: str
    paraphrases: tuple[str, ...] = ()  #: the same question as people say it
    category: str | None = None  #: life area
    department: str | None = None
    audience: Audience = Audience.RESIDENT
    source_title: str | None = None
    source_url: str | None = None
    valid_from: date | None = None  #: first day on which it is shown
    valid_until: date | None = None  #: last day on which it is shown
    answer_easy: str | None = None  #: やさしい日本語
    speech: str | None = None  #: short form for speakers
    from_time: time | None = None  #: hour of the first day at which it begins; midnight when None
    until_time: time | None = None  #: hour of the last day at which it ends; midnight after it when None
    confined: bool = False  #: a staff entry that only the staff of its own department may read

    def is_for(self, audience: Audience, department: str | None = None) -> bool:
        """Whether a reader may see it: residents, staff, or the staff of a department. The one place where this is decided."""
        own = not self.confined or (department is not None and department == self.department)
        return audience.may_read(Audience.STAFF if self.confined else self.audience) and own

    @property
    def questions(self) -> tuple[str, ...]:
        """All that it is asked by, its own question first."""
        return (self.question, *self.paraphrases)

    @property
    def is_passage(self) -> bool:
        """Whether it is a part of a document, under its heading, rather than an answer to a question."""
        return self.id.startswith(DOCUMENT_PREFIX)

    def says(self, word: str) -> bool:
        """Whether a word, normalised, stands in its questions or its answer."""
        return any(word in normalise(text) for text in (*self.questions, self.answer))

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)

    def is_valid_at(self, at: datetime) -> bool:
        """Whether it is shown at an hour. An index leaves out the wrong days; this is asked when the answer is given."""
        day, hour = at.date(), at.time()
        begun = day != self.valid_from or self.from_time is None or hour >= self.from_time
        ended = day == self.valid_until and self.until_time is not None and hour >= self.until_time
        return self.is_valid_on(day) and begun and not ended

    def has_ended(self, at: datetime) -> bool:
        """Whether its time is over for good."""
        if self.valid_until is None or at.date() < self.valid_until:
            return False
        return at.date() > self.valid_until or (self.until_time is not None and at.time() >= self.until_time)

    def meets(self, other: Entry) -> bool:
        """Whether there is a moment at which both are shown: not where one takes the other's place."""
        return self._begins_before_end_of(other) and other._begins_before_end_of(self)

    def _begins_before_end_of(self, other: Entry) -> bool:
        first, last = self.valid_from or date.min, other.valid_until or date.max
        return first < last or (first == last and (self.from_time or time.min) < (other.until_time or time.max))

    def leaves_gap_after(self, served: Entry | None, at: datetime) -> bool:
        """Whether it would take away what answers now, and begins to answer only later."""
        is_later = not (self.is_valid_at(at) or self.has_ended(at))
        return is_later and served is not None and served.is_valid_at(at)

    def to_json(self) -> dict[str, object]:
        """Plain values, for an index file; `from_json` is the inverse."""
        days = {k: v.isoformat() if v else None for k, v in (("valid_from", self.valid_from), ("valid_until", self.valid_until))}
        row = {name: getattr(self, name) for name in _FIELDS} | days | {"paraphrases": list(self.paraphrases)}
        for key in ("from_time", "until_time"):  # left out where there are none: the hash of older entries stays
            hour = row.pop(key)
            row |= {key: hour.isoformat("minutes")} if hour else {}
        if not self.confined:
            del row["confined"]
        return row

    @classmethod
    def from_json(cls, row: dict[str, object]) -> Entry:
        values = dict(row)
        for key in ("valid_from", "valid_until"):
            values[key] = date.fromisoformat(str(values[key])) if values[key] else None
        for key in ("from_time", "until_time"):
            values[key] = time.fromisoformat(str(values[key])) if values.get(key) else None
        values["audience"] = Audience(str(values["audience"]))
        values["paraphrases"] = tuple(values["paraphrases"])  # type: ignore[arg-type]  # a JSON list of strings
        return cls(**values)  # type: ignore[arg-type]  # written by to_json

    @cached_property
    def content_hash(self) -> str:
        """Worked out once: an index that is built asks each of its entries again and again."""
        return hashlib.sha256(json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


_FIELDS = tuple(field.name for field in fields(Entry))


def are_unlike(one: Entry, other: Entry) -> bool:
    """Whether two entries have neither their questions nor their answers in common, as two versions of one would."""
    if one.answer == other.answer or _shared(_pairs(one.answer), _pairs(other.answer)) >= _ALIKE:
        return False
    asked, as_well = map(_pairs, one.questions), list(map(_pairs, other.questions))
    return all(_shared(a, b) < _ALIKE for a in asked for b in as_well)


def _pairs(text: str) -> Set[str]:
    """Its pairs of characters, of one character that."""
    said = normalise(text)
    return {said[n : n + 2] for n in range(max(len(said) - 1, 1))}


def _shared(one: Set[str], other: Set[str]) -> float:
    """How much two sets have in common, from 0 to 1 (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other))
