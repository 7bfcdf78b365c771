"""Promises of models from a hub: a Whisper as transformers saves it is told by its directory and does what asr/ asks for.

Runs where the extra `transformers` is installed, on the product's own model in that form.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asr.pipeline import Options, transcribe
from core.errors import ModelError
from core.settings import Settings
from models.engine import Search
from models.hub_whisper import HubWhisper, first_frames
from models.store import ModelStore
from models.whisper import Whisper, load_whisper
from tests.conftest import MODELS
from tests.models.hub_form import save_in_hub_form


def test_tokens_begin_where_they_are_looked_at() -> None:
    attention = np.full((2, 3, 30), 0.01, np.float32)
    for token, (first, behind) in enumerate([(0, 8), (8, 11), (11, 30)]):
        attention[:, token, first:behind] = 1.0
    assert first_frames(attention) == [0, 8, 11]


def test_every_token_has_a_time_though_nothing_was_looked_at() -> None:
    assert first_frames(np.zeros((1, 0, 10), np.float32)) == []
    starts = first_frames(np.ones((1, 12, 5), np.float32))
    assert len(starts) == 12
    assert starts == sorted(starts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    path = tmp_path_factory.mktemp("hub") / "base-whisper"
    save_in_hub_form(ModelStore(MODELS).resolve("whisper-base").path, path)
    return path


@pytest.fixture(scope="module")
def hub(folder: Path, model_settings: Settings) -> Whisper:
    return load_whisper(model_settings, name=str(folder), device="cpu")


def test_the_directory_says_which_engine_it_is_for(hub: Whisper, whisper: Whisper) -> None:
    assert isinstance(hub.engine, HubWhisper)
    assert not isinstance(whisper.engine, HubWhisper)


def test_a_clip_is_decoded_the_same_alone_and_among_others(hub: Whisper) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 32_000)).astype(np.float32)
    encoded = hub.encode([hub.features(x, 1100) for x in noise])
    decoded = hub.generate(encoded, hub.tokens.start, Search(beam=2, longest=10))
    (alone,) = hub.generate(encoded[1:], hub.tokens.start, Search(beam=2, longest=10))
    assert decoded[1].ids == alone.ids
    assert all(0 < len(d.ids) <= 10 and d.logprob < 0 and 0 <= d.no_speech <= 1 for d in decoded)


def test_each_clip_has_the_other_likely_texts_of_its_own(hub: Whisper) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 32_000)).astype(np.float32)
    encoded = hub.encode([hub.features(x, 1100) for x in noise])
    decoded = hub.generate(encoded, hub.tokens.start, Search(beam=3, longest=10, hypotheses=3))
    (alone,) = hub.generate(encoded[1:], hub.tokens.start, Search(beam=3, longest=10, hypotheses=3))
    assert [each.ids for each in (decoded[1], *decoded[1].others)] == [each.ids for each in (alone, *alone.others)]
    assert all(len({tuple(each.ids) for each in (d, *d.others)}) == 3 for d in decoded)
    assert all(each.logprob < 0 for d in decoded for each in (d, *d.others))


def test_a_text_is_found_likely_as_its_tokens_are_behind_each_other(hub: Whisper) -> None:
    """The probabilities are those of the tokens themselves: what the model would have said is likelier than anything else."""
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    encoded = hub.encode([hub.features(noise, 1100)])
    (said,) = hub.generate(encoded, hub.tokens.start, Search(beam=1, longest=6))
    own, other = hub.align(encoded[[0, 0]], [said.ids, hub.tokens.encode("転入届")], [200, 200])
    assert np.mean(np.log(own.probabilities)) == pytest.approx(said.logprob, abs=1e-3)
    assert np.mean(np.log(own.probabilities)) > np.mean(np.log(other.probabilities))
    assert own.starts_s == sorted(own.starts_s)
    assert own.starts_s[-1] <= 2.0


def test_a_recording_goes_all_the_way(hub: Whisper, speech: object, tmp_path: Path) -> None:
    spoken = speech("転入届は、市民課の窓口で受け付けています。")  # type: ignore[operator]
    transcript = transcribe(spoken, whisper=hub, options=Options(), work=tmp_path)
    assert transcript.model == "base-whisper"
    assert "転入届" in transcript.text and "受け付けています" in transcript.text
    assert transcript.duration_s == pytest.approx(soundfile.info(spoken).duration, abs=0.1)


def test_without_the_extra_packages_a_sentence_says_what_to_install(
    tmp_path: Path, model_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "whisper"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    shutil.copyfile(ModelStore(MODELS).resolve("whisper-base").path / "tokenizer.json", tmp_path / "tokenizer.json")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match="追加パッケージ"):
        load_whisper(model_settings, name=str(tmp_path), device="cpu")
