"""Files that were sent together, with who sent them; the drafts that came with them, approved together once somebody saw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.audience import Audience
from core.errors import Superseded
from retrieval.entry import Entry
from retrieval.originals import Original
from retrieval.revisions import (
    IMPORT,
    WAITING,
    State,
    alone,
    among,
    append,
    newest,
    next_position,
    refuse_gap,
    refuse_import,
    revision_of,
    serve,
    take_over,
)
from retrieval.schema import entries, revisions, sendings
from retrieval.sources import Source, are_one, missing_in, replace_source


def keep_sending(
    c: Connection, kb: str, file: Source | Original, held: Sequence[str], at: datetime, *, waits: bool, withdrew: bool
) -> None:
    """Remember who sent a file and what it held, in the transaction of that; with it a document that `waits` to be approved.
    Those of its name that wait do so no more where it takes their place, or drafts of theirs were withdrawn."""
    if isinstance(file, Source) and (withdrew or not waits):
        _forget(c, kb, file.name, at)
    if file.sent is None:
        return
    values: dict[str, Any] = {"at": at, "by": file.sent.by, "held": list(held)}
    if waits and isinstance(file, Source):
        values |= {"title": file.title, "audience": file.audience.value, "content": file.content}
        values |= {"confined_to": file.confined_to}
    c.execute(sa.insert(sendings).values(kb=kb, key=file.sent.key, name=file.name, **values))


def held_by(c: Connection, kb: str, name: str) -> frozenset[str]:
    """The ids of all that ever came with a file of a name which somebody sent."""
    held = c.execute(sa.select(sendings.c.held).where(sendings.c.kb == kb, sendings.c.name == name)).scalars()
    return frozenset().union(*held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How versions came to be that stand under the name of files: who did it, and with which file."""

    by: str
    file: str
    replaced: bool = False  #: they ended as the file, sent before, took the place of the one of its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Files that were sent together and wait to be looked at."""

    key: str
    by: str
    at: datetime  #: when the last of them came
    files: tuple[str, ...]
    drafts: int  #: that wait; none where a document waits that only has less in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A document that waits to take the place of the one of its name."""

    name: str
    confined_to: str | None  #: the department whose staff alone may read it
    has_drafts: bool  #: some of what it held is not approved
    leaving: tuple[Entry, ...]  #: what is served of the one before, and is no longer in it


