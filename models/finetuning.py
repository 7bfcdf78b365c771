"""e5-small's weights and pairs of texts that belong together in, better weights out. Needs torch (extra `transformers`).

In-batch negatives (van den Oord 2018, https://arxiv.org/abs/1807.03748): each query is to be nearest to its own passage of
the batch. Only the upper layers learn, so that a city's few thousand pairs can't undo what the model knows of Japanese.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.errors import ModelError
from models.e5 import E5Tokenizer, Weights

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

Encoded = list[list[int]]

NO_TORCH = (
    "学習には追加パッケージが必要です。「pip install -e .[transformers]」を実行してから、もう一度お試しください。"
    "学習しなくても、検索はそのまま使えます。"
)


def can_train() -> bool:
    """Whether the extra `transformers` is installed. It is not loaded for that."""
    return importlib.util.find_spec("torch") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A query and a passage that answers it. Pairs of one group are not told apart."""

    query: str
    passage: str
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinetuningOptions:
    """How to train. The same options, pairs and number of threads give the same weights, where the time was enough."""

    layers: int = 8  #: from the top
    batch: int = 32
    epochs: float = 1.0
    learning_rate: float = 3e-5
    warm_up: float = 0.1  #: share of the steps
    temperature: float = 0.03
    longest_tokens: int = 96
    most_steps: int = 150  #: an hour on two cores; unlike a clock it stops each run at the same place
    longest_s: float = 1800.0  #: of a slow machine; what was cut off by it is not the same again
    seed: int = 20
    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finetuned:
    """The weights, and how far training came."""

    weights: Weights
    steps: int
    planned_steps: int
    elapsed_s: float


def finetune(
    weights: Weights, tokenizer: E5Tokenizer, pairs: Sequence[Pair], options: FinetuningOptions, progress: Progress
) -> Finetuned:
    """Train on the pairs. Stops when its time is up and keeps what it has learned by then.

    Raises:
        ModelError: torch is not installed; the sentence says how to install it.
    """
    try:
        import torch
    except ImportError:
        raise ModelError(NO_TORCH) from None
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    encoder = _Encoder(weights, options)
    optimizer = torch.optim.AdamW(encoder.learning, lr=options.learning_rate, weight_decay=0.01)
    queries = tokenizer.encode([f"query: {p.query}" for p in pairs], longest=options.longest_tokens)
    passages = tokenizer.encode([f"passage: {p.passage}" for p in pairs], longest=options.longest_tokens)
    batches = batches_of(pairs, options)
    started, done = time.monotonic(), 0
    for step, batch in enumerate(batches):
        if time.monotonic() - started > options.longest_s:
            break
        progress(step, len(batches))
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * _schedule(step, len(batches), options.warm_up)
        loss = _loss(encoder, queries, passages, batch, [pairs[i].group for i in batch], options.temperature)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.learning, 1.0)
        optimizer.step()
        done = step + 1
    progress(len(batches), len(batches))
    return Finetuned(weights=encoder.weights(), steps=done, planned_steps=len(batches), elapsed_s=time.monotonic() - started)


def batches_of(pairs: Sequence[Pair], options: FinetuningOptions) -> list[list[int]]:
    """Indices of pairs, shuffled anew in each epoch."""
    rng = np.random.default_rng(options.seed)
    steps = min(options.most_steps, max(1, round(options.epochs * len(pairs) / options.batch)))
    order = np.concatenate([rng.permutation(len(pairs)) for _ in range(int(np.ceil(options.epochs)) + 1)])
    return [order[i * options.batch : (i + 1) * options.batch].tolist() for i in range(steps)]


def _schedule(step: int, steps: int, warm_up: float) -> float:
    """Up to 1 and down to 0 again, linearly."""
    rising = max(1, int(steps * warm_up))
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))


