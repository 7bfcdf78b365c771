"""A GGUF file is read as the format's own library writes it, and what is none is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter
from gguf.constants import GGMLQuantizationType
from gguf.quants import quantize

from models.gguf_file import read_gguf

WEIGHTS = np.random.default_rng(1).normal(size=(3, 64)).astype(np.float32)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "some.gguf"
    writer = GGUFWriter(path, "some")
    writer.add_block_count(18)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_token_list(["<bos>", "窓口", "😀"])
    writer.add_token_scores([-1.0, -2.5, 0.0])
    writer.add_tensor("whole.weight", WEIGHTS)
    writer.add_tensor("norm.weight", WEIGHTS[0])
    writer.add_tensor("blocks.weight", quantize(WEIGHTS, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_its_fields_are_those_that_were_written(written: Path) -> None:
    fields = read_gguf(written).fields
    assert fields["some.block_count"] == 18
    assert fields["some.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-6)
    assert fields["tokenizer.ggml.tokens"] == ["<bos>", "窓口", "😀"]
    assert fields["tokenizer.ggml.scores"] == [-1.0, -2.5, 0.0]


def test_its_tensors_are_those_that_were_written(written: Path) -> None:
    tensors = read_gguf(written).tensors
    assert np.array_equal(tensors["whole.weight"].read(), WEIGHTS)
    assert np.array_equal(tensors["norm.weight"].read(), WEIGHTS[0])
    assert np.allclose(tensors["blocks.weight"].read(), WEIGHTS, atol=0.02)


def test_some_rows_are_read_alone(written: Path) -> None:
    tensor = read_gguf(written).tensors["blocks.weight"]
    assert np.array_equal(tensor.read([2, 0]), tensor.read()[[2, 0]])


@pytest.mark.parametrize("length", [0, 3, 20, 60, 200])
def test_a_file_that_ends_too_soon_is_refused(written: Path, length: int) -> None:
    written.write_bytes(written.read_bytes()[:length])
    with pytest.raises(ValueError):
        read_gguf(written)


@pytest.mark.parametrize("start", [b"GGML", b"GGUF\x01\0\0\0", b"GGUF\x03\0\0\0" + b"\xff" * 16])
def test_another_file_is_refused(written: Path, start: bytes) -> None:
    content = written.read_bytes()
    written.write_bytes(start + content[len(start) :])
    with pytest.raises(ValueError):
        read_gguf(written)
