"""Text embedders behind one protocol: e5-small in the default install, or any sentence-transformers model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.errors import ModelError
from core.settings import Settings
from models.device import choose_device
from models.e5 import SOURCE as E5_SOURCE
from models.e5 import E5Small
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


_OF_A_MODEL = ("modules.json", "config.json")  # one of which every model of the library has


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
        self.dimensions = int(self._model.encode(["寸法"]).shape[1])
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
    if (verified.path / E5_SOURCE).is_file():
        return E5Small.of_package(verified, settings.cpu_threads)
    if not any((verified.path / name).is_file() for name in _OF_A_MODEL):
        raise ModelError(f"{verified.path} に文章検索のモデルがありません。設定「embedder」のフォルダの場所を確かめてください。")
    return SentenceTransformer(verified, choose_device(settings.device).kind)
