"""Index versions in PostgreSQL: written beside those that serve, switched in one transaction, the oldest taken away later."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.arrays import read_arrays
from core.audience import Audience
from core.errors import NotReady, SettingsError
from models.embedder import Vectors
from retrieval.confidence import Calibrated, Calibrations
from retrieval.dense import moments
from retrieval.index import Index
from retrieval.nearest import Fields, Numbers
from retrieval.postgres.passages import ANSWER, EXACT_ROWS, QUESTION, Place, PostgresField, build_graph, forget, write
from retrieval.postgres.schema import create_tables, searching
from retrieval.store import Versions
from retrieval.terms import Terms
from retrieval.version import FORMAT, KEPT, MISSING, Built, Manifest, Version, read_entries

_PART_BYTES = 64 << 20  #: PostgreSQL takes up to 1 GB in one value, and holds it in memory several times
_ASK_AGAIN_S = 0.2


class Postgres:
    """Versions in the database of `engine`, for all machines that reach it. Raises SettingsError where it is not PostgreSQL with
    pgvector."""

    searches_in_memory = False

    def __init__(self, engine: Engine) -> None:
        if engine.dialect.name != "postgresql":
            raise SettingsError("索引を PostgreSQL に置くには、設定「database_url」に PostgreSQL の URL を書いてください。")
        create_tables(engine)
        self._engine, self._searcher = engine, searching(engine)

    def of(self, kb: str, audience: Audience, department: str | None = None) -> Versions:
        whose = kb if department is None else f"{kb}/{department}"
        return PostgresVersions(self._engine, self._searcher, whose, audience)

    def departments(self, kb: str) -> list[str]:
        with self._searcher.connect() as c:
            found = c.execute(_DEPARTMENTS, {"prefix": f"{kb}/"}).scalars()
            return sorted(whose.partition("/")[2] for whose in found)

    @contextmanager
    def alone(self, kb: str) -> Iterator[None]:
        """Others ask again and again: one that stood waiting in the database would be waited for by a graph that is built."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            while not c.execute(_TAKE, {"kb": kb}).scalar():
                time.sleep(_ASK_AGAIN_S)
            try:
                yield
            finally:
                c.execute(_LET_GO, {"kb": kb})

    @contextmanager
    def working(self, kb: str) -> Iterator[None]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(_BEGIN_WORK, {"kb": kb})
            try:
                yield
            finally:
                c.execute(_END_WORK, {"kb": kb})

    def is_worked_on(self, kb: str) -> bool:
        with self._searcher.connect() as c:
            return not c.execute(_NOBODY_WORKS, {"kb": kb}).scalar()


