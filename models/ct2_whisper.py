"""A Whisper directory in CTranslate2's form in, a recogniser on the CPU or a GPU out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from models.device import Device
from models.engine import FRAME_S, MOST_TOKENS, Aligned, Decoded, Encoded, Features, Hypothesis, Search

_CLIPS_AT_ONCE = {"cpu": 8, "cuda": 16}  # more take a GPU longer


class CT2Whisper:
    """faster-whisper's features, CTranslate2's encoder and decoder."""

    def __init__(self, folder: Path, device: Device, threads: int, calls: int = 1) -> None:
        """`calls` that come at the same time run side by side, each on `threads` cores."""
        self.device = device
        self.clips_at_once = _CLIPS_AT_ONCE[device.kind]
        self._whole = WhisperModel(
            str(folder),
            device=device.kind,
            compute_type=device.compute_type,
            cpu_threads=threads,
            num_workers=calls,
            local_files_only=True,
        )
        self._model = self._whole.model

    def features(self, samples: Features, frames: int) -> Features:
        made = self._whole.feature_extractor(samples, padding=160)[:, :frames]
        return np.pad(made, ((0, 0), (0, frames - made.shape[1])))

    def encode(self, features: Features) -> Encoded:
        return np.asarray(self._model.encode(_view(features), to_cpu=True))

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        made = self._model.generate(
            self._encoded(encoded),
            [list(prompt)] * len(encoded),
            beam_size=search.beam,
            num_hypotheses=search.hypotheses,
            no_repeat_ngram_size=search.unrepeated,
            max_length=min(MOST_TOKENS, len(prompt) + search.longest),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [_decoded(result) for result in made]

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        """By dynamic time warping over the decoder's attention."""
        made = self._model.align(self._encoded(encoded), list(start), list(texts), list(frames), median_filter_width=7)
        return [
            Aligned(starts_s=_starts_s(r.alignments, len(text)), probabilities=r.text_token_probs)
            for r, text in zip(made, texts, strict=True)
        ]

    def _encoded(self, encoded: Encoded) -> ctranslate2.StorageView:
        """In the device's own precision: a GPU may have encoded what the CPU goes on with."""
        if self.device.kind == "cpu":
            return _view(encoded.astype(np.float32, copy=False))
        return _view(encoded.astype(np.float16, copy=False))


def _decoded(result: ctranslate2.models.WhisperGenerationResult) -> Decoded:
    found = [Hypothesis(ids=ids, logprob=score) for ids, score in zip(result.sequences_ids, result.scores, strict=True)]
    return Decoded(ids=found[0].ids, logprob=found[0].logprob, no_speech=result.no_speech_prob, others=tuple(found[1:]))


def _view(array: Encoded) -> ctranslate2.StorageView:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _starts_s(path: Sequence[tuple[int, int]], count: int) -> list[float]:
    """The first moment of each token on a warping path of (token, encoder frame)."""
    first: dict[int, int] = {}
    for token, frame in path:
        first.setdefault(token, frame)
    starts, last = [], 0
    for token in range(count):
        last = first.get(token, last)
        starts.append(last * FRAME_S)
    return starts
