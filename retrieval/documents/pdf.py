"""A PDF in, the paragraphs, headings and rows of tables of its pages out, without what runs at the head and foot of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer, LTImage, LTLine, LTPage, LTRect, LTTextBox

from retrieval.characters import is_wide
from retrieval.documents import law
from retrieval.documents.block import Block, NoText, tidy
from retrieval.documents.grid import Row, carried_on, head_of, lines_of_grid
from retrieval.documents.layout import Box, Line, in_reading_order
from retrieval.documents.ruled import Character, Table, tables_of
from retrieval.documents.vertical import is_vertical, lines_of, without_page_number

_PAGE_MARK = re.compile(
    r"\s*(?:[-–—‐]\s*\d{1,4}\s*[-–—‐]|\d{1,4}\s*/\s*\d{1,4}(?:\s*(?:ページ|頁))?|\d{1,4}\s*(?:ページ|頁)|[Pp]\.?\s*\d{1,4})\s*"
)
_BEGINS = re.compile(r"[\s　]*(?:[（(〔【［\[]|[・●■◆▼○◎※①-⑳]|[0-9０-９]{1,2}[\s　.．、)）])")
_NUMBERED, _UNKNOWN = re.compile(r"\(cid:\d+\)"), "〓"  #: as pdfminer and as printers tell a character without a code
_NAMED = re.compile(r"[^\sa-zA-Z0-9。、，]{1,8}[ :：]\s?\S")  #: a name before its value, as 「日時 12月1日」 above 「場所 本庁」
_GOES_ON = re.compile("[ぁ-ん、。]")  #: behind a bracket at the end of a line
_EDGE_LINES = 2  #: at the head and at the foot of a page
_LARGER = 1.12  #: a heading's characters, of those of the text: 12 points over 10.5
_READING = 0.65  #: of the size of the words that it is of
_KANA = re.compile(r"[ぁ-ゖァ-ヺー・\s]+")
_TOUCHING = 0.3  #: of a character's size: no wider is the gap between two parts of a line
_OVER = 0.2  #: of a character's size, by which one may reach over the next: some are drawn twice to be bold
_SET_IN = 2.0  #: of a character's size: what is so much further in than the line below is a headline, or a date
_WORDS_APART, _KINDS_APART = 0.1, 0.4  #: of a character's size: two words, and Japanese from what is none
_LONGEST_HEADING_CHARS = 40
_FIRST_LEVEL, _LAST_LEVEL = 2, 4
_ACROSS_CHARS = 4  #: of a headline over upright columns; less may be a number within one

Part = Line | Table


def read_pdf(file: Path) -> tuple[str, list[Block]]:
    """A PDF's paragraphs by page, and a block without text for each page that can't be read; of itself it has no title that could
    be trusted. Raises NoText where none can be."""
    pages = [_read(page) for page in extract_pages(file)]
    if not any(page.lines or page.upright for page in pages):
        raise NoText
    running = _running([page.lines for page in pages])
    parts = [part for page in pages for part in (*_arranged(_kept(page.lines, running), page.tables), *page.upright)]
    return "", [*_blocks(parts), *(Block(text="", page=n) for n, page in enumerate(pages, 1) if page.is_unread)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What stands on a page; what is written from top to bottom is in order already."""

    lines: list[Line]
    tables: list[Table]
    upright: list[Line]
    is_unread: bool = False  #: a picture, or in a font that does not say what its characters are


def _read(page: LTPage) -> _Page:
    characters = [Character(_said(c), _box(c)) for c in _within(page, LTChar)]
    unknown = sum(c.text == _UNKNOWN for c in characters)
    if unknown > len(characters) / 2 or (not characters and any(_within(page, LTImage))):
        return _Page(lines=[], tables=[], upright=[], is_unread=True)
    drawn = _drawn(page)
    if not is_vertical(characters):
        return _Page(lines=_lines(_whole(drawn), page.pageid), tables=_tables(page, characters), upright=[])
    across = [line for line in _lines(drawn, page.pageid) if len(line.text) >= _ACROSS_CHARS]
    down = [c for c in characters if not any(line.box.holds(c.box) for line in across)]
    return _Page(lines=across, tables=[], upright=in_reading_order(without_page_number(lines_of(down, page.pageid))))


