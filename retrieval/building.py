"""Entries that an audience may read in, a checked index version on disk out. What did not change is taken over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime

from core.audience import Audience
from core.logging import logger
from models.embedder import Embedder, Vectors
from models.reranker import Reranker
from retrieval.calibration import calibrations_of
from retrieval.confidence import Calibrated
from retrieval.entry import Entry
from retrieval.index import Index, Rows
from retrieval.release import release
from retrieval.reranking import Reranking
from retrieval.selftest import check
from retrieval.store import Store, Versions
from retrieval.terms import Terms
from retrieval.version import FORMAT, Built, Made, Manifest, Version
from retrieval.wording import Wording

Embed = Callable[[list[str]], Vectors]
"""Passage vectors of texts, (n, dimensions)."""

CALIBRATED_UP_TO = 0.05  #: share of the entries that may change before confidence is calibrated anew


class Builder:
    """Builds the versions of one knowledge base for one audience."""

    def __init__(
        self,
        store: Store,
        kb: str,
        audience: Audience,
        embedder: Embedder,
        wording: Wording,
        *,
        reranker: Reranker | None = None,
        department: str | None = None,
    ) -> None:
        self._store, self._residents = store.of(kb, audience, department), store.of(kb, Audience.RESIDENT)
        self._department = department
        self._kb, self._audience, self._embedder, self._reranker = kb, audience, embedder, reranker
        self._wording = wording
        self._checked: dict[tuple[Versions, str], Manifest | None] = {}

    def has_built(self, entries: Sequence[Entry], at: datetime) -> bool:
        """Whether the newest version was made of these, in this way, but for those that had ended by then. What ends is no reason
        to build by itself, and the version need not serve: it may have been rolled back."""
        newest = self._newest()
        if newest is None:
            return False
        made_at = min(newest.made_at, at)  # what a clock ahead took for ended is lacking
        return newest.made == self._made([e for e in entries if not e.has_ended(made_at)])

    def is_untimely(self, entries: Sequence[Entry], at: datetime) -> bool:
        """Whether other entries have ended than when the newest version was made: more, or fewer where the clock was ahead."""
        newest = self._newest()
        return newest is not None and any(e.has_ended(at) != e.has_ended(newest.made_at) for e in entries)

    def _newest(self) -> Manifest | None:
        return self._whole(self._store, names[-1]) if (names := self._store.names()) else None

    def serves(self) -> bool:
        """Whether a version serves that nothing on the disk has damaged."""
        return self._whole(self._store, self._store.current()) is not None

    def build(self, visible: Sequence[tuple[Entry, date]], embed: Embed, at: datetime, name: str) -> Version | None:
        """Write a new version and let it serve; None where the current one is up to date, undamaged and the newest.

        Raises:
            MadoguchiError: the new version failed its checks; the one before goes on serving.
        """
        entries = [e for e, _ in visible]
        current, made = self._whole(self._store, self._store.current()), self._made(entries)
        if current and current.made == made and self.has_built(entries, at):
            return None
        before = self._before(current)
        rows = Rows.embedded(entries, embed)
        terms = Terms.of(entries, before, wording=self._wording)
        index = Index(entries, [d for _, d in visible], rows, terms)
        check(index, rows, self._embedder.dimensions)
        calibrated = self._still_calibrated(current, before, terms, made)
        if calibrated is None:
            reranking = Reranking(self._reranker) if self._reranker else None
            calibrations = calibrations_of(entries, rows, terms, self._embedder.queries, at.date(), reranking)
            calibrated = Calibrated(calibrations=calibrations, on=frozenset(terms.hashes))
        manifest = Manifest(
            format=FORMAT,
            kb=self._kb,
            audience=self._audience,
            department=self._department,
            embedder=self._embedder.identity,
            digest=made[1],
            entries=len(entries),
            created_at=at.isoformat(),
            reranker=made[-1],
            release=release(),
        )
        built = Built(manifest=manifest, stored=visible, rows=rows, terms=terms, calibrated=calibrated)
        self._store.save(name, built)
        extra = {"kb": self._kb, "audience": self._audience.value, "entries": len(entries)}
        logger("retrieval").info("index built", extra=extra)
        return Version(manifest=manifest, index=index, calibrations=calibrated.calibrations)

    def _whole(self, store: Versions, name: str | None) -> Manifest | None:
        """What a version was made from; None where it is not there or damaged. It is read but once, and may have megabytes."""
        if name is None:
            return None
        if (store, name) not in self._checked:
            self._checked[store, name] = store.manifest(name) if store.is_whole(name) else None
        return self._checked[store, name]

    def _made(self, entries: Sequence[Entry]) -> Made:
        made_of = [*(e.content_hash for e in entries), self._wording.digest]
        digest = hashlib.sha256("".join(made_of).encode()).hexdigest()
        return release(), digest, self._embedder.identity, self._reranker.identity if self._reranker else ""

    def _before(self, current: Manifest | None) -> Terms | None:
        """Analysed text to take over: of the version before, or of what residents see, which staff see too."""
        if current is not None and current.release == release():
            return self._store.terms()
        theirs = self._whole(self._residents, self._residents.current())
        return self._residents.terms() if theirs is not None and theirs.release == release() else None

    def _still_calibrated(self, current: Manifest | None, before: Terms | None, terms: Terms, made: Made) -> Calibrated | None:
        """The calibration of the version before, where little has changed since it was made, be it in many small steps: one
        edited entry is to be seen at once. That of residents, where staff see the same entries."""
        theirs = self._whole(self._residents, self._residents.current())
        if theirs and theirs.made == made:
            return self._residents.calibrated()
        if (
            current is None
            or before is None
            or before.wording_digest != terms.wording_digest
            or (current.release, current.embedder, current.reranker) != (made[0], *made[2:])
        ):
            return None
        calibrated = self._store.calibrated()
        changed = len(calibrated.on ^ set(terms.hashes)) if calibrated else 0
        return calibrated if changed <= CALIBRATED_UP_TO * len(terms.hashes) else None
