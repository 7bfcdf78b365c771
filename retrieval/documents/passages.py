"""Headings and paragraphs in, passages out: split along articles and headings, so that each can be cited by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from retrieval.documents import law
from retrieval.documents.answered import questions_in
from retrieval.documents.block import Block
from retrieval.documents.numbering import numbered_headings

LONGEST_CHARS = 800
LEFT_OUT = "（略）"  #: between the words that lead to a list and the part of it that a passage has
_LONGEST_LEAD_CHARS = 200
_LONGEST_QUESTION_CHARS = 100  #: of a heading
# What stands in brackets before something is a name of that: 「【電話】76-8801」.
_MARKED = re.compile(r"[■◆●▼◎]\s*\S.{0,38}$|[【〔](?:[^】〕]{1,38}[】〕]|[0-9０-９一二三四五六七八九十]{1,3}[】〕]\s*\S.{0,36})$")
_BRACKETED = re.compile(r"^[【〔]([^【】〔〕]*)[】〕]$")
_ITEM = re.compile(r"[(（][0-9０-９一二三四五六七八九十]{1,3}[)）]|[0-9]{1,2}\.\s|[ア-ン][\s　]|[①-⑳・]")
_CHAPTER_LEVEL, _NUMBERED_LEVEL, _MARKED_LEVEL = 2, 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a document that is quoted as a whole."""

    heading: str  #: of its section, 「第3条（目的）」 or 「申請の方法」; may be empty
    text: str
    locator: str  #: tells it from the others of its document, and stays when they change; without a slash, as ids have none
    article: str | None = None  #: or the annexe or supplement
    page: int | None = None  #: where it begins
    last_page: int | None = None  #: where it ends


@dataclass(slots=True)
class _Section:
    heading: str = ""
    article: str | None = None
    page: int | None = None
    lines: list[Block] = field(default_factory=list)


def split(blocks: Iterable[Block]) -> list[Passage]:
    """The passages of a document in order; sections without text give none."""
    passages: list[Passage] = []
    taken: dict[str, int] = {}
    every = list(blocks)
    for section in _Sections([every[at] for at in law.without_contents([b.text for b in every])]):
        for n, (text, pages) in enumerate(_pieces(section.lines), 1):
            page = section.page if n == 1 and section.page else pages[0]
            base = (section.article or section.heading or (f"p{page}" if page else "本文")).replace("/", "／")
            locator = _told_apart(base if n == 1 else f"{base}-{n}", taken)
            named = Passage(heading=section.heading, text=text, locator=locator, article=section.article)
            passages.append(replace(named, page=page, last_page=pages[1]))
    return passages


def _told_apart(locator: str, taken: dict[str, int]) -> str:
    """The locator, or the next one that follows it where it is taken: a heading may be called like such a one, too."""
    taken[locator] = times = taken.get(locator, 0) + 1
    while times > 1:
        locator = f"{locator}~{times}"
        taken[locator] = times = taken.get(locator, 0) + 1
    return locator


