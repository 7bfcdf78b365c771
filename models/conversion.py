"""A model in another form: a folder that is there whole or not at all, made once, however many processes want it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.durable import sync_directory, sync_file
from core.lock import locked


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A folder to write into, which then takes the place of `target` in one rename, for good. One process at a time."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".convert-") as tmp:
        folder = Path(tmp) / "model"
        folder.mkdir()
        yield folder
        for file in folder.iterdir():  # half a model after a power loss would stay half
            sync_file(file)
        sync_directory(folder)
        if target.exists():
            shutil.rmtree(target)
        folder.replace(target)
        sync_directory(target.parent)


def made_once(folder: Path, *, is_whole: Callable[[], bool], make: Callable[[], None]) -> Path:
    """The folder, made if it is not there or not whole. Processes that start together would each take the other's away."""
    if not is_whole():
        with locked(folder.parent):
            if not is_whole():
                make()
    return folder
