"""Clips of speech in, what was heard in each out: batches in a short context, and a second hearing where the first is bad.

Whisper's encoder is trained on 30 s but takes less, and its time grows faster than its context. In a clip between two pauses
that is well shorter than the window the decoder skips no sentence. What comes out wrong in a way that shows (loops, too much or
too little text for its length, low probability) is heard again in the full context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from asr.consensus import agreed
from asr.loops import repeats_itself
from models.engine import FRAMES_PER_S, Aligned, Decoded, Encoded, Features, Search
from models.whisper import Whisper

Samples = npt.NDArray[np.float32]

_SAMPLE_RATE_HZ = 16_000
_BEAM, _WIDE_BEAM = 3, 5
_FULL_FRAMES = 3000
_FEWEST_FRAMES, _MARGIN_FRAMES = 1200, 60
"""Silence follows every clip, as in training; in less than ten seconds of context the decoder begins to loop."""

_TOKENS_PER_S, _TOKENS_MORE = 14, 24  # nobody says more than about 12 characters a second
LEAST_SURE = -1.0  #: mean log-probability of a text's tokens (openai/whisper, transcribe.py)
_SILENT = 0.6
_FASTEST_CHARS_PER_S, _SLOWEST_CHARS_PER_S = 12.0, 1.5
_UNREPEATED = 6  #: tokens; fewer make up words to get around what was said before
_SHORTEST_JUDGED_S = 3.0  # a shorter clip may rightly hold one word


@dataclass(frozen=True, slots=True)
class Hearing:
    """A batch of clips after one pass: what was decoded, and the encoder's output to compare other texts with."""

    whisper: Whisper
    clips: tuple[int, ...]  #: places in the list that was given
    durations_s: tuple[float, ...]
    encoded: Encoded
    decoded: tuple[Decoded, ...]

    def texts(self) -> list[str]:
        return [self.whisper.tokens.decode(d.ids).strip() for d in self.decoded]

    def align(self, ids: Sequence[list[int]]) -> list[Aligned]:
        """When, and how probably, each text (its token ids) is said in its clip."""
        spoken = [row or self.whisper.tokens.encode("。") for row in ids]
        return self.whisper.align(self.encoded, spoken, [self.frames(row) for row in range(len(self.clips))])

    def probabilities(
        self, ids: Sequence[list[int]], *, rows: Sequence[int], prompts: Sequence[Sequence[int]]
    ) -> list[list[float]]:
        """How probable each token of texts is, in the clip at its row and behind its own prompt; a clip may have several."""
        frames = [self.frames(row) for row in rows]
        return self.whisper.probabilities(self.encoded[list(rows)], ids, frames, prompts)

    def hypotheses(self, row: int, prompt: Sequence[int], count: int) -> list[str]:
        """The likeliest texts of the clip at a row behind a prompt."""
        whisper = self.whisper
        behind = [whisper.tokens.previous, *prompt, *whisper.tokens.start]
        longest = _longest(self.durations_s[row])
        (found,) = whisper.generate(self.encoded[[row]], behind, Search(beam=count, longest=longest, hypotheses=count))
        return [whisper.tokens.decode(each.ids).strip() for each in (found, *found.others)]

    def frames(self, row: int) -> int:
        return max(2, round(self.durations_s[row] * FRAMES_PER_S))


