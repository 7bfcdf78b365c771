"""A recording in, its transcript out: audio -> pcm -> spans -> segments -> transcript."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from asr.audio import LONGEST_S, Channels, Pcm, decode
from asr.clips import clips
from asr.crosstalk import without_crosstalk
from asr.expectation import Expectation
from asr.language import Language
from asr.recogniser import recognise
from asr.spans import speech_spans
from asr.transcript import Segment, Transcript, Turn
from asr.vocabulary import Vocabulary
from asr.writing import Style, write_all
from core.errors import InvalidInput
from core.memory import give_back
from models.priors import MEETING, QUESTION
from models.whisper import Whisper

if TYPE_CHECKING:
    from models.speaker_encoder import SpeakerEncoder

_FEWEST_AT_ONCE = 128  #: the more clips there are to choose from, the more alike those of a batch are in length


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a recording is to be transcribed."""

    vocabulary: Vocabulary | None = None
    language: Language | None = None  #: what is likely to be said, for questions (asr.rehearing)
    thorough: bool = False  #: put misheard words right (asr.misheard) in what is no question, too: it may take twice the time
    speakers: int | Literal["auto", "off"] = "off"  #: how many people speak; auto finds out
    channels: Channels = Channels.MIXED
    style: Style | None = None  #: how it is written; None for as it was recognised
    longest_s: float = LONGEST_S  #: what is longer is refused while it is decoded

    @property
    def expected(self) -> Expectation:
        """Misheard words are put right in every question."""
        about = QUESTION if self.language is not None else MEETING if self.thorough else ""
        return Expectation(vocabulary=self.vocabulary, language=self.language, about=about)

    def __post_init__(self) -> None:
        if self.speakers != "off" and self.channels is Channels.SEPARATE:
            raise InvalidInput("チャンネルを分けるときは、話者の判別はできません。どちらか一方を指定してください。")


def transcribe(
    source: Path,
    *,
    whisper: Whisper,
    options: Options,
    work: Path,
    encoder: SpeakerEncoder | None = None,
    progress: Callable[[float, float], None] | None = None,
    timer: Callable[[], float] = time.perf_counter,
) -> Transcript:
    """Transcribe `source`, with its PCM in the folder `work`.

    Args:
        encoder: needed unless `options.speakers` is off.
        progress: called with (seconds of audio done, seconds in all).

    Raises:
        UnreadableMedia: see `asr.audio.decode`; also longer than `options.longest_s`.
        ModelError: the device gave up.
    """
    started_s = timer()
    tracks = decode(source, work, channels=options.channels, longest_s=options.longest_s)
    if len(tracks) == 2:
        tracks = without_crosstalk((tracks[0], tracks[1]))
    all_s = sum(pcm.duration_s for pcm in tracks)
    report = progress or _ignore
    segments: list[Segment] = []
    turns: tuple[Turn, ...] = ()
    before_s = 0.0
    for channel, pcm in enumerate(tracks):
        report(before_s, all_s)
        own = _recognise_track(
            pcm,
            whisper=whisper,
            options=options,
            channel=channel if options.channels is Channels.SEPARATE else None,
            progress=lambda done_s, before_s=before_s: report(before_s + done_s, all_s),  # type: ignore[misc]
        )
        if options.speakers != "off":
            own, turns = _name_speakers(pcm, own, options.speakers, encoder)
        segments += own if options.style is None else write_all(own, options.style)
        before_s += pcm.duration_s
    report(all_s, all_s)
    return Transcript(
        segments=tuple(sorted(segments, key=lambda s: (s.start_s, s.end_s))),
        turns=turns,
        duration_s=max(pcm.duration_s for pcm in tracks),
        elapsed_s=timer() - started_s,
        model=whisper.name,
        device=whisper.device.kind,
    )


def _recognise_track(
    pcm: Pcm, *, whisper: Whisper, options: Options, channel: int | None, progress: Callable[[float], None]
) -> tuple[Segment, ...]:
    found: list[Segment] = []
    spans = clips(pcm)
    at_once = max(_FEWEST_AT_ONCE, whisper.clips_at_once * whisper.lanes)
    for at in range(0, len(spans), at_once):
        group = spans[at : at + at_once]
        from_s = group[0].start_s
        found += recognise(
            pcm,
            group,
            whisper=whisper,
            expected=options.expected,
            widely=len(spans) == 1,  # that one sentence is all there is
            channel=channel,
            on_progress=lambda done_s, from_s=from_s: progress(from_s + done_s),  # type: ignore[misc]
        )
        progress(group[-1].end_s)
        give_back()  # so that a recording of hours needs no more than one of minutes
    return tuple(found)


def _name_speakers(
    pcm: Pcm, segments: tuple[Segment, ...], speakers: int | Literal["auto", "off"], encoder: SpeakerEncoder | None
) -> tuple[tuple[Segment, ...], tuple[Turn, ...]]:
    from asr.speakers import assign, diarise

    assert encoder is not None, "speakers are told apart with an encoder"
    count = speakers if isinstance(speakers, int) else None
    turns = diarise(pcm, speech_spans(pcm), encoder=encoder, count=count)
    return assign(segments, turns), turns


def _ignore(_done_s: float, _all_s: float) -> None:
    return None
