"""Promises of the embedder: unit vectors in which Japanese questions that mean the same lie near each other."""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelDamaged, ModelError
from core.settings import Settings
from core.sums import SUMS, write_sums
from models import e5
from models.conversion import made_once, written_whole
from models.e5 import E5Small, is_whole, read_weights
from models.embedder import Embedder, load_embedder
from models.manifest import manifest
from models.store import ModelStore, Verified
from tests.conftest import MODELS

PAIRS = [
    ("引っ越してきたときの届出", "転入届はいつまでに出せばよいですか"),
    ("ごみの収集日を知りたい", "燃えるごみは何曜日に出しますか"),
    ("赤ちゃんが生まれました", "出生届の出し方を教えてください"),
    ("水が止まらない", "水道管が漏水したときはどうしますか"),
    ("犬を飼い始めた", "ペットの登録と狂犬病の予防注射について"),
    ("会社を辞めた後の保険", "国民健康保険に加入する手続き"),
]


@pytest.fixture(scope="module")
def embedder(model_settings: Settings) -> Embedder:
    return load_embedder(model_settings)


def test_vectors_are_of_unit_length(embedder: Embedder) -> None:
    texts = ["住民票", "住民票の写しはどこで取れますか。", "🐕", "", "あ" * 3000, "ABC 123", "\n\t "]
    for vectors in (embedder.queries(texts), embedder.passages(texts)):
        assert (vectors.shape, vectors.dtype) == ((len(texts), embedder.dimensions), np.float32)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_question_is_nearer_to_what_it_means_than_to_anything_else(embedder: Embedder) -> None:
    questions, passages = embedder.queries([q for q, _ in PAIRS]), embedder.passages([p for _, p in PAIRS])
    cosines = questions @ passages.T
    assert list(cosines.argmax(axis=1)) == list(range(len(PAIRS)))


def test_a_batch_gives_what_each_text_gives_alone(embedder: Embedder) -> None:
    texts = ["短い", "少し長い質問です。どこに行けばよいですか。", "長い文章。" * 60, *(q for q, _ in PAIRS)]
    together = embedder.passages(texts)
    alone = np.stack([embedder.passages([t])[0] for t in texts])
    assert (together * alone).sum(axis=1).min() > 0.999


def test_questions_and_passages_are_told_apart(embedder: Embedder) -> None:
    assert float(embedder.queries(["住民票"])[0] @ embedder.passages(["住民票"])[0]) < 0.999


def test_full_width_and_half_width_are_the_same_text(embedder: Embedder) -> None:
    wide, narrow = embedder.queries(["ＡＢＣ１２３　ゴミ", "ABC123 ゴミ"])
    assert float(wide @ narrow) > 0.999


def test_nothing_in_nothing_out(embedder: Embedder) -> None:
    assert embedder.queries([]).shape == (0, embedder.dimensions)


def test_a_directory_of_ones_own_gives_the_same_vectors_under_another_identity(embedder: Embedder, home: Path) -> None:
    folder = MODELS / manifest()["multilingual-e5-small"].directory
    own = load_embedder(Settings(home=home, embedder=str(folder)))
    assert np.array_equal(own.queries(["住民票"]), embedder.queries(["住民票"]))
    assert own.identity != embedder.identity


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelDamaged, match="madoguchi models pull"):
        read_weights(tmp_path / "e5-small-q4.bin")


def test_who_start_together_have_a_new_model_converted_once(
    model_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = ModelStore(model_settings.home / "models").resolve("multilingual-e5-small")
    converted = next(ready.path.glob("ctranslate2-*"))
    fresh = Verified(name=ready.name, version=ready.version, path=tmp_path)
    (tmp_path / e5.SOURCE).symlink_to(ready.path / e5.SOURCE)
    targets: list[Path] = []

    def convert(_: object, target: Path) -> None:
        targets.append(target)
        time.sleep(0.5)
        shutil.copytree(converted, target)

    monkeypatch.setattr(e5, "convert", convert)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: E5Small.of_package(fresh, 1), range(2)))
    assert len(targets) == 1
    assert np.array_equal(both[0].queries(["ごみの日"]), both[1].queries(["ごみの日"]))


def test_a_model_that_needs_further_packages_says_which(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    (tmp_path / "ruri").mkdir()
    (tmp_path / "ruri" / "modules.json").write_text("[]")
    with pytest.raises(ModelError, match=r"pip install -e \.\[transformers\]"):
        load_embedder(Settings(home=home, embedder=str(tmp_path / "ruri")))


def test_a_folder_without_a_model_is_a_wrong_setting(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="embedder"):
        load_embedder(Settings(home=home, embedder=str(tmp_path / "empty")))


def test_a_conversion_that_the_disk_changed_is_made_anew_and_one_of_an_older_release_stays(tmp_path: Path) -> None:
    folder, made = tmp_path / "model", list[str]()

    def make() -> None:
        made.append("made")
        with written_whole(folder) as new:
            (new / "normalisation.tsv").write_text("", "ascii")
            (new / "model.bin").write_bytes(b"weights")
            write_sums(new)

    def opened() -> int:
        made_once(folder, is_whole=lambda: is_whole(folder), make=make)
        return len(made)

    assert (opened(), opened()) == (1, 1)
    (folder / "model.bin").write_bytes(b"Weights")
    assert (opened(), opened()) == (2, 2)
    (folder / SUMS).unlink()
    assert opened() == 2
