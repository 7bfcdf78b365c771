"""Imported FAQ files and tables in, the same bytes out for as long as nothing of them has changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from retrieval.schema import originals

FAQ = "faq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Who sent a file, with which others."""

    key: str  #: of all that was sent together
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file as it came."""

    kind: str
    name: str
    content: bytes
    held: Mapping[str, str]  #: of a FAQ: the hash of each entry by its id; empty of one that stands in a row that was refused
    refused: frozenset[str] = frozenset()  #: ids of rows that were not taken: the file has them still
    sent: Sent | None = None


def keep_original(c: Connection, kb: str, original: Original) -> None:
    """Keep a file instead of the one of its name, a table instead of any of its kind; in the transaction of what it holds."""
    where = [originals.c.kb == kb, originals.c.kind == original.kind]
    if original.kind == FAQ:
        where.append(originals.c.name == original.name)
    c.execute(sa.delete(originals).where(*where))
    values = {"kind": original.kind, "name": original.name, "held": dict(original.held), "content": original.content}
    c.execute(sa.insert(originals).values(kb=kb, **values))


def still_held(original: Original, held: Collection[str]) -> Original:
    """A file that goes on holding what it `held` before and has in rows that were refused now."""
    return replace(original, held=dict.fromkeys(original.refused.intersection(held), "") | dict(original.held))


def held_before(c: Connection, kb: str, kind: str, name: str) -> frozenset[str]:
    """The ids of what the kept file of a name holds."""
    o = originals.c
    held = c.execute(sa.select(o.held).where(o.kb == kb, o.kind == kind, o.name == name)).scalar()
    return frozenset(held or ())


def load_originals(c: Connection, kb: str) -> list[Original]:
    """Every kept file in the order of kind and name."""
    query = sa.select(originals).where(originals.c.kb == kb).order_by(originals.c.kind, originals.c.name)
    return [Original(kind=r.kind, name=r.name, content=r.content, held=r.held) for r in c.execute(query)]
