"""What a speech recogniser does, whatever runs it: features of sound in, tokens with their probabilities and times out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.device import Device

Features = npt.NDArray[np.float32]
Encoded = npt.NDArray[np.float32] | npt.NDArray[np.float16]
"""The encoder's output (clips, frames, width), in the machine's own memory: what a GPU encoded, the CPU can decode."""

FRAMES_PER_S = 100  #: of the log-mel features
FRAME_S = 0.02  #: of the encoder's output
MOST_TOKENS = 448  #: of a text with what the decoder is shown first


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What a clip may say."""

    ids: list[int]
    logprob: float  #: mean over the tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded(Hypothesis):
    """What the decoder made of one clip: the likeliest text."""

    no_speech: float  #: probability that nobody speaks
    others: tuple[Hypothesis, ...] = ()  #: the next likely texts, if they were asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The tokens of a text against the sound they were said to be."""

    starts_s: list[float]  #: of each token
    probabilities: list[float]  #: of each token, given those before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a decoder looks for the likeliest text."""

    beam: int
    longest: int  #: tokens of a text
    hypotheses: int = 1  #: texts to give of each clip, at most as many as the beam is wide
    unrepeated: int = 0  #: no so many tokens in a row come twice; 0 lets them


class Engine(Protocol):
    """Runs a Whisper model. Every call takes a batch; a device that gives up raises RuntimeError."""

    @property
    def device(self) -> Device: ...

    @property
    def clips_at_once(self) -> int:
        """The batch that it is fastest with on its device (docs/gpu.md)."""

    def features(self, samples: Features, frames: int) -> Features:
        """Log-mel features (bands, frames) of samples at 16 kHz, padded with silence or cut to `frames`."""

    def encode(self, features: Features) -> Encoded:
        """Run the encoder over (clips, bands, frames)."""

    def generate(self, encoded: Encoded, prompt: Sequence[int], search: Search) -> list[Decoded]:
        """Decode each encoded clip behind the same prompt."""

    def align(self, encoded: Encoded, texts: Sequence[list[int]], frames: Sequence[int], start: Sequence[int]) -> list[Aligned]:
        """Find when each token of each text is said behind `start`, and how likely it is.

        Args:
            frames: of the features of each clip that hold sound.
        """
