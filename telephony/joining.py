"""The two sides of a call as files of their own in, one stereo recording out.

They are aligned at their beginning, as a telephone system records them; after the shorter one there is silence.
"""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from asr.audio import SAMPLE_RATE_HZ, Pcm, decode
from asr.sandbox import LONGEST_S
from core.errors import InvalidInput, UnreadableMedia
from telephony.wav import header

_BLOCK_S = 30


def joined(left: tuple[str, Path], right: tuple[str, Path], work: Path, *, longest_s: float = LONGEST_S) -> Iterator[bytes]:
    """A WAV file in blocks, decoded apart as any recording is (ADR 0011). Both files are read before the first block.

    Args:
        left: what people call this side, and its file.
        work: a folder for what is decoded.

    Raises:
        InvalidInput: it is one and the same file.
        UnreadableMedia: see `decode`; it says of which side.
    """
    pcms = [_decoded(name, path, work / f"side-{n}", longest_s) for n, (name, path) in enumerate((left, right))]
    if filecmp.cmp(left[1], right[1], shallow=False):
        raise InvalidInput("市役所側と相手側に、同じファイルが選ばれています。それぞれの側のファイルを選んでください。")
    return _interleaved(pcms)


def _decoded(name: str, path: Path, work: Path, longest_s: float) -> Pcm:
    try:
        (pcm,) = decode(path, work, longest_s=longest_s)
    except UnreadableMedia as e:
        raise UnreadableMedia(f"{name}のファイル: {e.message}") from None
    return pcm


def _interleaved(pcms: list[Pcm]) -> Iterator[bytes]:
    duration_s = max(pcm.duration_s for pcm in pcms)
    frames = max(pcm.frames for pcm in pcms)
    yield header(frames, SAMPLE_RATE_HZ)
    for start_s in range(0, int(duration_s) + 1, _BLOCK_S):
        count = min(_BLOCK_S * SAMPLE_RATE_HZ, frames - start_s * SAMPLE_RATE_HZ)
        block = np.zeros((count, len(pcms)), "<i2")
        for channel, pcm in enumerate(pcms):
            said = np.round(pcm.read(start_s, start_s + _BLOCK_S) * 32768)
            block[: len(said), channel] = said
        yield block.tobytes()
