"""A PDF in, the paragraphs of its pages out, without what runs at the head and foot of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTPage, LTTextBox

from retrieval.documents.block import Block, NoText, tidy

_PAGE_MARK = re.compile(
    r"\s*(?:[-–—‐]\s*\d{1,4}\s*[-–—‐]|\d{1,4}\s*/\s*\d{1,4}(?:\s*(?:ページ|頁))?|\d{1,4}\s*(?:ページ|頁)|[Pp]\.?\s*\d{1,4})\s*"
)
_BEGINS = re.compile(
    r"[\s　]*(?:第[0-9０-９一二三四五六七八九十百]+[条章節編款]|[（(〔【［\[]|[・●■◆▼○◎※①-⑳]"
    r"|[0-9０-９]{1,2}[\s　.．、)）]|附[\s　]*則)"
)
_EDGE_LINES = 2  #: at the head and at the foot of a page


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    height: int  #: of its foot over the page's, in points
    page: int

    @property
    def place(self) -> tuple[str, int]:
        """What a running line has in common on all pages: the words, and by how much its number is ahead of the page's."""
        said = f"{int(self.text) - self.page:+}" if re.fullmatch(r"\d{1,4}", self.text) else _PAGE_MARK.sub("", self.text)
        return said, self.height


def read_pdf(file: Path) -> tuple[str, list[Block]]:
    """A PDF's paragraphs by page; of itself it has no title that could be trusted. Raises NoText for pictures of pages."""
    pages = [_lines(page) for page in extract_pages(file)]
    if not any(pages):
        raise NoText
    running = _running(pages)
    blocks = []
    for number, page in enumerate(pages, 1):
        edge = _edge(page)
        kept = [li.text for li in page if not (li in edge and (li.place in running or _PAGE_MARK.fullmatch(li.text)))]
        blocks += [Block(text=text, page=number) for text in _joined(kept)]
    return "", blocks


def _lines(page: LTPage) -> list[_Line]:
    boxes = [box for box in page if isinstance(box, LTTextBox)]
    lines = [_Line(tidy(line.get_text()), round(line.y0), page.pageid) for box in boxes for line in box]
    return [line for line in lines if line.text]


def _edge(page: Sequence[_Line]) -> list[_Line]:
    heights = sorted({line.height for line in page})
    return [line for line in page if line.height in heights[:_EDGE_LINES] or line.height in heights[-_EDGE_LINES:]]


def _running(pages: Sequence[Sequence[_Line]]) -> set[tuple[str, int]]:
    """What stands in the same place at the edge of two pages and of half of all. A form and its copy are one page."""
    different = {tuple((line.text, line.height) for line in page): page for page in pages}
    times = Counter(place for page in different.values() for place in {line.place for line in _edge(page)})
    return {place for place, n in times.items() if n >= max(2, len(different) / 2)}


def _joined(lines: Sequence[str]) -> Iterator[str]:
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
