"""What the files of an exported folder can't say themselves, in one beside them: as what each came, and who may read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.audience import Audience
from core.errors import InvalidInput

CATALOGUE = "madoguchi-export.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An exported file."""

    path: str  #: within the folder
    name: str  #: under which it was imported
    audience: Audience = Audience.STAFF  #: of a document; the rows of a table say it themselves
    department: str | None = None  #: of a document
    confined: bool = False  #: whether only the staff of that department may read it


def write_catalogue(folder: Path, files: Iterable[Listed]) -> None:
    text = json.dumps({"files": [asdict(each) for each in files]}, ensure_ascii=False, indent=1)
    (folder / CATALOGUE).write_text(text + "\n", "utf-8")


def listed_around(path: Path) -> Mapping[Path, Listed]:
    """The files of the export that a file or folder is or lies in, by their absolute paths; nothing where it lies in none.

    Raises:
        InvalidInput: the catalogue is damaged. Without it documents would go to others than before.
    """
    here = path.absolute()
    folder = next((f for f in (here, *here.parents) if (f / CATALOGUE).is_file()), None)
    if folder is None:
        return {}
    try:
        rows = json.loads((folder / CATALOGUE).read_bytes())["files"]
        files = [Listed(**row | {"audience": Audience(row["audience"])}) for row in rows]
        return {folder / each.path: each for each in files}
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InvalidInput(
            f"フォルダ {folder.name} の目録 {CATALOGUE} が壊れているため、誰に見せる文書かが分かりません。"
            "書き出し直したフォルダを使うか、目録を除き、見せる人ごとに分けて登録してください。"
        ) from None
