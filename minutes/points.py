"""What clerks note of meetings, as rows beside their recordings, and the candidates that they have neither taken nor dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.placed import Placed
from asr.recordings import Recordings
from asr.writing import FOR_CLERKS, write, write_all
from core.database import metadata
from core.errors import InvalidInput, NotFound, Superseded
from core.logging import logger
from core.moment import Moment
from core.printable import printable
from minutes.candidates import candidates
from minutes.point import Candidate, Kind, Point, Quote, Wording
from minutes.wording import matter

LONGEST_TEXT = 1_000
LONGEST_NAME = 100  #: of who does something, and until when
MOST = 500  #: points of a meeting
MOST_DROPPED = 5_000  #: candidates of a meeting that are not to be proposed again
_CHANGED = "この項目は、ほかの画面で先に直されたか、外されました。今の内容を確かめてから、もう一度操作してください。"
_SAME_SENTENCE = 0.7  #: of its characters are still there after somebody corrected it
_log = logger("minutes.points")

_points = sa.Table(
    "points",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("dropped", sa.Boolean, nullable=False),  # a candidate that is not to be proposed again
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("due", sa.String, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("speaker", sa.String),
    sa.Column("start_s", sa.Float, nullable=False),
    sa.Column("noted_at", Moment, nullable=False),
    sa.Column("about", sa.Text),  # JSON: text, beginning and speaker of each sentence that the quote refers to
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is noted of a meeting and what may be, each in the order of the recording."""

    points: tuple[Point, ...]
    candidates: tuple[Candidate, ...]
    dropped: int  #: candidates that nobody wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A candidate, by what it is, where it begins and what it says: without word times several sentences begin together."""

    kind: Kind
    start_s: float
    text: str

    @classmethod
    def of_candidate(cls, candidate: Candidate) -> Place:
        return cls(kind=candidate.kind, start_s=candidate.quote.start_s, text=candidate.quote.text)


class Points:
    """The rows."""

    def __init__(self, engine: Engine, recordings: Recordings) -> None:
        self._engine = engine
        self._recordings = recordings

    def of(self, recording_id: str) -> Noted:
        """What is noted, and what may be."""
        with self._engine.connect() as c:
            rows = c.execute(_of(recording_id)).all()
        found = candidates(write_all(self._recordings.segments(recording_id), FOR_CLERKS))
        return Noted(
            points=tuple(_point(row) for row in rows if not row.dropped),
            candidates=_unsettled(rows, found),
            dropped=sum(row.dropped for row in rows),
        )

    def version(self, recording_id: str) -> str:
        """What changes whenever somebody takes, writes, removes or drops something."""
        with self._engine.connect() as c:
            return sha256("\0".join(map(str, c.execute(_of(recording_id)))).encode()).hexdigest()[:16]

    def taken(self, recording_id: str) -> tuple[Point, ...]:
        """What is noted, in the order of the recording."""
        with self._engine.connect() as c:
            return tuple(_point(row) for row in c.execute(_of(recording_id)) if not row.dropped)

    def take(self, recording_id: str, place: Place, at: datetime) -> Point:
        """Note a candidate in its own words. Raises NotFound for one that isn't there any more."""
        with self._recordings.changing(recording_id) as placed:
            candidate = _candidate(placed, place)
            words, quotes = _own_words(candidate), (*candidate.about, candidate.quote)
            return _insert(placed.connection, recording_id, place.kind, words, quotes, at)

    def drop(self, recording_id: str, place: Place, at: datetime) -> None:
        """Propose a candidate no more. Raises NotFound."""
        with self._recordings.changing(recording_id) as placed:
            quote = _candidate(placed, place).quote
            _insert(placed.connection, recording_id, place.kind, Wording(text=""), (quote,), at, dropped=True)

    def note(self, recording_id: str, kind: Kind, segment: int, at: datetime) -> Point:
        """Note an utterance that nothing proposed. Raises NotFound; InvalidInput where it already is, in these very words."""
        with self._recordings.changing(recording_id) as placed:
            said = write(placed.segment(segment), FOR_CLERKS)
            quote, words = Quote(text=said.text, start_s=said.start_s, speaker=said.speaker), Wording(text=_fitting(said.text))
            if any(_is_same(row, kind, quote, words) for row in placed.connection.execute(_of(recording_id))):
                raise InvalidInput("この発言は、もう同じ文で書き留めてあります。")
            return _insert(placed.connection, recording_id, kind, words, (quote,), at)

    def write(self, recording_id: str, point_id: int, was: Wording, wording: Wording) -> Point:
        """Write a point differently. Raises Superseded where it no longer says what the person saw, or is gone; InvalidInput."""
        fresh, own = _checked(wording), _own(recording_id, point_id)
        values = {"text": fresh.text, "who": fresh.who, "due": fresh.due, "reply": fresh.reply}
        with self._engine.begin() as connection:
            if connection.execute(sa.update(_points).where(*own, *_says(was)).values(values)).rowcount == 0:
                raise Superseded(_CHANGED)
            return _point(connection.execute(sa.select(_points).where(*own)).one())

    def remove(self, recording_id: str, point_id: int, was: Wording) -> None:
        """Note something no more; what was a candidate is one again.

        Raises:
            NotFound: it is gone already.
            Superseded: it no longer says what the person saw.
        """
        own = _own(recording_id, point_id)
        with self._engine.begin() as connection:
            if connection.execute(sa.delete(_points).where(*own, *_says(was))).rowcount:
                return
            if connection.execute(sa.select(_points.c.id).where(*own)).first():
                raise Superseded(_CHANGED)
            raise NotFound("この項目は、もう外されています。")

    def bring_back(self, recording_id: str) -> None:
        """Propose again what was dropped."""
        c = _points.c
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_points).where(c.recording_id == recording_id, c.dropped.is_(True)))


