"""Recordings to measure recognition on: those of a manifest, or the product's own, spoken by its voices."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from core.errors import InvalidInput
from models.voice import SAMPLE_RATE_HZ, Voice

Samples = npt.NDArray[np.float32]
Speak = Callable[[str, str], Samples]
"""A text and the name of a voice in, samples at `RATE_HZ` out."""

RATE_HZ = 16_000
NO_SPEECH = "nospeech"

MEETING = (
    ("jf_alpha", "ただいまから、総務課と企画政策課の説明を始めます。"),
    ("jm_kumo", "引っ越しをしたときは、十四日以内に転入届を市民課へ出してください。"),
    ("jf_alpha", "国民健康保険に入る手続きには、本人確認書類が必要です。"),
    ("jm_kumo", "粗大ごみの出し方は、環境課が案内しています。"),
    ("jf_alpha", "大雨のときは、早めに安全な場所へ避難してください。"),
    ("jm_kumo", "予約型乗合タクシーの運行区域を、来年の四月から広げます。"),
    ("jf_alpha", "固定資産税の納期限について、税務課から答弁をお願いします。"),
    ("jm_kumo", "空き家バンクに登録された家は、今年度は二十件でした。"),
    ("jf_alpha", "要介護認定を受けている方には、介護福祉課が通知をお送りします。"),
    ("jm_kumo", "以上で、ふるさと納税についての一般質問を終わります。"),
)
CALL = (
    ("jm_kumo", "はい、曽於市役所の市民課です。"),
    ("jf_nezumi", "出生届は、何日までに出せばよいですか。"),
    ("jm_kumo", "生まれた日から十四日以内に、お出しください。"),
    ("jf_nezumi", "大隅支所でも受け付けていますか。"),
    ("jm_kumo", "はい、財部支所でも受け付けています。"),
    ("jf_nezumi", "マイナンバーカードと印鑑は要りますか。"),
    ("jm_kumo", "母子健康手帳と、本人確認書類をお持ちください。"),
    ("jf_nezumi", "児童手当の手続きも、その日にできますか。"),
    ("jm_kumo", "児童手当は、二階の福祉課で受け付けます。"),
    ("jf_nezumi", "わかりました。ありがとうございました。"),
)
QUESTIONS = (
    ("jf_gongitsune", "住民票の写しは、どこで取れますか。"),
    ("jf_tebukuro", "介護福祉課の電話番号を教えてください。"),
    ("jm_kumo", "粗大ごみは、どうやって出せばいいですか。"),
    ("jf_alpha", "子どもの予防接種は、いつ受けられますか。"),
    ("jf_nezumi", "軽自動車税の納付書をなくしました。"),
    ("jf_gongitsune", "印鑑登録証明書は、支所でも取れますか。"),
    ("jf_tebukuro", "マイナンバーカードを落としてしまいました。"),
    ("jm_kumo", "国民年金の免除の手続きを教えてください。"),
)
_PAUSE_S = 0.8
_NOISE = 0.003  # of full scale: a quiet room
_TELEPHONE_HZ = (300.0, 3400.0)
_NO_SPEECH_S = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file and what is said in it, in all or on each of its channels."""

    set: str
    path: Path
    references: tuple[str, ...]
    duration_s: float

    @property
    def separate(self) -> bool:
        return len(self.references) > 1


def read_manifest(path: Path, only: str | None = None) -> list[Recording]:
    """JSON lines of set, audio, ref and, for separate channels, ref_channels; audio beside the manifest or a folder above.

    Raises:
        InvalidInput: the manifest or a recording that it names can't be read.
    """
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [_listed(row, path.parent) for row in rows if only in (None, row.get("set", ""))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, soundfile.SoundFileError):
        raise InvalidInput(f"{path.name} か、そこに書かれた録音を読めません。1行に1件、audio と ref を書いてください。") from None