def _within(container: Any, *kinds: type) -> Iterator[Any]:
    """The parts of a page of some kinds, as deep as they lie."""
    for item in container:
        if isinstance(item, kinds):
            yield item
        if isinstance(item, LTContainer):
            yield from _within(item, *kinds)


def _box(item: Any) -> Box:
    return Box(item.x0, item.y0, item.x1, item.y1)


def _drawn(page: LTPage) -> list[list[LTChar]]:
    """The characters of each line as they are drawn one after the other."""
    drawn = ([c for c in line if isinstance(c, LTChar)] for box in page if isinstance(box, LTTextBox) for line in box)
    return [characters for characters in drawn if characters]


def _lines(drawn: Sequence[Sequence[LTChar]], page: int) -> list[Line]:
    lines = [_line(characters, page) for characters in drawn]
    return [line for line in lines if line.text and not _is_reading(line, lines)]


def _whole(drawn: Sequence[Sequence[LTChar]]) -> list[list[LTChar]]:
    """The characters of whole lines. A word with its reading above, or in another font, is drawn by itself, and leaves a hole in
    its line or parts it into three."""
    lines: dict[int, list[list[LTChar]]] = {}  # by their heights
    for part in sorted((sorted(p, key=_left) for p in drawn), key=lambda p: _left(p[0])):
        height = round(part[0].y0)
        level = (line for at in (height, height - 1, height + 1) for line in lines.get(at, ()))
        if (line := next((line for line in level if _goes_in(part, line)), None)) is not None:
            line[:] = sorted([*line, *part], key=_left)
        else:
            lines.setdefault(height, []).append(part)
    return [line for level in lines.values() for line in level]


def _left(character: LTChar) -> float:
    return float(character.x0)


def _goes_in(part: Sequence[LTChar], line: Sequence[LTChar]) -> bool:
    """Whether a part of a line goes on right behind what is known of it, or stands in a hole of that."""
    first, last, size = part[0], part[-1], line[0].size
    if abs(first.size - size) >= 1 or first.x0 > max(c.x1 for c in line) + _TOUCHING * size:
        return False
    return not any(c.x0 < last.x1 - _OVER * size and first.x0 + _OVER * size < c.x1 for c in line)


def _line(characters: Sequence[LTChar], page: int) -> Line:
    boxes = [_box(c) for c in characters]
    box = Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
    return Line(text=tidy(_text(characters)), box=box, size=round(max(c.size for c in characters), 1), page=page)


