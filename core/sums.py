"""The digests of a folder's files, in the form of `sha256sum`: written when all are there, compared before any is believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

SUMS = "SHA256SUMS"


def write_sums(folder: Path) -> None:
    """Write down what the files of a folder are now."""
    lines = [f"{_sha256(file)}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def are_as_written(folder: Path) -> bool:
    """Whether all files that were written down are there and say what they said."""
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        written = [line.split("  ", 1) for line in lines]
        return bool(written) and all(_sha256(folder / name) == digest for digest, name in written)
    except (OSError, ValueError):  # a file is gone, or the list itself is damaged
        return False


def _sha256(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
