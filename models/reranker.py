"""Cross-encoder rerankers through sentence-transformers (extra `transformers`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.errors import ModelError
from core.settings import Settings
from models.device import choose_device
from models.store import ModelStore


class Reranker(Protocol):
    """Scores (query, passage) pairs; higher is more relevant."""

    @property
    def identity(self) -> str: ...

    def scores(self, query: str, passages: Sequence[str]) -> list[float]: ...


class CrossEncoder:
    """Any sentence-transformers cross-encoder."""

    def __init__(self, path: str, identity: str, device: str) -> None:
        try:
            from sentence_transformers import CrossEncoder as Model
        except ImportError:
            raise ModelError(
                "並べ直しには追加パッケージが必要です。「pip install -e .[transformers]」を実行してください。"
            ) from None
        self._model = Model(path, device=device, local_files_only=True)
        self.identity = identity

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        return [float(s) for s in self._model.predict([(query, p) for p in passages])]


def load_reranker(settings: Settings) -> Reranker | None:
    """The reranker of the settings, or None when none is set."""
    if not settings.reranker:
        return None
    verified = ModelStore(settings.home / "models").resolve(settings.reranker)
    return CrossEncoder(str(verified.path), f"{verified.name}/{verified.version}", choose_device(settings.device).kind)
