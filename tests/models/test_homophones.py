"""Which common words sound like what stands in a text: found from its sound, never what is there, and never in the way."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest

from core.errors import ModelDamaged
from core.settings import Settings
from models.homophones import NAME, Homophones, convert, load_homophones
from models.manifest import manifest


@pytest.fixture(scope="module")
def homophones(model_settings: Settings) -> Homophones:
    found = load_homophones(model_settings)
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "heard", "meant", "farthest"),
    [
        ("選択物を干せない", "選択", "洗濯", 0.0),
        ("パンフレットを有人に送る", "有人", "友人", 0.0),
        ("おっとの暴力", "おっと", "夫", 0.0),
        ("保護圏を引き取る", "圏", "犬", 0.0),
        ("今の主張の名前", "主張", "市長", 1.0),
        ("税金の振り込み講座", "講座", "口座", 0.0),
        ("バネルの補助", "バネル", "パネル", 0.5),
    ],
)
def test_words_are_found_by_their_sound(homophones: Homophones, text: str, heard: str, meant: str, farthest: float) -> None:
    found = [each for each in homophones.of(text) if each.word == meant and text[each.start : each.end] == heard]
    assert found
    assert min(each.cost for each in found) <= farthest
    assert found[0].written_into(text) == text.replace(heard, meant)


def test_what_stands_there_already_is_not_proposed(homophones: Homophones) -> None:
    text = "住民票の写しを、取りたいのですが。"
    found = homophones.of(text)
    assert found
    assert all(each.written_into(text) != text for each in found)


def test_marks_and_single_particles_are_left_alone(homophones: Homophones) -> None:
    text = "市役所へは、何で行けますか。"
    for each in homophones.of(text):
        assert text[each.start : each.end].isalnum()
        assert text[each.start : each.end] not in {"は", "へ", "で", "か"}


def test_usual_words_are_less_rare(homophones: Homophones) -> None:
    rarity = {each.word: each.rarity for each in homophones.of("医師に聞く")}
    assert rarity["石"] < rarity["遺志"]


@pytest.mark.parametrize("text", ["", " ", "。", "😀", "ABC", "あ" * 200])
def test_any_text_can_be_asked_about(homophones: Homophones, text: str) -> None:
    assert isinstance(homophones.of(text), list)


def test_who_wants_no_language_model_or_has_not_pulled_the_words_has_none(model_settings: Settings, tmp_path: Path) -> None:
    assert load_homophones(model_settings.model_copy(update={"language_model": ""})) is None
    assert load_homophones(Settings(home=tmp_path)) is None


def test_a_damaged_list_is_left_out_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "models" / manifest()[NAME].directory
    folder.mkdir(parents=True)
    (folder / manifest()[NAME].files[0].path).write_bytes(b"no such list")
    with caplog.at_level(logging.WARNING):
        assert load_homophones(Settings(home=tmp_path)) is None
    assert "model_left_out" in caplog.messages


@pytest.mark.parametrize(
    "content",
    [b"no list", b"\xc1", b"", *(msgpack.packb(value) for value in (1, [], [{}], [{"format": "x"}]))],
)
@pytest.mark.parametrize("packed", [gzip.compress, lambda content: gzip.compress(content)[:-9], bytes])
def test_what_is_no_list_of_words_is_refused_and_leaves_nothing(
    tmp_path: Path, content: bytes, packed: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "list").write_bytes(packed(content))
    with pytest.raises(ModelDamaged):
        convert(tmp_path / "list", tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["list"]
