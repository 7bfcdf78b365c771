"""Loads a Whisper model in CTranslate2's form on the chosen device, its vocabulary narrowed to Japanese where that pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from tokenizers import Tokenizer

from core.errors import ModelError
from core.settings import Settings
from models.device import Device, choose_device
from models.narrowing import narrow
from models.store import ModelStore, Verified
from models.tokens import Tokens, japanese_ids

Features = npt.NDArray[np.float32]
FRAMES_PER_S = 100  #: of the log-mel features
_NARROWED = "japanese-1"  #: part of a folder's name; changes with the way of narrowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What the decoder made of one clip."""

    ids: list[int]
    logprob: float  #: mean over the tokens
    no_speech: float  #: probability that nobody speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The tokens of a text against the sound they were said to be."""

    starts_s: list[float]  #: of each token
    probabilities: list[float]  #: of each token, given those before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """A loaded recogniser and what to say of it in a transcript."""

    model: WhisperModel
    tokens: Tokens
    name: str
    device: Device

    def features(self, samples: Features, frames: int) -> Features:
        """Log-mel features (bands, frames) of samples at 16 kHz, padded with silence or cut to `frames`."""
        made = self.model.feature_extractor(samples, padding=160)[:, :frames]
        return np.pad(made, ((0, 0), (0, frames - made.shape[1])))

    def encode(self, features: Sequence[Features]) -> ctranslate2.StorageView:
        """Run the encoder over clips of the same number of frames."""
        return self.model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(np.stack(features))))

    def generate(self, encoded: ctranslate2.StorageView, prompt: Sequence[int], *, beam: int, longest: int) -> list[Decoded]:
        """Decode each encoded clip behind the same prompt, into at most `longest` tokens."""
        made = self.model.model.generate(
            encoded,
            [list(prompt)] * encoded.shape[0],
            beam_size=beam,
            max_length=min(448, len(prompt) + longest),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [Decoded(ids=r.sequences_ids[0], logprob=r.scores[0], no_speech=r.no_speech_prob) for r in made]

    def align(
        self,
        encoded: ctranslate2.StorageView,
        texts: Sequence[list[int]],
        frames: Sequence[int],
        *,
        start: Sequence[int] | None = None,
    ) -> list[Aligned]:
        """Find when each token of each text is said, and how likely it is (dynamic time warping over cross-attention).

        Args:
            start: what the decoder is shown first, if it is more than what every decoding begins with.
        """
        made = self.model.model.align(encoded, list(start or self.tokens.start), list(texts), list(frames), median_filter_width=7)
        return [
            Aligned(starts_s=_starts_s(r.alignments, len(text)), probabilities=r.text_token_probs)
            for r, text in zip(made, texts, strict=True)
        ]


def _starts_s(path: Sequence[tuple[int, int]], count: int) -> list[float]:
    """The first moment of each token on a warping path of (token, encoder frame of 20 ms)."""
    first: dict[int, int] = {}
    for token, frame in path:
        first.setdefault(token, frame)
    starts, last = [], 0
    for token in range(count):
        last = first.get(token, last)
        starts.append(last * 0.02)
    return starts


def load_whisper(settings: Settings, *, name: str | None = None, device: str | None = None) -> Whisper:
    """Load `name` (default: the setting) from the store.

    Raises:
        ModelMissing, ModelDamaged: see `ModelStore.resolve`.
        ModelError: the directory is not a CTranslate2 Whisper model.
    """
    verified = ModelStore(settings.home / "models").resolve(name or settings.asr_model)
    chosen = choose_device(device or settings.device)
    try:
        tokenizer = Tokenizer.from_file(str(verified.path / "tokenizer.json"))
        kept = japanese_ids(tokenizer)
        model = WhisperModel(
            str(_narrowed(verified, settings.home / "models", kept)),
            device=chosen.kind,
            compute_type=chosen.compute_type,
            cpu_threads=settings.cpu_threads,
            local_files_only=True,
        )
    except Exception as e:  # the tokenizers and CTranslate2 raise bare exceptions for files they can't read
        raise ModelError(
            f"音声認識のモデル「{verified.name}」を読み込めません。CTranslate2 形式のフォルダか確認してください。"
        ) from e
    return Whisper(model=model, tokens=Tokens(tokenizer, kept), name=verified.name, device=chosen)


def _narrowed(verified: Verified, models: Path, kept: npt.NDArray[np.int64]) -> Path:
    folder = models / f"{verified.name.replace('/', '--')}-{verified.version}-{_NARROWED}"
    if not folder.exists():
        narrow(verified.path, folder, kept)
    return folder
