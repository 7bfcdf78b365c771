"""What is built when it is first needed: once, however many need it at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

Made_co = TypeVar("Made_co", covariant=True)


class BuiltOnce(cached_property[Made_co]):
    """A cached property whose others wait while one builds it: from 3.12 on Python's own lets each build its own."""

    def __init__(self, build: Callable[[Any], Made_co]) -> None:
        super().__init__(build)
        self._building = threading.RLock()

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Made_co:  # type: ignore[override]  # of no class
        with self._building:
            return super().__get__(instance, owner)
