"""The standard form of minutes as a template, for who makes one of their own."""

from __future__ import annotations

from core.paper import blank, saved
from minutes.export import HEAD_CM, table
from minutes.template import HEAD


def starter() -> bytes:
    """A Word file like those without a template, with a place for all that minutes say."""
    document = blank("会議録")
    table(document, [(name, _place(name)) for name in HEAD], HEAD_CM)
    for name, heading in (("決定事項", "決定事項"), ("宿題", "宿題"), ("質疑", "質疑"), ("発言", "発言の記録")):
        document.add_heading(heading, level=1)
        document.add_paragraph(_place(name))
    document.add_paragraph(_place("録音"))
    return saved(document)


def _place(name: str) -> str:
    return f"{{{{{name}}}}}"
