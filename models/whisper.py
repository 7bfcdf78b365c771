"""A Whisper model's name in, a loaded recogniser out: on the chosen device, by the engine that its directory is made for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from tokenizers import Tokenizer

from core.errors import MadoguchiError, ModelError
from core.logging import logger
from core.settings import Settings
from models.ct2_whisper import CT2Whisper
from models.device import CPU, Device, choose_device
from models.engine import Aligned, Decoded, Encoded, Engine, Features, Search
from models.fallback import Fallback
from models.homophones import Homophones, load_homophones
from models.language_model import LanguageModel, load_language_model
from models.narrowing import narrow
from models.store import ModelStore, Verified
from models.tokens import Ids, Tokens, japanese_ids

Load = Callable[[Device], Engine]

_NARROWED = "japanese-1"  #: part of a folder's name; changes with the way of narrowing
_MOST_LANES = 4  #: batches at once on a CPU; each has its share of the cores
_LANES_ON_GPU = 4  #: batches at once on a GPU, so that it need not wait for what is done on the CPU with the others
_log = logger("models.whisper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """A loaded recogniser and what to say of it in a transcript."""

    engine: Engine
    tokens: Tokens
    name: str
    batch: int = 0  #: clips at once; 0 for what suits the device
    many: Engine | None = None  #: the same model on the CPU for `lanes` calls at once: faster where there are several batches
    lanes: int = 1  #: batches side by side
    language_model: LanguageModel | None = None  #: which of the texts that a clip may say is likely
    homophones: Homophones | None = None  #: which words sound like others

    def suited_to(self, clips: int) -> Whisper:
        """The same recogniser as it is fastest for so many clips: several batches side by side, or one at a time."""
        if self.device.kind != "cpu":
            return self
        if self.many is None or clips < 2:
            return replace(self, lanes=1)
        return replace(self, engine=self.many)

    @property
    def device(self) -> Device:
        """Where it runs now: a GPU that failed is left for the CPU."""
        return self.engine.device

    @property
    def clips_at_once(self) -> int:
        return self.batch or self.engine.clips_at_once

    def features(self, samples: Features, frames: int) -> Features:
        """See `Engine.features`."""
        return self.engine.features(samples, frames)

    def encode(self, features: Sequence[Features]) -> Encoded:
        """Run the encoder over clips of the same number of frames."""
        return self.engine.encode(np.stack(features))

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        """See `Engine.generate`. A step of the decoder is too small to be shared: one core does it in half the time of two."""
        engine = self.many if self.many is not None and self.device.kind == "cpu" else self.engine
        return engine.generate(encoded, prompt, search)

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int]) -> list[Aligned]:
        """Find when each token of each text is said, and how likely it is."""
        return self.engine.align(encoded, texts, frames, self.tokens.start)

    def probabilities(
        self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], prompts: Sequence[Sequence[int]]
    ) -> list[list[float]]:
        """How likely each token of each text is behind its prompt.

        Only what all texts begin with can be shown to an engine before them, so that a prompt goes as part of its text. It is
        much shorter than one for all of them would be, and time grows with its length.
        """
        behind = [[*prompt, *self.tokens.start, self.tokens.no_times] for prompt in prompts]
        whole = [[*shown, *text] for shown, text in zip(behind, texts, strict=True)]
        found = self.engine.align(encoded, whole, frames, [self.tokens.previous])
        return [aligned.probabilities[len(shown) :] for aligned, shown in zip(found, behind, strict=True)]


def load_whisper(settings: Settings, *, name: str | None = None, device: str | None = None) -> Whisper:
    """Load `name` (default: the setting) from the store, with the language model of the settings.

    A GPU that was not insisted on, and can't take the model, is left for the CPU; one that fails later always is.

    Raises:
        ModelMissing, ModelDamaged: see `ModelStore.resolve`.
        ModelError: the directory is not a Whisper model in a form that can be loaded.
    """
    verified = ModelStore(settings.home / "models").resolve(name or settings.asr_model)
    wanted = device or settings.device
    chosen = choose_device(wanted, precision=settings.gpu_precision)
    try:
        tokenizer = Tokenizer.from_file(str(verified.path / "tokenizer.json"))
        kept, load = _loader(verified, tokenizer, settings)
        if chosen.kind == "cpu":
            engine: Engine = load(chosen)
        else:
            engine = _on_gpu(load, chosen, insisted=wanted == "cuda")
    except MadoguchiError:
        raise
    except Exception as e:  # the tokenizers, CTranslate2 and transformers raise bare exceptions for files they can't read
        raise ModelError(
            f"音声認識のモデル「{verified.name}」を読み込めません。"
            "CTranslate2 形式か Hugging Face 形式のフォルダか確認してください。"
        ) from e
    many, lanes = _side_by_side(verified, kept, settings) if engine.device.kind == "cpu" else (None, _LANES_ON_GPU)
    return Whisper(
        engine=engine,
        tokens=Tokens(tokenizer, kept),
        name=verified.name,
        batch=settings.asr_batch,
        many=many,
        lanes=lanes,
        language_model=load_language_model(settings),
        homophones=load_homophones(settings),
    )


def _side_by_side(verified: Verified, kept: Ids, settings: Settings) -> tuple[Engine | None, int]:
    """Half of the work on a batch can't be shared between cores; two batches on a core each can."""
    lanes = min(_MOST_LANES, settings.cpu_threads)
    if lanes < 2 or is_hub_form(verified.path):
        return None, 1
    folder = _narrowed(verified, settings.home / "models", kept)
    return CT2Whisper(folder, CPU, settings.cpu_threads // lanes, calls=lanes), lanes


def _on_gpu(load: Load, chosen: Device, *, insisted: bool) -> Engine:
    try:
        return Fallback(load(chosen), lambda: load(CPU))
    except RuntimeError as e:
        if insisted:
            raise ModelError(
                "GPU でモデルを読み込めません。GPU のメモリとドライバーを確認するか、--device auto にしてください。"
            ) from e
        _log.warning("gpu_failed", extra={"reason": "loading"})
        return load(CPU)


def _loader(verified: Verified, tokenizer: Tokenizer, settings: Settings) -> tuple[Ids, Load]:
    """The tokens that the model will have, and how to load it on a device."""
    if is_hub_form(verified.path):
        from models.hub_whisper import HubWhisper

        size = tokenizer.get_vocab_size(with_added_tokens=True)
        return np.arange(size, dtype=np.int64), lambda device: HubWhisper(verified.path, device, settings.cpu_threads)
    kept = japanese_ids(tokenizer)
    folder = _narrowed(verified, settings.home / "models", kept)
    calls = {"cpu": 1, "cuda": _LANES_ON_GPU}
    return kept, lambda device: CT2Whisper(folder, device, settings.cpu_threads, calls[device.kind])


def is_hub_form(folder: Path) -> bool:
    """Whether a directory holds a Whisper as transformers saves it."""
    if (folder / "model.bin").exists() or not any(folder.glob("*.safetensors")):
        return False
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return isinstance(config, dict) and config.get("model_type") == "whisper"


def _narrowed(verified: Verified, models: Path, kept: Ids) -> Path:
    folder = models / f"{verified.name.replace('/', '--')}-{verified.version}-{_NARROWED}"
    if not folder.exists():
        narrow(verified.path, folder, kept)
    return folder


def load_peer(settings: Settings, *, name: str | None = None, device: str | None = None) -> WhisperModel:
    """The same model as faster-whisper loads it, nothing left out, to be measured against.

    Raises:
        ModelMissing, ModelDamaged: see `ModelStore.resolve`.
        ModelError: it is not in CTranslate2's form.
    """
    verified = ModelStore(settings.home / "models").resolve(name or settings.asr_model)
    if is_hub_form(verified.path):
        raise ModelError("faster-whisper と比べるには、CTranslate2 形式のモデルを指定してください。")
    chosen = choose_device(device or settings.device, precision=settings.gpu_precision)
    return WhisperModel(
        str(verified.path),
        device=chosen.kind,
        compute_type=chosen.compute_type,
        cpu_threads=settings.cpu_threads,
        local_files_only=True,
    )
