"""Files that were sent together, with who sent them; the drafts that came with them, approved together once somebody saw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.audience import Audience
from core.errors import Superseded
from retrieval.entry import Entry
from retrieval.originals import Original
from retrieval.revisions import (
    State,
    alone,
    among,
    append,
    newest,
    next_position,
    refuse_import,
    revision_of,
    serve,
    take_over,
)
from retrieval.schema import entries, revisions, sendings
from retrieval.sources import Source, missing_in, replace_source

WAITING = (State.DRAFT, State.REVIEW)


def keep_sending(c: Connection, kb: str, file: Source | Original, held: Sequence[str], at: datetime, *, waits: bool) -> None:
    """Remember who sent a file and what it held, in the transaction of that; with it a document that `waits` to be approved."""
    if isinstance(file, Source) and not waits:
        _forget(c, kb, file.name, at)
    if file.sent is None:
        return
    values: dict[str, Any] = {"at": at, "by": file.sent.by, "held": list(held)}
    if waits and isinstance(file, Source):
        values |= {"title": file.title, "audience": file.audience.value, "content": file.content}
        values |= {"confined_to": file.confined_to}
    c.execute(sa.insert(sendings).values(kb=kb, key=file.sent.key, name=file.name, **values))


class Sendings:
    """What was sent to one database's knowledge bases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def held(self, kb: str, key: str) -> dict[str, list[str]]:
        """The ids of what each of the files that were sent together held, by their names."""
        query = sa.select(sendings.c.name, sendings.c.held).where(sendings.c.kb == kb, sendings.c.key == key)
        with self._engine.connect() as c:
            return {r.name: r.held for r in c.execute(query.order_by(sendings.c.name))}

    def senders(self, kb: str, times: Collection[datetime]) -> dict[datetime, tuple[str, str]]:
        """Who sent what came at some times, and in which file."""
        query = sa.select(sendings.c.at, sendings.c.by, sendings.c.name)
        with self._engine.connect() as c:
            rows = c.execute(query.where(sendings.c.kb == kb, sendings.c.at.in_(times)))
            return {r.at: (r.by, r.name) for r in rows}

    def leaving(self, kb: str, key: str) -> list[Entry]:
        """What is served of the documents that wait, and is no longer in them."""
        with self._engine.connect() as c:
            waiting = c.execute(_unsettled(kb).where(sendings.c.key == key)).all()
            return [entry for row in waiting for entry in missing_in(c, kb, row.name, row.held)]

    def settle(self, kb: str, *, at: datetime) -> None:
        """After drafts were approved one by one: see `approve`."""
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            settle(c, kb, at)

    def approve(self, kb: str, seen: Mapping[str, int], *, by: str, at: datetime) -> None:
        """Serve drafts, by their ids with the number of the version that was seen; all or none. Of a
        document of which nothing waits any more, what it no longer has is taken out of service.

        Raises:
            Superseded: a version came after one that was seen, or one is no draft any more.
            InvalidInput: the name stands for files.
        """
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)  # writes: SQLite lets nobody else write from here on
            last = {row.id: revision_of(row) for row in c.execute(among(newest(kb), revisions.c.id, seen)) if row.id in seen}
            if any(i not in last or last[i].number != n or last[i].state not in WAITING for i, n in seen.items()):
                raise Superseded
            served = set(c.execute(among(sa.select(entries.c.id).where(entries.c.kb == kb), entries.c.id, seen)).scalars())
            position = next_position(c, kb)
            for entry_id in seen:
                entry, is_new = last[entry_id].entry, entry_id not in served
                said = append(c, kb, entry, state=State.APPROVED, by=by, at=at)
                serve(c, kb, entry, said, at, position if is_new else None)
                position += is_new
            settle(c, kb, at)


def settle(c: Connection, kb: str, at: datetime) -> None:
    """Let documents of which nothing waits any more take the place of those before them; of two of one name the later."""
    for row in c.execute(_unsettled(kb).order_by(sendings.c.at.desc())).all():
        rows = c.execute(among(newest(kb), revisions.c.id, row.held))
        if any(r.id in row.held and State(r.state) in WAITING for r in rows):
            continue
        audience = Audience(row.audience)
        source = Source(name=row.name, title=row.title, audience=audience, content=row.content, confined_to=row.confined_to)
        if _forget(c, kb, row.name, row.at):
            replace_source(c, kb, source, row.held, at)


def _forget(c: Connection, kb: str, name: str, until: datetime) -> bool:
    """Have a document that waits, and older ones of its name, wait no more; false where it did not."""
    older = (sendings.c.kb == kb, sendings.c.name == name, sendings.c.at <= until, sendings.c.content.is_not(None))
    return c.execute(sa.update(sendings).where(*older).values(content=None)).rowcount > 0


def _unsettled(kb: str) -> sa.Select[Any]:
    return sa.select(sendings).where(sendings.c.kb == kb, sendings.c.content.is_not(None))