def _is_reading(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is nothing but how words of one right below it are read."""
    return _KANA.fullmatch(line.text) is not None and any(_is_small_above(line, of) for of in lines)


def _is_small_above(line: Line, of: Line) -> bool:
    is_above = of.box.y0 < line.box.y0 and line.box.y0 - of.box.y1 < line.size
    is_within = of.box.x0 - of.size < line.box.x0 and line.box.x1 < of.box.x1 + of.size
    return line.size <= _READING * of.size and is_above and is_within


def _text(characters: Sequence[LTChar]) -> str:
    """A line's characters from left to right, with a space between words. Programs leave a quarter of a character between
    Japanese and numbers, too: that is none, for 「第 1 条」 would be no article."""
    text = ""
    last: Any = None
    for character in sorted(characters, key=lambda c: c.x0):
        said = _said(character)
        if last is not None:
            gap = (character.x0 - last.x1) / max(character.size, last.size, 1.0)
            text += " " if gap > (_WORDS_APART if is_wide(said) == is_wide(_said(last)) else _KINDS_APART) else ""
        text, last = text + said, character
    return text


def _said(character: LTChar) -> str:
    """A character that its font gives only the number of is one that a reader can't be told: often a name's rare kanji."""
    text: str = character.get_text()
    return _UNKNOWN if _NUMBERED.fullmatch(text) else text


def _tables(page: LTPage, characters: Sequence[Character]) -> list[Table]:
    drawn = [_box(ruling) for ruling in _within(page, LTLine, LTRect)]
    if not drawn:
        return []
    return tables_of(drawn, characters, _box(page), page.pageid)


def _place(line: Line) -> tuple[str, int]:
    """What a running line has in common on all pages: the words, and by how much its number is ahead of the page's."""
    said = f"{int(line.text) - line.page:+}" if re.fullmatch(r"\d{1,4}", line.text) else _PAGE_MARK.sub("", line.text)
    return said, round(line.box.y0)


def _kept(lines: Sequence[Line], running: set[tuple[str, int]]) -> list[Line]:
    """A page's lines without those that run."""
    edge = _edge(lines)
    return [li for li in lines if not (li in edge and (_place(li) in running or _PAGE_MARK.fullmatch(li.text)))]


def _edge(page: Sequence[Line]) -> list[Line]:
    heights = sorted({round(line.box.y0) for line in page})
    at_edge = {*heights[:_EDGE_LINES], *heights[-_EDGE_LINES:]}
    return [line for line in page if round(line.box.y0) in at_edge]


def _running(pages: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """What stands in the same place at the edge of two pages and of half of all. A form and its copy are one page."""
    different = {tuple((line.text, round(line.box.y0)) for line in page): page for page in pages}
    times = Counter(place for page in different.values() for place in {_place(line) for line in _edge(page)})
    return {place for place, n in times.items() if n >= max(2, len(different) / 2)}


def _arranged(lines: Sequence[Line], tables: Sequence[Table]) -> Iterator[Part]:
    """The lines and tables of a page in the order of reading."""
    left = [li for li in lines if not any(t.box.holds(li.box) for t in tables)]
    for table in tables:
        above = [li for li in left if li.box.y0 + li.box.y1 >= table.box.y0 + table.box.y1]
        left = [li for li in left if li not in above]
        yield from in_reading_order(above)
        yield table
    yield from in_reading_order(left)


def _blocks(parts: Sequence[Part]) -> Iterator[Block]:
    """Paragraphs, headings and rows; a table that goes on on the next page keeps its headings."""
    levels = _levels([part for part in parts if isinstance(part, Line)])
    before: Part | None = None
    for run in _runs(parts):
        if isinstance(run, Table):
            grid: Sequence[Row] = run.grid
            if isinstance(before, Table) and run.page == before.page + 1 and run.goes_on_from(before):
                head = head_of(before.grid)
                is_repeated = _texts(grid[: len(head)]) == _texts(head)
                grid = [*head, *carried_on(before.grid, grid[len(head) :] if is_repeated else grid)]
            yield from (Block(text=text, page=run.page) for text in lines_of_grid(grid))
            before = replace(run, grid=grid)  # on the third page, too
        else:
            text = "".join(line.text for line in run)
            is_heading = len(run) == 1 and len(text) <= _LONGEST_HEADING_CHARS and law.article(text) is None
            yield Block(text=text, page=run[0].page, level=levels.get(run[0].size, 0) if is_heading else 0)
            before = run[-1]


def _levels(lines: Sequence[Line]) -> dict[float, int]:
    """The levels of headings by the sizes of their characters, which are larger than those of most."""
    written: Counter[float] = Counter()
    for line in lines:
        written[line.size] += len(line.text)
    usual = max(written, key=lambda size: written[size], default=0.0)
    larger = sorted((size for size in written if size >= _LARGER * usual), reverse=True)
    return {size: min(_FIRST_LEVEL + n, _LAST_LEVEL) for n, size in enumerate(larger)}


def _texts(rows: Sequence[Row]) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows]


def _runs(parts: Sequence[Part]) -> Iterator[list[Line] | Table]:
    """Tables, and the lines of each paragraph: a line goes on, on the next page too, unless it ends a sentence or is
    short, or the next begins anew or is of another size."""
    paragraph: list[Line] = []
    for part in parts:
        if paragraph and (isinstance(part, Table) or _ends(paragraph[-1], part)):
            yield paragraph
            paragraph = []
        if isinstance(part, Table):
            yield part
        else:
            paragraph.append(part)
    if paragraph:
        yield paragraph


def _ends(last: Line, following: Line) -> bool:
    begins = _BEGINS.match(following.text) or law.begins(following.text)
    is_set_in = last.page == following.page and last.box.x0 - following.box.x0 > _SET_IN * last.size
    are_named = _NAMED.match(last.text) and _NAMED.match(following.text)
    is_ended = last.text[-1] in "。）)」" and not (last.text[-1] != "。" and _GOES_ON.match(following.text))
    return bool(begins or are_named or is_ended) or is_set_in or not last.is_full or not following.goes_on_from(last)
