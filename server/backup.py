"""A whole copy of the data folder, taken while the service runs, and a data folder made of such a copy.

    BACKUP/calls                 calls that go on: one that ends meanwhile is here up to that moment, or among the recordings
    BACKUP/madoguchi.db          then the database, at one moment (`madoguchi.dump` of PostgreSQL) and its digest
    BACKUP/blobs                 then the recordings, each of which was on the disk before the database knew it
    BACKUP/adapted               models that took a night to train
    BACKUP/madoguchi.toml        the settings
    BACKUP/SHA256SUMS            what all files were that are neither the database nor known to it

It grows under another name and gets its own once all of it is on the disk, so a folder of that name is a whole backup. Left out
are the queue and what it works on, which begin anew, the key of logins, the models, and the indexes, which are several times as
large as the database that they are made of in less than a minute for a city.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from asr.recordings import Recordings
from core.database import open_database
from core.durable import sync_directory, write_durably
from core.errors import InvalidInput, Refused
from core.settings import Settings
from core.sums import SUMS
from server.dump import SQLITE, dump, load

Progress = Callable[[int, int], None]  #: recordings that are done, of how many

_CALLS, _BLOBS, _SETTINGS = "calls", "blobs", "madoguchi.toml"
_TRAINED, _INDEXES = "adapted", "indexes"
_BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite keeps beside a file, and would apply to another of that name
_OCCUPIED = (*(f"{name}{end}" for name in (SQLITE, "jobs.db") for end in _BESIDE), "work", _CALLS, _BLOBS, _TRAINED, _INDEXES)
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was backed up or restored."""

    recordings: int
    size_bytes: int
    damaged: tuple[str, ...]  #: ids of recordings whose file is not there, or not as it was accepted
    changed: tuple[str, ...] = ()  #: other files of a backup that are not there, or not as they were put there


def back_up(settings: Settings, target: Path, progress: Progress) -> Copied:
    """Make a backup of that name. A recording that is damaged keeps nothing else out of it.

    Raises:
        InvalidInput: the name is taken.
        NotFound, DatabaseDamaged, DatabaseError: as `dump`.
    """
    if target.exists():
        raise InvalidInput(f"{target} はもうあります。バックアップごとに、新しい名前を付けてください。")
    part = target.with_name(f"{target.name}.part")
    _clear(part)
    part.mkdir(mode=0o700, parents=True)
    try:
        sums = _copy(settings.home, part, _CALLS)
        dump(settings, part)
        copied = _copy_recordings(settings, settings.home / _BLOBS, part / _BLOBS, progress)
        for name in (_TRAINED, _SETTINGS):
            sums |= _copy(settings.home, part, name)
        write_durably(part / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))  # as sha256sum writes it
        sync_directory(part)
        part.rename(target)
        sync_directory(target.parent)
    finally:
        _clear(part)
    return copied


def restore(settings: Settings, source: Path, progress: Progress) -> Copied:
    """Fill the data folder with a backup. What is damaged in it is told, and the rest is restored.

    Raises:
        Refused: the folder or the database is in use.
        NotFound, DatabaseDamaged, DatabaseError: as `load`.
    """
    home = settings.home
    if occupied := [name for name in _OCCUPIED if (home / name).exists()]:
        raise Refused(
            f"データのフォルダ {home} には、もうデータがあります({'、'.join(occupied)})。サーバーと worker と phone を止め、"
            "フォルダの名前を変えて残してから、空のフォルダに戻してください。"
        )
    part = home / "restoring"
    _clear(part)
    part.mkdir(mode=0o700, parents=True)
    try:
        there = settings.model_copy(update={"home": part})
        load(source, there)
        copied = _copy_recordings(there, source / _BLOBS, part / _BLOBS, progress)
        sums: dict[str, str] = {}
        for name in (_CALLS, _TRAINED, _SETTINGS):
            sums |= _copy(source, part, name)
        if (home / _SETTINGS).exists():
            (part / _SETTINGS).unlink(missing_ok=True)
        for path in sorted(part.iterdir(), key=lambda path: path.name == SQLITE):  # with it the folder becomes one that serves
            path.rename(home / path.name)
        sync_directory(home)
    finally:
        _clear(part)
    return replace(copied, changed=_changed(source, sums))


def _changed(source: Path, found: Mapping[str, str]) -> tuple[str, ...]:
    """What is not as it was put into the backup. Those of earlier versions don't say, and are believed."""
    try:
        lines = (source / SUMS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except ValueError:
        return (SUMS,)
    written = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return tuple(sorted(name for name in written.keys() | found.keys() if written.get(name) != found.get(name)))


def _copy_recordings(settings: Settings, source: Path, target: Path, progress: Progress) -> Copied:
    """Copy the file of each recording of the database. One that people delete meanwhile is not missed."""
    with _recordings(settings) as recordings:
        blobs, wrong, size_bytes = recordings.blobs(), [], 0
        if blobs:
            target.mkdir()
        for done, (blob_id, sha256) in enumerate(blobs.items(), 1):
            found = ""
            with suppress(FileNotFoundError):
                found = _copy_file(source / blob_id, target / blob_id)
                size_bytes += (target / blob_id).stat().st_size
            if found != sha256:
                wrong.append(blob_id)
            progress(done, len(blobs))
        stay = recordings.blobs()
    if blobs:
        sync_directory(target)
    return Copied(recordings=len(blobs), size_bytes=size_bytes, damaged=tuple(b for b in wrong if b in stay))


@contextmanager
def _recordings(settings: Settings) -> Iterator[Recordings]:
    engine = open_database(settings)
    try:
        yield Recordings(engine)
    finally:
        engine.dispose()


def _copy(source: Path, target: Path, name: str) -> dict[str, str]:
    """Copy a file, or a folder with all that is in it; the SHA-256 of each. What goes meanwhile went where it is copied next, or
    is made anew."""
    sums = {}
    if (source / name).is_file():
        sums[name] = _copy_file(source / name, target / name)
    for folder, _, names in os.walk(source / name):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True)
        for file in names:
            with suppress(FileNotFoundError):
                sums[(there / file).relative_to(target).as_posix()] = _copy_file(Path(folder) / file, there / file)
        sync_directory(there)
    return sums


def _copy_file(source: Path, target: Path) -> str:
    """Copy a file onto the disk with the time of its last change, which tells when a call was last heard. Returns its SHA-256.

    Raises:
        FileNotFoundError: it is not there.
    """
    digest = hashlib.sha256()
    with source.open("rb") as old, target.open("wb") as new:
        while block := old.read(_BLOCK_BYTES):
            digest.update(block)
            new.write(block)
        new.flush()
        os.fsync(new.fileno())
        changed = os.fstat(old.fileno())
    os.utime(target, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    return digest.hexdigest()


def _clear(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
