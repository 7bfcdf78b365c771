"""A GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) in, its fields and tensors out.

The package `gguf` makes several objects of each word of a vocabulary, which takes 1.5 GB and half a minute; here it takes the
weights out of their blocks, and nothing else.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

Array = npt.NDArray[np.float32]

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_ALIGNMENT = 32  #: bytes, where the file has no other


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor as the file has it, in rows of quantised blocks."""

    kind: GGMLQuantizationType
    rows: npt.NDArray[np.uint8]  #: (rows, bytes)

    def read(self, rows: Sequence[int] | None = None) -> Array:
        """(rows, width) float32, or some of the rows; a tensor of one row is flat."""
        data = self.rows if rows is None else self.rows[list(rows)]
        values = dequantize(data.view(np.float32) if self.kind is GGMLQuantizationType.F32 else data, self.kind)
        return np.ascontiguousarray(values[0] if len(values) == 1 else values, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class GgufFile:
    """What a file holds, the tensors read when they are asked for."""

    fields: dict[str, Any]
    tensors: dict[str, Tensor]


def read_gguf(path: Path) -> GgufFile:
    """Raises ValueError for what is no such file, or ends too soon."""
    try:
        with path.open("rb") as file:
            return _Reader(memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))).file()
    except (struct.error, KeyError, UnicodeDecodeError) as e:
        raise ValueError("no GGUF file") from e


class _Reader:
    def __init__(self, raw: memoryview) -> None:
        self._raw, self._at = raw, 0

    def file(self) -> GgufFile:
        magic, version, tensors, fields = self._numbers("4sIQQ")
        if magic != _MAGIC or version not in _VERSIONS:
            raise ValueError("no GGUF file of a known version")
        found = {self._string(): self._value(self._number("I")) for _ in range(fields)}
        told = [self._told() for _ in range(tensors)]
        alignment = found.get("general.alignment", _ALIGNMENT)
        start = -(-self._at // alignment) * alignment
        return GgufFile(found, {name: self._tensor(shape, kind, start + at) for name, shape, kind, at in told})

    def _told(self) -> tuple[str, tuple[int, ...], GGMLQuantizationType, int]:
        """A tensor's name, its shape, the quickest dimension first, its kind, and where it begins."""
        name = self._string()
        shape = self._numbers(f"{self._number('I')}Q")
        return name, shape, GGMLQuantizationType(self._number("I")), self._number("Q")

    def _tensor(self, shape: tuple[int, ...], kind: GGMLQuantizationType, at: int) -> Tensor:
        width, rows = shape[0], math.prod(shape[1:])
        block, size = GGML_QUANT_SIZES[kind]
        row_bytes = width // block * size
        return Tensor(kind, np.frombuffer(self._raw, np.uint8, rows * row_bytes, at).reshape(rows, row_bytes))

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._number(_NUMBERS[kind])
        of, count = self._numbers("IQ")
        if of in (_STRING, _ARRAY):
            return [self._value(of) for _ in range(count)]
        return [*self._numbers(f"{count}{_NUMBERS[of]}")]

    def _string(self) -> str:
        (length,) = self._numbers("Q")
        self._at += length
        return bytes(self._raw[self._at - length : self._at]).decode()

    def _number(self, form: str) -> Any:
        return self._numbers(form)[0]

    def _numbers(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self._raw, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found
