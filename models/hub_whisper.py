"""A Whisper directory in Hugging Face's form in, a recogniser on torch out (extra `transformers`).

Slower than CTranslate2, and with the full context of 30 s for every clip, which transformers' encoder insists on: for models that
nobody has converted yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor

from core.errors import ModelError
from models.device import Device
from models.engine import FRAME_S, MOST_TOKENS, Aligned, Decoded, Encoded, Features, Hypothesis, Search

_CONTEXT_FRAMES = 3000
_CLIPS_AT_ONCE = {"cpu": 8, "cuda": 32}


class HubWhisper:
    """transformers' WhisperForConditionalGeneration, from safetensors only."""

    def __init__(self, folder: Path, device: Device, threads: int) -> None:
        try:
            import torch
            from transformers import WhisperForConditionalGeneration
        except ImportError:
            raise ModelError(
                "このモデルには追加パッケージが必要です。「.venv/bin/pip install -e '.[transformers]'」を実行してください。"
            ) from None
        self.device = device
        self.clips_at_once = _CLIPS_AT_ONCE[device.kind]
        self._torch = torch
        if device.kind == "cpu":
            torch.set_num_threads(threads)
        loaded = WhisperForConditionalGeneration.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, attn_implementation="eager"
        )
        self._dtype = torch.float32 if device.kind == "cpu" else torch.float16
        self._model = loaded.to(device=device.kind, dtype=self._dtype).eval()
        self._extractor = FeatureExtractor(feature_size=self._model.config.num_mel_bins)
        self._heads = self._model.generation_config.__dict__.get("alignment_heads")

    def features(self, samples: Features, frames: int) -> Features:
        """As many as the model asks for, whatever `frames` says."""
        made = self._extractor(samples, padding=160)[:, : min(frames, _CONTEXT_FRAMES)]
        return np.pad(made, ((0, 0), (0, _CONTEXT_FRAMES - made.shape[1])))

    def encode(self, features: Features) -> Encoded:
        with self._torch.inference_mode():
            made = self._model.get_encoder()(self._tensor(features)).last_hidden_state
        array: Encoded = made.cpu().numpy()
        return array

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        """Without marks of time: transformers knows their rules only in its own code for long recordings."""
        from transformers import GenerationMixin
        from transformers.modeling_outputs import BaseModelOutput

        start, texts = [*prompt, *self._no_times()], search.hypotheses
        made = GenerationMixin.generate(  # Whisper's own takes whole recordings apart, which asr/ has done
            self._model,
            encoder_outputs=BaseModelOutput(last_hidden_state=self._tensor(encoded)),
            decoder_input_ids=self._torch.tensor([start] * len(encoded), device=self.device.kind),
            num_beams=search.beam,
            num_return_sequences=texts,
            no_repeat_ngram_size=search.unrepeated,
            do_sample=False,
            max_new_tokens=min(search.longest, MOST_TOKENS - len(start)),
        )
        end = self._model.config.eos_token_id
        found = [_until(row[len(start) :], end) for row in made.tolist()]  # those of a clip behind each other
        probabilities, no_speech, _ = self._read(encoded[[at // texts for at in range(len(found))]], start, found)
        logs = [float(np.mean(np.log(np.maximum(p, 1e-12)))) if p else 0.0 for p in probabilities]
        likely = [Hypothesis(ids=ids, logprob=log) for ids, log in zip(found, logs, strict=True)]
        return [
            Decoded(ids=found[at], logprob=logs[at], no_speech=no_speech[at], others=tuple(likely[at + 1 : at + texts]))
            for at in range(0, len(likely), texts)
        ]

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        """By the cheapest way through the decoder's attention on which every token has its stretch of frames."""
        shown = [*start, *self._no_times()]
        probabilities, _, attention = self._read(encoded, shown, texts)
        made = []
        for row, text in enumerate(texts):
            own = attention[row, :, len(shown) - 1 : len(shown) - 1 + len(text), : max(1, frames[row] // 2)]
            made.append(Aligned(starts_s=[f * FRAME_S for f in first_frames(own)], probabilities=probabilities[row]))
        return made

    def _no_times(self) -> list[int]:
        token = getattr(self._model.generation_config, "no_timestamps_token_id", None)
        return [] if token is None else [token]

    def _read(
        self, encoded: Encoded, start: Sequence[int], texts: Sequence[list[int]]
    ) -> tuple[list[list[float]], list[float], npt.NDArray[np.float32]]:
        """Show the decoder texts behind `start`: each token's probability, that of silence, and what each looked at."""
        from transformers.modeling_outputs import BaseModelOutput

        longest = max(len(t) for t in texts)
        shown = [[*start, *t, *([self._model.config.eos_token_id] * (longest - len(t)))] for t in texts]
        with self._torch.inference_mode():
            out = self._model(
                encoder_outputs=BaseModelOutput(last_hidden_state=self._tensor(encoded)),
                decoder_input_ids=self._torch.tensor(shown, device=self.device.kind),
                output_attentions=True,
                use_cache=False,
            )
            chances = out.logits.float().softmax(-1)
        before = len(start) - 1
        probabilities = [[float(chances[r, before + i, token]) for i, token in enumerate(t)] for r, t in enumerate(texts)]
        silence = [token - 1 for token in self._no_times()]  # <|nospeech|> stands before <|notimestamps|>
        no_speech = [float(chances[r, 0, silence[0]]) if silence else 0.0 for r in range(len(texts))]
        return probabilities, no_speech, self._looked_at(out.cross_attentions)

    def _looked_at(self, attentions: Sequence[Any]) -> npt.NDArray[np.float32]:
        """(clips, heads, tokens, frames) of the heads that follow the sound; of the upper half where the model names none."""
        layers = len(attentions)
        named = self._heads or [(x, h) for x in range(layers // 2, layers) for h in range(attentions[0].shape[1])]
        chosen = self._torch.stack([attentions[layer][:, head] for layer, head in named], 1)
        array: npt.NDArray[np.float32] = chosen.float().cpu().numpy()
        return array

    def _tensor(self, array: Encoded) -> Any:
        return self._torch.from_numpy(np.ascontiguousarray(array)).to(device=self.device.kind, dtype=self._dtype)


def first_frames(attention: npt.NDArray[np.float32]) -> list[int]:
    """When each token begins, of (heads, tokens, frames): one after the other, each for a frame at least (Viterbi 1967)."""
    _, tokens, frames = attention.shape
    if not tokens:
        return []
    centred = attention - attention.mean(axis=1, keepdims=True)
    gain = (centred / (attention.std(axis=1, keepdims=True) + 1e-6)).mean(axis=0)
    best = np.full(tokens, -np.inf, np.float32)
    best[0] = 0.0
    moved = np.zeros((frames, tokens), bool)
    for frame in range(frames):
        come = np.concatenate(([-np.inf], best[:-1])).astype(np.float32)
        moved[frame] = (come > best) & (frame > 0)
        best = np.where(moved[frame], come, best) + gain[:, frame]
    token, starts = int(np.flatnonzero(np.isfinite(best))[-1]), [frames - 1] * tokens
    for frame in range(frames - 1, -1, -1):
        starts[token] = frame
        if moved[frame, token]:
            token -= 1
    return starts


def _until(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids
