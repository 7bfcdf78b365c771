"""Files and folders on the disk for good: what was written down survives a power loss, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, text: str) -> None:
    """Replace a small file in one rename: after a power loss it says the old or the new, never half."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    sync_file(part)
    part.replace(path)
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    """Have what was written to a file on the disk."""
    with path.open("rb") as f:
        os.fsync(f.fileno())


def sync_directory(path: Path) -> None:
    """Make renames inside `path` durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