class PostgresVersions:
    """The versions of one knowledge base for one audience."""

    def __init__(self, engine: Engine, searcher: Engine, kb: str, audience: Audience) -> None:
        """`kb` is followed by a bar and the department where they are for its staff alone."""
        self._engine, self._searcher = engine, searcher
        self._audience, self._whose = audience, {"kb": kb, "audience": audience.value}

    def current(self) -> str | None:
        """The name of the version that serves, or None before the first."""
        with self._searcher.connect() as c:
            return c.execute(_CURRENT, self._whose).scalar()

    def manifest(self, name: str | None = None) -> Manifest | None:
        """What a version, or else the current one, was made from."""
        found = self._find(name or self.current())
        return found and found[1]

    def is_whole(self, name: str) -> bool:
        """Whether a version is there; what it says is the database's to keep."""
        return self._find(name) is not None

    def load(self, name: str | None = None) -> Version:
        """A version, or else the current one. Raises NotReady when there is none."""
        found = self._find(name or self.current())
        if found is None:
            raise NotReady(MISSING)
        version, manifest = found
        manifest.check()
        entries, updated_on = read_entries(self._part(version, "entries"))
        terms = Terms.load(io.BytesIO(self._part(version, "terms")))
        index = Index(entries, updated_on, self._fields(version), terms)
        calibrations = Calibrations.from_json(json.loads(self._part(version, "calibration")))
        return Version(manifest=manifest, index=index, calibrations=calibrations)

    def terms(self) -> Terms | None:
        """The analysed text of the current version, for the next one to take over."""
        found = self._find(self.current())
        return Terms.load(io.BytesIO(self._part(found[0], "terms"))) if found else None

    def calibrated(self) -> Calibrated | None:
        """The calibrations of the current version, for the next one to take over."""
        found = self._find(self.current())
        if found is None:
            return None
        calibrations = Calibrations.from_json(json.loads(self._part(found[0], "calibration")))
        return Calibrated(calibrations=calibrations, on=frozenset(json.loads(self._part(found[0], "calibrated_on") or "[]")))

    def save(self, name: str, built: Built) -> None:
        """Write a new version and make it the current one. One at a time does; see `alone`."""
        written = io.BytesIO()
        built.terms.save(written)
        rows = built.rows
        parts = {
            "entries": _json(built.written_entries()),
            "calibration": _json(built.calibrated.calibrations.to_json()),
            "calibrated_on": _json(sorted(built.calibrated.on)),
            "terms": written.getvalue(),
        }
        fields = {
            QUESTION: (rows.question_vectors, rows.question_owners),
            ANSWER: (rows.answer_vectors, rows.answer_owners),
        }
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            self._clear(c, _UNFINISHED)
            version = self._write(name, built.manifest, parts, fields)
            for field, (vectors, _) in fields.items():
                if len(vectors) > EXACT_ROWS:
                    build_graph(c, self._place(version, field, vectors.shape[1]))
            self._switch(version, _UNDO)
            self._clear(c, _OLD)

    def names(self) -> list[str]:
        """The versions that serve or did, oldest first."""
        with self._searcher.connect() as c:
            return list(c.execute(_NAMES, self._whose).scalars())

    def use(self, name: str) -> None:
        """Make a version the current one, in one transaction."""
        found = self._find(name)
        assert found is not None, "a version that is there"
        self._switch(found[0])

    def before(self) -> str | None:
        """The version that served before the current one, if this release can still read it."""
        current = self.current()
        older = [n for n in self.names() if current is not None and n < current]
        fitting = [n for n in older if (m := self.manifest(n)) is not None and m.format == FORMAT]
        return fitting[-1] if fitting else None

    def _find(self, name: str | None) -> tuple[int, Manifest] | None:
        with self._searcher.connect() as c:
            row = c.execute(_VERSION, self._whose | {"name": name}).first()
        return (row.id, Manifest(**row.manifest | {"audience": Audience(row.manifest["audience"])})) if row else None

    def _part(self, version: int, part: str) -> bytes:
        with self._searcher.connect() as c:
            return b"".join(c.execute(_PART, {"version": version, "part": part}).scalars())

    def _fields(self, version: int) -> Fields:
        arrays = read_arrays(io.BytesIO(self._part(version, "moments")))
        question, answer = (
            PostgresField(
                self._searcher,
                self._place(version, field, arrays[f"mean.{field}"].shape[0]),
                arrays[f"mean.{field}"],
                arrays[f"covariance.{field}"],
            )
            for field in (QUESTION, ANSWER)
        )
        return Fields(question=question, answer=answer)

    def _place(self, version: int, field: int, dimensions: int) -> Place:
        return Place(audience=self._audience, version=version, field=field, dimensions=dimensions)

    def _write(self, name: str, manifest: Manifest, parts: dict[str, bytes], fields: dict[int, tuple[Vectors, Numbers]]) -> int:
        """All of a version in one transaction. Nobody finds it before it is switched to."""
        moments_of = {}
        with self._engine.begin() as c:
            values = self._whose | {"name": name, "manifest": json.dumps(asdict(manifest))}
            version = int(c.execute(_ADD, values).scalar_one())
            for field, (vectors, owners) in fields.items():
                write(c, self._place(version, field, vectors.shape[1]), vectors, owners)
                moments_of[f"mean.{field}"], moments_of[f"covariance.{field}"] = moments(vectors)
            packed = io.BytesIO()
            np.savez(packed, **moments_of)  # type: ignore[arg-type]  # numpy's stub takes the first keyword for its own
            for part, content in (parts | {"moments": packed.getvalue()}).items():
                for i in range(0, len(content), _PART_BYTES):
                    piece = {"version": version, "part": part, "position": i, "content": content[i : i + _PART_BYTES]}
                    c.execute(_ADD_PART, piece)
        return version

    def _switch(self, version: int, *before: sa.TextClause) -> None:
        with self._engine.begin() as c:
            for statement in before:
                c.execute(statement, self._whose)
            c.execute(_WHOLE, {"version": version})
            c.execute(_SWITCH, self._whose | {"version": version})

    def _clear(self, c: Connection, which: sa.TextClause) -> None:
        """Take versions away; whoever still searches one of the last few finds it whole."""
        for version in c.execute(which, self._whose | {"kept": KEPT}).scalars().all():
            forget(c, self._audience, version)
            c.execute(_REMOVE, {"version": version})


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


