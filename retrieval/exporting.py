"""A knowledge base in, the files that give it back when imported out: byte for byte what came and did not change."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from statistics import mode

from core.cell import guarded
from core.errors import InvalidInput, NotFound
from retrieval.catalogue import Listed, write_catalogue
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, to_row
from retrieval.originals import FAQ, Original
from retrieval.repository import Repository
from retrieval.sources import Source

_File = tuple[Listed, bytes]


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
        file.write_bytes(faq_csv(entries))
    return len(entries)


def faq_csv(entries: Iterable[Entry]) -> bytes:
    """Entries as the table that an import takes in, of which a spreadsheet runs nothing."""
    return _csv(COLUMNS, (list(map(guarded, to_row(entry))) for entry in entries))


def export_all(repository: Repository, kb: str, folder: Path) -> list[Path]:
    """Write everything into an empty folder, with a catalogue by which an import gives it back: FAQ, the city's tables and
    documents. What did not change comes as it came; other entries are in a faq.csv.

    Raises:
        NotFound: the knowledge base is empty.
        InvalidInput: the folder has something in it.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InvalidInput(f"フォルダ {folder} は空ではありません。新しいフォルダを指定してください。")
    sources, kinds, entries = repository.load_sources(kb), repository.table_kinds(kb), _asked(repository, kb)
    if not sources and not kinds and not entries:
        raise NotFound(f"知識ベース「{kb}」には何も登録されていません。")
    originals, served = repository.load_originals(kb), [s.entry for s in repository.load(kb)]
    tables = [_table(repository, kb, kind, originals) for kind in kinds]
    departments = _folders({s.confined_to for s in sources if s.confined_to is not None})
    documents = [
        _document(source, passages, departments)
        for source in sources
        if _is_within(source.name) and (passages := [e for e in served if e.id.startswith(source.prefix)])  # not a draft's
    ]
    files = [*_faq(entries, originals), *tables, *documents]
    folder.mkdir(parents=True, exist_ok=True)
    write_catalogue(folder, (listed for listed, _ in files))  # first: without it nobody would know whose the others are
    return [_write(folder / listed.path, content) for listed, content in files]


def _document(source: Source, passages: Iterable[Entry], departments: Mapping[str, str]) -> _File:
    listed = Listed(
        path=str(_folder_of(source, departments) / source.name),
        name=source.name,
        audience=source.audience,
        department=source.confined_to or mode(passage.department for passage in passages),
        confined=source.confined_to is not None,
    )
    return listed, source.content


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


def _faq(entries: Sequence[Entry], originals: Iterable[Original]) -> Iterator[_File]:
    """Files of which nothing changed as they came, and the other entries in one of their own."""
    hashes = {e.id: e.content_hash for e in entries}
    rest = set(hashes)
    taken = set()
    for original in originals:
        same = original.kind == FAQ and original.held.items() <= hashes.items() and _is_within(original.name)
        if same and not rest.isdisjoint(original.held):  # else other files hold all of it
            yield Listed(path=f"{FAQ}/{original.name}", name=original.name), original.content
            rest -= original.held.keys()
            taken.add(original.name)
    if rest:
        name = next(n for n in chain(["faq.csv"], (f"faq-{n}.csv" for n in count(2))) if n not in taken)
        yield Listed(path=f"{FAQ}/{name}", name=name), faq_csv(e for e in entries if e.id in rest)


def _table(repository: Repository, kb: str, kind: str, originals: Iterable[Original]) -> _File:
    for original in originals:
        if original.kind == kind:
            return Listed(path=kind + Path(original.name).suffix, name=original.name), original.content
    rows = repository.load_table(kb, kind)  # imported by a release that kept no files
    columns = list(dict.fromkeys(c for row in rows for c in row))
    name = f"{kind}.csv"
    return Listed(path=name, name=name), _csv(columns, ([row.get(c, "") for c in columns] for row in rows))


def _is_within(name: str) -> bool:
    """Whether a name stays within the folder: nothing is written outside it."""
    return ".." not in Path(name).parts and not Path(name).is_absolute()


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _csv(columns: Iterable[str], rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")  # or it would leave a line break within a cell unquoted that is not this one
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()
