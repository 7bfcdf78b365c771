"""Cutting up the text of SIP's fields, where quotation marks and angle brackets hold parts together."""

from __future__ import annotations


def split_outside(text: str, separator: str) -> list[str]:
    """Cut at a character wherever it stands outside quotation marks and angle brackets. Linear."""
    parts, start, quoted, bracketed, escaped = [], 0, False, False, False
    for at, c in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = c == "\\", c != '"'
        elif c == '"':
            quoted = True
        elif c in "<>":
            bracketed = c == "<"
        elif c == separator and not bracketed:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def unquoted(text: str) -> str:
    """A quoted string without its marks and escapes; anything else as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    kept, escaped = [], False
    for c in text[1:-1]:
        escaped = c == "\\" and not escaped
        if not escaped:
            kept.append(c)
    return "".join(kept)


def read_parameters(parts: list[str]) -> dict[str, str]:
    """`name=value` and bare `name`, names in small letters. The first of a name stands."""
    parameters: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        if name.strip():
            parameters.setdefault(name.strip().lower(), unquoted(value.strip()))
    return parameters
