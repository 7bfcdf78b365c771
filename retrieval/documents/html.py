"""A page in, what its readers see out: headings, paragraphs and the rows of tables in order, nothing that is hidden."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

from lxml import html
from markdown_it import MarkdownIt

from core.encodings import decoded, encoding_of
from retrieval.documents.block import Block, tidy
from retrieval.documents.grid import Cell, has_headings, lines_of_grid, spread

_BYTE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHIFT_JIS = frozenset("shift_jis shift-jis sjis x-sjis s-jis ms_kanji csshiftjis windows-31j cp932 ms932".split())
_HEADING_TAGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCK_TAGS = frozenset("p li td th dt dd pre blockquote figcaption caption address div section article main body".split())
_BREAKING_TAGS = _BLOCK_TAGS | _HEADING_TAGS.keys() | {"br", "tr", "table"}
_SKIPPED_TAGS = frozenset(
    "title script style nav header footer aside form button select textarea datalist noscript template"
    " svg canvas iframe object audio video rp rt".split()
)
_TEXT_TAGS = frozenset({"html", "body", "th"})  #: are the page's own, whatever they are called
_AROUND_ROLES = frozenset("navigation banner contentinfo search complementary".split())
# What the pages of Japanese cities are built of around their text, most of which name no role: by the words of `id` and `class`.
_AROUND_IDS = frozenset("header footer head foot nav navi navigation side sidebar sidenavi".split())
_AROUND_NAMES = frozenset(
    "gnavi gnav globalnav globalnavi globalmenu lnavi lnav localnav localnavi sitenavi breadcrumb breadcrumbs"
    " breadcrumblist pankuzu topicpath pagetop backtotop totop gotop skip skiplink copyright fontsize enquete feedback".split()
)
_MOVES = re.compile(
    r"[▲↑\s]*(?:この)?(?:ページ|画面)?の?(?:先頭|トップ|上部?|本文)(?:へ|に)(?:戻る|もどる|移動|スキップ)?(?:する|します)?"
)
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_WIDEST_SPAN, _HIGHEST_SPAN = 100, 1000
_MOST_LINES_OF_A_CELL = 3  #: without headings; a table with longer ones only places things on the page


def read_html(file: Path) -> tuple[str, list[Block]]:
    """A page's title and its blocks."""
    raw = file.read_bytes()
    text = raw.decode(_declared(raw) or encoding_of(raw), "replace")
    root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    return root.findtext(".//title") or "", _main(root) or _seen(root)


def _main(root: Any) -> list[Block]:
    """The blocks of the part that a page says is its text; none where it names none, or several, or there are but headings."""
    parts = root.xpath(".//main | .//*[@role='main'][not(ancestor-or-self::main)]")
    blocks = _seen(parts[0]) if len(parts) == 1 else []
    return blocks if any(not block.level for block in blocks) else []


def read_markdown(file: Path) -> tuple[str, list[Block]]:
    """The blocks of the page that a text in Markdown makes; each of its lines is one."""
    page = MarkdownIt("commonmark", {"breaks": True}).enable("table").render(decoded(file.read_bytes()))
    return "", _seen(html.document_fromstring(page))


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


def _seen(root: Any) -> list[Block]:
    """Blocks of an element in document order; without recursion, for trees may be deep."""
    blocks: list[Block] = []
    gathered = marker = ""
    headings: list[
        int
    ] = []  # the levels of those that are open; 0 once one was read: what else stands in it is text, left unclosed
    stack: list[tuple[Any, bool]] = [(root, False)]

    def flush(tag: str = "") -> None:
        nonlocal gathered, marker
        lines = gathered.splitlines() if tag == "pre" else [gathered.replace("\n", " ")]
        for text in filter(None, map(tidy, lines)):
            if not _MOVES.fullmatch(text):
                blocks.append(Block(text=marker + text, level=headings[-1] if headings else 0))
                headings[-1:] = [0] if headings else []
            marker = ""
        gathered = ""

    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "br" and any(headings[-1:]):
            gathered += "" if leaving else " "
        elif tag in _BREAKING_TAGS:
            flush(tag if leaving else "")
        if tag in _HEADING_TAGS:
            headings = headings[:-1] if leaving else [*headings, _HEADING_TAGS[tag]]
        if leaving or not tag or _is_hidden(element):
            gathered += element.tail or ""
        elif tag == "table" and (rows := _rows(element)):
            blocks += (Block(text=row) for row in rows)
            gathered += element.tail or ""
        else:
            gathered += element.text or ""
            marker = _marker(element) if tag == "li" else marker
            stack.append((element, True))
            stack += [(child, False) for child in reversed(list(element))]
    return blocks


def _marker(item: Any) -> str:
    """What a browser writes before an item of a list."""
    ordered = item.getparent()
    if ordered is None or ordered.tag != "ol":
        return "・"
    before = sum(1 for _ in item.itersiblings("li", preceding=True))
    start = ordered.get("start") or ""
    return f"{(int(start) if start.isdecimal() else 1) + before}. "


def _is_hidden(element: Any) -> bool:
    """Whether the page doesn't show it, or not as its text. (What only its style sheets hide can't be told here.)"""
    said = element.attrib
    return (
        element.tag in _SKIPPED_TAGS
        or "hidden" in said
        or said.get("aria-hidden", "").lower() == "true"
        or (element.tag == "dialog" and "open" not in said)
        or _HIDING_STYLE.search(said.get("style", "")) is not None
        or (element.tag not in _TEXT_TAGS and _is_around(said))
    )


def _is_around(said: Any) -> bool:
    """Whether it leads through the site, rather than being the page's own text."""
    ids = re.sub("[-_]", "", said.get("id", "").lower()).split()
    names = re.sub("[-_]", "", said.get("class", "").lower()).split()
    around = not _AROUND_IDS.isdisjoint(ids) or not _AROUND_NAMES.isdisjoint([*ids, *names])
    return around or said.get("role", "").lower() in _AROUND_ROLES


def _rows(table: Any) -> list[str]:
    """A line for each row of a table, its caption first; none for one that only places things on the page."""
    nested = any(e is not table for e in table.iter("table", *_HEADING_TAGS))
    if nested or table.get("role") in ("presentation", "none"):
        return []
    shown = [row for row in table.iter("tr") if not _is_hidden(row)]
    seen = [[(c, _seen(c)) for c in row.iterchildren("td", "th") if not _is_hidden(c)] for row in shown]
    grid = spread([_cell(*each) for each in row] for row in seen)
    longest = max((len(blocks) for row in seen for _, blocks in row), default=0)
    if not has_headings(grid) and (longest > _MOST_LINES_OF_A_CELL or len(grid) < 2 or max(map(len, grid)) < 2):
        return []
    captions = [b.text for caption in table.iterchildren("caption") for b in _seen(caption)]
    return [*captions, *lines_of_grid(grid)]


def _cell(element: Any, blocks: list[Block]) -> Cell:
    text = " ".join(b.text for b in blocks)
    wide, high = (_span(element.get(name), most) for name, most in (("colspan", _WIDEST_SPAN), ("rowspan", _HIGHEST_SPAN)))
    return Cell(text=text, is_heading=element.tag == "th", wide=wide, high=high)


def _span(said: str | None, most: int) -> int:
    return min(int(said), most) if said and said.isdecimal() and int(said) else 1
