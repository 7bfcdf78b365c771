"""The index versions that serve now, with the encoder that each was made with. A newer one on disk is picked up at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from core.audience import Audience
from core.errors import MadoguchiError
from core.logging import logger
from models.adapted import AdaptedModels
from models.embedder import Embedder, Vectors
from retrieval.store import Store
from retrieval.version import Version

Reader = tuple[str, Audience, str | None]
"""A knowledge base, who reads in it, and the department whose staff that is."""

_log = logger("retrieval.serving")

_WAITED_S = 1.0  #: for a new version, by the question that found it: a city's is there by then, one of 20,000 entries is not
REMEMBERED = 4096  #: questions whose vectors are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A loaded version and what its queries are embedded with."""

    name: str
    version: Version
    embedder: Embedder
    hashes: dict[str, str]  #: of its entries by id, to see at once which have changed in the database since


class LoadedVersions:
    """Loads each version once. While one loads, questions are answered from the one before: nobody waits for long, and nobody
    gets half of each."""

    def __init__(self, store: Store, models: AdaptedModels) -> None:
        self._store, self._models = store, models
        self._loaded: dict[Reader, Serving] = {}
        self._unreadable: dict[Reader, str] = {}
        self._loading, self._loader = threading.Lock(), ThreadPoolExecutor(1, "index-loading")
        self._vector = lru_cache(maxsize=REMEMBERED)(self._embed)

    def of(self, kb: str, audience: Audience, department: str | None = None) -> Serving:
        """What a reader may search. A department that has nothing of its own reads what all staff do.

        Raises:
            NotReady, ModelError: there is no version yet, or none that can be read here.
        """
        reader: Reader = (kb, audience, department if audience is Audience.STAFF else None)
        name = self._store.of(*reader).current()
        if name is None and reader[2] is not None:
            return self.of(kb, audience)
        serving = self._loaded.get(reader)
        if serving is not None and serving.name == name:
            return serving
        if serving is None:
            with self._loading:
                return self._newest(reader)
        if self._loading.acquire(blocking=False):
            renewed = self._loader.submit(self._renewed, reader)
            with suppress(TimeoutError):
                return renewed.result(_WAITED_S)
        return serving

    def renew(self, reader: Reader, name: str, version: Version) -> None:
        """Serve what this very process built instead of the version before, if that is served here. To read it back from the
        store would take as long again."""
        if reader in self._loaded and self._store.searches_in_memory:
            with self._loading:
                self._serve(reader, name, version, self._models.of(version.manifest.embedder))

    def vector(self, text: str, embedder: Embedder) -> Vectors:
        """The query's embedding."""
        return self._vector(text, embedder.identity)

    def _renewed(self, reader: Reader) -> Serving:
        """The newest version, or the one before where that can't be read here. Lets go of the lock of those who load."""
        try:
            return self._newest(reader)
        except MadoguchiError as e:  # made by another release, or with a model that this machine lacks
            name = self._store.of(*reader).current() or ""
            if self._unreadable.get(reader) != name:
                self._unreadable[reader] = name
                _log.error("index_unreadable", extra={"kb": reader[0], "audience": reader[1].value, "code": e.code})
            return self._loaded[reader]
        finally:
            self._loading.release()

    def _newest(self, reader: Reader) -> Serving:
        store = self._store.of(*reader)
        name = store.current()
        serving = self._loaded.get(reader)
        if serving is None or serving.name != name:
            manifest = store.manifest(name)
            embedder = self._models.of(manifest.embedder) if manifest else self._models.base  # before all that takes long
            serving = self._serve(reader, name or "", store.load(name), embedder)
        return serving

    def _serve(self, reader: Reader, name: str, version: Version, embedder: Embedder) -> Serving:
        index = version.index
        hashes = dict(zip((e.id for e in index.entries), index.terms.hashes, strict=True))
        serving = self._loaded[reader] = Serving(name=name, version=version, embedder=embedder, hashes=hashes)
        self._models.keep({s.embedder.identity for s in self._loaded.values()})
        return serving

    def _embed(self, text: str, identity: str) -> Vectors:
        vector: Vectors = self._models.of(identity).queries([text])[0]
        return vector
