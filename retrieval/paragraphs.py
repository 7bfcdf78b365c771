"""The lines of an article in, those of one of its paragraphs (項) or items (号) out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.documents import law


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an article that is asked for by its number."""

    paragraph: int | None = None  #: None where only an item was said: then it is of the first
    item: int | None = None

    @property
    def name(self) -> str:
        paragraph = f"第{self.paragraph}項" if self.paragraph else ""
        return paragraph + (f"第{self.item}号" if self.item else "")


def lines_of(part: Part, lines: Sequence[str]) -> range | None:
    """The places of its lines; None where the article has no such part. The first paragraph has no number of its own."""
    paragraphs = [0, *_counted(range(1, len(lines)), lines, law.paragraph, first=2)]
    found = _nth(part.paragraph or 1, paragraphs, len(lines))
    if found is None or part.item is None:
        return found
    return _nth(part.item, list(_counted(found, lines, law.item, first=1)), found.stop)


def _counted(places: Iterable[int], lines: Sequence[str], number: Callable[[str], int | None], *, first: int) -> Iterator[int]:
    """Where each next number stands; a number out of turn is one of the text."""
    for at in places:
        if number(lines[at]) == first:
            yield at
            first += 1


def _nth(n: int, begins: Sequence[int], end: int) -> range | None:
    if not 0 < n <= len(begins):
        return None
    return range(begins[n - 1], begins[n] if n < len(begins) else end)
