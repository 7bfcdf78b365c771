"""An uploaded form in, its fields and its file out: read after the person was let in, and never more than the limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from core.errors import InvalidInput, TooLarge
from core.passing import Passing
from core.printable import printable
from server.bodies import allow

_BLOCK_BYTES = 1 << 20
_FIELDS_BYTES = 1 << 16  #: what the form may hold beside the file
FILE_SCHEMA = {"type": "string", "format": "binary"}
_CHOOSE = "録音ファイルを選んで送ってください。"
_MEDIA_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".webm": "audio/webm",
    ".flac": "audio/flac",
    ".aac": "audio/aac",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A form with one file."""

    file: UploadFile
    fields: dict[str, str]
    pairs: tuple[tuple[str, str], ...] = ()  #: the fields again, those with several values among them

    @property
    def file_name(self) -> str:
        """For people to read: the last part of what the browser sent, without what can't be shown."""
        name = PurePath((self.file.filename or "").replace("\\", "/")).name
        return printable(name)[:200] or "録音"

    def every(self, name: str) -> list[str]:
        """All values of a field that may be repeated."""
        return [value for field, value in self.pairs if field == name]

    @property
    def suffix(self) -> str:
        """Of the file's name, as a hint of its form."""
        suffix = PurePath(self.file_name).suffix.lower()
        return suffix if suffix in _MEDIA_TYPES else ""

    def blocks(self) -> Iterator[bytes]:
        """The file's content. Blocks; not for the event loop."""
        self.file.file.seek(0)
        while block := self.file.file.read(_BLOCK_BYTES):
            yield block


@asynccontextmanager
async def receive(request: Request, *, name: str, limit_bytes: int) -> AsyncIterator[Upload]:
    """The form of a request, whose file is in the field `name`.

    FastAPI's own forms are read before any dependency runs: strangers could fill the disk.

    Raises:
        InvalidInput: not a form, or without the file.
        TooLarge: more than the limit came or is announced.
    """
    async with receive_any(request, names=(name,), limit_bytes=limit_bytes) as uploads:
        if name not in uploads:
            raise InvalidInput(_CHOOSE)
        yield uploads[name]


@asynccontextmanager
async def receive_any(request: Request, *, names: tuple[str, ...], limit_bytes: int) -> AsyncIterator[dict[str, Upload]]:
    """The same for a form that may have its files in several fields: by name those that came. Raises as `receive` does."""
    async with received_form(request, "録音ファイル", limit_bytes=limit_bytes, most_files=len(names)) as form:
        pairs = tuple((k, v) for k, v in form.multi_items() if isinstance(v, str))
        files = {name: file for name in names if isinstance(file := form.get(name), UploadFile)}
        yield {name: Upload(file=file, fields=dict(pairs), pairs=pairs) for name, file in files.items()}


@asynccontextmanager
async def received_form(request: Request, wanted: str, *, limit_bytes: int, most_files: int = 1) -> AsyncIterator[FormData]:
    """The form of a request, with all its files; `wanted` is what they are called.

    Raises:
        InvalidInput: not a form, or with more files.
        TooLarge: more than the limit came or is announced.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput(f"{wanted}を選んで送ってください。")
    allow(request.scope, limit_bytes + _FIELDS_BYTES, _too_large(limit_bytes))
    passing: Passing = request.app.state.service.passing
    with passing.folder() as folder:
        form = await _parse(request, wanted, most_files, folder)
        try:
            yield form
        finally:
            await form.close()


def sound(path: Path, file_name: str, *, kept: bool = False) -> FileResponse:
    """A recording to be played, or kept under its name. It is never called anything that a browser would show as a page."""
    media_type = _MEDIA_TYPES.get(PurePath(file_name).suffix.lower(), "application/octet-stream")
    return FileResponse(
        path, media_type=media_type, filename=file_name, content_disposition_type="attachment" if kept else "inline"
    )


def attachment(stem: str, extension: str) -> dict[str, str]:
    """The header that names a download (RFC 6266): what people wrote goes percent-encoded."""
    name = f"{quote(stem, safe='')}.{extension}"
    return {"Content-Disposition": f"attachment; filename=\"transcript.{extension}\"; filename*=UTF-8''{name}"}


def form_schema(name: str, fields: dict[str, dict[str, Any]], required: list[str], *, alone: bool = True) -> dict[str, Any]:
    """The OpenAPI description of a form that `receive` reads; not `alone` where other files may come in the place of this one."""
    properties = {name: FILE_SCHEMA | {"description": "録音ファイル"}} | fields
    schema = {"type": "object", "properties": properties, "required": [name, *required] if alone else required}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


class _Parser(MultiPartParser):
    """Has what comes lie in the data folder: the system's own for temporary files is often small, and others read it."""

    folder: Path

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if file := self._current_part.file:
            spool = SpooledTemporaryFile[bytes](max_size=self.spool_max_size, dir=str(self.folder))
            self._files_to_close_on_error[-1].close()
            self._files_to_close_on_error[-1] = spool
            file.file = spool  # type: ignore[assignment]  # as Starlette does itself


async def _parse(request: Request, wanted: str, most_files: int, folder: Path) -> FormData:
    parser = _Parser(request.headers, request.stream(), max_files=most_files, max_fields=20)
    parser.folder = folder
    try:
        return await parser.parse()
    except MultiPartException:
        several = f"{wanted}は、一度に{most_files}個までです。" if most_files > 1 else ""
        raise InvalidInput(f"送られた内容を読み取れません。{several}もう一度、{wanted}を選んで送ってください。") from None
    except BaseException:
        for file in parser._files_to_close_on_error:  # the parser closes them after its own errors only
            file.close()
        raise


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"ファイルが大きすぎます。{limit_bytes // 1_000_000:,} MB までにしてください。")
