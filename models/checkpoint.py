"""A PyTorch file from before its zip format in, float32 tensors out as NumPy arrays: no PyTorch, and no code of the file is run.

Such a file (https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, `_legacy_save`) is a row of pickles (magic
number, protocol, type sizes, the object, the keys of its storages) and then each storage: its length and its raw numbers.
"""

from __future__ import annotations

import pickle  # only through the unpickler below, which admits three names and calls none of PyTorch
import struct
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.errors import ModelDamaged

Array = npt.NDArray[np.float32]

_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGE = "FloatStorage"


@dataclass(frozen=True, slots=True)
class _View:
    """Where a tensor lies in a storage: positions count elements."""

    storage: str
    start: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_checkpoint(path: Path, state: str) -> dict[str, Array]:
    """The tensors under the key `state` of a checkpoint, by name.

    Raises:
        ModelDamaged: the file is something else, holds names beyond plain tensors, or breaks off.
    """
    try:
        with path.open("rb") as f:
            if _Plain(f).load() != _MAGIC:
                raise ModelDamaged(_damaged(path))
            _Plain(f).load()
            _Plain(f).load()
            views = _Plain(f).load()[state]
            keys = _Plain(f).load()
            storages = {key: _read_storage(f) for key in keys}
        return {name: _tensor(view, storages[view.storage]) for name, view in views.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError, struct.error) as e:
        raise ModelDamaged(_damaged(path)) from e


class _Plain(pickle.Unpickler):
    """Admits what plain float tensors need, and gives records in place of PyTorch's objects."""

    def find_class(self, module: str, name: str) -> object:
        match module, name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _rebuild
            case "torch", "FloatStorage":
                return _STORAGE
        raise pickle.UnpicklingError(f"{module}.{name} is not admitted")

    def persistent_load(self, pid: tuple[object, ...]) -> str:
        kind, storage_type, key, _location, _elements, view = pid
        if kind != "storage" or storage_type != _STORAGE or view is not None:
            raise pickle.UnpicklingError("only whole float storages are admitted")
        return str(key)


def _rebuild(storage: str, start: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object) -> _View:
    return _View(storage, start, shape, stride)


def _read_storage(f: BinaryIO) -> Array:
    (elements,) = struct.unpack("<q", f.read(8))
    return np.frombuffer(f.read(4 * elements), "<f4", count=elements)


def _tensor(view: _View, storage: Array) -> Array:
    last = view.start + sum((n - 1) * step for n, step in zip(view.shape, view.stride, strict=True))
    if view.start < 0 or min(view.stride, default=0) < 0 or last >= storage.size:
        raise ValueError("a tensor reaches beyond its storage")
    flat = storage[view.start :]
    return np.array(np.lib.stride_tricks.as_strided(flat, view.shape, [4 * s for s in view.stride]), np.float32)


def _damaged(path: Path) -> str:
    return f"モデルのファイル {path.name} を読み取れません。「madoguchi models pull」で取得し直してください。"