def _listed(row: dict[str, object], folder: Path) -> Recording:
    audio = Path(str(row["audio"]))
    path = next((p for p in (folder / audio, folder.parent / audio) if p.is_file()), folder / audio)
    channels = row.get("ref_channels")
    references = tuple(map(str, channels)) if isinstance(channels, list) else (str(row["ref"]),)
    duration = row.get("duration")
    duration_s = float(duration) if isinstance(duration, int | float) else soundfile.info(path).duration
    return Recording(set=str(row.get("set", "")), path=path, references=references, duration_s=duration_s)


def speaker(voice: Voice) -> Speak:
    """The product's voice, at the rate of the recordings (resampled through the frequency domain)."""

    def speak(text: str, name: str) -> Samples:
        samples = voice.speak(text, name)
        count = round(len(samples) * RATE_HZ / SAMPLE_RATE_HZ)
        spectrum = np.fft.rfft(samples)[: count // 2 + 1]
        return (np.fft.irfft(spectrum, count) * (count / len(samples))).astype(np.float32)

    return speak


def make_recordings(speak: Speak, folder: Path) -> list[Recording]:
    """Some three minutes: two voices in a room, a call on two channels of telephone band, short questions, what is no speech."""
    random = np.random.default_rng(3)
    made = [_written("meeting", _noisy(_said(MEETING, speak), random), "".join(text for _, text in MEETING), folder=folder)]
    sides = tuple(dict.fromkeys(voice for voice, _ in CALL))
    tracks = [_noisy(_telephone(_said(CALL, speak, audible=side)), random) for side in sides]
    said = ["".join(text for voice, text in CALL if voice == side) for side in sides]
    made.append(_written("call", np.stack(tracks, axis=1), *said, folder=folder))
    for number, question in enumerate(QUESTIONS):
        spoken = _noisy(_said((question,), speak), random)
        made.append(_written("question", spoken, question[1], folder=folder, number=number))
    for number, sound in enumerate(_no_speech(random)):
        made.append(_written(NO_SPEECH, sound, "", folder=folder, number=number))
    return made


def _said(lines: tuple[tuple[str, str], ...], speak: Speak, *, audible: str | None = None) -> Samples:
    """Lines behind each other, with pauses; those of other voices than `audible` as silence."""
    parts = [np.zeros(round(_PAUSE_S * RATE_HZ), np.float32)]
    for voice, text in lines:
        spoken = speak(text, voice)
        parts += [spoken if audible in (None, voice) else np.zeros_like(spoken), parts[0]]
    return np.concatenate(parts)


def _noisy(samples: Samples, random: np.random.Generator) -> Samples:
    return (samples + random.normal(0, _NOISE, len(samples))).astype(np.float32)


def _telephone(samples: Samples) -> Samples:
    """What a telephone lets through, with slopes as a real one has (Butterworth, 12 dB an octave below and 60 above)."""
    spectrum = np.fft.rfft(samples)
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE_HZ), 1.0)
    low, high = _TELEPHONE_HZ
    spectrum /= np.sqrt((1 + (low / hz) ** 4) * (1 + (hz / high) ** 20))
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def _no_speech(random: np.random.Generator) -> list[Samples]:
    """Silence, noise, mains hum, and the chords of a telephone on hold."""
    t = np.arange(_NO_SPEECH_S * RATE_HZ) / RATE_HZ
    hum = 0.2 * np.sin(2 * np.pi * 60 * t) + 0.1 * np.sin(2 * np.pi * 180 * t)
    music = sum(0.1 * np.sin(2 * np.pi * hz * t) * np.exp(-(t % 0.5) * 3) for hz in (262, 330, 392, 523))
    return [np.asarray(s, np.float32) for s in (np.zeros_like(t), random.normal(0, 0.05, len(t)), hum, music)]


def _written(kind: str, samples: Samples, *references: str, folder: Path, number: int = 0) -> Recording:
    path = folder / f"{kind}-{number}.wav"
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
    return Recording(set=kind, path=path, references=references, duration_s=len(samples) / RATE_HZ)
