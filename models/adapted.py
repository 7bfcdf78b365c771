"""Encoders adapted to a knowledge base: weights and their provenance in, a folder that the torch-free runtime serves out."""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.durable import write_durably
from core.errors import Busy, ModelError
from core.lock import locked
from core.logging import logger
from models.e5 import E5Small, Weights, convert, is_whole
from models.embedder import Embedder

LEAST_GAIN = 0.005  #: of nDCG@10 on held-back questions; less is not worth another model
_LAST = "last.json"
KEPT = 3  #: adapted models of a knowledge base that stay on disk; older index versions name them
_log = logger("models.adapted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an adapted model comes from, and what it gained on pairs that it was not trained on."""

    kb: str
    base: str  #: identity of the model that it was trained from
    data_sha256: str  #: of the pairs
    pairs: int
    options: dict[str, float]
    steps: int
    planned_steps: int
    held_back: int  #: questions that no training saw
    ndcg_before: float  #: on the held-back questions
    ndcg_after: float
    created_at: str

    @property
    def serves(self) -> bool:
        return self.ndcg_after >= self.ndcg_before + LEAST_GAIN


class AdaptedModels:
    """The adapted models of one home. A knowledge base without one is searched with the base model."""

    def __init__(self, root: Path, base: Embedder, threads: int) -> None:
        self._root, self.base, self._threads = root, base, threads
        self._loading = threading.Lock()
        self._loaded: dict[str, Embedder] = {base.identity: base}
        self._unreadable: dict[str, str] = {}  # by knowledge base, so that each is told once

    def current(self, kb: str) -> Embedder:
        """The model that new index versions of a knowledge base are built with. Where the adapted one is gone or damaged that is
        the base model: what is approved is published all the same."""
        name = self._named(kb)
        try:
            if name and self.provenance(kb, name).base == self.base.identity:
                return self.of(self._identity(kb, name))
        except ModelError:
            if self._unreadable.get(kb) != name:
                self._unreadable[kb] = name
                _log.error("adapted_unreadable", extra={"kb": kb, "model": name})
        return self.base

    def of(self, identity: str) -> Embedder:
        """The model that an index version names.

        Raises:
            ModelError: it is neither the base model nor one of its adapted ones, or damaged.
        """
        if (known := self._loaded.get(identity)) is not None:
            return known
        with self._loading:
            if identity not in self._loaded:
                base, _, place = identity.rpartition("+")
                folder = self._root / place / "model"
                if base != self.base.identity or not is_whole(folder):
                    raise ModelError("索引と検索のモデルが合いません。「madoguchi kb build」で索引を作り直してください。")
                self._loaded[identity] = E5Small(folder, identity, self._threads)
            return self._loaded[identity]

    def keep(self, identities: Collection[str]) -> None:
        """Give back the memory of all others but the base model: each takes 120 MB, and a night may bring another."""
        with self._loading:
            kept = {self.base.identity, *identities}
            self._loaded = {identity: model for identity, model in self._loaded.items() if identity in kept}

    def provenance(self, kb: str, name: str) -> Provenance:
        """Raises ModelError where it can't be read."""
        try:
            return Provenance(**json.loads((self._root / kb / name / "provenance.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            raise ModelError("学習したモデルの記録(provenance.json)を読めません。もう一度、学習してください。") from None

    @contextmanager
    def training(self, kb: str) -> Iterator[None]:
        """One training at a time; what one that was killed left unjudged goes first. Raises Busy."""
        self._root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            try:
                held.enter_context(locked(self._root, fcntl.LOCK_NB))
            except BlockingIOError:
                raise Busy("別の学習が、もう動いています。終わってから、もう一度実行してください。") from None
            self._sweep(kb)
            yield

    def save(self, weights: Weights, provenance: Provenance, name: str) -> Embedder:
        """Write a model aside. It serves once `use` names it."""
        folder = self._root / provenance.kb / name
        folder.mkdir(parents=True, exist_ok=True)
        convert(weights, folder / "model")
        write_durably(folder / "provenance.json", _json(provenance))
        return self.of(self._identity(provenance.kb, name))

    def judged(self, kb: str, name: str, ndcg_after: float) -> Provenance:
        """Write down what the model came to on the held-back questions."""
        provenance = replace(self.provenance(kb, name), ndcg_after=ndcg_after)
        write_durably(self._root / kb / name / "provenance.json", _json(provenance))
        return provenance

    def use(self, kb: str, name: str | None) -> None:
        """Build new index versions with this model; None goes back to the base model."""
        folder = self._root / kb
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(folder / "current", name or "")
        for old in self._names(kb)[:-KEPT]:
            if old != name:
                shutil.rmtree(folder / old)

    def identities(self, kb: str) -> set[str]:
        """Those of the adapted models of a knowledge base that are on the disk."""
        return {self._identity(kb, name) for name in self._names(kb)}

    def last(self, kb: str) -> Provenance | None:
        """What the last training came to, whether its model serves or not; None before the first."""
        try:
            return Provenance(**json.loads((self._root / kb / _LAST).read_text("utf-8")))
        except FileNotFoundError:
            return None

    def remember(self, provenance: Provenance) -> None:
        """Write down that a training came to its end, so that it is not done again for the same text."""
        folder = self._root / provenance.kb
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(folder / _LAST, _json(provenance))

    def forget(self, kb: str, name: str) -> None:
        """Remove a model that gained nothing."""
        with self._loading:
            self._loaded.pop(self._identity(kb, name), None)
        shutil.rmtree(self._root / kb / name, ignore_errors=True)

    def _named(self, kb: str) -> str:
        """The name of the model that is to serve; empty where that is the base model."""
        try:
            return (self._root / kb / "current").read_text("utf-8").strip()
        except FileNotFoundError:
            return ""

    def _sweep(self, kb: str) -> None:
        """Remove what never came to serve: it would take the place of one that did among those that are kept."""
        for name in self._names(kb):
            try:
                is_wanted = name == self._named(kb) or self.provenance(kb, name).serves
            except ModelError:
                is_wanted = False
            if not is_wanted:
                self.forget(kb, name)

    def _names(self, kb: str) -> list[str]:
        """The models on the disk, oldest first."""
        folder = self._root / kb
        return sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []

    def _identity(self, kb: str, name: str) -> str:
        return f"{self.base.identity}+{kb}/{name}"


def _json(provenance: Provenance) -> str:
    return json.dumps(asdict(provenance), ensure_ascii=False, indent=1)
