"""Corrections that people made of recordings: each is done and noted at once, can be taken back, and is proposed to others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from asr.correction import LONGEST_TEXT, corrected, occurrences, plain, replace_word, words_corrected
from asr.decision import CHANGED_MEANWHILE
from asr.looked import Looked, merge
from asr.parting import joined, split
from asr.placed import Placed
from asr.recordings import Recordings
from asr.steps import Manner, Step, manner_of, names_of
from asr.transcript import Segment
from asr.writing import Style, write
from core.database import metadata
from core.errors import InvalidInput, NotFound, Superseded
from core.logging import logger
from core.moment import Moment

_log = logger("asr.corrections")

_corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # JSON: pairs of what stood there and what was written
    sa.Column("steps", sa.Text, nullable=False),  # JSON: number of a segment, its columns before and after, null for none
    sa.Column("turns", sa.Text),  # JSON: who spoke when, before and after; nothing where that stayed
    sa.Column("made_by", sa.Text),  # whom the records know them as; nothing in the rows of an older release
)

_GONE = "この訂正は、ほかの画面で取り消されました。"
_NOT_LAST = (
    "そのあとに、{by}が訂正しました。取り消せるのは最後の訂正だけです。だれのどの訂正かを確かめてから、もう一度押してください。"
)
Turns = tuple[list[dict[str, object]], list[dict[str, object]]]  #: before and after

_MOST_PROPOSED = 10
_MOST_LOOKED_AT = 2_000  #: corrections of other recordings, the latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What a person writes for one segment, and what they saw it say."""

    segment: int
    was: str
    text: str
    speaker: str | None = None  #: who said it, where that changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One segment that a person parts in two: what they saw it say, and what they have the halves say."""

    segment: int
    was: str
    first: str
    second: str
    speaker: str | None = None  #: who said the second half, where that is somebody else


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Two segments that a person makes one: what they saw them say, and what they have the first one say."""

    segment: int
    was: str
    text: str
    next_was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that is to be written differently, in so many places of a recording."""

    wrong: str
    right: str
    places: int = 0

    def __post_init__(self) -> None:
        if not self.wrong.strip():
            raise InvalidInput("直したい言葉を入力してください。")
        if self.wrong == self.right:
            raise InvalidInput("直したあとの言葉が、元の言葉と同じです。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A correction that can be taken back."""

    id: int
    by: str  #: who made it, as far as that is known
    at: datetime
    manner: Manner
    words: tuple[tuple[str, str], ...]  #: what stood there, and what was written; of speakers, their names


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a correction that was taken back: segments as before, and those that somebody has changed since."""

    back: int
    left: int


class Corrections:
    """The rows, and who corrects. Segments go by their numbers."""

    def __init__(self, engine: Engine, recordings: Recordings, by: str = "") -> None:
        self._engine = engine
        self._recordings = recordings
        self._by = by

    def rewrite(self, recording_id: str, wanted: Rewrite, style: Style, at: datetime) -> Segment:
        """Write what a person wants for a segment seen in a style. Gives it as it is written then.

        Raises:
            NotFound: there is no such recording or segment, or it is not done.
            Superseded: the segment no longer says what the person saw.
        """
        text = plain(wanted.text, longest=LONGEST_TEXT)
        with self._recordings.changing(recording_id) as placed:
            before = _seen(placed, wanted.segment, wanted.was, style)
            after = replace(corrected(before, text, style), speaker=wanted.speaker or before.speaker)
            self._keep(placed, {wanted.segment: after}, words_corrected(wanted.was, text), at)
        _log.info("segment_corrected", extra={"recording": recording_id, "segment": wanted.segment})
        return write(after, style)

    def split(self, recording_id: str, wanted: Split, style: Style, at: datetime) -> int:
        """Make two segments of one. Gives the number of the second.

        Raises:
            InvalidInput: there is nothing on one side of the place.
            NotFound, Superseded: see `rewrite`.
        """
        at_char = len(plain(wanted.first, longest=LONGEST_TEXT))
        text = plain(wanted.first + wanted.second, longest=LONGEST_TEXT)
        with self._recordings.changing(recording_id) as placed:
            seen = _seen(placed, wanted.segment, wanted.was, style)
            whole = corrected(seen, text, style) if text != wanted.was else seen
            first, second = split(whole, at_char, style)
            number = placed.unused(wanted.segment)
            halves = {wanted.segment: first, number: replace(second, speaker=wanted.speaker or second.speaker)}
            self._keep(placed, halves, words_corrected(wanted.was, text), at)
        _log.info("segment_split", extra={"recording": recording_id, "segment": wanted.segment})
        return number

    def join(self, recording_id: str, wanted: Join, style: Style, at: datetime) -> None:
        """Make one segment of one and the next.

        Raises:
            InvalidInput: it would be longer than what can be corrected and parted again.
            NotFound, Superseded: see `rewrite`.
        """
        text = plain(wanted.text, longest=LONGEST_TEXT)
        with self._recordings.changing(recording_id) as placed:
            seen = _seen(placed, wanted.segment, wanted.was, style)
            following = placed.next_to(wanted.segment)
            if write(following, style).text != wanted.next_was:
                raise Superseded(CHANGED_MEANWHILE)
            first = corrected(seen, text, style) if text != wanted.was else seen
            one = joined(first, following)
            if max(len(write(one, style).text), len(one.heard or "")) > LONGEST_TEXT:
                raise InvalidInput(f"つなぐと{LONGEST_TEXT:,}文字を超えるため、つなげません。")
            gone: int = following.number or 0
            self._keep(placed, {wanted.segment: one, gone: None}, words_corrected(wanted.was, text), at)
        _log.info("segments_joined", extra={"recording": recording_id, "segment": wanted.segment})

    def replace_word(self, recording_id: str, word: Word, segments: Iterable[int], style: Style, at: datetime) -> int:
        """Write a word differently in some segments, wherever they say it in a style. Gives the number of places.

        Raises:
            NotFound: see `rewrite`.
        """
        changed: dict[int, Segment] = {}
        places = 0
        with self._recordings.changing(recording_id) as placed:
            for number in sorted(set(segments)):
                segment, found = replace_word(placed.segment(number), word.wrong, word.right, style)
                if found:
                    changed[number], places = segment, places + found
            self._keep(placed, changed, [(word.wrong, word.right)], at)
        _log.info("word_corrected", extra={"recording": recording_id, "segments": len(changed), "places": places})
        return places

    def rename_speaker(self, recording_id: str, old: str, new: str, at: datetime) -> None:
        """Call a speaker something else wherever they speak. A name that another has makes them one.

        Raises:
            NotFound: there is no such recording, it is not done, or nobody is called so.
        """
        with self._recordings.changing(recording_id) as placed:
            changed = {n: replace(s, speaker=new) for n, s in placed.segments.items() if s.speaker == old}
            turns = placed.turns()
            renamed = [turn | {"speaker": new} if turn["speaker"] == old else turn for turn in turns]
            if not changed and renamed == turns:
                raise NotFound("この話者は見つかりません。ページを読み込み直してください。")
            placed.put_turns(renamed)
            self._keep(placed, changed, [], at, turns=(turns, renamed))
        _log.info("speaker_renamed", extra={"recording": recording_id, "segments": len(changed)})

    def last(self, recording_id: str) -> Made | None:
        """The correction that can be taken back next."""
        with self._engine.connect() as c:
            row = c.execute(_last(recording_id)).one_or_none()
        if row is None:
            return None
        steps = [Step(*step) for step in json.loads(row.steps)]
        manner = manner_of(steps)
        words = names_of(steps) if manner is Manner.NAMED else [(was, written) for was, written in json.loads(row.words)]
        return Made(id=row.id, by=row.made_by or "", at=row.made_at, manner=manner, words=tuple(words))

    def take_back(self, recording_id: str, correction_id: int) -> Taken:
        """Undo a correction, the last that was not undone yet. What somebody has changed since stays as it is, and so do all
        the segments that were parted or joined, where one of them was changed.

        Raises:
            NotFound: there is none.
            Superseded: it is undone, or no longer the last.
        """
        c = _corrections.c
        with self._recordings.changing(recording_id) as placed:
            row = placed.connection.execute(_last(recording_id)).one_or_none()
            if row is None:
                raise NotFound("取り消す訂正がありません。")
            if row.id != correction_id:
                raise Superseded(_GONE if row.id < correction_id else _NOT_LAST.format(by=row.made_by or "ほかの人"))
            steps = [Step(*step) for step in json.loads(row.steps)]
            backward = [step for step in steps if step.stands(placed)]
            if any(step.moves for step in steps) and len(backward) < len(steps):
                backward = []
            _put(placed, {step.number: step.before for step in backward})
            if row.turns:
                turns_before, turns_after = json.loads(row.turns)
                if placed.turns() == turns_after:
                    placed.put_turns(turns_before)
            placed.connection.execute(sa.delete(_corrections).where(c.id == row.id))
        _log.info("correction_taken_back", extra={"recording": recording_id, "segments": len(backward)})
        return Taken(back=len(backward), left=len(steps) - len(backward))

    @property
    def looked(self) -> Looked:
        """What people have looked through."""
        return Looked(self._engine)

    def count(self, recording_id: str) -> int:
        """How many corrections can be taken back."""
        query = sa.select(sa.func.count()).where(_corrections.c.recording_id == recording_id)
        with self._engine.connect() as c:
            return int(c.scalar(query) or 0)

    def proposed(self, texts: Iterable[str], of: tuple[str, str] | None = None) -> list[Word]:
        """Words that people corrected, in any recording, and that still stand in these texts; the latest first.

        `of` is what one utterance said and says: then only what was corrected in it counts.
        """
        pairs = list(self._pairs()) if of is None else list(dict.fromkeys(words_corrected(*of)))
        if not pairs:
            return []  # and nothing of the texts is read, which most corrections don't need
        found: list[Word] = []
        whole = "\n".join(texts)  # no word goes over the end of a line
        for wrong, right in pairs:
            places = sum(1 for _ in occurrences(whole, wrong, right))
            if places:
                found.append(Word(wrong=wrong, right=right, places=places))
            if len(found) == _MOST_PROPOSED:
                break
        return found

    def _keep(
        self,
        placed: Placed,
        changed: Mapping[int, Segment | None],
        words: Sequence[tuple[str, str]],
        at: datetime,
        turns: Turns | None = None,
    ) -> None:
        """Put the segments in their places, and note what changed of each; nothing where nothing did."""
        steps = [Step.of(number, placed.segments.get(number), segment) for number, segment in changed.items()]
        steps = [step for step in steps if step.before != step.after]
        _put(placed, {step.number: step.after for step in steps})
        if steps or turns:
            row = {"recording_id": placed.recording_id, "made_at": at, "made_by": self._by}
            row |= {"words": json.dumps(words, ensure_ascii=False), "steps": json.dumps(steps, ensure_ascii=False)}
            row |= {"turns": json.dumps(turns, ensure_ascii=False) if turns else None}
            placed.connection.execute(sa.insert(_corrections).values(row))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """What was corrected, the latest first. What people wrote last of a word holds: neither its earlier corrections, nor
        those of a word that they wrote since."""
        there = self._recordings.stands(_corrections.c.recording_id)
        query = sa.select(_corrections.c.words).where(there).order_by(_corrections.c.id.desc()).limit(_MOST_LOOKED_AT)
        with self._engine.connect() as c:
            made = [(wrong, right) for words in c.scalars(query) for wrong, right in json.loads(words)]
        decided: set[str] = set()
        for wrong, right in made:
            if wrong not in decided:
                yield wrong, right
            decided |= {wrong, right}


def _seen(placed: Placed, number: int, was: str, style: Style) -> Segment:
    """The segment that a person saw say this. Raises NotFound, Superseded."""
    segment = placed.segment(number)
    if write(segment, style).text != was:
        raise Superseded(CHANGED_MEANWHILE)
    return segment


def _last(recording_id: str) -> sa.Select[Any]:
    c = _corrections.c
    return sa.select(_corrections).where(c.recording_id == recording_id).order_by(c.id.desc()).limit(1)


def _put(placed: Placed, columns: Mapping[int, dict[str, object] | None]) -> None:
    """Put segments in their places. Where one goes, the others of the correction say what it said."""
    gone = {number for number, kept in columns.items() if kept is None}
    if gone:
        merge(placed.connection, placed.recording_id, columns, gone)
    for number, kept in columns.items():
        placed.put(number, kept)
