"""A recogniser on a GPU in, one that survives the GPU out: smaller batches when memory runs out, then the CPU, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from core.logging import logger
from models.device import Device
from models.engine import Aligned, Decoded, Encoded, Engine, Features, Search

_log = logger("models.fallback")
_NO_MEMORY = ("out of memory", "alloc_failed")  # as CUDA, cuBLAS and torch say it

T = TypeVar("T")


class Fallback:
    """Calls go to the GPU until it fails, from then on to the CPU, whose model is loaded only then.

    A failed call is repeated, so whoever called never learns of it: what the encoder gave lies in the machine's own memory. The
    GPU's model is kept: to free it after a failure of the driver may end the process.
    """

    def __init__(self, gpu: Engine, load_cpu: Callable[[], Engine]) -> None:
        self._engine = self._gpu = gpu
        self._load_cpu = load_cpu
        self._switching = threading.Lock()
        self._most = 1_000_000  #: clips at once, as far as memory was found to go

    @property
    def device(self) -> Device:
        return self._engine.device

    @property
    def clips_at_once(self) -> int:
        return self._engine.clips_at_once

    def features(self, samples: Features, frames: int) -> Features:
        return self._engine.features(samples, frames)

    def encode(self, features: Features) -> Encoded:
        parts = self._in_parts(len(features), lambda e, a, b: [e.encode(features[a:b])])
        return parts[0] if len(parts) == 1 else np.concatenate([p.astype(parts[0].dtype, copy=False) for p in parts])

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        def call(engine: Engine, first: int, behind: int) -> list[Decoded]:
            return engine.generate(encoded[first:behind], prompt, search)

        return self._in_parts(len(encoded), call)

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        return self._in_parts(len(encoded), lambda e, a, b: e.align(encoded[a:b], texts[a:b], frames[a:b], start))

    def _in_parts(self, count: int, call: Callable[[Engine, int, int], list[T]]) -> list[T]:
        """Do `call(engine, first, behind)` for `count` clips, in as many parts as memory asks for."""
        made: list[T] = []
        at = 0
        while at < count:
            engine, size = self._engine, min(self._most, count - at)
            try:
                made += call(engine, at, at + size)
                at += size
            except RuntimeError as e:
                if engine is not self._gpu:
                    raise
                if size > 1 and _is_memory(e):
                    self._most = max(1, size // 2)
                    _log.info("gpu_batch_halved", extra={"clips": self._most})
                else:
                    self._switch(e)
        return made

    def _switch(self, error: RuntimeError) -> None:
        """Go on with the CPU, once for all who call at the same time."""
        with self._switching:
            if self._engine is self._gpu:
                _log.warning("gpu_failed", extra={"reason": "memory" if _is_memory(error) else "device"})
                self._engine, self._most = self._load_cpu(), 1_000_000


def _is_memory(error: RuntimeError) -> bool:
    text = str(error).lower()
    return any(sign in text for sign in _NO_MEMORY)
