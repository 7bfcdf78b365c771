"""What is to be taken in: files, under which names, and how."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.audience import Audience
from core.encodings import decoded
from core.errors import InvalidInput
from retrieval.catalogue import CATALOGUE, listed_around
from retrieval.entry import Entry
from retrieval.faq import LONGEST_DEPARTMENT_CHARS
from retrieval.originals import Sent
from retrieval.revisions import State

_PAGES = frozenset({".html", ".htm"})
_DRAWN_WITH = frozenset(
    ".css .js .mjs .map .png .jpg .jpeg .gif .svg .ico .webp .bmp .woff .woff2 .ttf .otf .eot .swf .mp4 .webmanifest".split()
)
_OF_WINDOWS = frozenset({"thumbs.db", "desktop.ini"})

Forbidden = Callable[[Sequence[Entry]], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are taken in."""

    state: State = State.APPROVED
    audience: Audience = Audience.STAFF  #: of documents; the rows of a FAQ say it themselves
    department: str | None = None  #: of documents
    confined: bool = False  #: whether only the staff of that department may read documents
    overwrite: bool = False  #: whether what people wrote since gives way to the file
    sent: Sent | None = None  #: who sent them, where their drafts are to be approved together
    forbidden: Forbidden = lambda _: {}  #: why who imports may not write some of a FAQ's entries, by their ids

    def __post_init__(self) -> None:
        if self.confined and not 0 < len(self.department or "") <= LONGEST_DEPARTMENT_CHARS:
            raise InvalidInput(f"担当課の職員だけに見せる文書には、担当課を{LONGEST_DEPARTMENT_CHARS}字までで指定してください。")

    @property
    def confined_to(self) -> str | None:
        return self.department if self.confined else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A file to be taken in, under which name and how."""

    path: Path
    name: str
    options: Options
    is_exported: bool = False  #: whether an export's catalogue says so


def files_in(path: Path, options: Options) -> Iterator[Given]:
    """A file, or all files of a folder in order, with their names within it; those of an export with the names and readers that
    they had. What nobody wrote as a document, links and READMEs are left out."""
    exported = listed_around(path)
    for file, parts in _found(path):
        left_out = is_left_behind(parts) or file.stem.lower() == "readme" or file.name == CATALOGUE
        if listed := exported.get(file.absolute()):
            readers = replace(options, audience=listed.audience, department=listed.department, confined=listed.confined)
            yield Given(path=file, name=listed.name, options=readers, is_exported=True)
        elif file == path or not left_out:
            yield Given(path=file, name=_readable("/".join(parts)), options=options)


def is_left_behind(parts: Sequence[str]) -> bool:
    """Whether a file, by the names that lead to it, is none that a person put there: hidden ones, what Macs and Windows keep
    beside files, and what Office leaves of one that is open (~$規則.docx)."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return hidden or parts[-1].startswith("~$") or parts[-1].lower() in _OF_WINDOWS


def parts_of_pages(names: Iterable[str]) -> frozenset[str]:
    """Of the files of a website those that its pages are drawn with: pictures, styles, scripts. None where there is no page."""
    known = {name: Path(name).suffix.lower() for name in names}
    return frozenset(n for n, suffix in known.items() if suffix in _DRAWN_WITH) if _PAGES & set(known.values()) else frozenset()


def _readable(name: str) -> str:
    """A name that Windows wrote into an archive in its own encoding, as it reads there; as it is where that can't be told."""
    try:
        name.encode()
        return name
    except UnicodeEncodeError:
        pass
    try:
        return decoded(os.fsencode(name))
    except UnicodeError:
        return name


def _found(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files that are reached by no link within a folder, and the names that lead to each."""
    if not path.is_dir():
        yield path, (path.name,)
        return
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        within = [path.joinpath(*parts[:n]) for n in range(1, len(parts) + 1)]
        if file.is_file() and not any(p.is_symlink() for p in within):
            yield file, parts
