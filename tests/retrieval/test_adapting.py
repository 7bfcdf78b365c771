"""Promises of adapting: learned from the knowledge base alone, judged on what was held back, and served only if better."""

from __future__ import annotations

import gc
import shutil
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from kb_kit import Opened, ticking, write_csv

from core.audience import Audience
from core.errors import Busy, InvalidInput, ModelError
from core.settings import Settings
from models.adapted import AdaptedModels, Provenance
from models.e5 import E5Small, Weights, convert, read_weights
from models.embedder import Embedder
from models.finetuning import FinetuningOptions, Pair, batches_of, finetune
from retrieval.adapting import digest_of, is_learned, split_of
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge
from retrieval.schema import embeddings

SILENT = lambda *_: None  # noqa: E731
SHORT = FinetuningOptions(layers=1, batch=4, epochs=0.5, longest_tokens=16, threads=1)
PROVENANCE = Provenance(
    kb="kb", base="", data_sha256="0", pairs=1, options={}, steps=1, planned_steps=1, held_back=1, ndcg_before=0.5,
    ndcg_after=0.6, created_at="2026-11-22T12:00:00+09:00",
)  # fmt: skip


@pytest.fixture
def entries(knowledge: Knowledge) -> list[Entry]:
    return list(knowledge.version("soo", Audience.RESIDENT).index.entries)


@pytest.fixture(scope="module")
def base(embedder: Embedder) -> E5Small:
    assert isinstance(embedder, E5Small)
    return embedder


@pytest.fixture
def weights(base: E5Small) -> Weights:
    assert base.source is not None
    return read_weights(base.source)


