"""Files that the service accepted: written whole, synced to disk, then named. Accepted means durable."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.durable import sync_directory
from core.errors import NotFound, TooLarge, UnreadableMedia

_NEW, _PART = ".new", ".part"
_SETTLED_S = 3_600.0  #: writing down that a file is there takes milliseconds
_STALLED_S = 86_400.0  #: an upload of which nothing more came for so long has ended


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
            UnreadableMedia: nothing came.
            TooLarge: more than `limit_bytes` came; nothing is kept.
        """
        return self._store(uuid.uuid4().hex + suffix, chunks, limit_bytes)

    @contextmanager
    def taking(self, chunks: Iterable[bytes], *, limit_bytes: int, blob_id: str | None = None) -> Iterator[Blob]:
        """Store the chunks as `put` does, for a block that writes down that they are there. Where it fails, or the process ends
        in it, `sweep` takes them away. `blob_id` is a hexadecimal UUID that is already theirs.

        Raises:
            UnreadableMedia: nothing came.
            TooLarge: more than `limit_bytes` came; nothing is kept.
        """
        blob_id = uuid.UUID(blob_id).hex if blob_id else uuid.uuid4().hex
        mark = self._root / f".{blob_id}{_NEW}"
        mark.touch()
        try:
            blob = self._store(blob_id, chunks, limit_bytes)
        except BaseException:
            mark.unlink()
            raise
        mark.touch()  # the upload may have taken hours
        yield blob
        mark.unlink(missing_ok=True)

    def sweep(self, is_known: Callable[[str], bool], *, at_s: float) -> None:
        """Take away what was stored for nobody by a process that ended: half of an upload, and a file of which nobody knows.
        A file is looked at only if it was marked as new, whatever the database says of the others. `at_s` is seconds since 1970.
        """
        for mark in self._untouched_for(_SETTLED_S, at_s, _NEW):
            blob_id = mark.name[1 : -len(_NEW)]
            if not is_known(blob_id):
                (self._root / blob_id).unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
        for part in self._untouched_for(_STALLED_S, at_s, _PART):
            part.unlink(missing_ok=True)

    def _untouched_for(self, long_s: float, at_s: float, kind: str) -> Iterator[Path]:
        for path in self._root.glob(f".*{kind}"):
            try:
                if at_s - path.stat().st_mtime > long_s:
                    yield path
            except FileNotFoundError:  # its process is done with it
                continue

    def path(self, blob_id: str) -> Path:
        """Where a blob lies. Raises NotFound for anything that is not one."""
        path = self._root / blob_id
        if "/" in blob_id or blob_id.startswith(".") or not path.is_file():
            raise NotFound("ファイルが見つかりません。")
        return path

    def delete(self, blob_id: str) -> None:
        self.path(blob_id).unlink(missing_ok=True)  # another process may delete it at the same moment

    def _store(self, blob_id: str, chunks: Iterable[bytes], limit_bytes: int) -> Blob:
        part = self._root / f".{blob_id}{_PART}"
        digest, size = hashlib.sha256(), 0
        try:
            with part.open("wb") as f:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit_bytes:
                        raise TooLarge(f"ファイルが大きすぎます。{limit_bytes // 1_000_000:,} MB までにしてください。")
                    digest.update(chunk)
                    f.write(chunk)
                if not size:
                    raise UnreadableMedia(UnreadableMedia.empty)
                f.flush()
                os.fsync(f.fileno())
            part.replace(self._root / blob_id)
            sync_directory(self._root)
        finally:
            part.unlink(missing_ok=True)
        return Blob(id=blob_id, size_bytes=size, sha256=digest.hexdigest())
