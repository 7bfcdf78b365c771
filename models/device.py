"""Chooses the device that models run on: CUDA in half precision where there is a GPU, else the CPU in int8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import ctranslate2

from core.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a model runs and in which number format."""

    kind: Literal["cpu", "cuda"]
    compute_type: str


CPU = Device(kind="cpu", compute_type="int8")
CUDA = Device(kind="cuda", compute_type="float16")


def choose_device(wanted: str, *, precision: str = CUDA.compute_type) -> Device:
    """`auto`, `cpu` or `cuda`, which is used in `precision`. Raises ModelError when cuda is forced and there is none."""
    if wanted == "cpu":
        return CPU
    if ctranslate2.get_cuda_device_count() > 0:
        return Device(kind="cuda", compute_type=precision)
    if wanted == "cuda":
        raise ModelError("GPU が見つかりません。--device auto か cpu を指定してください。")
    return CPU
