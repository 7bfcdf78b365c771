"""The knowledge base as the rest of the product sees it: import, build, search. Search names the audience, always."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.clock import Clock, now
from core.errors import MadoguchiError, UnreadableTable
from core.logging import logger
from core.table import read_table
from models.embedder import Embedder, Vectors
from models.reranker import Reranker
from retrieval.analysis import lemmas, normalise, strip_politeness
from retrieval.calibration import calibrations_of
from retrieval.city.kinds import kind_of, sort_rows
from retrieval.entry import Entry
from retrieval.faq import is_faq, parse_faq
from retrieval.hit import Found, Hit
from retrieval.index import Rows
from retrieval.overlap import Overlap, overlaps_of, questions_of
from retrieval.repository import ImportReport, Repository, Stored
from retrieval.revisions import State
from retrieval.version import FORMAT, Manifest, Version, VersionStore

Progress = Callable[[str, int, int], None]

RERANKED = 20  #: hits that a cross-encoder puts in order; more gains nothing (notes of the retrieval literature)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one imported file."""

    file: str
    kind: str  #: faq, or a name of city.kinds.KINDS
    report: ImportReport
    entries: tuple[Entry, ...] = ()  #: what it held, for a look at overlaps


class Knowledge:
    """All knowledge bases of one home."""

    def __init__(
        self, engine: Engine, root: Path, embedder: Embedder, *, reranker: Reranker | None = None, clock: Clock = now
    ) -> None:
        self.repository = Repository(engine)
        self._root, self._embedder, self._reranker, self._clock = root, embedder, reranker, clock
        self._loaded: dict[tuple[str, Audience], tuple[str, Version]] = {}
        self._loading, self._encoding = threading.Lock(), threading.Lock()
        self._vector = lru_cache(maxsize=4096)(self._embed_query)

    # -- import and build

    def import_file(self, path: Path, kb: str, *, state: State = State.APPROVED) -> FileReport:
        """Take a file in: FAQ in a state, or one of the city's tables, told by its columns. One transaction a file.

        Raises:
            UnreadableTable, NotFound, TooLarge: nothing of the file was taken.
        """
        table = read_table(path)
        if is_faq(table):
            entries, refused = parse_faq(table)
            saved = self.repository.save(kb, entries, self._clock(), state=state)
            return FileReport(file=path.name, kind="faq", report=replace(saved, refused=tuple(refused)), entries=tuple(entries))
        if kind := kind_of(table):
            good, lacking = sort_rows(kind, table)
            self.repository.save_table(kb, kind.name, good)
            return FileReport(file=path.name, kind=kind.name, report=ImportReport(added=len(good), refused=lacking))
        raise UnreadableTable(
            f"ファイル {path.name} の列名が分かりません。FAQなら1行目に id, question, answer の列名が必要です。"
        )

    def build(self, kb: str, progress: Progress) -> None:
        """Bring the index of each audience up to date with the database. Does nothing where it already is."""
        stored = self.repository.load(kb)
        for audience in Audience:
            self._build_for(kb, audience, [s for s in stored if audience.may_read(s.entry.audience)], progress)

    def _build_for(self, kb: str, audience: Audience, visible: list[Stored], progress: Progress) -> None:
        store = VersionStore(self._root, kb, audience)
        digest = hashlib.sha256("".join(s.entry.content_hash for s in visible).encode()).hexdigest()
        current = store.manifest()
        if current and (current.format, current.digest, current.embedder) == (FORMAT, digest, self._embedder.identity):
            return
        entries = [s.entry for s in visible]
        questions, owners, answers = Rows.texts(entries)
        label = "住民向け索引" if audience is Audience.RESIDENT else "職員向け索引"
        with self._encoding:
            vectors = self.repository.embed(questions + answers, self._embedder, lambda i, n: progress(label, i, n))
        rows = Rows(
            question_vectors=vectors[: len(questions)],
            question_owners=np.array(owners, np.int64),
            answer_vectors=vectors[len(questions) :],
        )
        manifest = Manifest(
            format=FORMAT,
            kb=kb,
            audience=audience,
            embedder=self._embedder.identity,
            digest=digest,
            entries=len(entries),
            created_at=self._clock().isoformat(),
        )
        calibrations = calibrations_of(entries, rows, self._vector, self._clock().date())
        _check(rows)
        store.save(manifest, [(s.entry, s.updated_at.date()) for s in visible], rows, calibrations)
        logger("retrieval").info("index built", extra={"kb": kb, "audience": audience.value, "entries": len(entries)})

    def overlaps(self, kb: str, checked: Sequence[Entry]) -> list[Overlap]:
        """Where another served entry, of any audience and department, asks what one of these asks."""
        served = [s.entry for s in self.repository.load(kb)]
        texts = questions_of([*checked, *served])
        with self._encoding:
            vectors = self.repository.embed(texts, self._embedder, lambda *_: None)
        return overlaps_of(checked, served, dict(zip(texts, vectors, strict=True)))

    # -- search

    def search(self, text: str, kb: str, *, audience: Audience, top: int = 10) -> Found:
        """The entries that answer `text`, among those that `audience` may read. Raises NotReady before the first import."""
        version = self.version(kb, audience)
        query = strip_politeness(normalise(text))
        wanted = max(top, RERANKED) if self._reranker else top
        hits = self._shown_now(version, query, max(wanted, 2))
        if self._reranker:
            hits = self._rerank(query, hits)
        bands = version.calibrations.of(query)
        return Found(
            hits=hits[:top],
            confidence=bands.confidence(hits),
            answer_from=bands.answer_from,
            clarify_from=bands.clarify_from,
        )

    def _shown_now(self, version: Version, query: str, wanted: int) -> tuple[Hit, ...]:
        """Hits that are shown at this very hour; the index knows days only."""
        at, vector = self._clock(), self._vector(query)
        hits = version.index.search(query, vector, top=wanted, day=at.date())
        if all(h.entry.is_valid_at(at) for h in hits):
            return hits
        every = version.index.search(query, vector, top=len(version.index.entries), day=at.date())
        return tuple(h for h in every if h.entry.is_valid_at(at))[:wanted]

    def _rerank(self, query: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        assert self._reranker is not None
        scores = self._reranker.scores(query, [f"{h.entry.question}\n{h.entry.answer}" for h in hits])
        order = sorted(range(len(hits)), key=lambda i: -scores[i])
        return tuple(hits[i] for i in order)

    def version(self, kb: str, audience: Audience) -> Version:
        """The index version that serves now; a newer one on disk is picked up at once."""
        store = VersionStore(self._root, kb, audience)
        name = store.current()
        loaded = self._loaded.get((kb, audience))
        if loaded is None or loaded[0] != name:
            with self._loading:
                loaded = self._loaded.get((kb, audience))
                if loaded is None or loaded[0] != name:
                    loaded = (name or "", self._load(store))
                    self._loaded[(kb, audience)] = loaded
        return loaded[1]

    def _load(self, store: VersionStore) -> Version:
        version = store.load()
        if version.manifest.embedder != self._embedder.identity:
            raise MadoguchiError("索引と検索のモデルが合いません。「madoguchi kb build」で索引を作り直してください。")
        return version

    def _embed_query(self, text: str) -> Vectors:
        with self._encoding:
            vector: Vectors = self._embedder.queries([text])[0]
        return vector


def _check(rows: Rows) -> None:
    """A version that can't find Japanese words, or has holes in its vectors, must not serve."""
    if not lemmas("住民票の写しがほしい") or not np.isfinite(rows.question_vectors).all():
        raise MadoguchiError("索引の検査に失敗しました。今までの索引をそのまま使います。")
