"""Files that were sent in, each on the disk under its name out: alone, of a folder or of a zip archive, as `kb import` has it."""

from __future__ import annotations

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from starlette.datastructures import UploadFile

from core.encodings import decoded
from core.errors import InvalidInput
from retrieval.documents.blocks import SUFFIXES
from retrieval.given import is_left_behind, parts_of_pages
from retrieval.importing import TABLE_SUFFIXES
from retrieval.sources import as_in_ids
from server.import_report import DRAWN_WITH, fault_in

ARCHIVE = ".zip"
MOST_IN_ARCHIVES = 300  #: files of all archives that are sent together
_BLOCK_BYTES = 1 << 20  #: read at once; a directory of an archive, which the library reads whole, has no more: some 10,000 files
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1  # flags of a member (APPNOTE.TXT 4.4.4)
_UNPACKED_IN_BLOCKS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  #: by the library; of others a block becomes as much as it holds
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, ValueError)  # of zipfile
_TWICE = "ファイル {} は、同じ名前のものがもう1つあるため、登録していません。名前を変えて登録してください。"
_UNREADABLE = (
    "圧縮ファイル {} を読み取れません。壊れているか、パスワードが付いているか、圧縮の方法が特殊です。"
    "ふつうの方法で圧縮した、パスワードのないZIPで送ってください。"
)
_DAMAGED = "ファイル {} は、圧縮ファイルの中で壊れています。圧縮し直して、もう一度お試しください。"
_TOO_MANY = "圧縮ファイル {} は、登録できるファイルが、ほかの圧縮ファイルと合わせて{}個より多くなります。分けて送ってください。"
_TOO_LARGE = "圧縮ファイル {} は、中身が、ほかの圧縮ファイルと合わせて{:,} MB を超えます。分けて送ってください。"
_FULL = "圧縮ファイル {} に入っているファイルが多すぎます。分けて送ってください。"


@dataclass(slots=True, kw_only=True)
class _Room:
    """What the archives that are sent together may still hold."""

    limit_bytes: int
    taken_bytes: int = 0
    taken: int = 0  #: files

    def take(self, name: str, members: Sequence[zipfile.ZipInfo]) -> None:
        """Raises InvalidInput where an archive's files are too many or too large; then they take no room."""
        taken, taken_bytes = self.taken + len(members), self.taken_bytes + sum(m.file_size for m in members)
        if taken > MOST_IN_ARCHIVES:
            raise InvalidInput(_TOO_MANY.format(name, MOST_IN_ARCHIVES))
        if taken_bytes > self.limit_bytes:
            raise InvalidInput(_TOO_LARGE.format(name, self.limit_bytes // 1_000_000))
        self.taken, self.taken_bytes = taken, taken_bytes


class _Blocks:
    """An archive of which nothing is read whole but what fits a block: its directory may name any number of files."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _BLOCK_BYTES:
            raise InvalidInput(_FULL.format(self._name))
        return self._file.read(size)


def unpacked(files: Sequence[UploadFile], folder: Path, refused: list[str], *, limit_bytes: int) -> Iterator[tuple[str, Path]]:
    """Each file by its name, on the disk. Of those with one name the first; why others are not taken is added to `refused`.
    What archives hold may have so many bytes together. Each is gone from the disk when the next is asked for."""
    seen: set[str] = set()
    for name, content in _each(files, refused, limit_bytes):
        if as_in_ids(name) in seen:
            refused.append(_TWICE.format(name))
            continue
        suffix = PurePosixPath(name).suffix.lower()
        path = folder / f"{len(seen)}{suffix if suffix in TABLE_SUFFIXES | SUFFIXES else ''}"
        seen.add(as_in_ids(name))
        try:
            with path.open("wb") as target:
                shutil.copyfileobj(content, target, _BLOCK_BYTES)
        except _BROKEN:
            refused.append(_DAMAGED.format(name))
        except OSError as e:  # the disk is full: what was taken in before is told of all the same
            refused.append(fault_in(name, e))
        else:
            yield name, path
        path.unlink(missing_ok=True)


def _each(files: Sequence[UploadFile], refused: list[str], limit_bytes: int) -> Iterator[tuple[str, IO[bytes]]]:
    room = _Room(limit_bytes=limit_bytes)
    for file in files:
        name = _name(file.filename or "")
        file.file.seek(0)
        if _is_left_out(name):
            continue
        if PurePosixPath(name).suffix.lower() != ARCHIVE:
            yield name, file.file
            continue
        try:
            with zipfile.ZipFile(_Blocks(file.file, name)) as archive:
                for member in _members(archive, name, room, refused):
                    with archive.open(member) as content:
                        yield _member_name(member), content
        except InvalidInput as e:
            refused.append(e.message)
        except _BROKEN:
            refused.append(_UNREADABLE.format(name))


def _members(archive: zipfile.ZipFile, name: str, room: _Room, refused: list[str]) -> list[zipfile.ZipInfo]:
    """The files of an archive that are taken; those that the pages of a website are drawn with are `refused` together. Raises
    InvalidInput where there is no room for them: the library reads no more of a member than the archive says that it has."""
    members = [m for m in archive.infolist() if not (m.is_dir() or _is_link(m) or _is_left_out(_member_name(m)))]
    if drawn_with := parts_of_pages(map(_member_name, members)):
        members = [m for m in members if _member_name(m) not in drawn_with]
        refused.append(f"圧縮ファイル {name} の中の、{DRAWN_WITH.format(len(drawn_with))}")
    if any(m.flag_bits & _ENCRYPTED or m.compress_type not in _UNPACKED_IN_BLOCKS for m in members):
        raise InvalidInput(_UNREADABLE.format(name))
    room.take(name, members)
    return members


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _name(sent: str) -> str:
    """What a browser calls a file; those of a folder by their paths within it."""
    *folders, name = sent.rsplit("\\", maxsplit=1)[-1].split("/")
    return "/".join([*folders[1:], name])


def _member_name(member: zipfile.ZipInfo) -> str:
    """A name that Windows wrote in its own encoding, as it reads there."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = decoded(name.encode("cp437"))
    return name.lstrip("/")


def _is_left_out(name: str) -> bool:
    """As of a folder that is imported: what nobody wrote as a document, and READMEs of folders."""
    parts = PurePosixPath(name).parts
    return bool(parts) and (is_left_behind(parts) or (len(parts) > 1 and PurePosixPath(name).stem.lower() == "readme"))
