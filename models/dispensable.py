"""Models that recognition can do without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from core.errors import ModelError, ModelMissing
from core.logging import logger

Model = TypeVar("Model")
_log = logger("models.dispensable")


def if_usable(name: str, load: Callable[[], Model]) -> Model | None:
    """What `load` gives; nothing where the package of the name was not fetched, or can't be used."""
    try:
        return load()
    except ModelMissing:
        return None
    except (ModelError, OSError):
        _log.warning("model_left_out", extra={"model": name}, exc_info=True)
        return None
