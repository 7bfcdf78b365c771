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
from retrieval.revisions import State, alone, among, append, newest, next_position, refuse_import, revision_of, serve
from retrieval.schema import entries, revisions, sendings
from retrieval.sources import Source, missing_in, replace_source

WAITING = (State.DRAFT, State.REVIEW)


def keep_sending(c: Connection, kb: str, file: Source | Original, held: Sequence[str], at: datetime, *, waits: bool) -> None:
    """Remember who sent a file and what it held, in the transaction of that; with it a document that `waits` to be approved."""
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
            return [entry for row in c.execute(_unsettled(kb, key)).all() for entry in missing_in(c, kb, row.name, row.held)]

    def approve(self, kb: str, key: str, seen: Mapping[str, int], *, by: str, at: datetime) -> None:
        """Serve drafts of what was sent together, by their ids with the number of the version that was seen; all or none. Of a
        document of which nothing waits any more, what it no longer has is taken out of service.

        Raises:
            Superseded: a version came after one that was seen, or one is no draft any more.
            InvalidInput: the name stands for files.
        """
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
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
            _settle(c, kb, key, at)


def _settle(c: Connection, kb: str, key: str, at: datetime) -> None:
    """Let documents that waited with their drafts take the place of those before them."""
    for row in c.execute(_unsettled(kb, key)).all():
        rows = c.execute(among(newest(kb), revisions.c.id, row.held))
        if any(r.id in row.held and State(r.state) in WAITING for r in rows):
            continue
        audience = Audience(row.audience)
        source = Source(name=row.name, title=row.title, audience=audience, content=row.content, confined_to=row.confined_to)
        replace_source(c, kb, source, row.held, at)
        settled = (sendings.c.kb == kb, sendings.c.key == key, sendings.c.name == row.name)
        c.execute(sa.update(sendings).where(*settled).values(content=None))


def _unsettled(kb: str, key: str) -> sa.Select[Any]:
    return sa.select(sendings).where(sendings.c.kb == kb, sendings.c.key == key, sendings.c.content.is_not(None))
