"""Gemma 3 270M (https://arxiv.org/abs/2503.19786) as its package carries it (GGUF) in, a model that CTranslate2 runs in int8 out.

Of the 262,144 pieces of its vocabulary only those are kept that Japanese is written with: what a text costs is worked out over
all pieces at every place, which would take longer than all else, and the other pieces take two thirds of the memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import common_spec, transformer_spec

from core.errors import ModelDamaged
from models.conversion import written_whole
from models.gguf_file import GgufFile, Tensor, read_gguf
from models.language_model import BEGIN, PIECES

Array = npt.NDArray[np.float32]

_JAPANESE = re.compile(r"[▁぀-ヿ㐀-鿿々、。・「」！？ー０-９Ａ-Ｚ!?0-9A-Za-z%,.\-~/()]{1,8}")
_OF_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿々、。・！？!?0-9ー]")
_LONGEST_LATIN = 3  #: characters; any word can be spelt with these
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_SPECIAL = ("<pad>", "<eos>", BEGIN, "<unk>")
_GLOBAL_EVERY = 6  #: layers, of which the last sees all of a text
_GLOBAL_BASE, _LOCAL_BASE = 1e6, 1e4  #: of the angles in such layers, and in the others


def convert(source: Path, target: Path) -> None:
    """Write the CTranslate2 model and its pieces to `target`, in one rename, for good.

    Raises:
        ModelDamaged: the file is no such model.
    """
    try:
        file = read_gguf(source)
        pieces, scores = file.fields["tokenizer.ggml.tokens"], file.fields["tokenizer.ggml.scores"]
        kept = [i for i, piece in enumerate(pieces) if _is_kept(piece)]
        spec = _specification(file, kept, [pieces[i] for i in kept])
    except (KeyError, ValueError, IndexError) as e:
        raise ModelDamaged(
            "日本語の言語モデルのファイルが正しくありません。「madoguchi models pull」で取得し直してください。"
        ) from e
    with written_whole(target) as folder:
        spec.validate()
        spec.optimize(quantization="int8")
        spec.save(str(folder))
        (folder / PIECES).write_text("".join(f"{pieces[i]}\t{scores[i]}\n" for i in kept), "utf-8")


def _is_kept(piece: str) -> bool:
    if piece in _SPECIAL or _BYTE.fullmatch(piece):
        return True
    return bool(_JAPANESE.fullmatch(piece)) and (len(piece) <= _LONGEST_LATIN or bool(_OF_JAPANESE.search(piece)))


def _specification(file: GgufFile, kept: list[int], pieces: list[str]) -> transformer_spec.TransformerDecoderModelSpec:
    """The weights as CTranslate2's description of a decoder. What is costed is shorter than the stretch that most layers see, so
    that all may see all of it."""
    fields, tensors = file.fields, file.tensors
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        fields["gemma3.block_count"],
        fields["gemma3.attention.head_count"],
        activation=common_spec.Activation.GELUTanh,
        ffn_glu=True,
        rms_norm=True,
        pre_post_layer_norm=True,
        qk_norm=True,
        rotary_dim=fields["gemma3.attention.key_length"],
        rotary_interleave=False,
        rotary_base=_LOCAL_BASE,
        num_heads_kv=fields["gemma3.attention.head_count_kv"],
        head_dim=fields["gemma3.attention.key_length"],
    )
    decoder = spec.decoder
    decoder.scale_embeddings = True
    decoder.start_from_zero_embedding = False
    decoder.embeddings.weight = tensors["token_embd.weight"].read(kept)
    decoder.projection.weight = decoder.embeddings.weight
    _norm(decoder.layer_norm, tensors, "output_norm")
    for i, layer in enumerate(decoder.layer):
        _layer(layer, tensors, f"blk.{i}.")
        if (i + 1) % _GLOBAL_EVERY == 0:
            layer.self_attention.rotary_base = np.float32(_GLOBAL_BASE)
    spec.register_vocabulary(pieces)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = BEGIN, "<eos>", "<unk>"
    spec.config.layer_norm_epsilon = fields["gemma3.attention.layer_norm_rms_epsilon"]
    return spec


def _layer(layer: transformer_spec.TransformerDecoderLayerSpec, tensors: Mapping[str, Tensor], name: str) -> None:
    attention = layer.self_attention
    _norm(layer.input_layer_norm, tensors, f"{name}attn_norm")
    _norm(layer.post_attention_layer_norm, tensors, f"{name}post_attention_norm")
    _norm(layer.pre_feedforward_layer_norm, tensors, f"{name}ffn_norm")
    _norm(layer.post_feedforward_layer_norm, tensors, f"{name}post_ffw_norm")
    _norm(attention.q_norm, tensors, f"{name}attn_q_norm")
    _norm(attention.k_norm, tensors, f"{name}attn_k_norm")
    attention.linear[0].weight = np.concatenate([tensors[f"{name}attn_{part}.weight"].read() for part in "qkv"])
    attention.linear[1].weight = tensors[f"{name}attn_output.weight"].read()
    layer.ffn.linear_0.weight = tensors[f"{name}ffn_gate.weight"].read()
    layer.ffn.linear_0_noact.weight = tensors[f"{name}ffn_up.weight"].read()
    layer.ffn.linear_1.weight = tensors[f"{name}ffn_down.weight"].read()


def _norm(spec: common_spec.LayerNormSpec, tensors: Mapping[str, Tensor], name: str) -> None:
    """GGUF holds what an input is multiplied by, CTranslate2 that less one."""
    spec.gamma = tensors[f"{name}.weight"].read() - 1
    spec.layer_norm_use_residual = True