def batches(clips: Sequence[Samples], whisper: Whisper) -> list[tuple[int, ...]]:
    """Which clips go together: those of like length, the longest first, in a number that the lanes share evenly."""
    order = sorted(range(len(clips)), key=lambda i: -len(clips[i]))
    rounds = -(-len(order) // (whisper.clips_at_once * whisper.lanes))
    size = max(1, -(-len(order) // max(1, rounds * whisper.lanes)))
    return [tuple(order[at : at + size]) for at in range(0, len(order), size)]


def hear(
    batch: tuple[int, ...],
    clips: Sequence[Samples],
    whisper: Whisper,
    *,
    widely: bool = False,
    on_encoded: Callable[[], None] = lambda: None,
) -> list[Hearing]:
    """Recognise some of the clips, none longer than ten seconds (see `asr.clips`); no speech, no text.

    Args:
        widely: of more hypotheses, that one which agrees most with the others is taken.
        on_encoded: called when about half of the work is done.

    Raises:
        RuntimeError: the device gave up.
    """
    longest_s = max(len(clips[i]) for i in batch) / _SAMPLE_RATE_HZ
    first = _pass(
        batch, clips, whisper, max(_FEWEST_FRAMES, round(longest_s * FRAMES_PER_S) + _MARGIN_FRAMES), widely, on_encoded
    )
    bad = [i for i, d in enumerate(first.decoded) if _is_bad(d, first.durations_s[i], whisper)]
    if not bad:
        return [first]
    again = _pass(tuple(first.clips[i] for i in bad), clips, whisper, _FULL_FRAMES, widely)
    again = _without_loops(again, widely)
    better = {
        i: row for row, i in enumerate(bad) if _is_better(again.decoded[row], first.decoded[i], again.durations_s[row], whisper)
    }
    return [_only(first, [i for i in range(len(first.clips)) if i not in better]), _only(again, sorted(better.values()))]


def _pass(
    clips: tuple[int, ...],
    samples: Sequence[Samples],
    whisper: Whisper,
    frames: int,
    widely: bool,
    on_encoded: Callable[[], None] = lambda: None,
) -> Hearing:
    features: list[Features] = [whisper.features(samples[i], frames) for i in clips]
    durations_s = tuple(len(samples[i]) / _SAMPLE_RATE_HZ for i in clips)
    encoded = whisper.encode(features)
    on_encoded()
    return Hearing(whisper, clips, durations_s, encoded, _decoded(whisper, encoded, durations_s, widely))


def _decoded(
    whisper: Whisper, encoded: Encoded, durations_s: Sequence[float], widely: bool, unrepeated: int = 0
) -> tuple[Decoded, ...]:
    beam, hypotheses = (_WIDE_BEAM, _WIDE_BEAM) if widely else (_BEAM, 1)
    longest, start = _longest(max(durations_s)), whisper.tokens.start
    search = Search(beam=beam, longest=longest, hypotheses=hypotheses, unrepeated=unrepeated)
    decoded = whisper.generate(encoded, start, search)
    return tuple(_without_silence(agreed(d, whisper.tokens, whisper.language_model) if widely else d) for d in decoded)


def _without_loops(hearing: Hearing, widely: bool) -> Hearing:
    """What is said again and again faster than anybody speaks was said once: the clip is decoded without, as what comes behind it
    would be lost with it. A speaker who does repeat himself needs the time for it."""
    looping = [row for row, text in enumerate(hearing.texts()) if _is_loop(text, hearing.durations_s[row])]
    if not looping:
        return hearing
    durations_s = [hearing.durations_s[row] for row in looping]
    anew = _decoded(hearing.whisper, hearing.encoded[looping], durations_s, widely, _UNREPEATED)
    found = dict(zip(looping, anew, strict=True))
    return replace(hearing, decoded=tuple(found.get(row, d) for row, d in enumerate(hearing.decoded)))


def _is_loop(text: str, duration_s: float) -> bool:
    return repeats_itself(text) and sum(map(str.isalnum, text)) / max(duration_s, 0.5) > _FASTEST_CHARS_PER_S


def _longest(duration_s: float) -> int:
    """The most tokens that are said in so long."""
    return round(duration_s * _TOKENS_PER_S) + _TOKENS_MORE


def _without_silence(decoded: Decoded) -> Decoded:
    """What is said with little confidence where probably nobody speaks is dropped (openai/whisper, transcribe.py)."""
    if decoded.no_speech > _SILENT and decoded.logprob < LEAST_SURE:
        return Decoded(ids=[], logprob=decoded.logprob, no_speech=decoded.no_speech)
    return decoded


def _is_bad(decoded: Decoded, duration_s: float, whisper: Whisper) -> bool:
    text = whisper.tokens.decode(decoded.ids)
    if not text:
        return decoded.no_speech <= _SILENT
    speed = len(text) / max(duration_s, 0.5)
    slow = duration_s >= _SHORTEST_JUDGED_S and speed < _SLOWEST_CHARS_PER_S
    return decoded.logprob < LEAST_SURE or repeats_itself(text) or slow or speed > _FASTEST_CHARS_PER_S


def _is_better(new: Decoded, old: Decoded, duration_s: float, whisper: Whisper) -> bool:
    worse_new, worse_old = _is_bad(new, duration_s, whisper), _is_bad(old, duration_s, whisper)
    return new.logprob > old.logprob if worse_new == worse_old else worse_old


def _only(hearing: Hearing, rows: Sequence[int]) -> Hearing:
    if len(rows) == len(hearing.clips):
        return hearing
    return Hearing(
        hearing.whisper,
        tuple(hearing.clips[i] for i in rows),
        tuple(hearing.durations_s[i] for i in rows),
        hearing.encoded[list(rows)],
        tuple(hearing.decoded[i] for i in rows),
    )