class Sendings:
    """What was sent to one database's knowledge bases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def held(self, kb: str, key: str) -> dict[str, list[str]]:
        """The ids of what each of the files that were sent together held, by their names."""
        query = sa.select(sendings.c.name, sendings.c.held).where(sendings.c.kb == kb, sendings.c.key == key)
        with self._engine.connect() as c:
            return {r.name: r.held for r in c.execute(query.order_by(sendings.c.name))}

    def parcels(self, kb: str, drafts: Mapping[datetime, int], department: str | None) -> list[Parcel]:
        """What waits of files, the last first, for a clerk of a department or of none: drafts, as many as came at each time and
        may be read, and documents that wait for nothing but to be seen."""
        s = sendings.c
        may_be_read = sa.or_(s.confined_to.is_(None), s.confined_to == department)
        waits = sa.or_(s.at.in_(list(drafts)), s.content.is_not(None) & may_be_read)
        query = sa.select(s.key, s.name, s.by, s.at).where(s.kb == kb, waits).order_by(s.at.desc(), s.name)
        sent: dict[str, list[Any]] = {}
        with self._engine.connect() as c:
            for row in c.execute(query):
                sent.setdefault(row.key, []).append(row)
        return [
            Parcel(
                key=key,
                by=files[0].by,
                at=files[0].at,
                files=tuple(f.name for f in files),
                drafts=sum(drafts.get(f.at, 0) for f in files),
            )
            for key, files in sent.items()
        ]

    def came(self, kb: str, times: Collection[datetime]) -> dict[datetime, Came]:
        """How the versions came that files made at some times; nothing where nobody is known to have sent one."""
        s = sendings.c
        sent = sa.select(s.at, s.by, s.name).where(s.kb == kb, s.at.in_(times))
        taken = sa.select(s.taken_at, s.taken_by, s.name).where(s.kb == kb, s.taken_at.in_(times))
        with self._engine.connect() as c:
            ended = {r.taken_at: Came(by=r.taken_by, file=r.name, replaced=True) for r in c.execute(taken)}
            return ended | {r.at: Came(by=r.by, file=r.name) for r in c.execute(sent)}

    def replacements(self, kb: str, key: str) -> list[Replacement]:
        """The documents that wait, of those that were sent together."""
        with self._engine.connect() as c:
            return [_replacement(c, kb, row) for row in c.execute(_unsettled(kb).where(sendings.c.key == key)).all()]

    def replace(self, kb: str, key: str, seen: Mapping[str, AbstractSet[str]], *, by: str, at: datetime) -> None:
        """Let documents without drafts, by their names with the ids of what was seen to leave, take the place of those before.

        Raises:
            Superseded: a document waits no more, has drafts now, or something else would leave.
        """
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            rows = {r.name: r for r in c.execute(_unsettled(kb).where(sendings.c.key == key)).all()}
            for name, leaving in seen.items():
                document = _replacement(c, kb, rows[name]) if name in rows else None
                if document is None or document.has_drafts or {e.id for e in document.leaving} != leaving:
                    raise Superseded
                _take_place(c, kb, rows[name], by, at)

    def settle(self, kb: str, approved: Collection[str], *, by: str, at: datetime) -> None:
        """After drafts were approved one by one: see `approve`."""
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            settle(c, kb, approved, by, at)

    def approve(self, kb: str, seen: Mapping[str, int], *, by: str, at: datetime) -> None:
        """Serve drafts, by their ids with the number of the version that was seen; all or none. Of a
        document of which nothing waits any more, what it no longer has is taken out of service.

        Raises:
            Superseded: a version came after one that was seen, or one is no draft any more.
            InvalidInput: the name stands for files, or of one nothing would answer until it begins.
        """
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)  # writes: SQLite lets nobody else write from here on
            last = {row.id: revision_of(row) for row in c.execute(among(newest(kb), revisions.c.id, seen)) if row.id in seen}
            if any(i not in last or last[i].number != n or last[i].state not in WAITING for i, n in seen.items()):
                raise Superseded
            rows = c.execute(among(sa.select(entries.c.id, entries.c.content).where(entries.c.kb == kb), entries.c.id, seen))
            served = {row.id: Entry.from_json(row.content) for row in rows if row.id in seen}
            position = next_position(c, kb)
            for entry_id in seen:
                entry, is_new = last[entry_id].entry, entry_id not in served
                refuse_gap(entry, served.get(entry_id), at)
                said = append(c, kb, entry, state=State.APPROVED, by=by, at=at)
                serve(c, kb, entry, said, at, position if is_new else None)
                position += is_new
            settle(c, kb, seen, by, at)


def settle(c: Connection, kb: str, approved: Collection[str], by: str, at: datetime) -> None:
    """Let documents of whose drafts the last were approved just now take the place of those before them; of two of one name the
    later. One that came without drafts nobody has approved: it waits for `replace`."""
    ids = set(approved)
    for row in c.execute(_unsettled(kb).order_by(sendings.c.at.desc())).all():
        if ids.isdisjoint(row.held):
            continue
        states = _states(c, kb, row.held)
        if any(state in WAITING for state in states.values()):
            continue
        if any(states.get(i) is State.APPROVED for i in _drafts_of(c, kb, row)):
            _take_place(c, kb, row, by, at)


def _replacement(c: Connection, kb: str, row: sa.Row[Any]) -> Replacement:
    return Replacement(
        name=row.name,
        confined_to=row.confined_to,
        has_drafts=any(state in WAITING for state in _states(c, kb, row.held).values()),
        leaving=tuple(missing_in(c, kb, row.name, row.held)),
    )


def _states(c: Connection, kb: str, held: Sequence[str]) -> dict[str, State]:
    """The states of the last versions of some entries."""
    rows, ids = c.execute(among(newest(kb), revisions.c.id, held)), set(held)
    return {r.id: State(r.state) for r in rows if r.id in ids}


def _drafts_of(c: Connection, kb: str, row: sa.Row[Any]) -> set[str]:
    """The ids of what was new in a document when it was sent."""
    came = (revisions.c.kb == kb, revisions.c.at == row.at, revisions.c.by == IMPORT, revisions.c.state == State.DRAFT.value)
    return set(c.execute(sa.select(revisions.c.id).where(*came)).scalars()).intersection(row.held)


def _take_place(c: Connection, kb: str, row: sa.Row[Any], by: str, at: datetime) -> None:
    """Replace the document of a name by one that waits, unless a later one has done so; with who let it."""
    this = (sendings.c.kb == kb, sendings.c.key == row.key, sendings.c.name == row.name)
    content = c.execute(sa.select(sendings.c.content).where(*this)).scalar()
    if content is None:
        return
    audience = Audience(row.audience)
    source = Source(name=row.name, title=row.title, audience=audience, content=content, confined_to=row.confined_to)
    _forget(c, kb, row.name, row.at)
    c.execute(sa.update(sendings).where(*this).values(taken_at=at, taken_by=by))
    replace_source(c, kb, source, row.held, at)


def _forget(c: Connection, kb: str, name: str, until: datetime) -> None:
    """Have a document that waits, and older ones of its name, wait no more."""
    older = (sendings.c.kb == kb, are_one(sendings.c.name, name), sendings.c.at <= until, sendings.c.content.is_not(None))
    c.execute(sa.update(sendings).where(*older).values(content=None))


def _unsettled(kb: str) -> sa.Select[Any]:
    """The documents that wait, without their bytes: all are looked through at each approval."""
    columns = [column for column in sendings.c if column is not sendings.c.content]
    return sa.select(*columns).where(sendings.c.kb == kb, sendings.c.content.is_not(None))
