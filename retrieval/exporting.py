"""A knowledge base in, the files that give it back when imported out: byte for byte what came and did not change."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from core.errors import InvalidInput, NotFound
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, to_row
from retrieval.originals import FAQ, Original
from retrieval.repository import Repository, Source


def export_faq(repository: Repository, kb: str, file: Path) -> int:
    """Write the entries that came with no document into a CSV file; how many. A file that holds just these comes as it was.

    Raises:
        NotFound: there are none.
        InvalidInput: the name is that of another kind of file.
    """
    entries = _asked(repository, kb)
    if not entries:
        raise NotFound(f"知識ベース「{kb}」には何も登録されていません。")
    hashes = {e.id: e.content_hash for e in entries}
    same = [o for o in repository.load_originals(kb) if o.held == hashes and Path(o.name).suffix == file.suffix]
    if same:
        file.write_bytes(same[-1].content)
    elif file.suffix.lower() != ".csv":
        raise InvalidInput(f"{file.suffix} の形では書き出せません。.csv で終わる名前か、新しいフォルダを指定してください。")
    else:
        _write(file, COLUMNS, map(to_row, entries))
    return len(entries)


def export_all(repository: Repository, kb: str, folder: Path) -> list[Path]:
    """Write everything into an empty folder: FAQ, the city's tables and documents. What did not change comes as it came; other
    entries are in faq.csv.

    Raises:
        NotFound: the knowledge base is empty.
        InvalidInput: the folder has something in it.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InvalidInput(f"フォルダ {folder} は空ではありません。新しいフォルダを指定してください。")
    sources, kinds, entries = repository.load_sources(kb), repository.table_kinds(kb), _asked(repository, kb)
    if not sources and not kinds and not entries:
        raise NotFound(f"知識ベース「{kb}」には何も登録されていません。")
    folder.mkdir(parents=True, exist_ok=True)
    served = [s.entry.id for s in repository.load(kb)]
    originals = repository.load_originals(kb)
    faq = _write_faq(entries, originals, folder)
    tables = [_write_table(repository, kb, kind, originals, folder) for kind in kinds]
    departments = _folders({s.confined_to for s in sources if s.confined_to is not None})
    approved = [s for s in sources if _is_within(s.name) and any(i.startswith(s.prefix) for i in served)]  # not what is a draft
    documents = [_write_bytes(folder / _folder_of(s, departments), s.name, s.content) for s in approved]
    return [*faq, *tables, *documents]


def _folder_of(source: Source, departments: Mapping[str, str]) -> Path:
    """By who may read it, so that it can be taken in again for the same."""
    if source.confined_to is None:
        return Path(source.audience.value)
    return Path("department", departments[source.confined_to])


def _folders(departments: Iterable[str]) -> dict[str, str]:
    """Each department's name as one of a folder; no two are the same, or a folder that is taken in again would show
    one's documents to the other."""
    found: dict[str, str] = {}
    for department in sorted(departments):
        name = re.sub(r"[/\\.]", "_", department)
        names = chain([name], (f"{name}-{n}" for n in count(2)))
        found[department] = next(n for n in names if n not in found.values())
    return found


def _asked(repository: Repository, kb: str) -> list[Entry]:
    """The entries that came with no document."""
    prefixes = tuple(source.prefix for source in repository.load_sources(kb))
    return [s.entry for s in repository.load(kb) if not s.entry.id.startswith(prefixes)]


def _write_faq(entries: Sequence[Entry], originals: Iterable[Original], folder: Path) -> list[Path]:
    """Files of which nothing changed as they came, and the other entries in one of their own."""
    hashes = {e.id: e.content_hash for e in entries}
    same = [o for o in originals if o.kind == FAQ and o.held and o.held.items() <= hashes.items() and _is_within(o.name)]
    written = [_write_bytes(folder / FAQ, o.name, o.content) for o in same]
    rest = [to_row(e) for e in entries if not any(e.id in o.held for o in same)]
    if rest:
        _write(folder / "faq.csv", COLUMNS, rest)
        written.append(folder / "faq.csv")
    return written


def _write_table(repository: Repository, kb: str, kind: str, originals: Iterable[Original], folder: Path) -> Path:
    for original in originals:
        if original.kind == kind:
            return _write_bytes(folder, kind + Path(original.name).suffix, original.content)
    rows = repository.load_table(kb, kind)  # imported by a release that kept no files
    columns = list(dict.fromkeys(c for row in rows for c in row))
    _write(folder / f"{kind}.csv", columns, ([row.get(c, "") for c in columns] for row in rows))
    return folder / f"{kind}.csv"


def _is_within(name: str) -> bool:
    """Whether a name stays within the folder: nothing is written outside it."""
    return ".." not in Path(name).parts and not Path(name).is_absolute()


def _write_bytes(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _write(file: Path, columns: Iterable[str], rows: Iterable[list[str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    file.write_text(out.getvalue(), "utf-8")
