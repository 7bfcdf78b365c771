"""A document's own title and its blocks in, what it is called out; empty where nothing in it says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.documents.block import Block
from retrieval.documents.law import NUMBER

_LONGEST_CHARS = 40
# How letters begin; a bulletin (広報そお 第5号) and a calendar (令和8年度 収集日) do otherwise.
_LETTER = re.compile(r"[一-鿿々]{0,8}\s?第\s*\d+\s*号(?:の\s*\d+)?$|(?:令和|平成|昭和)[\s\d元]+年[\s\d]*月[\s\d]*日$")
# The heading of a part, by its number or mark; 「第三次計画」 and 「【重要】手引」 are none.
_COUNTED = re.compile(
    rf"\s*(?:第?{NUMBER}(?:[章節編部款条\s.．、)）-]|$)|[(（【〔]{NUMBER}[)）】〕]|附則|[①-⑳]|[^\w\s○◯「『(（【〔])"
)


def title_of(own: str, blocks: Sequence[Block]) -> str:
    """By itself, or by its first heading, which lacks the name of the site, or its first line."""
    first = next((b for b in blocks if b.level == 1), blocks[0])
    shorter = first.text if first.level == 1 and first.text in own else ""
    begins = next((b.text for b in (first, blocks[0]) if _may_be_title(b, blocks)), "")
    return unmarked(shorter or own or begins)


def unmarked(title: str) -> str:
    """Without the circle that collections of rules put before a rule's name."""
    return title.lstrip("○◯ ")


def _may_be_title(block: Block, blocks: Sequence[Block]) -> bool:
    """Whether the whole may be called as one of its lines. A heading with others like it is that of a part; numbered ones below
    one without a number are its parts."""
    counted = _COUNTED.match(block.text) is not None
    like = (b for b in blocks if b.level == block.level != 0 and b.text != block.text)
    is_part = any(counted or not _COUNTED.match(other.text) for other in like)
    is_text = len(block.text) > _LONGEST_CHARS or block.text[-1] in "。．" or _LETTER.match(block.text) is not None
    return not is_part and (block.level == 1 or not is_text)
