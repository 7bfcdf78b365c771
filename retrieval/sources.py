"""Documents as they were imported: kept with what was made of them; passages that are gone leave service."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.audience import Audience
from retrieval.entry import DOCUMENT_PREFIX, Entry
from retrieval.originals import Sent
from retrieval.revisions import IMPORT, WAITING, Revision, State, append, revision_of
from retrieval.schema import entries, revisions, sources

_PIECE = re.compile(r"(?:-\d+)?(?:~\d+)?$")  # of an id: it changes with what stands before the passage

Said = tuple[str, str]
"""The article or section of a passage, and its text."""


def said_in(passage: Entry) -> Said:
    return _PIECE.sub("", passage.id), passage.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document as it was imported."""

    name: str  #: path within what was imported
    title: str
    audience: Audience
    content: bytes
    confined_to: str | None = None  #: the department whose staff alone may read it
    sent: Sent | None = None

    @property
    def prefix(self) -> str:
        """How the ids of its passages begin."""
        return prefix_of(self.name)


def prefix_of(document: str) -> str:
    """How the ids of the passages of a document of that name begin."""
    return f"{DOCUMENT_PREFIX}{as_in_ids(document)}:"


def are_one(names: sa.Column[str], name: str) -> sa.ColumnElement[bool]:
    """Whether names stand for the same document as one: the ids of passages don't tell 税務課/規則.txt from 税務課／規則.txt."""
    return sa.func.replace(names, "/", "／") == as_in_ids(name)


def as_in_ids(document: str) -> str:
    """A name as the ids of passages have it, which tell files apart by it."""
    return document.replace("/", "／")


def replace_source(c: Connection, kb: str, source: Source, kept: Collection[str], at: datetime) -> int:
    """Keep a document instead of the one of its name, and take out of service what is no longer in it; how much that was."""
    _keep(c, kb, source, at)
    gone = missing_in(c, kb, source.name, kept)
    for entry in gone:
        append(c, kb, entry, state=State.RETIRED, by=IMPORT, at=at)
        c.execute(sa.delete(entries).where(entries.c.kb == kb, entries.c.id == entry.id))
    return len(gone)


def withdraw_drafts(c: Connection, kb: str, document: str, kept: Collection[str], at: datetime) -> int:
    """Take back what an earlier file of a document brought, is in it no more and was not approved: nobody is to approve what the
    file does not say. What a person wrote stays; how much went."""
    query = sa.select(revisions).where(revisions.c.kb == kb, _begins(revisions.c.id, prefix_of(document)))
    last, came = dict[str, Revision](), dict[str, Entry]()
    for row in c.execute(query.order_by(revisions.c.number)):
        last[row.id] = revision_of(row)
        if row.by == IMPORT:
            came[row.id] = last[row.id].entry
    ids = set(kept)
    gone = [r.entry for i, r in last.items() if i not in ids and r.state in WAITING and came.get(i) == r.entry]
    served = {e.id: e for e in missing_in(c, kb, document, kept)} if gone else {}
    for entry in gone:
        if entry.id in served:  # the last version says what answers
            append(c, kb, served[entry.id], state=State.APPROVED, by=IMPORT, at=at)
        else:
            append(c, kb, entry, state=State.RETIRED, by=IMPORT, at=at)
    return len(gone)


def retired_by_hand(c: Connection, kb: str, document: str) -> set[Said]:
    """What people took out of service of a document, under whatever id, and did not serve again."""
    where = (revisions.c.kb == kb, _begins(revisions.c.id, prefix_of(document)), revisions.c.by != IMPORT)
    found: dict[Said, bool] = {}
    for row in c.execute(sa.select(revisions).where(*where).order_by(revisions.c.at, revisions.c.number)):
        if row.state in (State.RETIRED, State.APPROVED):
            found[said_in(Entry.from_json(row.content))] = row.state == State.RETIRED
    return {said for said, is_retired in found.items() if is_retired}


def missing_in(c: Connection, kb: str, document: str, kept: Collection[str]) -> list[Entry]:
    """What is served of a document, but for some of its passages."""
    query = sa.select(entries.c.id, entries.c.content).where(entries.c.kb == kb, _begins(entries.c.id, prefix_of(document)))
    ids = set(kept)
    return [Entry.from_json(r.content) for r in c.execute(query).all() if r.id not in ids]


def is_served(c: Connection, kb: str, source: Source) -> bool:
    """Whether any entry of a document is an answer now: then its file is what was approved."""
    query = sa.select(entries.c.id).where(entries.c.kb == kb, _begins(entries.c.id, source.prefix)).limit(1)
    return c.execute(query).first() is not None


def _keep(c: Connection, kb: str, source: Source, at: datetime) -> None:
    c.execute(sa.delete(sources).where(sources.c.kb == kb, are_one(sources.c.name, source.name)))
    values = {"title": source.title, "audience": source.audience.value, "confined_to": source.confined_to}
    content = {"content": source.content, "sha256": hashlib.sha256(source.content).hexdigest()}
    c.execute(sa.insert(sources).values(kb=kb, name=source.name, imported_at=at, **values, **content))


def source_of(row: Any) -> Source:
    return Source(
        name=row.name, title=row.title, audience=Audience(row.audience), content=row.content, confined_to=row.confined_to
    )


def _begins(ids: sa.Column[str], prefix: str) -> sa.ColumnElement[bool]:
    """Whether an id begins so. LIKE would not tell a.txt from A.txt."""
    return sa.func.substr(ids, 1, len(prefix)) == prefix
