"""A knowledge base in, the files that give it back when imported out: FAQ and tables as CSV, documents byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from core.errors import InvalidInput, NotFound
from retrieval.faq import COLUMNS, to_row
from retrieval.repository import Repository


def export_faq(repository: Repository, kb: str, file: Path) -> int:
    """Write the entries that came with no document into a CSV file; how many. Raises NotFound when there are none."""
    prefixes = tuple(source.prefix for source in repository.load_sources(kb))
    rows = [to_row(s.entry) for s in repository.load(kb) if not s.entry.id.startswith(prefixes)]
    if not rows:
        raise NotFound(f"知識ベース「{kb}」には何も登録されていません。")
    _write(file, COLUMNS, rows)
    return len(rows)


def export_all(repository: Repository, kb: str, folder: Path) -> list[Path]:
    """Write everything into an empty folder: faq.csv, the city's tables, and the documents as they came.

    Raises:
        NotFound: the knowledge base is empty.
        InvalidInput: the folder has something in it.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InvalidInput(f"フォルダ {folder} は空ではありません。新しいフォルダを指定してください。")
    sources, kinds = repository.load_sources(kb), repository.table_kinds(kb)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    try:
        export_faq(repository, kb, folder / "faq.csv")
        written.append(folder / "faq.csv")
    except NotFound:
        if not sources and not kinds:
            raise
    for kind in kinds:
        rows = repository.load_table(kb, kind)
        columns = list(dict.fromkeys(c for row in rows for c in row))
        _write(folder / f"{kind}.csv", columns, ([row.get(c, "") for c in columns] for row in rows))
        written.append(folder / f"{kind}.csv")
    for source in sources:
        path = folder / source.audience.value / source.name
        if ".." in Path(source.name).parts or Path(source.name).is_absolute():
            continue  # no name of ours: nothing is written outside the folder
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.content)
        written.append(path)
    return written


def _write(file: Path, columns: Iterable[str], rows: Iterable[list[str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    file.write_text(out.getvalue(), "utf-8")
