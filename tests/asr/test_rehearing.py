"""A spoken question is heard again by one who knows what people ask: as far as it sounds so, and so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from asr.edits import Edits
from asr.pipeline import Options, transcribe
from asr.rehearing import first_heard
from asr.transcript import Reason, Transcript
from models.whisper import Whisper

Speech = Callable[..., Path]
Hear = Callable[..., Transcript]

SAID = "人事異動はいつ発表されますか。"  # sounds like 人事移動
SENTENCES = ("人事課はどこですか。",)


@dataclass(frozen=True)
class Known:
    """A language in which one text is much likelier than all others."""

    text: str
    sentences: Sequence[str]

    def about(self, text: str) -> Sequence[str]:
        return self.sentences

    def alike(self, text: str) -> str:
        return self.text

    def cost(self, text: str) -> float:
        return 0.0 if text == self.text else 60.0


@pytest.fixture
def hear(whisper: Whisper, speech: Speech, tmp_path: Path) -> Hear:
    def heard(language: Known | None) -> Transcript:
        return transcribe(speech(SAID), whisper=whisper, options=Options(language=language), work=tmp_path)

    return heard


def test_what_is_likelier_and_sounds_so_is_written_and_the_first_hearing_is_kept(hear: Hear) -> None:
    first = hear(None)
    heard, meant = ("異動", "移動") if "異動" in first.text else ("移動", "異動")
    assert heard in first.text
    again = hear(Known(f"人事{meant}はいつ発表されますか", SENTENCES))
    assert meant in again.text
    assert first_heard(again) == first.text
    (segment,) = again.segments
    written = [i for i, c in enumerate(segment.changes) if Reason.LANGUAGE in c.reasons]
    edits = Edits.of(segment)
    for index in written:
        edits = edits.undo(index)
    assert written
    assert heard in edits.text


def test_what_was_understood_is_not_heard_again(hear: Hear) -> None:
    assert hear(Known("人事移動はいつ発表されますか", ())).text == hear(None).text


@pytest.mark.parametrize("text", ["粗大ごみの出し方を教えてください", "人事"])
def test_what_sounds_otherwise_or_stops_short_is_not_written_however_likely(hear: Hear, text: str) -> None:
    heard = hear(Known(text, SENTENCES)).text
    assert SequenceMatcher(None, heard, hear(None).text).ratio() > 0.7
