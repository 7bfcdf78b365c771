"""A Whisper in CTranslate2's form in, the same as transformers saves it out: the real model for the second engine's tests."""

from __future__ import annotations

import json
import re
import shutil
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

_KINDS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}  # ctranslate2/types.h, DataType
_NAMES = (
    (r"^", "model."),
    (r"/", "."),
    (r"layer_(\d)", r"layers.\1"),
    (r"\.embeddings\.", ".embed_tokens."),
    (r"position_encodings\.encodings", "embed_positions.weight"),
    (r"self_attention\.layer_norm", "self_attn_layer_norm"),
    (r"\.attention\.layer_norm", ".encoder_attn_layer_norm"),
    (r"ffn\.layer_norm", "final_layer_norm"),
    (r"ffn\.linear_0", "fc1"),
    (r"ffn\.linear_1", "fc2"),
    (r"self_attention\.", "self_attn."),
    (r"\.attention\.", ".encoder_attn."),
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
)
_PARTS = {  # what CTranslate2 keeps in one matrix
    "self_attn.linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attn.linear_1": ("self_attn.out_proj",),
    "encoder_attn.linear_0": ("encoder_attn.q_proj",),
    "encoder_attn.linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "encoder_attn.linear_2": ("encoder_attn.out_proj",),
}


def save_in_hub_form(source: Path, target: Path) -> None:
    """Write the model in `source` to `target`, with torch and transformers."""
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

    with (source / "model.bin").open("rb") as file:
        weights = {new: array for name, old in _read(file).items() for new, array in _renamed(name, old)}
    vocabulary, width = weights["model.decoder.embed_tokens.weight"].shape
    config = WhisperConfig(
        vocab_size=vocabulary, d_model=width, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, num_mel_bins=80,
        bos_token_id=50257, eos_token_id=50257, pad_token_id=50257, decoder_start_token_id=50258,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    state = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in weights.items()}
    state["proj_out.weight"] = state["model.decoder.embed_tokens.weight"]
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and not missing, (missing, unexpected)
    known = json.loads((source / "config.json").read_text("utf-8"))
    model.generation_config = GenerationConfig(
        bos_token_id=50257, eos_token_id=50257, pad_token_id=50257, decoder_start_token_id=50258,
        suppress_tokens=known["suppress_ids"], begin_suppress_tokens=known["suppress_ids_begin"],
        no_timestamps_token_id=50363, alignment_heads=known["alignment_heads"],
    )  # fmt: skip
    model.save_pretrained(target)
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


def _renamed(name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    for pattern, new in _NAMES:
        name = re.sub(pattern, new, name)
    for fused, parts in _PARTS.items():
        if fused in name:
            named = [(name.replace(fused, part), a) for part, a in zip(parts, np.split(array, len(parts)), strict=True)]
            return [(n, a) for n, a in named if not n.endswith("k_proj.bias")]  # Whisper has none; it is zero
    return [(name, array)]


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    """The weights of a model.bin (ctranslate2/specs/model_spec.py), without what only says how to run it."""
    file.read(4)
    _string(file)
    _, count = struct.unpack("<II", file.read(8))
    found = {}
    for _ in range(count):
        name = _string(file)
        (dimensions,) = struct.unpack("<B", file.read(1))
        shape = struct.unpack(f"<{dimensions}I", file.read(4 * dimensions))
        kind, length = struct.unpack("<BI", file.read(5))
        data = file.read(length)
        if dimensions:
            found[name] = np.frombuffer(data, _KINDS[kind]).reshape(shape)
    return found


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<H", file.read(2))
    return file.read(length)[:-1].decode()
