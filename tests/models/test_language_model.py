"""The language model costs texts as the published weights do, and nothing stops where it can't be used."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import pytest

import models.conversion
import models.gemma
from core.settings import Settings
from models.gguf_file import GgufFile
from models.language_model import PIECES, LanguageModel, Pieces, load_language_model
from models.manifest import manifest
from models.store import ModelStore

NAME = "gemma-3-270m"
TOPIC = "市役所への質問です。"

# Nats behind the topic, by transformers 5.24 and torch 2.13 in float32 on the package's weights, over the same pieces.
BY_TRANSFORMERS = {
    "やかんに結婚届けを提出できますか。": 46.89,
    "焼かんに結婚届けを提出できますか。": 56.90,
    "外部証明はどうやって発行するんですか": 43.85,
    "防止手庁はどこでもらえますか。": 62.57,
    "素大ゴミで出せるものを把握したいのですが": 74.27,
    "素材ゴミで出せるものを把握したいのですが": 59.98,
    "本席を変更する手続きを教えてほしいんやけど。": 73.06,
}


def test_texts_cost_what_the_published_weights_say(language_model: LanguageModel) -> None:
    found = language_model.costs(list(BY_TRANSFORMERS), TOPIC)
    assert found == pytest.approx(list(BY_TRANSFORMERS.values()), rel=0.05)


@pytest.mark.parametrize(
    ("meant", "heard"),
    [
        ("転入届を出したいのですが", "店入届を出したいのですが"),
        ("市長の給料はいくらですか", "主張の給料はいくらですか"),
        ("ごみの収集日はいつですか", "五味の収集日はいつですか"),
        ("人事異動はいつ発表されますか", "人事移動はいつ発表されますか"),
    ],
)
def test_of_two_texts_that_sound_alike_the_one_with_a_meaning_costs_less(
    language_model: LanguageModel, meant: str, heard: str
) -> None:
    right, wrong = language_model.costs([meant, heard])
    assert right < wrong


def test_a_text_costs_less_behind_what_it_is_about(language_model: LanguageModel) -> None:
    asked = ["収集日はいつですか"]
    assert language_model.costs(asked, "燃やせるごみについて聞きます。") < language_model.costs(asked)


def test_what_a_text_costs_does_not_hang_on_those_beside_it(language_model: LanguageModel) -> None:
    texts = ["はい", "住民票の写しはどこで取れますか", "粗大ごみ", *["転入届を出したいのですが、何が要りますか"] * 8]
    assert language_model.costs(texts) == pytest.approx([language_model.costs([text])[0] for text in texts], rel=0.02)


@pytest.mark.parametrize("text", ["", " ", "😀", "Xylophon ß", "①㍻㌔", "\n\t", "あ" * 200, "<bos>", "<0x0A>"])
def test_any_text_can_be_costed(language_model: LanguageModel, text: str) -> None:
    (cost,) = language_model.costs([text])
    assert math.isfinite(cost)
    assert (cost > 0) == bool(text)


def test_no_texts_cost_nothing(language_model: LanguageModel) -> None:
    assert language_model.costs([]) == []


@pytest.fixture(scope="module")
def pieces(language_model: LanguageModel, model_settings: Settings) -> Pieces:
    (path,) = ModelStore(model_settings.home / "models").resolve(NAME).path.glob(f"*/{PIECES}")
    return Pieces(path)


@pytest.mark.parametrize("text", ["住民票の写しはどこで取れますか？", "令和8年4月1日から", "ごみ ステーション"])
def test_the_pieces_of_a_text_are_the_text(pieces: Pieces, text: str) -> None:
    found = pieces.of(text)
    assert "".join(found).replace("▁", " ") == text
    assert len(found) < len(text)


def test_what_no_piece_has_is_spelt_in_bytes(pieces: Pieces) -> None:
    assert pieces.of("😀") == ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]


def test_who_wants_none_or_has_not_pulled_it_has_none(model_settings: Settings, tmp_path: Path) -> None:
    assert load_language_model(model_settings.model_copy(update={"language_model": ""})) is None
    assert load_language_model(Settings(home=tmp_path)) is None


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no such model"])
def test_a_damaged_model_is_left_out_and_the_log_says_so(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "models" / manifest()[NAME].directory
    folder.mkdir(parents=True)
    (folder / manifest()[NAME].files[0].path).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load_language_model(Settings(home=tmp_path)) is None
    assert "model_left_out" in caplog.messages


def test_a_model_of_ones_own_that_is_none_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "gemma-3-270m-q4_k_m.gguf").write_bytes(b"GGUF" + bytes(100))
    with caplog.at_level(logging.WARNING):
        assert load_language_model(Settings(home=tmp_path, language_model=str(tmp_path / "own"))) is None
    assert "model_left_out" in caplog.messages


def test_half_a_conversion_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is stopped in the middle of it leaves no folder of its name."""

    def stopped(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(models.conversion, "sync_directory", stopped)
    empty = GgufFile({"tokenizer.ggml.tokens": [], "tokenizer.ggml.scores": []}, {})
    monkeypatch.setattr(models.gemma, "read_gguf", lambda _: empty)
    monkeypatch.setattr(models.gemma, "_specification", lambda *_: _Saved())
    with pytest.raises(OSError, match="no space left"):
        models.gemma.convert(tmp_path / "weights.gguf", tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


class _Saved:
    """A description that is written at once."""

    def validate(self) -> None: ...

    def optimize(self, quantization: str) -> None: ...

    def save(self, folder: str) -> None:
        (Path(folder) / "model.bin").write_bytes(b"half")
