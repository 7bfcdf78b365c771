"""The knowledge base in the database: entries, the city's tables, and embeddings by content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from core.audience import Audience
from core.errors import NotFound
from models.embedder import Embedder, Vectors
from retrieval.entry import Entry
from retrieval.faq import Refusal
from retrieval.originals import FAQ, Original, held_before, keep_original, load_originals, still_held
from retrieval.revisions import (
    IMPORT,
    MOST_ASKED_FOR,
    State,
    alone,
    among,
    append,
    last_of,
    newest,
    next_position,
    revision_of,
    serve,
    take_over,
    times_written,
)
from retrieval.schema import city_tables, embeddings, entries, revisions, sources, table_versions
from retrieval.sending import held_by, keep_sending
from retrieval.sources import (
    Source,
    are_one,
    is_served,
    prefix_of,
    replace_source,
    retired_by_hand,
    said_in,
    source_of,
    withdraw_drafts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, in numbers and row by row."""

    added: int = 0
    changed: tuple[str, ...] = ()  #: ids
    written: tuple[str, ...] = ()  #: ids of those that were added or changed
    unchanged: int = 0
    removed: int = 0  #: passages that are no longer in their document
    left: tuple[str, ...] = ()  #: ids of what is served and came with this file before, which has it no more
    twins: tuple[str, ...] = ()  #: ids of what was served already and differs from a new id in zeros before a number alone
    kept: tuple[str, ...] = ()  #: ids of entries that a person wrote since and the file has otherwise: the person's stay
    ended: tuple[str, ...] = ()  #: ids of what the file says as before and a person took out of service: it does not answer
    withheld: tuple[str, ...] = ()  #: ids of passages that say under another id what a person took out of service
    back: tuple[str, ...] = ()  #: ids of what a person took out of service and was written again, as was asked for
    refused: tuple[Refusal, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry and when it last changed."""

    entry: Entry
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVersion:
    """One of the city's tables as it is now."""

    kind: str
    digest: str
    saved_at: datetime | None  #: None where an earlier release saved it


class Repository:
    """Reads and writes one database's knowledge bases. Each write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self,
        kb: str,
        new: Sequence[Entry],
        at: datetime,
        *,
        state: State = State.APPROVED,
        source: Source | None = None,
        original: Original | None = None,
        overwrite: bool = False,
    ) -> ImportReport:
        """Add new entries and replace changed ones, all or nothing. As drafts they are kept and not served.

        What a person wrote since the file came last or took out of service, be it under another id, stays so, unless `overwrite`.
        The file that they came in is kept with them; a draft's only while nothing of the file or document is served that it would
        replace: until it is approved, such a document waits. What a `source` has no more is taken out of service.
        """
        changed, written, kept = list[str](), list[str](), list[str]()
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            moved = _moved(c, kb, source, new) if source is not None else frozenset()
            ids = [e.id for e in new if overwrite or e.id not in moved]
            place = _take_place(c, kb, source, ids, at, state) if source is not None else _Place()
            held = held_before(c, kb, original.kind, original.name) if original is not None else frozenset()
            asked = held.union(ids)
            last, came, served = _newest(c, kb, asked), _came(c, kb, asked), _served(c, kb, asked)
            if original is not None and (state is State.APPROVED or served.keys().isdisjoint(held)):
                keep_original(c, kb, still_held(original, held))
            old, position = served if state is State.APPROVED else _standing(last), next_position(c, kb)
            left = tuple(sorted(held.intersection(served).difference(ids, original.refused if original is not None else ())))
            twins = _twins(c, kb, {i for i in ids if i not in last}) if original is not None else set()
            for entry in (e for e in new if overwrite or e.id not in moved):
                known, says = old.get(entry.id), entry.content_hash
                if known == says or (not overwrite and last.get(entry.id) == (says, _BY_HAND)):
                    continue  # what somebody retired does not come back with the file that it came from
                if not overwrite and _stays(c, kb, entry, says, last, came):
                    kept += [] if came.get(entry.id) == says else [entry.id]
                    continue
                changed += [entry.id] if known else []
                written.append(entry.id)
                said = append(c, kb, entry, state=state, by=IMPORT, at=at)
                if state is State.APPROVED:
                    serve(c, kb, entry, said, at, None if known else position)
                    position += not known
            if came_with := source or original:
                keep_sending(c, kb, came_with, ids, at, waits=place.waits, withdrew=place.withdrawn > 0)
        return ImportReport(
            added=len(written) - len(changed),
            changed=tuple(changed),
            written=tuple(written),
            unchanged=len(ids) - len(written) - len(kept),
            removed=place.removed + place.withdrawn,
            left=left,
            twins=tuple(sorted(twins.difference(left))),
            kept=tuple(kept),
            ended=() if overwrite else _ended(new, last),
            withheld=() if overwrite else tuple(sorted(moved)),
            back=(*_ended(new, last), *sorted(moved)) if overwrite else (),
        )

    def require(self, kb: str) -> None:
        """Raise NotFound where nothing was ever taken in under this name."""
        held = sa.or_(*(sa.exists().where(table.c.kb == kb) for table in (entries, revisions, sources, city_tables)))
        with self._engine.connect() as c:
            if not c.scalar(sa.select(held)):
                raise NotFound(f"知識ベース「{kb}」には何も登録されていません。")

    def load_sources(self, kb: str) -> list[Source]:
        """The documents as they were imported, in the order of their names."""
        query = sa.select(sources).where(sources.c.kb == kb).order_by(sources.c.name)
        with self._engine.connect() as c:
            return [source_of(row) for row in c.execute(query)]

    def confined_to(self, kb: str, document: str) -> str | None:
        """The department whose staff alone may read a document; None for others, and where there is none of that name."""
        query = sa.select(sources.c.confined_to).where(sources.c.kb == kb, are_one(sources.c.name, document))
        with self._engine.connect() as c:
            return next((department for department in c.execute(query).scalars() if department is not None), None)

    def title_of(self, kb: str, document: str) -> str | None:
        """What the document of a name is called now; None where there is none."""
        with self._engine.connect() as c:
            return c.execute(sa.select(sources.c.title).where(sources.c.kb == kb, are_one(sources.c.name, document))).scalar()

    def namesakes(self, kb: str, source: Source) -> list[str]:
        """The names of other documents of the same title that are answered from: one may be an older version of it."""
        s = sources.c
        query = sa.select(s.name).where(s.kb == kb, s.title == source.title, ~are_one(s.name, source.name)).order_by(s.name)
        with self._engine.connect() as c:
            names = list(c.execute(query).scalars())
            ids = list(c.execute(sa.select(entries.c.id).where(entries.c.kb == kb)).scalars()) if names else []
        return [name for name in names if any(i.startswith(prefix_of(name)) for i in ids)]

    def source_of(self, kb: str, entry_id: str) -> Source | None:
        """The document that a passage is from, as it was imported last."""
        with self._engine.connect() as c:
            names = c.execute(sa.select(sources.c.name).where(sources.c.kb == kb)).scalars()
            name = max((n for n in names if entry_id.startswith(prefix_of(n))), key=len, default=None)
            row = c.execute(sa.select(sources).where(sources.c.kb == kb, sources.c.name == name)).first()
        return source_of(row) if row else None

    def of_document(self, kb: str, name: str) -> list[str]:
        """The ids of a document's passages that are answered from."""
        with self._engine.connect() as c:
            ids = c.execute(sa.select(entries.c.id).where(entries.c.kb == kb).order_by(entries.c.position)).scalars()
            return [i for i in ids if i.startswith(prefix_of(name))]

    def load_originals(self, kb: str) -> list[Original]:
        """The FAQ files and tables as they came, in the order of kind and name."""
        with self._engine.connect() as c:
            return load_originals(c, kb)

    def table_kinds(self, kb: str) -> list[str]:
        """The kinds of the city's tables that were imported."""
        query = sa.select(city_tables.c.kind).where(city_tables.c.kb == kb).distinct().order_by(city_tables.c.kind)
        with self._engine.connect() as c:
            return list(c.execute(query).scalars())

    def load(self, kb: str) -> list[Stored]:
        """Every entry of a knowledge base in the order of import. Callers filter by audience before they show any."""
        query = sa.select(entries.c.content, entries.c.updated_at).where(entries.c.kb == kb).order_by(entries.c.position)
        with self._engine.connect() as c:
            return [Stored(entry=Entry.from_json(r.content), updated_at=r.updated_at) for r in c.execute(query)]

    def served(self, kb: str, ids: Sequence[str]) -> dict[str, Entry]:
        """Those of some entries that are served, as they are now."""
        if not ids:
            return {}
        with self._engine.connect() as c:
            query = among(sa.select(entries.c.id, entries.c.content).where(entries.c.kb == kb), entries.c.id, ids)
            return {r.id: Entry.from_json(r.content) for r in c.execute(query)}

    def elsewhere(self, kb: str, file: str, ids: Collection[str]) -> dict[str, Entry]:
        """The last versions of those of some entries that are not retired and did not come with a FAQ file of that name."""
        with self._engine.begin() as c:
            take_over(c, kb)
            asked = set(ids) - held_before(c, kb, FAQ, file) - held_by(c, kb, file)
            last = [revision_of(row) for row in c.execute(among(newest(kb), revisions.c.id, asked)) if row.id in asked]
        return {r.entry.id: r.entry for r in last if r.state is not State.RETIRED}

    def hashes(self, kb: str, ids: Sequence[str]) -> dict[str, str]:
        """Hashes of those of some entries that are served."""
        with self._engine.connect() as c:
            return _served(c, kb, ids)

    def save_table(
        self, kb: str, kind: str, rows: Sequence[dict[str, str]], at: datetime, *, original: Original | None = None
    ) -> None:
        """Replace one of the city's tables as a whole, and the file that it came in."""
        with self._engine.begin() as c:
            alone(c, kb)
            c.execute(sa.delete(city_tables).where(city_tables.c.kb == kb, city_tables.c.kind == kind))
            if rows:
                values = [{"kb": kb, "kind": kind, "position": i, "row": row} for i, row in enumerate(rows)]
                c.execute(sa.insert(city_tables), values)
            digest = hashlib.sha256(json.dumps(list(rows), ensure_ascii=False).encode()).hexdigest()
            c.execute(sa.delete(table_versions).where(table_versions.c.kb == kb, table_versions.c.kind == kind))
            c.execute(sa.insert(table_versions).values(kb=kb, kind=kind, digest=digest, saved_at=at))
            if original is not None:
                keep_original(c, kb, original)

    def times_written(self, kb: str) -> int:
        """How often a knowledge base was written, by any machine; costs one small query."""
        with self._engine.connect() as c:
            return times_written(c, kb)

    def count_as_written(self, kb: str) -> None:
        """Have other machines look whether their indexes lack something."""
        with self._engine.begin() as c:
            alone(c, kb)

    def tables_version(self, kb: str) -> tuple[TableVersion, ...]:
        """Changes whenever one of the city's tables does, or is saved again; costs one small query."""
        v = table_versions.c
        query = sa.select(v.kind, v.digest, v.saved_at).where(v.kb == kb).order_by(v.kind)
        with self._engine.connect() as c:
            return tuple(TableVersion(kind=r.kind, digest=r.digest, saved_at=r.saved_at) for r in c.execute(query))

    def load_table(self, kb: str, kind: str) -> list[dict[str, str]]:
        where = (city_tables.c.kb == kb, city_tables.c.kind == kind)
        with self._engine.connect() as c:
            return list(c.execute(sa.select(city_tables.c.row).where(*where).order_by(city_tables.c.position)).scalars())

    def embed(self, texts: Sequence[str], embedder: Embedder, progress: Callable[[int, int], None]) -> Vectors:
        """Passage vectors of the texts, (n, dimensions); each different text is embedded once in its life."""
        keys = [hashlib.sha256(t.encode()).hexdigest() for t in texts]
        known = self._known_vectors(embedder.identity, list(dict.fromkeys(keys)))
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in known}
        todo = sorted(new.items(), key=lambda item: len(item[1]))  # in batches of like lengths little is spent on padding
        for start in range(0, len(todo), _EMBED_BATCH):
            progress(start, len(todo))
            batch = todo[start : start + _EMBED_BATCH]
            vectors = embedder.passages([t for _, t in batch])
            rows = [
                {"identity": embedder.identity, "sha256": k, "vector": v.tobytes()}
                for (k, _), v in zip(batch, vectors, strict=True)
            ]
            with self._engine.begin() as c:
                c.execute(_remember(c.dialect.name), rows)
            known |= {k: v for (k, _), v in zip(batch, vectors, strict=True)}
        progress(len(todo), len(todo))
        return np.stack([known[k] for k in keys]) if keys else np.empty((0, embedder.dimensions), np.float32)

    def not_embedded(self, texts: Sequence[str], embedder: Embedder) -> list[str]:
        """Those of the texts that were never embedded. Costs a part of what their vectors would."""
        new = {hashlib.sha256(t.encode()).hexdigest(): t for t in texts}
        for key in self._known(sa.select(embeddings.c.sha256), embedder.identity, list(new)):
            del new[key.sha256]
        return list(new.values())

    def keep_embeddings(self, prefix: str, identities: Collection[str]) -> None:
        """Forget what was embedded by models whose identity begins so, but for these: a model that is gone never asks again."""
        e = embeddings.c
        gone = (e.identity.startswith(prefix, autoescape=True), e.identity.not_in(identities))
        with self._engine.begin() as c:
            c.execute(sa.delete(embeddings).where(*gone))

    def _known_vectors(self, identity: str, keys: Sequence[str]) -> dict[str, Vectors]:
        """Of these texts alone: a database may hold those of many cities."""
        known = self._known(sa.select(embeddings.c.sha256, embeddings.c.vector), identity, keys)
        return {r.sha256: np.frombuffer(r.vector, np.float32) for r in known}

    def _known(self, query: sa.Select[Any], identity: str, keys: Sequence[str]) -> Iterator[sa.Row[Any]]:
        e = embeddings.c
        with self._engine.connect() as c:
            for start in range(0, len(keys), _MOST_KEYS):
                yield from c.execute(query.where(e.identity == identity, e.sha256.in_(keys[start : start + _MOST_KEYS])))