def _loss(encoder: _Encoder, queries: Encoded, passages: Encoded, batch: list[int], groups: list[int], temperature: float) -> Any:
    import torch

    q, p = encoder.vectors([queries[i] for i in batch]), encoder.vectors([passages[i] for i in batch])
    scores = q @ p.T / temperature
    group = torch.tensor(groups)
    same = (group[:, None] == group[None, :]) & ~torch.eye(len(batch), dtype=torch.bool)
    scores = scores.masked_fill(same, -1e4)
    own = torch.arange(len(batch))
    entropy = torch.nn.functional.cross_entropy
    return (entropy(scores, own) + entropy(scores.T, own)) / 2


class _Encoder:
    """The BERT encoder in torch. Embeddings and the lower layers stay as they are."""

    def __init__(self, weights: Weights, options: FinetuningOptions) -> None:
        import torch

        self._source, h = weights, weights.hidden
        self._words = weights.tensors["emb.word"].reshape(-1, h)
        self._places = weights.tensors["emb.pos"].reshape(-1, h) + weights.tensors["emb.type"].reshape(-1, h)[0]
        self._norm = torch.nn.LayerNorm(h, eps=weights.epsilon)
        self._put(self._norm.weight, "emb.ln.w")
        self._put(self._norm.bias, "emb.ln.b")
        self._norm.requires_grad_(False)
        self._frozen = weights.layers - options.layers
        self._layers = [self._layer(i) for i in range(weights.layers)]
        for layer in self._layers[: self._frozen]:
            layer.requires_grad_(False)
        self.learning = [p for layer in self._layers[self._frozen :] for p in layer.parameters()]

    def _layer(self, i: int) -> Any:
        import torch

        w = self._source
        layer = torch.nn.TransformerEncoderLayer(
            w.hidden, w.heads, w.feed_forward, 0.0, "gelu", w.epsilon, batch_first=True, norm_first=False
        )
        for parameter, names in self._names(layer, i):
            self._put(parameter, *names)
        return layer

    @staticmethod
    def _names(layer: Any, i: int) -> list[tuple[Any, tuple[str, ...]]]:
        """Each parameter and the tensors of the file that it is made of."""
        attention = layer.self_attn
        modules = {"ao": attention.out_proj, "aln": layer.norm1, "fi": layer.linear1, "fo": layer.linear2, "oln": layer.norm2}
        found = [(getattr(m, attribute), (f"l{i}.{n}.{s}",)) for n, m in modules.items() for attribute, s in _SUFFIXES]
        packed = ((attention.in_proj_weight, "w"), (attention.in_proj_bias, "b"))
        return found + [(parameter, tuple(f"l{i}.{part}.{s}" for part in "qkv")) for parameter, s in packed]

    def _put(self, parameter: Any, *names: str) -> None:
        import torch

        values = np.concatenate([self._source.tensors[n] for n in names]).reshape(tuple(parameter.shape))
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(values))

    def vectors(self, ids: Encoded) -> Any:
        """Mean over each text's tokens, unit length, (n, hidden)."""
        import torch

        width = max(map(len, ids))
        padded = np.ones((len(ids), width), np.int64)
        for row, i in enumerate(ids):
            padded[row, : len(i)] = i
        padding = torch.tensor(np.arange(width)[None, :] >= np.array([len(i) for i in ids])[:, None])
        with torch.no_grad():
            x = self._norm(torch.from_numpy(self._words[padded] + self._places[:width]))
            for layer in self._layers[: self._frozen]:
                x = layer(x, src_key_padding_mask=padding)
        for layer in self._layers[self._frozen :]:
            x = layer(x, src_key_padding_mask=padding)
        kept = (~padding).float()[:, :, None]
        means = (x * kept).sum(dim=1) / kept.sum(dim=1)
        return torch.nn.functional.normalize(means, dim=1)

    def weights(self) -> Weights:
        tensors = dict(self._source.tensors)
        for i, layer in enumerate(self._layers[self._frozen :], self._frozen):
            for parameter, names in self._names(layer, i):
                values = parameter.detach().numpy().copy()
                for name, part in zip(names, np.split(values, len(names)), strict=True):
                    tensors[name] = part.ravel()
        return replace(self._source, tensors=tensors)


_SUFFIXES = (("weight", "w"), ("bias", "b"))