@pytest.fixture(scope="module")
def converted(base: E5Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the base model's own weights are converted into, which takes long."""
    assert base.source is not None
    folder = tmp_path_factory.mktemp("converted") / "model"
    convert(read_weights(base.source), folder)
    return folder


@pytest.fixture
def converted_once(converted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For what does not depend on how a model is converted: those weights are converted already."""
    monkeypatch.setattr("models.adapted.convert", lambda _, target: shutil.copytree(converted, target))


@pytest.fixture
def models(settings: Settings, embedder: Embedder) -> AdaptedModels:
    return AdaptedModels(settings.home / "adapted", embedder, 1)


def test_the_same_entries_give_the_same_pairs(entries: list[Entry]) -> None:
    assert digest_of(split_of(entries, 1).pairs) == digest_of(split_of(entries, 1).pairs)
    assert digest_of(split_of(entries, 1).pairs) != digest_of(split_of(entries, 2).pairs)


def test_what_is_held_back_is_not_trained_on(entries: list[Entry]) -> None:
    split = split_of(entries, 1)
    asked, trained = {p.query for p in split.pairs}, " ".join(p.passage for p in split.pairs)
    assert len(split.held_back) >= 20
    assert not [q for q, _ in split.held_back if q in asked]
    assert not [k for _, k in split.held_back if split.passages[k] in trained]


def test_without_torch_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, base: E5Small, weights: Weights) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match=r"pip install -e \.\[transformers\].*検索はそのまま使えます"):
        finetune(weights, base.tokenizer, [], SHORT, SILENT)


def test_too_few_entries_teach_nothing(opened: Opened) -> None:
    with pytest.raises(InvalidInput, match="学習するには項目が足りません"):
        opened().adapt("empty", SHORT, SILENT)


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_an_adapted_model_serves_once_it_is_named_and_no_longer_when_it_is_not(
    models: AdaptedModels, base: E5Small, weights: Weights, converted: Path, settings: Settings
) -> None:
    assert models.current("kb") is base
    adapted = models.save(weights, replace(PROVENANCE, base=base.identity), "one")
    assert models.current("kb") is base
    models.use("kb", "one")
    assert models.current("kb").identity == adapted.identity != base.identity
    assert models.current("another") is base
    assert np.allclose(adapted.queries(["住民票"]), base.queries(["住民票"]), atol=1e-5)
    models.use("kb", None)
    assert models.current("kb") is base
    made = content(settings.home / "adapted" / "kb" / "one" / "model")
    assert made == content(converted), "the same weights give the same artifact, byte for byte"


@pytest.mark.usefixtures("converted_once")
def test_the_memory_of_models_that_no_version_names_is_given_back(
    opened: Opened, tmp_path: Path, base: E5Small, weights: Weights
) -> None:
    knowledge = opened(clock=ticking())
    knowledge.import_file(write_csv(tmp_path / "faq.csv"), "kb")
    ended = []
    for name in ("one", "two"):
        ended.append(weakref.ref(knowledge.models.save(weights, replace(PROVENANCE, base=base.identity), name)))
        knowledge.models.use("kb", name)
        knowledge.build("kb", SILENT)
        for audience in Audience:
            assert knowledge.search("図書館の時間", "kb", audience=audience).hits
    gc.collect()
    one, two = (model() for model in ended)
    assert (one, two is not None) == (None, True)


@pytest.mark.usefixtures("converted_once")
def test_an_adapted_model_is_rolled_back_with_its_index_and_given_up_for_good(
    opened: Opened, tmp_path: Path, base: E5Small, weights: Weights
) -> None:
    knowledge = opened(clock=ticking())
    knowledge.import_file(write_csv(tmp_path / "faq.csv"), "kb")
    knowledge.build("kb", SILENT)
    adapted = knowledge.models.save(weights, replace(PROVENANCE, base=base.identity), "one").identity
    knowledge.models.use("kb", "one")
    knowledge.build("kb", SILENT)

    def served() -> str:
        assert knowledge.search("図書館の時間", "kb", audience=Audience.RESIDENT).hits
        return knowledge.version("kb", Audience.RESIDENT).manifest.embedder

    assert served() == adapted
    knowledge.roll_back("kb")
    assert served() == base.identity
    assert not knowledge.is_behind("kb"), "a start leaves it so"
    knowledge.build("kb", SILENT)
    assert served() == adapted
    knowledge.unadapt("kb", SILENT)
    assert served() == base.identity
    assert not knowledge.is_rolled_back("kb")
    assert not knowledge.is_behind("kb")


@pytest.mark.usefixtures("converted_once")
def test_what_a_model_that_is_gone_embedded_is_forgotten(opened: Opened, base: E5Small, weights: Weights) -> None:
    knowledge = opened()
    made = [knowledge.models.save(weights, replace(PROVENANCE, base=base.identity, kb=kb), "one") for kb in ("kb", "kb_", "kbx")]
    for model in (base, *made):
        knowledge.repository.embed(["図書館"], model, SILENT)
    knowledge.models.forget("kb_", "one")
    for kb in ("kb", "kb_"):
        knowledge.repository.keep_embeddings(f"{base.identity}+{kb}/", knowledge.models.identities(kb))
    with knowledge.repository._engine.connect() as c:
        left = set(c.execute(sa.select(embeddings.c.identity)).scalars())
    assert left == {base.identity, made[0].identity, made[2].identity}


def bend(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.usefixtures("converted_once")
@pytest.mark.parametrize(
    "lose",
    [
        shutil.rmtree,
        lambda folder: bend(folder / "model" / "model.bin"),
        lambda folder: (folder / "model" / "tokenizer.json").unlink(),
        lambda folder: (folder / "provenance.json").write_text("{", "utf-8"),
    ],
    ids=["gone", "bent", "half", "of unknown origin"],
)
def test_a_model_that_the_disk_lost_keeps_nothing_from_being_published(
    opened: Opened,
    tmp_path: Path,
    settings: Settings,
    base: E5Small,
    weights: Weights,
    caplog: pytest.LogCaptureFixture,
    lose: Callable[[Path], None],
) -> None:
    knowledge = opened()
    knowledge.import_file(write_csv(tmp_path / "faq.csv"), "kb")
    knowledge.models.save(weights, replace(PROVENANCE, base=base.identity), "one")
    knowledge.models.use("kb", "one")
    knowledge.build("kb", SILENT)
    lose(settings.home / "adapted" / "kb" / "one")
    started = opened(clock=ticking())
    assert started.is_behind("kb"), "a start makes the indexes anew"
    started.build("kb", SILENT)
    assert started.search("図書館の時間", "kb", audience=Audience.RESIDENT).hits
    assert started.version("kb", Audience.RESIDENT).manifest.embedder == base.identity
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["adapted_unreadable"]


@pytest.mark.usefixtures("converted_once")
def test_trainings_that_were_killed_take_no_place_of_a_model_that_serves(
    models: AdaptedModels, base: E5Small, weights: Weights
) -> None:
    made = replace(PROVENANCE, base=base.identity)
    serving = models.save(weights, made, "1")
    models.use("kb", "1")
    for killed in "23":
        with models.training("kb"):
            models.save(weights, replace(made, ndcg_after=made.ndcg_before), killed)
    with models.training("kb"):
        models.save(weights, made, "6")
        models.use("kb", "6")
    assert {i[-1] for i in models.identities("kb")} == {"1", "6"}
    assert models.of(serving.identity) is serving


def test_one_training_goes_on_at_a_time(models: AdaptedModels, settings: Settings, base: E5Small) -> None:
    with models.training("kb"), pytest.raises(Busy, match="別の学習"):
        AdaptedModels(settings.home / "adapted", base, 1).training("kb").__enter__()
    with models.training("kb"):
        pass


def test_a_model_of_another_base_does_not_serve(models: AdaptedModels) -> None:
    with pytest.raises(ModelError, match="madoguchi kb build"):
        models.of("another/1+kb/one")


def test_what_was_learned_is_known_until_the_text_or_the_model_changes(models: AdaptedModels, entries: list[Entry]) -> None:
    seed = SHORT.seed
    assert not is_learned("kb", entries, models, SHORT)
    digest = digest_of(split_of(entries, seed).pairs)
    models.remember(replace(PROVENANCE, base=models.base.identity, data_sha256=digest))
    assert is_learned("kb", entries, models, SHORT)
    changed = [replace(e, answer=f"{e.answer}変わりました。") for e in entries]
    assert not is_learned("kb", changed, models, SHORT)
    models.remember(replace(PROVENANCE, base="another", data_sha256=digest))
    assert not is_learned("kb", entries, models, SHORT)


def test_many_pairs_are_bounded_by_steps() -> None:
    pairs = [Pair(query=str(i), passage=str(i), group=i) for i in range(1000)]
    assert len(batches_of(pairs, replace(SHORT, epochs=9, most_steps=7))) == 7
    assert len(batches_of(pairs, replace(SHORT, epochs=0.01))) == 2


def test_only_a_clear_gain_serves() -> None:
    assert PROVENANCE.serves
    assert not replace(PROVENANCE, ndcg_after=0.501).serves


def test_training_brings_pairs_together_and_is_the_same_each_time(embedder: Embedder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert isinstance(embedder, E5Small)
    assert embedder.source is not None
    weights = read_weights(embedder.source)
    pairs = [
        Pair(query=f"質問{w}", passage=f"{w}の答え", group=i) for i, w in enumerate("水道 年金 犬 道路 税 戸籍 保険 農地".split())
    ]
    first, second = (finetune(weights, embedder.tokenizer, pairs, SHORT, SILENT) for _ in range(2))
    assert first.steps == first.planned_steps == 1
    changed = [name for name, t in first.weights.tensors.items() if not np.array_equal(t, weights.tensors[name])]
    assert changed
    assert all(name.startswith("l11.") for name in changed)
    assert all(np.array_equal(t, second.weights.tensors[name]) for name, t in first.weights.tensors.items())
