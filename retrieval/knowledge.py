"""The knowledge base as the rest of the product sees it: import, build, search. Search names the audience, always."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.engine import Engine

from core.audience import Audience
from core.clock import Clock, now
from core.errors import NotFound
from models.adapted import AdaptedModels, Provenance
from models.embedder import Embedder, Vectors
from models.finetuning import FinetuningOptions
from retrieval.adapting import adapt, is_learned
from retrieval.analysis import normalise, strip_politeness
from retrieval.building import Builder
from retrieval.entry import Entry
from retrieval.given import Options
from retrieval.hit import Found, Hit, fused
from retrieval.importing import FileReport, Importer, missing
from retrieval.index import Rows
from retrieval.judges import NO_JUDGES, Judges
from retrieval.language import AskedLanguage
from retrieval.overlap import Known, Overlap, overlaps_of, questions_of
from retrieval.repository import Repository, Stored
from retrieval.reranking import RERANKED, Reranking
from retrieval.revisions import Revisions, State
from retrieval.rivals import disputes_of, rivals_of
from retrieval.serving import LoadedVersions, Serving
from retrieval.store import Folders, Store
from retrieval.synonyms import wording_of
from retrieval.version import Version, name_after

Reader = tuple[Audience, str | None]
"""Who searches: an audience, or the staff of a department."""

Progress = Callable[[str, int, int], None]

JUDGED = 2  #: hits that confidence looks at: how far the first stands out from the second
FUSED = 32  #: hits of each way of asking that are put together


class Knowledge:
    """All knowledge bases of one home."""

    def __init__(
        self,
        engine: Engine,
        root: Path,
        embedder: Embedder,
        *,
        judges: Judges = NO_JUDGES,
        threads: int = 1,
        clock: Clock = now,
        store: Store | None = None,
    ) -> None:
        """`root` is the folder of the indexes, unless `store` keeps them; models adapted to a knowledge base lie beside it."""
        self.repository, self._revisions = Repository(engine), Revisions(engine)
        self.models = AdaptedModels(root.parent / "adapted", embedder, threads)
        self._store, self._reranker, self._clock = store or Folders(root), judges.reranker, clock
        self._language_model = judges.language_model
        self._versions = LoadedVersions(self._store, self.models)

    # -- import and build

    def import_file(self, path: Path, kb: str, *, name: str | None = None, options: Options | None = None) -> FileReport:
        """Take a file in under its name, or under its path within a folder; see `Importer.take`."""
        return Importer(self.repository, kb, self._clock, options or Options()).take(path, name or path.name)

    def taking_in(self, kb: str) -> AbstractContextManager[None]:
        """Take files in that are to be published together: no server builds after some of them, unless this process dies."""
        return self._store.working(kb)

    def missing(self, kb: str, samples: Sequence[Path]) -> list[Path]:
        """Which files of a sample a knowledge base lacks: all where it is empty, new tables where it is that sample still."""
        return missing(self.repository, kb, samples)

    def build(self, kb: str, progress: Progress) -> None:
        """Bring the index of each audience up to date with the database. Does nothing where it already is."""
        with self._store.working(kb):
            self._embed(kb, self.models.current(kb), progress)
            with self._store.alone(kb):
                self._build(kb, progress)

    def _build(self, kb: str, progress: Progress) -> None:
        at = self._clock()
        readers = [(reader, [s for s in visible if not s.entry.has_ended(at)]) for reader, visible in self._visible(kb)]
        newest = max((n for reader, _ in readers for n in self._store.of(kb, *reader).names()), default="")
        name = name_after(newest, at)  # of all of them: what was built together is rolled back together
        for reader, visible in readers:
            self._build_for(kb, reader, visible, at, name, progress)

    def is_being_built(self, kb: str) -> bool:
        """Whether anybody who shares the indexes is at it, here or elsewhere."""
        return self._store.is_worked_on(kb)

    def is_behind(self, kb: str) -> bool:
        """Whether the database, the models or this release have something of which no index was made yet: a process ended between
        them, or the disk lost what was made. False where the indexes were only rolled back."""
        readers = list(self._visible(kb))
        if not any(visible or self._store.of(kb, *reader).current() for reader, visible in readers):
            return False  # nothing was ever imported
        builders, at = [(self._builder(kb, *reader), [s.entry for s in visible]) for reader, visible in readers], self._clock()
        return not all(builder.serves() and builder.has_built(entries, at) for builder, entries in builders)

    def is_untimely(self, kb: str) -> bool:
        """Whether an index, the newest of its reader, has entries whose time is over, or lacks some that a clock ahead took for
        such. What has ended is told nobody, but until the next build it weighs in every search for what is like it."""
        at = self._clock()
        return any(
            self._builder(kb, *reader).is_untimely([s.entry for s in visible], at) for reader, visible in self._visible(kb)
        )

    def is_rolled_back(self, kb: str) -> bool:
        """Whether an older index serves than the newest, and holds something else."""
        stores = [self._store.of(kb, *reader) for reader in self._readers(kb)]
        served = [(s.manifest(), s.manifest(names[-1])) for s in stores if (names := s.names())]
        return any(current and newest and current.made != newest.made for current, newest in served)

    def _visible(self, kb: str) -> Iterator[tuple[Reader, list[Stored]]]:
        """Who is to have an index, and what is to be in it until it has ended."""
        stored = self.repository.load(kb)
        confined = {e.department for s in stored if (e := s.entry).confined}
        departments = sorted({d for d in confined if d} | set(self._store.departments(kb)))
        for reader in (*((a, None) for a in Audience), *((Audience.STAFF, d) for d in departments)):
            yield reader, [s for s in stored if s.entry.is_for(*reader)]

    def _embed(self, kb: str, embedder: Embedder, progress: Progress) -> None:
        """Embed what is new before it is a build's turn: that takes long, and everybody else's turn is to come soon."""
        at = self._clock()
        texts = Rows.texts([s.entry for s in self.repository.load(kb) if not s.entry.has_ended(at)])
        new = self.repository.not_embedded(texts, embedder)
        self.repository.embed(new, embedder, lambda i, n: progress("文章の読み込み", i, n) if n else None)

    def _build_for(self, kb: str, reader: Reader, visible: list[Stored], at: datetime, name: str, progress: Progress) -> None:
        audience, department = reader
        label = f"{department}の索引" if department else "住民向け索引" if audience is Audience.RESIDENT else "職員向け索引"
        embedder = self.models.current(kb)

        def embed(texts: list[str]) -> Vectors:
            return self.repository.embed(texts, embedder, lambda i, n: progress(label, i, n))

        dated = [(s.entry, s.updated_at.date()) for s in visible]
        if version := self._builder(kb, audience, department).build(dated, embed, at, name):
            self._versions.renew((kb, audience, department), name, version)

    def _builder(self, kb: str, audience: Audience, department: str | None) -> Builder:
        embedder, wording = self.models.current(kb), wording_of(self.repository, kb)
        return Builder(self._store, kb, audience, embedder, wording, reranker=self._reranker, department=department)

    def roll_back(self, kb: str) -> dict[Audience, str]:
        """Serve what served before the last build that changed anything, until the next build; the versions' names by audience.

        An audience whose index that build did not touch keeps it.

        Raises:
            NotFound: there is no version before.
            ModelError: the model that it was made with is gone.
        """
        with self._store.alone(kb):  # from the first look on: a build that ended meanwhile would be undone unseen
            stores = {reader: self._store.of(kb, *reader) for reader in self._readers(kb)}
            serving = {reader: current for reader, store in stores.items() if (current := store.current())}
            last = max(serving.values(), default="")
            before = {reader: stores[reader].before() for reader, current in serving.items() if current == last}
            names = {reader: name for reader, name in before.items() if name is not None}
            if not names:
                raise NotFound(f"知識ベース「{kb}」には、戻せる前の索引がありません。")
            for reader, name in names.items():
                if manifest := stores[reader].manifest(name):
                    self.models.of(manifest.embedder)  # before anything is switched: what it was made with must still be there
            for reader, name in names.items():
                stores[reader].use(name)
        return {audience: name for (audience, department), name in names.items() if department is None}

    def _readers(self, kb: str) -> list[Reader]:
        """Who has index versions: the audiences, and the staff of departments that keep something to themselves."""
        return [*((a, None) for a in Audience), *((Audience.STAFF, d) for d in self._store.departments(kb))]

    def adapt(self, kb: str, options: FinetuningOptions, progress: Progress) -> Provenance:
        """Train an encoder for this knowledge base on what residents may read in it. If it is better it serves, in new index
        versions.

        Raises:
            InvalidInput, ModelError: there is too little to learn from, or nothing to learn with.
            Busy: another training goes on.
        """
        at, embed = self._clock().isoformat(), partial(self._embed, kb, progress=progress)
        with self.models.training(kb):
            provenance = adapt(kb, self._teaching(kb), self.models, options, at, progress, before_serving=embed)
        self.repository.count_as_written(kb)  # where machines share the encoders, all are to use it
        self.build(kb, progress)
        self.repository.keep_embeddings(f"{self.models.base.identity}+{kb}/", self.models.identities(kb))
        return provenance

    def unadapt(self, kb: str, progress: Progress) -> None:
        """Search with the base model again, until a training gains something. Raises Busy where one goes on."""
        with self.models.training(kb):
            self.models.use(kb, None)
        self.repository.count_as_written(kb)
        self.build(kb, progress)

    def is_learned(self, kb: str, options: FinetuningOptions) -> bool:
        """Whether the last training saw what the knowledge base says now."""
        return is_learned(kb, self._teaching(kb), self.models, options)

    def _teaching(self, kb: str) -> list[Entry]:
        return [s.entry for s in self.repository.load(kb) if s.entry.is_for(Audience.RESIDENT)]

    def overlaps(self, kb: str, checked: Sequence[Entry], may_see: Callable[[Entry], bool]) -> list[Overlap]:
        """Where another entry that is served or waits to be, of any audience and department, asks what one of these asks.

        Only what the reader `may_see` is compared at all.
        """
        known = [Known(entry=s.entry, state=State.APPROVED) for s in self.repository.load(kb)]
        known += [Known(entry=r.entry, state=r.state) for r in self._revisions.waiting(kb)]
        seen = [k for k in known if may_see(k.entry)]
        texts = questions_of([*checked, *(k.entry for k in seen)])
        vectors = self.repository.embed(texts, self.models.base, lambda *_: None)
        return overlaps_of(checked, seen, dict(zip(texts, vectors, strict=True)), wording_of(self.repository, kb))

    # -- search

    def language(self, kb: str, audience: Audience, department: str | None = None) -> AskedLanguage:
        """What is asked of a knowledge base by those of an audience, to be lent to recognition."""
        return AskedLanguage(self, kb, audience, department)

    def search(
        self,
        text: str,
        kb: str,
        *,
        audience: Audience,
        department: str | None = None,
        top: int = 10,
        spoken: bool = False,
        guess: bool = True,
    ) -> Found:
        """The entries that answer `text`, among those that `audience`, of staff those of `department`, may read. Raises NotReady
        before the first import.

        Where it is in doubt, the same is looked for in the knowledge base's words that sound like the text, and the entries are
        ordered by all of them. `confidence` stays that of the text as it stands; how sure the likeliest guess is, is `guessed`.
        What was `spoken` is respelled even where all its words are known. (Not with a cross-encoder.) Who only wants to know what
        is certain need not have it guessed at, which takes most of the time.
        """
        serving = self._versions.of(kb, audience, department)
        query = strip_politeness(normalise(text))
        # Reranked only where confidence was calibrated with it: after a change of the setting, once the index is built.
        calibrated = self._reranker and self._reranker.identity == serving.version.manifest.reranker
        reranker = self._reranker if calibrated else None
        (hits,) = self._shown_now(serving, (query,), max(top, RERANKED if reranker else JUDGED))
        if reranker:
            hits = Reranking(reranker).order(serving.version.index.written(query), hits)
        bands = serving.version.calibrations.of(query, hits)
        confidence = bands.confidence(hits)
        in_doubt = guess and confidence < bands.answer_from and not reranker
        model = self._language_model if spoken else None  # it takes longer than a typed question may
        meant = serving.version.index.respelled(query, spoken=spoken, model=model) if in_doubt else ()
        guessed = 0.0
        if meant:
            found, *guesses = self._shown_now(serving, (query, *(each.text for each in meant)), max(top, FUSED))
            hits = fused(found, [(guess, each.share) for guess, each in zip(guesses, meant, strict=True)], top)
            if meant[0].likelier:
                guessed = serving.version.calibrations.of(meant[0].text, guesses[0]).confidence(guesses[0])
        return Found(
            hits=hits[:top],
            confidence=confidence,
            guessed=guessed,
            answer_from=bands.answer_from,
            clarify_from=bands.clarify_from,
        )

    def _shown_now(self, serving: Serving, queries: Sequence[str], wanted: int) -> list[tuple[Hit, ...]]:
        """Of each query the hits that are shown at this very hour; the index knows days only."""
        at, index, top = self._clock(), serving.version.index, wanted
        vectors = [self._versions.vector(index.written(query), serving.embedder) for query in queries]
        while True:
            found = [index.search(q, v, top=top, day=at.date()) for q, v in zip(queries, vectors, strict=True)]
            shown = self._served(serving, list({h.entry.id: h.entry for hits in found for h in hits}.values()), at)
            kept = [tuple(h for h in hits if h.entry.id in shown) for hits in found]
            if all(len(k) >= min(wanted, len(hits)) or len(hits) < top for k, hits in zip(kept, found, strict=True)):
                return [hits[:wanted] for hits in kept]
            top *= 4

    def _served(self, serving: Serving, held: Sequence[Entry], at: datetime) -> set[str]:
        """Which entries of an index are still served, to the same audience, in the database and at this hour. An index that was
        rolled back to, or that is about to be replaced, holds others too."""
        manifest = serving.version.manifest
        shown = [e.id for e in held if e.is_valid_at(at)]
        stands = self.repository.hashes(manifest.kb, shown)
        changed = self.repository.served(manifest.kb, [i for i in shown if stands.get(i, "") not in ("", serving.hashes[i])])
        kept = {i for i, e in changed.items() if e.is_for(manifest.audience, manifest.department) and e.is_valid_at(at)}
        return {i for i in shown if i in kept or (i not in changed and i in stands)}

    def shown(self, kb: str, audience: Audience, department: str | None = None) -> list[Entry]:
        """Every entry that the reader may be shown now, in the order of import."""
        serving = self._versions.of(kb, audience, department)
        served = self._served(serving, serving.version.index.entries, self._clock())
        return [e for e in serving.version.index.entries if e.id in served]

    def still_shown(self, entries: Sequence[Entry], kb: str, *, audience: Audience, department: str | None = None) -> set[str]:
        """Of some entries of an index the ids of those that the reader is shown now."""
        serving = self._versions.of(kb, audience, department)
        return self._served(serving, [e for e in entries if e.id in serving.hashes], self._clock())

    def rivals(self, entry: Entry, text: str, kb: str, *, audience: Audience, department: str | None = None) -> tuple[Entry, ...]:
        """What the reader is shown now, too, that contradicts an entry and is asked the same, or as well as the entry `text`."""
        serving = self._versions.of(kb, audience, department)
        alike = serving.version.index.asked_alike((text, *entry.questions))
        rivals = rivals_of(entry, text, alike)
        served = self._served(serving, rivals, self._clock()) if rivals else ()
        return tuple(rival for rival in rivals if rival.id in served)

    def disputes(self, kb: str, *, audience: Audience, department: str | None = None) -> list[tuple[Entry, Entry]]:
        """The pairs of entries that the reader is shown now, are asked in the same words and contradict each other."""
        serving = self._versions.of(kb, audience, department)
        pairs = dict.fromkeys(disputes_of(serving.version.index.asked_in_the_same_words()))
        served = self._served(serving, list({e.id: e for pair in pairs for e in pair}.values()), self._clock())
        return [(a, b) for a, b in pairs if a.id in served and b.id in served]

    def find(self, entry_id: str, kb: str, *, audience: Audience, department: str | None = None) -> tuple[Entry, date] | None:
        """An entry by its id, and when it last changed; None where the reader is not shown it now."""
        serving = self._versions.of(kb, audience, department)
        found = serving.version.index.find(entry_id)
        return found if found and self._served(serving, [found[0]], self._clock()) else None

    def version(self, kb: str, audience: Audience, department: str | None = None) -> Version:
        """The index version that serves now; a newer one on disk is picked up at once."""
        return self._versions.of(kb, audience, department).version
