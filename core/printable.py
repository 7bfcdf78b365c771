"""Text as people or their files sent it in, one line that a page, XML and a file name can hold out."""

from __future__ import annotations

_KEPT = "\u3000\u200d"  # Python calls the space between 総務 and 太郎, and the joiner inside an emoji, not printable


def printable(text: str) -> str:
    """Without control characters and line ends, and without spaces around it."""
    return "".join(c for c in text if c.isprintable() or c in _KEPT).strip()