class _Sections:
    """Goes through the blocks of a document; iterating gives its sections in order."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._numbered = numbered_headings([b.text for b in blocks])
        self._questions = questions_in([b.text for b in blocks])
        self._current = _Section()
        self._above: dict[int, str] = {}  # the headings that a line stands under, by their levels; not the document's title
        self._title = _title_among([b.level for b in blocks])
        self._caption = self._prefix = ""
        self._is_amending = law.is_amending([b.text for b in blocks])
        self._change = _Section()  # the article that says which rule the lines below it change; that of most has no number
        self._is_rule = False  # until an article was found: forms are named in manuals, too

    def __iter__(self) -> Iterator[_Section]:
        for i, block in enumerate(self._blocks):
            following = self._blocks[i + 1].text if i + 1 < len(self._blocks) else ""
            if (held := law.caption(block.text)) and law.article(following):
                self._caption = held  # the caption of an article stands on the line before it
            elif section := self._begun(i, block):
                yield self._current
                self._current = section
            else:
                self._current.page = self._current.page or block.page
                self._current.lines.append(block)
        yield self._current

    def _begun(self, i: int, block: Block) -> _Section | None:
        """The section that begins with a block."""
        if article := law.article(block.text):
            name, self._caption = self._caption or article.caption, ""
            self._is_rule = True
            heading = f"{self._prefix}{article.name}"
            section = _Section(heading + (f"（{name}）" if name else ""), heading, block.page, [block])
            self._change = section if law.is_amending([block.text]) else self._change
            return section
        is_within_added = self._current.article not in (None, self._change.article)
        if self._is_amending and is_within_added and not self._prefix and law.amends(block.text):
            return replace(self._change, page=block.page, lines=[block])
        if (annexe := law.annexe(block.text)) and (annexe.caption or self._is_rule):
            self._prefix = ""
            return _Section(block.text.strip(), annexe.name, block.page)
        if supplement := law.supplement(block.text):
            self._above = {_CHAPTER_LEVEL: supplement.name}
            self._prefix = f"{supplement.name} "
            return _Section(supplement.name, supplement.name, block.page)
        if i in self._questions and self._current.article is None:
            return _Section(block.text.strip()[:_LONGEST_QUESTION_CHARS], None, block.page, [block])
        level = self._level(i, block)
        return self._headed(i, block, level) if level else None

    def _headed(self, i: int, block: Block, level: int) -> _Section:
        """「転入届 必要なもの」: of a part that has others beside it, the heading of the whole is said, too."""
        if law.is_chapter(block.text):
            self._prefix = ""  # a supplement has none: what it would be the supplement of has only begun
        heading = _BRACKETED.sub(r"\1", block.text.strip("　 ■◆●▼◎"))
        self._above = {n: above for n, above in self._above.items() if n < level}
        over = self._above[max(self._above)] if self._above else heading
        if i != self._title:
            self._above[level] = heading
        return _Section(heading if over == heading else f"{over} {heading}", None, block.page)

    def _level(self, i: int, block: Block) -> int:
        if law.is_chapter(block.text):
            return _CHAPTER_LEVEL
        if block.level:
            return block.level
        if i in self._numbered and self._current.article is None:
            return _NUMBERED_LEVEL + (self._numbered[i] > 1)
        return _MARKED_LEVEL if _MARKED.match(block.text) and not block.text.endswith("。") else 0


def _title_among(levels: Sequence[int]) -> int | None:
    """The place of the heading that is the whole document's: the only one of the first level, or the only one of its level on
    the first line."""
    first = levels[0] if levels else 0
    title = 1 if levels.count(1) == 1 else first
    return levels.index(title) if title and levels.count(title) == 1 else None


Pages = tuple[int | None, int | None]
"""The first and the last."""


def _pieces(lines: Iterable[Block]) -> Iterator[tuple[str, Pages]]:
    """Paragraphs put together up to `LONGEST_CHARS`, and their pages; a longer one is cut after a sentence. A list that is cut
    has the words that lead to it in every piece."""
    piece, lead = "", ""
    pages: Pages = None, None
    for block in lines:
        is_item = _ITEM.match(block.text) is not None
        for n, line in enumerate(_cut(block.text)):
            if piece and len(piece) + len(line) + 1 > LONGEST_CHARS:
                yield piece, pages
                with_lead = f"{lead}\n{LEFT_OUT}\n{line}" if is_item and not n and 0 < len(lead) <= _LONGEST_LEAD_CHARS else ""
                piece, pages = (with_lead if 0 < len(with_lead) <= LONGEST_CHARS else line), (block.page, block.page)
            elif piece:
                piece, pages = f"{piece}\n{line}", (pages[0], block.page)
            else:
                piece, pages = line, (block.page, block.page)
        lead = lead if is_item else block.text
    if piece.strip():
        yield piece, pages


def _cut(line: str) -> Iterator[str]:
    while len(line) > LONGEST_CHARS:
        end = line.rfind("。", 0, LONGEST_CHARS) + 1 or LONGEST_CHARS
        yield line[:end]
        line = line[end:]
    yield line