_DEPARTMENTS = sa.text("SELECT DISTINCT kb FROM index_versions WHERE starts_with(kb, :prefix)")
_MINE = "kb = :kb AND audience = :audience"
_CURRENT = sa.text(
    "SELECT name FROM index_versions WHERE id = (SELECT version FROM index_current WHERE kb = :kb AND audience = :audience)"
)
_VERSION = sa.text(f"SELECT id, manifest FROM index_versions WHERE {_MINE} AND name = :name AND is_whole")  # noqa: S608
_NAMES = sa.text(f"SELECT name FROM index_versions WHERE {_MINE} AND is_whole ORDER BY name")  # noqa: S608
_PART = sa.text("SELECT content FROM index_parts WHERE version = :version AND part = :part ORDER BY position")
_ADD = sa.text(
    "INSERT INTO index_versions (kb, audience, name, manifest) "
    "VALUES (:kb, :audience, :name, CAST(:manifest AS json)) RETURNING id"
)
_ADD_PART = sa.text("INSERT INTO index_parts (version, part, position, content) VALUES (:version, :part, :position, :content)")
_WHOLE = sa.text("UPDATE index_versions SET is_whole = true WHERE id = :version")
_SWITCH = sa.text(
    "INSERT INTO index_current (kb, audience, version) VALUES (:kb, :audience, :version) "
    "ON CONFLICT (kb, audience) DO UPDATE SET version = excluded.version"
)
_UNDO = sa.text(  # what was rolled back from is swept away by the build after; who still searches it finds it whole
    f"UPDATE index_versions SET is_whole = false WHERE {_MINE} AND is_whole AND name > "  # noqa: S608
    "(SELECT name FROM index_versions JOIN index_current ON version = id "
    "WHERE index_current.kb = :kb AND index_current.audience = :audience)"
)
_UNFINISHED = sa.text(f"SELECT id FROM index_versions WHERE {_MINE} AND NOT is_whole")  # noqa: S608
_OLD = sa.text(
    f"SELECT id FROM index_versions v WHERE {_MINE} AND is_whole "  # noqa: S608
    "AND NOT EXISTS (SELECT FROM index_current WHERE version = v.id) ORDER BY name DESC OFFSET :kept - 1"
)
_REMOVE = sa.text("DELETE FROM index_versions WHERE id = :version")
_TAKE = sa.text("SELECT pg_try_advisory_lock(hashtext('madoguchi index'), hashtext(:kb))")
_LET_GO = sa.text("SELECT pg_advisory_unlock(hashtext('madoguchi index'), hashtext(:kb))")
_BEGIN_WORK = sa.text("SELECT pg_advisory_lock_shared(hashtext('madoguchi work'), hashtext(:kb))")
_END_WORK = sa.text("SELECT pg_advisory_unlock_shared(hashtext('madoguchi work'), hashtext(:kb))")
_NOBODY_WORKS = sa.text("SELECT pg_try_advisory_xact_lock(hashtext('madoguchi work'), hashtext(:kb))")  # let go at its end
