"""The manifest: which models there are, where they come from, and the hash that each file must have."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


class Kind(StrEnum):
    """What a model is for."""

    ASR = "asr"
    EMBEDDER = "embedder"
    VOICE = "voice"
    SPEAKER = "speaker"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model, the concatenation of `parts` (paths inside the packages)."""

    path: str
    size_bytes: int
    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model that the manifest knows by name."""

    name: str
    version: str
    kind: Kind
    purpose: str
    licence: str
    source: str
    default: bool  #: part of every installation
    packages: tuple[str, ...]  #: `name==version` of the Python packages that carry it
    files: tuple[ModelFile, ...]
    hub: str | None  #: repository on a model hub, for models that no package carries

    @property
    def needed(self) -> bool:
        """Whether the systems don't work without; a language model only makes recognition better."""
        return self.default and self.kind is not Kind.LANGUAGE

    @property
    def size_bytes(self) -> int:
        return sum(f.size_bytes for f in self.files)

    @property
    def directory(self) -> str:
        """Folder name inside the model store."""
        return f"{self.name}-{self.version}"


@cache
def manifest() -> dict[str, ModelSpec]:
    """Every known model by name."""
    rows = tomllib.loads((Path(__file__).parent / "manifest.toml").read_text("utf-8"))["model"]
    return {row["name"]: _spec(row) for row in rows}


def _spec(row: dict[str, object]) -> ModelSpec:
    def text(key: str) -> str:
        value = row[key]
        assert isinstance(value, str)
        return value

    packages, files = row.get("packages", []), row.get("file", [])
    assert isinstance(packages, list)
    assert isinstance(files, list)
    return ModelSpec(
        name=text("name"),
        version=text("version"),
        kind=Kind(text("kind")),
        purpose=text("purpose"),
        licence=text("licence"),
        source=text("source"),
        default=bool(row.get("default")),
        packages=tuple(packages),
        files=tuple(ModelFile(**{**f, "parts": tuple(f["parts"])}) for f in files),
        hub=text("hub") if "hub" in row else None,
    )
