"""A knowledge base's own text in, a better encoder for it out: trained on its pairs, judged on pairs held back from that.

No question of a resident is seen. Pairs are questions with their answers, paraphrases with their entries, and sentences of
an answer with the rest of it (the inverse cloze task, https://arxiv.org/abs/1906.00300).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core.errors import InvalidInput, ModelError
from models.adapted import AdaptedModels, Provenance
from models.e5 import E5Small, read_weights
from models.embedder import Embedder
from models.finetuning import NO_TORCH, FinetuningOptions, Pair, can_train, finetune
from retrieval.entry import Entry
from retrieval.scores import ndcg

Progress = Callable[[str, int, int], None]

FEWEST_ENTRIES = 100
HELD_BACK = 0.1  #: share of the entries
MOST_HELD_BACK, MOST_DISTRACTORS = 150, 450
READ_CHARS = 250  #: of an answer
SENTENCE_CHARS = (12, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Pairs to train on, and questions with the passages among which theirs is to be found."""

    pairs: list[Pair]
    held_back: list[tuple[str, int]]  #: question and the number of its passage
    passages: list[str]


def adapt(
    kb: str,
    entries: Sequence[Entry],
    models: AdaptedModels,
    options: FinetuningOptions,
    at: str,
    progress: Progress,
    before_serving: Callable[[Embedder], None] = lambda _: None,
) -> Provenance:
    """Train, judge, and let the result serve if it is better. `at` is the time, which names the model.

    `before_serving` gets the better model while new index versions are still built with the one before.

    Raises:
        InvalidInput: there are too few entries to learn from.
        ModelError: the embedder can't be trained here, or torch is not installed.
    """
    if len(entries) < FEWEST_ENTRIES:
        raise InvalidInput(f"学習するには項目が足りません(今は{len(entries)}件)。{FEWEST_ENTRIES}件以上を登録してください。")
    if not can_train():
        raise ModelError(NO_TORCH)
    base = models.base
    if not isinstance(base, E5Small) or base.source is None:
        raise ModelError("設定されている文章検索のモデルは、学習に対応していません。標準のモデルでお試しください。")
    split = split_of(entries, options.seed)
    trained = finetune(read_weights(base.source), base.tokenizer, split.pairs, options, lambda i, n: progress("学習", i, n))
    name = re.sub(r"\D", "", at)[:14] + "-" + digest_of(split.pairs)[:8]
    before = judge(base, split, lambda i, n: progress("元のモデルの確認", i, n))
    provenance = Provenance(
        kb=kb,
        base=base.identity,
        data_sha256=digest_of(split.pairs),
        pairs=len(split.pairs),
        options=asdict(options),
        steps=trained.steps,
        planned_steps=trained.planned_steps,
        held_back=len(split.held_back),
        ndcg_before=before,
        ndcg_after=before,
        created_at=at,
    )
    adapted = models.save(trained.weights, provenance, name)
    after = judge(adapted, split, lambda i, n: progress("学習したモデルの確認", i, n))
    provenance = models.judged(kb, name, after)
    if provenance.serves:
        before_serving(adapted)
        models.use(kb, name)
    else:
        models.forget(kb, name)
    models.remember(provenance)
    return provenance


def is_learned(kb: str, entries: Sequence[Entry], models: AdaptedModels, options: FinetuningOptions) -> bool:
    """Whether the last training saw just these texts, so that another would come to the same."""
    last = models.last(kb)
    if last is None or last.base != models.base.identity:
        return False
    return last.data_sha256 == digest_of(split_of(entries, options.seed).pairs)


def split_of(entries: Sequence[Entry], seed: int) -> Split:
    """The same entries and seed give the same split."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(entries)).tolist()
    n = min(MOST_HELD_BACK, round(HELD_BACK * len(entries)))
    held_back, rest = order[:n], order[n:]
    pairs = [pair for i in sorted(rest) for pair in _pairs(entries[i], i, rng)]
    shown = [*held_back, *rest[:MOST_DISTRACTORS]]
    return Split(
        pairs=pairs,
        held_back=[(_asked(entries[i], rng), k) for k, i in enumerate(held_back)],
        passages=[_answer(entries[i]) for i in shown],
    )


def _asked(entry: Entry, rng: np.random.Generator) -> str:
    return str(rng.choice(entry.paraphrases)) if entry.paraphrases else entry.question


def _answer(entry: Entry) -> str:
    return entry.answer.lstrip("■")[:READ_CHARS]


def _pairs(entry: Entry, group: int, rng: np.random.Generator) -> list[Pair]:
    """The question finds the answer, each paraphrase the question or both, and a sentence the rest of its answer."""
    answer = _answer(entry)
    found = [Pair(query=entry.question, passage=answer, group=group)]
    for text in entry.paraphrases:
        passage = entry.question if rng.random() < 0.5 else f"{entry.question}\n{answer}"
        found.append(Pair(query=text, passage=passage, group=group))
    sentences = [s for s in re.split("[。\n]", answer) if SENTENCE_CHARS[0] <= len(s) <= SENTENCE_CHARS[1]]
    if sentences and rng.random() < 0.5:
        sentence = str(rng.choice(sentences))
        found.append(Pair(query=sentence, passage=f"{entry.question}\n{answer.replace(sentence, '')}", group=group))
    return found


def judge(embedder: Embedder, split: Split, progress: Callable[[int, int], None]) -> float:
    """nDCG@10 of the held-back questions among the answers."""
    passages = []
    for start in range(0, len(split.passages), 50):
        progress(start, len(split.passages))
        passages.append(embedder.passages(split.passages[start : start + 50]))
    progress(len(split.passages), len(split.passages))
    scores = embedder.queries([q for q, _ in split.held_back]) @ np.concatenate(passages).T
    ranked = np.argsort(-scores, axis=1)[:, :10]
    return float(
        np.mean([ndcg([str(p) for p in row], frozenset({str(k)})) for row, (_, k) in zip(ranked, split.held_back, strict=True)])
    )


def digest_of(pairs: Sequence[Pair]) -> str:
    return hashlib.sha256(json.dumps([asdict(p) for p in pairs], ensure_ascii=False).encode()).hexdigest()
