"""The index versions that serve now, with the encoder that each was made with. A newer one on disk is picked up at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

from core.audience import Audience
from models.adapted import AdaptedModels
from models.embedder import Embedder, Vectors
from retrieval.store import Store
from retrieval.version import Version

REMEMBERED = 4096  #: questions whose vectors are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A loaded version and what its queries are embedded with."""

    name: str
    version: Version
    embedder: Embedder
    hashes: dict[str, str]  #: of its entries by id, to see at once which have changed in the database since


class LoadedVersions:
    """Loads each version once. While one loads, questions are answered from the one before: nobody waits, and nobody gets
    half of each."""

    def __init__(self, store: Store, models: AdaptedModels) -> None:
        self._store, self._models = store, models
        self._loaded: dict[tuple[str, Audience], Serving] = {}
        self._loading = threading.Lock()
        self._vector = lru_cache(maxsize=REMEMBERED)(self._embed)

    def of(self, kb: str, audience: Audience) -> Serving:
        """Raises NotReady before the first version."""
        name = self._store.of(kb, audience).current()
        serving = self._loaded.get((kb, audience))
        if serving is not None and serving.name == name:
            return serving
        if serving is None:
            with self._loading:
                return self._newest(kb, audience)
        if self._loading.acquire(blocking=False):
            try:
                return self._newest(kb, audience)
            finally:
                self._loading.release()
        return serving

    def vector(self, text: str, embedder: Embedder) -> Vectors:
        """The query's embedding."""
        return self._vector(text, embedder.identity)

    def _newest(self, kb: str, audience: Audience) -> Serving:
        store = self._store.of(kb, audience)
        name = store.current()
        serving = self._loaded.get((kb, audience))
        if serving is None or serving.name != name:
            version = store.load(name)
            hashes = {e.id: e.content_hash for e in version.index.entries}
            embedder = self._models.of(version.manifest.embedder)
            serving = Serving(name=name or "", version=version, embedder=embedder, hashes=hashes)
            self._loaded[(kb, audience)] = serving
        return serving

    def _embed(self, text: str, identity: str) -> Vectors:
        vector: Vectors = self._models.of(identity).queries([text])[0]
        return vector
