"""Promises of other models: any sentence-transformers embedder or cross-encoder serves by one setting, with a calibration
of its own.

Runs where the extra `transformers` is installed. The model is the real e5-small out of its package, as a folder in the form
that sentence-transformers writes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audience import Audience
from core.database import open_database
from core.settings import Settings
from models.e5 import E5Small, Weights, read_weights
from models.embedder import Embedder, load_embedder
from models.reranker import load_reranker
from retrieval.judges import Judges
from retrieval.knowledge import Knowledge
from tests.conftest import copy_knowledge

pytest.importorskip("sentence_transformers")

TEXTS = ["住民票の写しはどこで取れますか", "粗大ごみの出し方", "会社を辞めたので国民健康保険に入りたい"]
PARTS = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v", "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln", "intermediate.dense": "fi", "output.dense": "fo", "output.LayerNorm": "oln",
}  # fmt: skip


@pytest.fixture(scope="session")
def own(model_settings: Settings) -> E5Small:
    embedder = load_embedder(model_settings)
    assert isinstance(embedder, E5Small)
    return embedder


@pytest.fixture(scope="session")
def folder(own: E5Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's weights as a sentence-transformers model."""
    from sentence_transformers import SentenceTransformer

    try:
        from sentence_transformers.sentence_transformer import modules as models
    except ImportError:  # before version 6
        from sentence_transformers import models

    assert own.source is not None
    weights = read_weights(own.source)
    path = tmp_path_factory.mktemp("plugged") / "e5-small-own"
    bert(weights).save_pretrained(path / "bert")
    tokenizer_of(own.source.parent).save_pretrained(path / "bert")
    transformer = models.Transformer(str(path / "bert"), max_seq_length=512)
    pooling = models.Pooling(weights.hidden, pooling_mode="mean")
    SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu").save(str(path / "model-e5"))
    return path / "model-e5"


@pytest.fixture(scope="session")
def cross_encoder(own: E5Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's weights below one number for a pair of texts."""
    import torch
    from transformers import BertForSequenceClassification

    assert own.source is not None
    torch.manual_seed(20)
    encoder: Any = bert(read_weights(own.source))
    encoder.config.num_labels = 1
    model = BertForSequenceClassification(encoder.config)
    model.bert.load_state_dict(encoder.state_dict(), strict=False)
    path = tmp_path_factory.mktemp("crossing") / "e5-small-pairs"
    model.save_pretrained(path)
    tokenizer_of(own.source.parent).save_pretrained(path)
    return path


def tokenizer_of(package: Path) -> Any:
    from tokenizers import Tokenizer, normalizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer.from_file(str(package / "ctranslate2-int8-1" / "tokenizer.json"))
    tokenizer.normalizer = normalizers.NFKC()
    marks = [("<s>", 0), ("</s>", 2)]
    pair = "<s> $A </s> </s> $B </s>"
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair=pair, special_tokens=marks)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        model_max_length=512, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def bert(weights: Weights) -> object:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=weights.vocabulary, hidden_size=weights.hidden, num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads, intermediate_size=weights.feed_forward, type_vocab_size=2,
        layer_norm_eps=weights.epsilon, pad_token_id=1,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    names = {"embeddings.word_embeddings.weight": "emb.word", "embeddings.position_embeddings.weight": "emb.pos"}
    names |= {"embeddings.token_type_embeddings.weight": "emb.type"}
    suffixes = {"weight": "w", "bias": "b"}
    names |= {f"embeddings.LayerNorm.{s}": f"emb.ln.{t}" for s, t in suffixes.items()}
    for i in range(weights.layers):
        names |= {f"encoder.layer.{i}.{p}.{s}": f"l{i}.{t}.{u}" for p, t in PARTS.items() for s, u in suffixes.items()}
    state = {k: torch.from_numpy(weights.tensors[names[k]].reshape(tuple(v.shape))) for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    return model


@pytest.fixture(scope="session")
def plugged_in(folder: Path, model_settings: Settings) -> Embedder:
    return load_embedder(Settings(home=model_settings.home, embedder=str(folder), device="cpu"))


def test_a_folder_of_sentence_transformers_serves_by_one_setting(plugged_in: Embedder, own: E5Small) -> None:
    assert plugged_in.identity != own.identity
    assert plugged_in.dimensions == own.dimensions
    for theirs, ours in ((plugged_in.queries(TEXTS), own.queries(TEXTS)), (plugged_in.passages(TEXTS), own.passages(TEXTS))):
        assert (theirs * ours).sum(axis=1).min() > 0.98
        assert np.allclose(np.linalg.norm(theirs, axis=1), 1, atol=1e-4)


def test_another_embedder_gets_an_index_and_a_calibration_of_its_own(
    plugged_in: Embedder, own: E5Small, settings: Settings, sample_home: Path
) -> None:
    copy_knowledge(sample_home, settings.home)
    engine = open_database(settings)
    try:
        index = settings.home / "indexes"
        ours, theirs = Knowledge(engine, index, own), Knowledge(engine, index, plugged_in)
        stored = ours.repository.load("soo")[:42]
        short = [replace(s.entry, paraphrases=(), answer=s.entry.answer[:30]) for s in stored]
        ours.repository.save("few", short, stored[0].updated_at)
        versions = []
        for knowledge in (ours, theirs):
            knowledge.build("few", lambda *_: None)
            versions.append(knowledge.version("few", Audience.RESIDENT))
            found = knowledge.search(stored[3].entry.question, "few", audience=Audience.RESIDENT)
            assert found.hits[0].entry.id == stored[3].entry.id
        assert [v.manifest.embedder for v in versions] == [own.identity, plugged_in.identity]
        assert versions[0].calibrations != versions[1].calibrations
    finally:
        engine.dispose()


def test_a_cross_encoder_reranks_by_one_setting_and_confidence_is_calibrated_with_it(
    cross_encoder: Path, own: E5Small, settings: Settings, sample_home: Path
) -> None:
    copy_knowledge(sample_home, settings.home)
    reranker = load_reranker(Settings(home=settings.home, reranker=str(cross_encoder), device="cpu"))
    assert reranker is not None
    engine = open_database(settings)
    try:
        index = settings.home / "indexes"
        plain = Knowledge(engine, index, own)
        stored = [s for s in plain.repository.load("soo") if s.entry.audience is Audience.RESIDENT][:42]
        plain.repository.save("few", [replace(s.entry, answer=s.entry.answer[:30]) for s in stored], stored[0].updated_at)
        plain.build("few", lambda *_: None)
        before = plain.version("few", Audience.RESIDENT)
        reranked = Knowledge(engine, index, own, judges=Judges(reranker=reranker))
        assert reranked.is_behind("few")
        reranked.build("few", lambda *_: None)
        version = reranked.version("few", Audience.RESIDENT)
        assert version.manifest.reranker == reranker.identity
        assert len(version.calibrations.usual.weights) == len(before.calibrations.usual.weights) + 2
        found = reranked.search("引っ越してきたら何を出せばよいですか", "few", audience=Audience.RESIDENT)
        passages = [f"{h.entry.question}\n{h.entry.answer}" for h in found.hits]
        expected = reranker.scores("引っ越してきたら何を出せばよいですか", passages)
        assert [h.evidence.reranked for h in found.hits] == pytest.approx(expected, abs=1e-3)
    finally:
        engine.dispose()
