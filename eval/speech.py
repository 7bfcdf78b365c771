"""Recognition of the product's own voices: how right, and how many times faster than real time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from asr.pipeline import Options, transcribe
from eval.cer import cer
from models.voice import SAMPLE_RATE_HZ, Voice
from models.whisper import Whisper

SENTENCES = (
    "引っ越しをしたときは、十四日以内に届け出をしてください。",
    "粗大ごみの出し方について、環境課に問い合わせました。",
    "国民健康保険に入る手続きには、本人確認書類が必要です。",
    "児童手当は、子どもが生まれた日の翌日から十五日以内に申請します。",
    "大雨のときは、早めに安全な場所へ避難してください。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechFigures:
    """What a measurement of recognition gives."""

    audio_s: float
    cer: float
    real_time_factor: float  #: seconds of audio that a second of work takes in


def measure_speech(voice: Voice, whisper: Whisper) -> SpeechFigures:
    """Speak the sentences, recognise them, compare."""
    errors, audio_s, elapsed_s = [], 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for i, sentence in enumerate(SENTENCES):
            path = Path(folder) / f"{i}.wav"
            soundfile.write(path, voice.speak(sentence), SAMPLE_RATE_HZ, subtype="PCM_16")
            heard = transcribe(path, whisper=whisper, options=Options(), work=Path(folder), progress=lambda *_: None)
            errors.append(cer(sentence, heard.text))
            audio_s += heard.duration_s
            elapsed_s += heard.elapsed_s
    return SpeechFigures(audio_s=audio_s, cer=sum(errors) / len(errors), real_time_factor=audio_s / elapsed_s)