def _remember(dialect: str) -> sa.Insert:
    """Adds embeddings; one that another process was first with stays."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(embeddings).on_conflict_do_nothing()


# A folder of pages is taken in page by page: each is to read of the others no more than it must.


def _served(c: Connection, kb: str, ids: Collection[str]) -> dict[str, str]:
    """Hashes of those of some entries that are served."""
    if len(ids) > MOST_ASKED_FOR:
        return {r.id: r.content_hash for r in c.execute(_HASHES, {"kb": kb})}
    return {r.id: r.content_hash for r in c.execute(_HASHES_OF, {"kb": kb, "ids": tuple(ids)})}


def _twins(c: Connection, kb: str, new: Collection[str]) -> set[str]:
    """The ids of other entries that are served and read like new ones but for zeros before a number: 12 and 0012."""
    bare = {_ZEROS.sub("", i) for i in new}
    ids = c.execute(sa.select(entries.c.id).where(entries.c.kb == kb)).scalars() if bare else ()
    return {i for i in ids if i not in new and _ZEROS.sub("", i) in bare}


def _newest(c: Connection, kb: str, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Hash and state of the last version of some entries; retired by a person is a state of its own."""
    query = sa.select(revisions.c.id, revisions.c.content_hash, revisions.c.state, revisions.c.by)
    rows = c.execute(among(query.where(revisions.c.kb == kb), revisions.c.id, ids).order_by(revisions.c.number))
    return {r.id: (r.content_hash, _BY_HAND if r.state == State.RETIRED and r.by != IMPORT else r.state) for r in rows}


