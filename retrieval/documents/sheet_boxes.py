"""An Excel file in, the text of each sheet's boxes and shapes out: they lie over the cells, and openpyxl leaves them out."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

_BOOK = "xl/workbook.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def boxes_of(file: Path) -> dict[str, list[str]]:
    """The paragraphs of each sheet's boxes, from top to bottom, by the sheet's name. None where another program than Excel has
    given the workbook's parts names of its own."""
    with zipfile.ZipFile(file) as packed:
        parts = _Parts(packed)
        if _BOOK not in packed.namelist():
            return {}
        targets = dict(parts.related(_BOOK, "/worksheet"))
        sheets = [(s.get("name"), targets.get(s.get(_ID))) for s in parts.read(_BOOK).iter(f"{_MAIN}sheet")]
        return {name: list(_paragraphs(parts, path)) for name, path in sheets if path}


class _Parts:
    """The XML files of a workbook, and which of them belongs to which."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed, self._names = packed, frozenset(packed.namelist())

    def read(self, path: str) -> Any:
        return etree.fromstring(self._packed.read(path), etree.XMLParser(resolve_entities=False, no_network=True))

    def related(self, path: str, kind: str) -> Iterator[tuple[str, str]]:
        """The ids and paths of the files of a kind that a file refers to."""
        folder, name = posixpath.split(path)
        relations = f"{folder}/_rels/{name}.rels"
        for relation in self.read(relations) if relations in self._names else ():
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            if relation.get("Type", "").endswith(kind) and target in self._names:
                yield relation.get("Id"), target


def _paragraphs(parts: _Parts, sheet: str) -> Iterator[str]:
    shapes = [shape for _, drawing in parts.related(sheet, "/drawing") for shape in _shapes(parts.read(drawing))]
    for _, shape in sorted(shapes, key=lambda placed: placed[0]):
        for paragraph in shape.iter(f"{_TEXT}p"):
            yield "".join(t.text or "" for t in paragraph.iter(f"{_TEXT}t"))


def _shapes(drawing: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    """The shapes that are shown, each with the row and column that it begins at."""
    for anchor in drawing:
        start = anchor.find(f"{_DRAWN}from")
        place = (0, 0) if start is None else tuple(int(start.findtext(f"{_DRAWN}{side}") or 0) for side in ("row", "col"))
        for shape in anchor.iter(f"{_DRAWN}sp"):
            named = shape.find(f".//{_DRAWN}cNvPr")
            if named is None or named.get("hidden") not in ("1", "true"):
                yield (place[0], place[1]), shape
