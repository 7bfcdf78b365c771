"""Files that the service accepted: written whole, synced to disk, then named. Accepted means durable."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound, TooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A stored file."""

    id: str  #: opaque, safe in a URL and as a file name
    size_bytes: int
    sha256: str


class BlobStore:
    """A folder of blobs. Names come from us, never from the uploader."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int, suffix: str = "") -> Blob:
        """Store the chunks as one file; on return it survives power loss.

        Raises:
            TooLarge: more than `limit_bytes` came; nothing is kept.
        """
        blob_id = uuid.uuid4().hex + suffix
        part = self._root / f".{blob_id}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with part.open("wb") as f:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit_bytes:
                        raise TooLarge(f"ファイルが大きすぎます。{limit_bytes // 1_000_000:,} MB までにしてください。")
                    digest.update(chunk)
                    f.write(chunk)
                f.flush()
                os.fsync(f.fileno())
            part.replace(self._root / blob_id)
            sync_directory(self._root)
        finally:
            part.unlink(missing_ok=True)
        return Blob(id=blob_id, size_bytes=size, sha256=digest.hexdigest())

    def path(self, blob_id: str) -> Path:
        """Where a blob lies. Raises NotFound for anything that is not one."""
        path = self._root / blob_id
        if "/" in blob_id or blob_id.startswith(".") or not path.is_file():
            raise NotFound("ファイルが見つかりません。")
        return path

    def delete(self, blob_id: str) -> None:
        self.path(blob_id).unlink()


def sync_directory(path: Path) -> None:
    """Make renames inside `path` durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