def _ended(new: Sequence[Entry], newest: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    return tuple(e.id for e in new if newest.get(e.id) == (e.content_hash, _BY_HAND))


def _stays(
    c: Connection, kb: str, entry: Entry, says: str, newest: Mapping[str, tuple[str, str]], came: Mapping[str, str]
) -> bool:
    """Whether a person wrote the last version since its file came, and the file is not to replace it: what a person retired comes
    back with a file that says something new."""
    (last, state), said_before = newest.get(entry.id, (None, "")), came.get(entry.id)
    if state == State.RETIRED:  # it was gone from its document, which has it again
        return False
    may_stay = said_before == says or state != _BY_HAND
    return last not in (None, said_before) and may_stay and _has_same_readers(c, kb, entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What became of what a document held before."""

    waits: bool = False  #: it is answered from until the new one is approved
    removed: int = 0  #: entries
    withdrawn: int = 0  #: drafts


def _take_place(c: Connection, kb: str, source: Source, ids: Sequence[str], at: datetime, state: State) -> _Place:
    """Have a document take the place of its older self, whose entries and drafts that are not among `ids` go."""
    waits = state is not State.APPROVED and is_served(c, kb, source)
    removed = 0 if waits else replace_source(c, kb, source, ids, at)
    return _Place(waits=waits, removed=removed, withdrawn=withdraw_drafts(c, kb, source.name, ids, at))


def _standing(newest: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The content hash of the last version of each entry that is not retired."""
    return {i: content_hash for i, (content_hash, state) in newest.items() if state not in (State.RETIRED, _BY_HAND)}


def _moved(c: Connection, kb: str, source: Source, new: Sequence[Entry]) -> frozenset[str]:
    """The ids of what says again what a person took out of service of the document under another one."""
    retired = retired_by_hand(c, kb, source.name)
    again = [e for e in new if said_in(e) in retired]
    last = _newest(c, kb, [e.id for e in again]) if again else {}
    return frozenset(e.id for e in again if last.get(e.id, ("", ""))[1] != _BY_HAND)


def _has_same_readers(c: Connection, kb: str, entry: Entry) -> bool:
    """Whether a file lets the same people read an entry as its last version does: what it keeps from some must not stay shown."""
    before = last_of(c, kb, entry.id)
    return before is not None and _readers(before.entry) == _readers(entry)


def _readers(entry: Entry) -> tuple[Audience, str | None]:
    return entry.audience, entry.department if entry.confined else None


def _came(c: Connection, kb: str, ids: Collection[str]) -> dict[str, str]:
    """Hash of what a file said last of those of some entries that came with one."""
    query = sa.select(revisions.c.id, revisions.c.content_hash).where(revisions.c.kb == kb, revisions.c.by == IMPORT)
    rows = c.execute(
        among(query, revisions.c.id, ids).where(revisions.c.state != State.RETIRED.value).order_by(revisions.c.number)
    )
    return {r.id: r.content_hash for r in rows}


#: Put together once: every search asks it, and that takes longer than the answer.
_HASHES = sa.select(entries.c.id, entries.c.content_hash).where(entries.c.kb == sa.bindparam("kb"))
_HASHES_OF = _HASHES.where(entries.c.id.in_(sa.bindparam("ids", expanding=True)))

_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_BY_HAND = "retired by hand"
_EMBED_BATCH = 64  #: texts between two steps of the progress; with fewer, threads wait for each other
_MOST_KEYS = 5_000  #: in one query; SQLite takes 32,766 values, PostgreSQL 65,535