def _candidate(placed: Placed, place: Place) -> Candidate:
    """The candidate, as it is said now, if nobody has taken or dropped it. Raises NotFound."""
    found = candidates(write_all(placed.segments.values(), FOR_CLERKS))
    there = _unsettled(placed.connection.execute(_of(placed.recording_id)), found)
    wanted = next((f for f in there if Place.of_candidate(f) == place), None)
    if wanted is None:
        raise NotFound("この候補は、ほかの画面で取り入れられたか、元の発言が直されました。")
    return wanted


def _unsettled(rows: Iterable[sa.Row[tuple[object, ...]]], found: list[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that nobody has taken or dropped."""
    left: dict[tuple[str, float], list[Candidate]] = {}
    for candidate in found:
        left.setdefault((candidate.kind, candidate.quote.start_s), []).append(candidate)
    for row in rows:
        there = left.get((row.kind, row.start_s), [])
        if settled := _settled(row.quote, {candidate.quote.text for candidate in there}):
            left[row.kind, row.start_s] = [candidate for candidate in there if candidate.quote.text not in settled]
    return tuple(f for f in found if f in left[f.kind, f.quote.start_s])


def _settled(quote: str, texts: set[str]) -> set[str]:
    """Of sentences that begin together those that a quote is of: what it holds, or the one that it has become by a correction."""
    if held := {text for text in texts if text in quote}:
        return held
    alike = {text: SequenceMatcher(None, quote, text, autojunk=False).quick_ratio() for text in texts}
    likest = max(alike, key=alike.__getitem__, default="")
    return {likest} if alike.get(likest, 0) >= _SAME_SENTENCE else set()


def _own(recording_id: str, point_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (_points.c.recording_id == recording_id, _points.c.id == point_id, _points.c.dropped.is_(False))


def _says(was: Wording) -> tuple[sa.ColumnElement[bool], ...]:
    c = _points.c
    return (c.text == was.text, c.who == was.who, c.due == was.due, c.reply == was.reply)


def _of(recording_id: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(_points).where(_points.c.recording_id == recording_id).order_by(_points.c.start_s, _points.c.id)


def _is_same(row: sa.Row[tuple[object, ...]], kind: Kind, quote: Quote, words: Wording) -> bool:
    return not row.dropped and (row.kind, row.start_s, row.text) == (kind, quote.start_s, words.text)


def _own_words(candidate: Candidate) -> Wording:
    said = "".join(quote.text for quote in (*candidate.about, candidate.quote))
    text = matter(candidate.quote.text) if candidate.kind is Kind.AGENDA else said
    reply = candidate.reply.text if candidate.reply and candidate.kind is Kind.QUESTION else ""
    return Wording(text=_fitting(text), who=candidate.who, due=candidate.due, reply=reply[:LONGEST_TEXT])


def _fitting(text: str) -> str:
    """Of a text that is too long its end: there it says what was decided, is to be done or is asked."""
    return text if len(text) <= LONGEST_TEXT else f"…{text[1 - LONGEST_TEXT :]}"


def _checked(wording: Wording) -> Wording:
    fresh = Wording(
        text=printable(wording.text), who=printable(wording.who), due=printable(wording.due), reply=printable(wording.reply)
    )
    if not fresh.text:
        raise InvalidInput("内容を入力してください。要らないときは「外す」を押してください。")
    if max(len(fresh.text), len(fresh.reply)) > LONGEST_TEXT or max(len(fresh.who), len(fresh.due)) > LONGEST_NAME:
        raise InvalidInput(f"内容は{LONGEST_TEXT:,}文字まで、担当と期限は{LONGEST_NAME}文字までにしてください。")
    return fresh


def _insert(
    connection: Connection,
    recording_id: str,
    kind: Kind,
    wording: Wording,
    quotes: tuple[Quote, ...],
    at: datetime,
    dropped: bool = False,
) -> Point:
    """The last quote is where it was found, those before it what that refers to."""
    c = _points.c
    alike = sa.select(sa.func.count()).where(c.recording_id == recording_id, c.dropped.is_(dropped))
    there = connection.scalar(alike) or 0
    if dropped and there >= MOST_DROPPED:
        raise InvalidInput(f"1つの会議で候補から落とせるのは{MOST_DROPPED:,}件までです。")
    if not dropped and there >= MOST:
        raise InvalidInput(f"1つの会議に書き留められるのは{MOST}件までです。")
    row = {"recording_id": recording_id, "kind": kind, "dropped": dropped, "noted_at": at}
    row |= {"text": wording.text, "who": wording.who, "due": wording.due, "reply": wording.reply}
    *about, quote = quotes
    row |= {"quote": quote.text, "speaker": quote.speaker, "start_s": quote.start_s}
    row |= {"about": json.dumps([[q.text, q.start_s, q.speaker] for q in about], ensure_ascii=False)}
    new_id = connection.scalars(sa.insert(_points).returning(c.id), row).one()
    _log.info("point_noted", extra={"recording": recording_id, "kind": kind.value, "dropped": dropped})
    return Point(id=new_id, kind=kind, wording=wording, quote=quote, about=tuple(about))


def _point(row: sa.Row[tuple[object, ...]]) -> Point:
    return Point(
        id=row.id,
        kind=Kind(row.kind),
        wording=Wording(text=row.text, who=row.who, due=row.due, reply=row.reply),
        quote=Quote(text=row.quote, start_s=row.start_s, speaker=row.speaker),
        about=tuple(Quote(text=text, start_s=at, speaker=who) for text, at, who in json.loads(row.about or "[]")),
    )
