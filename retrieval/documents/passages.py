"""Headings and paragraphs in, passages out: split along articles and headings, so that each can be cited by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from retrieval.documents.block import Block

LONGEST_CHARS = 800
_NUMBER = "[0-9０-９一二三四五六七八九十百]+"
_ARTICLE = re.compile(rf"[\s　]*(第{_NUMBER}条(?:の{_NUMBER})*)[\s　]*(?:[（(]([^）)]{{1,30}})[）)])?")
_CHAPTER = re.compile(rf"[\s　]*第{_NUMBER}[章節編款](?![のをにはが])[\s　]*\S{{0,30}}$")
_SUPPLEMENT = re.compile(r"[\s　]*附[\s　]*則")
_CAPTION = re.compile(r"[\s　]*[（(]([^）)]{1,30})[）)][\s　]*$")
_MARKED = re.compile(r"[■◆●▼◎〔【]\s*\S.{0,38}$|【[^】]{1,38}】$")
_CHAPTER_LEVEL, _MARKED_LEVEL = 2, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a document that is quoted as a whole."""

    heading: str  #: of its section, 「第3条（目的）」 or 「申請の方法」; may be empty
    text: str
    locator: str  #: tells it from the others of its document, and stays when they change
    article: str | None = None
    page: int | None = None  #: where it begins


@dataclass(slots=True)
class _Section:
    heading: str = ""
    article: str | None = None
    page: int | None = None
    lines: list[str] = field(default_factory=list)


def split(blocks: Iterable[Block]) -> list[Passage]:
    """The passages of a document in order; sections without text give none."""
    passages: list[Passage] = []
    taken: dict[str, int] = {}
    for section in _sections(list(blocks)):
        for n, text in enumerate(_pieces(section.lines), 1):
            base = section.article or section.heading or (f"p{section.page}" if section.page else "本文")
            locator = base if n == 1 else f"{base}-{n}"
            taken[locator] = taken.get(locator, 0) + 1
            if taken[locator] > 1:
                locator = f"{locator}~{taken[locator]}"
            passages.append(
                Passage(heading=section.heading, text=text, locator=locator, article=section.article, page=section.page)
            )
    return passages


def _sections(blocks: list[Block]) -> Iterator[_Section]:
    current, above, caption, prefix = _Section(), "", "", ""
    for i, block in enumerate(blocks):
        following = blocks[i + 1].text if i + 1 < len(blocks) else ""
        if (held := _CAPTION.match(block.text)) and _ARTICLE.match(following):
            caption = held[1]  # the caption of an article stands on the line before it
            continue
        if article := _ARTICLE.match(block.text) if not block.level else None:
            yield current
            name = caption or article[2] or ""
            current = _Section(f"{prefix}{article[1]}" + (f"（{name}）" if name else ""), f"{prefix}{article[1]}", block.page)
            current.lines.append(block.text)
            caption = ""
        elif level := _level(block):
            yield current
            heading = block.text.strip("　 ■◆●▼◎【】〔〕")
            if _SUPPLEMENT.match(block.text):
                prefix, heading = "附則 ", "附則"
            above = heading if level < _MARKED_LEVEL else above
            nested = above and above != heading and level >= _MARKED_LEVEL
            current = _Section(f"{above} {heading}" if nested else heading, None, block.page)
        else:
            current.page = current.page or block.page
            current.lines.append(block.text)
    yield current


def _level(block: Block) -> int:
    if block.level:
        return block.level
    if _CHAPTER.match(block.text) or (_SUPPLEMENT.match(block.text) and len(block.text) < 20):
        return _CHAPTER_LEVEL
    return _MARKED_LEVEL if _MARKED.match(block.text) and not block.text.endswith("。") else 0


def _pieces(lines: list[str]) -> Iterator[str]:
    """Paragraphs put together up to `LONGEST_CHARS`; a longer one is cut after a sentence."""
    piece = ""
    for line in (part for whole in lines for part in _cut(whole)):
        if piece and len(piece) + len(line) + 1 > LONGEST_CHARS:
            yield piece
            piece = ""
        piece = f"{piece}\n{line}" if piece else line
    if piece.strip():
        yield piece


def _cut(line: str) -> Iterator[str]:
    while len(line) > LONGEST_CHARS:
        end = line.rfind("。", 0, LONGEST_CHARS) + 1 or LONGEST_CHARS
        yield line[:end]
        line = line[end:]
    yield line
