"""A document's file in, its headings and paragraphs in order out. Runs in a confined process: see `core/confined.py`."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.encodings import encoding_of

_BYTE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHIFT_JIS = frozenset("shift_jis shift-jis sjis x-sjis s-jis ms_kanji csshiftjis windows-31j cp932 ms932".split())
_PAGE_NUMBER = re.compile(r"[\s\-–—‐]*\d{1,4}[\s\-–—‐]*|\d{1,4}\s*/\s*\d{1,4}|[Pp]\.?\s*\d{1,4}")
_BEGINS = re.compile(
    r"[\s　]*(?:第[0-9０-９一二三四五六七八九十百]+[条章節編款]|[（(〔【［\[]|[・●■◆▼○◎※①-⑳]"
    r"|[0-9０-９]{1,2}[\s　.．、)）]|附[\s　]*則)"
)
_REPEATED_PAGES = 3
_HEADING_TAGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_SKIPPED_TAGS = frozenset("script style nav header footer noscript template form button svg iframe aside".split())
_BLOCK_TAGS = frozenset("p li td th dt dd pre blockquote figcaption caption address div section article main body".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading (level 1 to 6) or a paragraph (level 0), and the page it stands on, where there are pages."""

    text: str
    level: int = 0
    page: int | None = None


class NoText(Exception):
    """A document without text, as a scan is."""


def read_blocks(path: str) -> dict[str, object]:
    """The blocks of a file and its own title, as JSON values; `fault` in their place when it can't be read."""
    file = Path(path)
    try:
        title, blocks = _READERS[file.suffix.lower()](file)
    except NoText:
        return {"fault": "no_text"}
    except Exception as e:  # noqa: BLE001 - the outermost frame of a process of its own; parsers raise anything
        return {"fault": type(e).__name__}
    return {"title": _tidy(title), "blocks": [asdict(b) for b in blocks if b.text]}


def _tidy(text: str) -> str:
    return re.sub(r"[ \t\r\f\v\u3000\xa0]+", " ", unicodedata.normalize("NFC", text).replace("\0", "")).strip()


