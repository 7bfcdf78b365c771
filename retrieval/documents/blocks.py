"""A document's file in, its headings and paragraphs in order out. Runs in a confined process: see `core/confined.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from core.encodings import decoded
from retrieval.documents.block import Block, NoText, tidy

# By name: nobody else has a use for the parsers that they import.
_READERS = {
    ".pdf": "pdf:read_pdf",
    ".docx": "office:read_docx",
    ".xlsx": "office:read_xlsx",
    ".xlsm": "office:read_xlsx",
    ".html": "html:read_html",
    ".htm": "html:read_html",
    ".md": "html:read_markdown",
    ".markdown": "html:read_markdown",
    ".txt": "blocks:read_plain",
}

SUFFIXES = frozenset(_READERS)


def read_blocks(path: str) -> dict[str, object]:
    """The blocks of a file, its own title and the pages that can't be read, as JSON values; `fault` in their place when nothing
    can be."""
    file = Path(path)
    try:
        read: Callable[[Path], tuple[str, list[Block]]] = getattr(import_module(module_for(file)), _reader(file)[1])
        title, blocks = read(file)
    except NoText:
        return {"fault": "no_text"}
    except Exception as e:  # noqa: BLE001 - the outermost frame of a process of its own; parsers raise anything
        return {"fault": type(e).__name__}
    unread = [b.page for b in blocks if not b.text and b.page]
    return {"title": tidy(title), "blocks": [asdict(b) for b in blocks if b.text], "unread": unread}


def module_for(file: Path) -> str:
    """The module that reads a file of this form, which takes longer to import than most files to read."""
    return f"retrieval.documents.{_reader(file)[0]}"


def _reader(file: Path) -> tuple[str, str]:
    module, name = _READERS[file.suffix.lower()].split(":")
    return module, name


def read_plain(file: Path) -> tuple[str, list[Block]]:
    """Each line of a text."""
    return "", [Block(text=tidy(line)) for line in decoded(file.read_bytes()).splitlines()]
