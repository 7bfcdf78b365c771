"""Marks of Japanese writing."""

from __future__ import annotations

import re

CLOSING = "、。，．,.!?！？…"
"""They stand behind what they end, and take no time."""

_POINT = re.compile("[.,．，][0-9A-Za-z０-９Ａ-Ｚａ-ｚ]")


def closes(text: str, at: int) -> bool:
    """Whether a closing mark stands there. The point in a number or an address is none: it is said."""
    return at < len(text) and text[at] in CLOSING and not _POINT.match(text, at)