def _pdf(file: Path) -> tuple[str, list[Block]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextContainer

    pages: list[list[str]] = []
    for layout in extract_pages(file):
        boxes = [box for box in layout if isinstance(box, LTTextContainer)]
        pages.append([line for box in boxes for line in map(_tidy, box.get_text().splitlines()) if line])
    if not any(pages):
        raise NoText
    edges = Counter(line for lines in pages for line in {*lines[:2], *lines[-2:]})
    running = {line for line, n in edges.items() if n >= max(_REPEATED_PAGES, len(pages) // 2)}
    blocks = []
    for number, lines in enumerate(pages, 1):
        kept = [line for line in lines if line not in running and not _PAGE_NUMBER.fullmatch(line)]
        blocks += [Block(text=t, page=number) for t in _joined(kept)]
    return "", blocks


def _joined(lines: list[str]) -> Iterator[str]:
    """Paragraphs of lines that a page broke: a line goes on unless it ends a sentence, is short, or the next begins anew."""
    widest = max(map(len, lines), default=0)
    paragraph = last = ""
    for line in lines:
        if paragraph and (_BEGINS.match(line) or paragraph[-1] in "。）)」" or len(last) < 0.8 * widest):
            yield paragraph
            paragraph = ""
        paragraph, last = paragraph + line, line
    if paragraph:
        yield paragraph


def _docx(file: Path) -> tuple[str, list[Block]]:
    from docx import Document
    from docx.table import Table

    document = Document(str(file))
    blocks = []
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            blocks += [Block(text=text) for text in _rows([[c.text for c in row.cells] for row in item.rows])]
        else:
            style = item.style.name if item.style is not None else ""
            found = re.search(r"(?:Heading|見出し)\s*(\d)", style)
            level = 1 if style in ("Title", "表題") else int(found[1]) if found else 0
            blocks += [Block(text=_tidy(line), level=level) for line in item.text.splitlines()]
    return document.core_properties.title or "", blocks


def _xlsx(file: Path) -> tuple[str, list[Block]]:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    blocks = []
    for sheet in book.worksheets:
        blocks.append(Block(text=_tidy(sheet.title), level=1))
        rows = [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
        blocks += [Block(text=text) for text in _rows(rows)]
    return "", blocks


def _rows(rows: list[list[str]]) -> Iterator[str]:
    """One line a row: 「見出し: 値」 pairs under a header row of two columns or more."""
    filled = [[_tidy(c) for c in row] for row in rows if any(c.strip() for c in row)]
    if not filled:
        return
    head, *body = filled
    if not body or sum(map(bool, head)) < 2:
        yield from (" ".join(c for c in row if c) for row in filled)
        return
    for row in body:
        yield "、".join(f"{h}: {c}" if h else c for h, c in zip(head, row, strict=False) if c)


def _html(file: Path) -> tuple[str, list[Block]]:
    from lxml import html

    raw = file.read_bytes()
    text = raw.decode(_declared(raw) or encoding_of(raw), "replace")
    root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    title = root.findtext(".//title") or ""
    blocks: list[Block] = []
    _walk(root, blocks)
    return title, blocks


def _declared(raw: bytes) -> str | None:
    """The encoding that a page says it is in, as browsers take it; None where its bytes or an unknown name say otherwise."""
    found = re.search(rb"charset=[\"']?([\w-]{3,20})", raw[:2048])
    if found is None or raw.startswith(_BYTE_MARKS):
        return None
    name = found[1].decode().lower()
    if name in _SHIFT_JIS:
        return "cp932"  # pages of Windows have ① and 髙, which Shift_JIS proper has not
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        return None
    return None if name.startswith(("utf-16", "utf-32", "utf-7")) else name  # it could not have been read here


def _walk(root: Any, blocks: list[Block]) -> None:
    """Blocks of an element in document order; without recursion, for trees may be deep."""
    gathered = ""
    stack: list[tuple[Any, bool]] = [(root, False)]

    def flush(level: int = 0) -> None:
        nonlocal gathered
        if text := _tidy(gathered.replace("\n", " ")):
            blocks.append(Block(text=text, level=level))
        gathered = ""

    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            if tag in _HEADING_TAGS or tag in _BLOCK_TAGS or tag == "tr":
                flush(_HEADING_TAGS.get(tag, 0))
            gathered += element.tail or ""
            continue
        if not tag or tag in _SKIPPED_TAGS or tag == "title":
            gathered += element.tail or ""
            continue
        if tag in _HEADING_TAGS or tag in _BLOCK_TAGS or tag in ("br", "tr"):
            flush()
        gathered += element.text or ""
        stack.append((element, True))
        stack += [(child, False) for child in reversed(list(element))]


def _markdown(file: Path) -> tuple[str, list[Block]]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(_text_of(file))
    blocks, level = [], 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline":
            text = "".join(
                c.content if c.type in ("text", "code_inline") else "\n" for c in token.children or () if _is_text(c.type)
            )
            blocks += [Block(text=_tidy(line), level=level) for line in text.splitlines()]
            level = 0
        elif token.type in ("fence", "code_block"):
            blocks += [Block(text=_tidy(line)) for line in token.content.splitlines()]
    return "", blocks


def _is_text(kind: str) -> bool:
    return kind in ("text", "code_inline", "softbreak", "hardbreak")


def _plain(file: Path) -> tuple[str, list[Block]]:
    return "", [Block(text=_tidy(line)) for line in _text_of(file).splitlines()]


def _text_of(file: Path) -> str:
    raw = file.read_bytes()
    return raw.decode(encoding_of(raw))


_READERS = {
    ".pdf": _pdf, ".docx": _docx, ".xlsx": _xlsx, ".xlsm": _xlsx, ".html": _html, ".htm": _html, ".md": _markdown,
    ".markdown": _markdown, ".txt": _plain,
}  # fmt: skip

SUFFIXES = frozenset(_READERS)
