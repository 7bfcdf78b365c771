"""The unit of a document: a heading or a paragraph."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from retrieval.characters import as_typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading (level 1 to 6) or a paragraph (level 0), and the page it stands on, where there are pages."""

    text: str
    level: int = 0
    page: int | None = None


class NoText(Exception):
    """A document without text, as a scan is."""


def tidy(text: str) -> str:
    """A document's text on one line, in the characters that people type."""
    plain = as_typed(unicodedata.normalize("NFC", text)).replace("\0", "")
    return re.sub(r"[ \t\r\f\v\u3000\xa0]+", " ", plain).strip()
