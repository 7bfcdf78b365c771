"""Index versions on disk: built aside, checked, then named as the current one in a single rename."""

from __future__ import annotations

import base64
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from core.arrays import read_arrays
from core.audience import Audience
from core.durable import sync_directory, sync_file, write_durably
from core.errors import NotReady
from core.sums import are_as_written, write_sums
from retrieval.confidence import Calibrated, Calibrations
from retrieval.entry import Entry
from retrieval.index import Index, Rows
from retrieval.terms import Terms

FORMAT = 9  #: raised when indexes built by an older release can't serve
_BUILDING = ".build-"
_CALIBRATED_ON = "calibrated_on.json"  #: beside the calibration, which other releases read too
_NAME = "%Y%m%d-%H%M%S-%f"
_IS_NAME = re.compile(r"\d{8}-\d{6}-\d{6}")  # a clerk's copy of a version beside it is none
KEPT = 3  #: versions that stay on disk, so that readers of an old one can finish


MISSING = (
    "回答の準備ができていません。管理者は「madoguchi kb import」で知識ベースを登録してください。"
    "登録してあるときは、設定「kb」がその名前かを確かめてください。"
)
DAMAGED = "索引のファイルが壊れています。管理者は「madoguchi kb build」で作り直してください。"

Made = tuple[str, str, str, str]
"""The release, digest of the entries, identities of the embedder and of the cross-encoder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an index version was made from."""

    format: int
    kb: str
    audience: Audience
    embedder: str  #: identity of the embedder; queries must come from the same one
    digest: str  #: of the entries and of the city's words
    entries: int
    created_at: str
    department: str | None = None  #: whose staff it is for, where that is not all staff
    reranker: str = ""  #: identity of the cross-encoder that confidence was calibrated with
    release: str = ""  #: that built it; see `retrieval/release.py`

    @property
    def made(self) -> Made:
        """What it was made from: two versions of which this is the same answer alike."""
        return self.release, self.digest, self.embedder, self.reranker

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.created_at)

    def check(self) -> None:
        """Raises NotReady when another release made it, in a format that this one does not read."""
        if self.format != FORMAT:
            raise NotReady("索引が、ほかの版のプログラムで作られています。管理者は「madoguchi kb build」で作り直してください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A loaded index version."""

    manifest: Manifest
    index: Index
    calibrations: Calibrations


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made, to be kept as a version."""

    manifest: Manifest
    stored: Sequence[tuple[Entry, date]]  #: each with the day of its last change
    rows: Rows
    terms: Terms
    calibrated: Calibrated

    def written_entries(self) -> list[dict[str, object]]:
        """The entries as JSON; see `read_entries`."""
        return [{"entry": e.to_json(), "updated_on": day.isoformat()} for e, day in self.stored]


def read_entries(written: str | bytes) -> tuple[list[Entry], list[date]]:
    """The entries of a version, and when each last changed."""
    stored = json.loads(written)
    return [Entry.from_json(s["entry"]) for s in stored], [date.fromisoformat(s["updated_on"]) for s in stored]


class VersionStore:
    """The versions of one knowledge base for one audience, or for the staff of one department."""

    def __init__(self, root: Path, kb: str, audience: Audience, department: str | None = None) -> None:
        self._root = root / kb / (audience.value if department is None else f"{audience.value}-{_folder(department)}")
        self._pointer = self._root / "current"

    def current(self) -> str | None:
        """The name of the version that serves, or None before the first."""
        return self._pointed()[0]

    def _pointed(self) -> tuple[str | None, str]:
        """The version that serves, and the newest that ever did, which the pointer names where it was rolled back from."""
        try:
            current, _, newest = self._pointer.read_text("utf-8").strip().partition("\n")
        except FileNotFoundError:
            return None, ""
        return current, newest or current

    def manifest(self, name: str | None = None) -> Manifest | None:
        """What a version, or else the current one, was made from; None where that can't be read, too."""
        name = name or self.current()
        if not name:
            return None
        try:
            row = json.loads((self._root / name / "manifest.json").read_text("utf-8"))
            return Manifest(**row | {"audience": Audience(row["audience"])})
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def is_whole(self, name: str) -> bool:
        """Whether a version says what was written, on a disk that may have lost some of it."""
        return are_as_written(self._root / name)

    def load(self, name: str | None = None) -> Version:
        """A version, or else the current one. Raises NotReady when there is none, or one that is damaged."""
        name = name or self.current()
        if name is None:
            raise NotReady(MISSING)
        manifest = self.manifest(name)
        if manifest is not None:
            manifest.check()
        if manifest is None or not self.is_whole(name):
            raise NotReady(DAMAGED)
        folder = self._root / name
        entries, updated_on = read_entries((folder / "entries.json").read_text("utf-8"))
        rows = Rows(**read_arrays(folder / "rows.npz"))
        index = Index(entries, updated_on, rows, Terms.load(folder / "terms.npz"))
        calibrations = Calibrations.from_json(json.loads((folder / "calibration.json").read_text("utf-8")))
        return Version(manifest=manifest, index=index, calibrations=calibrations)

    def terms(self) -> Terms | None:
        """The analysed text of the current version, for the next one to take over."""
        name = self.current()
        return Terms.load(self._root / name / "terms.npz") if name else None

    def calibrated(self) -> Calibrated | None:
        """The calibrations of the current version, for the next one to take over."""
        name = self.current()
        if name is None:
            return None
        calibrations = Calibrations.from_json(json.loads((self._root / name / "calibration.json").read_text("utf-8")))
        on = self._root / name / _CALIBRATED_ON
        return Calibrated(calibrations=calibrations, on=frozenset(json.loads(on.read_text("utf-8")) if on.is_file() else ()))

    def save(self, name: str, built: Built) -> None:
        """Write a new version and make it the current one. One at a time does; see `Store.alone`."""
        self._root.mkdir(parents=True, exist_ok=True)
        served = self.names()
        for unfinished in (*self._root.glob(f"{_BUILDING}*"), *(self._root / n for n in self._on_disk() if n not in served)):
            shutil.rmtree(unfinished)  # a process that ended in the middle left it
        with tempfile.TemporaryDirectory(dir=self._root, prefix=_BUILDING) as tmp:
            folder = Path(tmp) / name
            folder.mkdir()
            _write_json(folder / "entries.json", built.written_entries())
            _write_json(folder / "calibration.json", built.calibrated.calibrations.to_json(), indent=1)
            _write_json(folder / _CALIBRATED_ON, sorted(built.calibrated.on))
            _write_json(folder / "manifest.json", asdict(built.manifest), indent=1)
            np.savez(
                folder / "rows.npz",
                question_vectors=built.rows.question_vectors,
                question_owners=built.rows.question_owners,
                answer_vectors=built.rows.answer_vectors,
                answer_owners=built.rows.answer_owners,
            )
            built.terms.save(folder / "terms.npz")
            write_sums(folder)
            for file in folder.iterdir():
                sync_file(file)
            sync_directory(folder)
            folder.replace(self._root / name)
        current = self.current()
        for undone in served:
            if current is not None and undone > current:
                shutil.rmtree(self._root / undone)
        self.use(name)
        self._forget_old(name)

    def names(self) -> list[str]:
        """The versions on disk that serve or did, oldest first. One that was written and never came to is none."""
        _, newest = self._pointed()  # where the disk lost that, any may have served
        return [name for name in self._on_disk() if not newest or name <= newest]

    def _on_disk(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return sorted(p.name for p in self._root.iterdir() if p.is_dir() and _IS_NAME.fullmatch(p.name))

    def use(self, name: str) -> None:
        """Make a version the current one, in one rename."""
        _, newest = self._pointed()
        write_durably(self._pointer, name if name >= newest else f"{name}\n{newest}")

    def before(self) -> str | None:
        """The version that served before the current one, if this release can still read it."""
        current = self.current()
        older = [n for n in reversed(self.names()) if current is not None and n < current]
        return next((n for n in older if (m := self.manifest(n)) is not None and m.format == FORMAT and self.is_whole(n)), None)

    def _forget_old(self, current: str) -> None:
        for name in self.names()[:-KEPT]:
            if name != current:
                shutil.rmtree(self._root / name)


def name_after(newest: str, at: datetime) -> str:
    """The name of a version that is made at an hour: after that of the newest one, though the clock was set back meanwhile."""
    name = f"{at:{_NAME}}"
    last = datetime.strptime(newest, _NAME).replace(tzinfo=at.tzinfo) if newest else None
    return name if last is None or name > newest else f"{last + timedelta(microseconds=1):{_NAME}}"


def departments_in(root: Path, kb: str) -> list[str]:
    """The departments that have versions of their own."""
    found = (root / kb).glob(f"{Audience.STAFF.value}-*")
    return sorted(d for p in found if p.is_dir() and (d := _department(p.name.partition("-")[2])) is not None)


def _department(folder: str) -> str | None:
    """Whose a folder is; None for what somebody put beside them, 「staff-old」."""
    try:
        department = base64.urlsafe_b64decode(folder).decode()
    except ValueError:
        return None
    return department if department and _folder(department) == folder else None


def _folder(department: str) -> str:
    return base64.urlsafe_b64encode(department.encode()).decode()


def _write_json(path: Path, content: object, indent: int | None = None) -> None:
    """Without lines of its own for each value it takes a tenth of the time."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent), "utf-8")
