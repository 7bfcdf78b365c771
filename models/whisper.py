"""Loads a Whisper model for faster-whisper on the chosen device."""

from __future__ import annotations

from dataclasses import dataclass

from faster_whisper import WhisperModel

from core.errors import ModelError
from core.settings import Settings
from models.device import Device, choose_device
from models.store import ModelStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """A loaded recogniser and what to say of it in a transcript."""

    model: WhisperModel
    name: str
    device: Device


def load_whisper(settings: Settings, *, name: str | None = None, device: str | None = None) -> Whisper:
    """Load `name` (default: the setting) from the store.

    Raises:
        ModelMissing, ModelDamaged: see `ModelStore.resolve`.
        ModelError: the directory is not a CTranslate2 Whisper model.
    """
    verified = ModelStore(settings.home / "models").resolve(name or settings.asr_model)
    chosen = choose_device(device or settings.device)
    try:
        model = WhisperModel(
            str(verified.path),
            device=chosen.kind,
            compute_type=chosen.compute_type,
            cpu_threads=settings.cpu_threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as e:
        raise ModelError(
            f"音声認識のモデル「{verified.name}」を読み込めません。CTranslate2 形式のフォルダか確認してください。"
        ) from e
    return Whisper(model=model, name=verified.name, device=chosen)
