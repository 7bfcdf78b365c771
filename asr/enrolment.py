"""A sample of one person's voice in, their voice print enrolled out. The sample itself is not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from asr.audio import Pcm, decode
from asr.spans import speech_spans
from asr.speakers import Encoder, voices_in
from asr.voices import EnrolledVoice, Vector, Voices, print_of
from core.clock import Clock, now
from core.errors import InvalidInput, TooLarge, UnreadableMedia
from core.printable import printable

SHORTEST_S, LONGEST_S = 10.0, 60.0
LIMIT_BYTES = 50_000_000  #: a minute of the largest form that people bring
_LEAST_SPEECH_S = 8.0
_LEAST_LIKENESS_WITHIN = 0.88  # halves of ten seconds of one voice agree to 0.90 and more, two people mostly to less than 0.88
_MARGIN_S = 0.5  # coders add silence at the ends
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whose voice a sample is, and who says so."""

    name: str
    by: str

    def __post_init__(self) -> None:
        for what, text in (("声の持ち主の名前", self.name), ("登録する人の名前", self.by)):
            if not printable(text):
                raise InvalidInput(f"{what}を入力してください。")
            if len(text) > LONGEST_NAME:
                raise InvalidInput(f"{what}は{LONGEST_NAME}文字までにしてください。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Where voices are enrolled."""

    voices: Voices
    passing: Callable[[], AbstractContextManager[Path]]  #: a folder for a sample while it is listened to
    encoder: Callable[[], Encoder]
    clock: Clock = now

    def enrol(self, chunks: Iterable[bytes], *, suffix: str, claim: Claim) -> EnrolledVoice:
        """Listen to a sample, forget it and keep the voice print.

        Raises:
            InvalidInput: the sample is too short or long, has too little speech or several voices; the name is taken.
            TooLarge: more than `LIMIT_BYTES`.
        """
        with self.passing() as folder:
            sample = folder / f"sample{suffix}"
            _write(sample, chunks)
            vector = self._voice_print(sample)
        return self.voices.add(printable(claim.name), vector, by=printable(claim.by), at=self.clock())

    def _voice_print(self, sample: Path) -> Vector:
        (pcm,) = decode(sample, sample.parent / "decoded", longest_s=3 * LONGEST_S)
        return voice_print(pcm, self.encoder())


def voice_print(pcm: Pcm, encoder: Encoder) -> Vector:
    """The voice print of a sample of one person. Raises InvalidInput with what is wrong with it."""
    if not SHORTEST_S - _MARGIN_S <= pcm.duration_s <= LONGEST_S + _MARGIN_S:
        raise InvalidInput(
            f"{SHORTEST_S:.0f}秒から{LONGEST_S:.0f}秒の録音にしてください。送られた録音は{pcm.duration_s:.0f}秒です。"
        )
    spans = speech_spans(pcm)
    if sum(span.duration_s for span in spans) < _LEAST_SPEECH_S:
        raise InvalidInput("話し声が足りません。静かな場所で、10秒以上続けて話した録音を送ってください。")
    found = voices_in(pcm, spans, encoder=encoder)
    if any(float(print_of(a) @ print_of(b)) < _LEAST_LIKENESS_WITHIN for a, b in combinations(found, 2)):
        raise InvalidInput("二人以上の声が入っているようです。一人だけが話している録音を送ってください。")
    return print_of(np.concatenate(found))


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    size = 0
    with path.open("wb") as f:
        for chunk in chunks:
            size += len(chunk)
            if size > LIMIT_BYTES:
                raise TooLarge(f"ファイルが大きすぎます。{LIMIT_BYTES // 1_000_000} MB までにしてください。")
            f.write(chunk)
    if not size:
        raise UnreadableMedia("ファイルが空です(0バイト)。録音し直してください。")
