"""The narrowed model writes the same Japanese as the whole one, in tokens that lead back to the same text."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from models.narrowing import narrow
from models.store import ModelStore
from models.tokens import Tokens, japanese_ids
from models.whisper import Whisper
from tests.conftest import Settings


def test_japanese_goes_there_and_back(whisper: Whisper) -> None:
    for text in (
        "曽於市役所の市民課です。",
        "ＡＩ・DXを2026年4月1日から、1,800円で。",
        "ヴァイオリンと𠮷野家",
        "e-Taxとhttps://example.jp",
    ):
        assert whisper.tokens.decode(whisper.tokens.encode(text)) == text


def test_languages_that_nobody_speaks_here_are_gone(whisper: Whisper) -> None:
    kept = {whisper.tokens.tokenizer.id_to_token(int(i)) for i in whisper.tokens.kept}
    assert not kept & {"Ġthank", "Ġwatching", "Ġsubscribe"}
    assert {"<|ja|>", "<|notimestamps|>", "<|startofprev|>", "<|30.00|>"} <= kept
    assert len(kept) < 12_000


def test_a_half_written_model_never_takes_the_place_of_one(settings: Settings, tmp_path: Path) -> None:
    source = ModelStore(settings.home / "models").resolve("whisper-base").path
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("config.json", "vocabulary.json", "tokenizer.json"):
        (broken / name).write_bytes((source / name).read_bytes())
    (broken / "model.bin").write_bytes((source / "model.bin").read_bytes()[:1000])
    with pytest.raises((struct.error, ValueError)):
        narrow(broken, tmp_path / "narrowed", japanese_ids(tokenizer))
    assert not (tmp_path / "narrowed").exists()
    assert not list(tmp_path.glob(".narrowed*"))


def test_a_character_may_be_spread_over_tokens(whisper: Whisper) -> None:
    tokens: Tokens = whisper.tokens
    ids = tokens.encode("鱻")
    assert len(ids) > 1
    assert b"".join(tokens.bytes_of(ids)).decode() == "鱻"
    assert isinstance(tokens.kept, np.ndarray)
