"""The file of one leg as it is written: one rate, whatever is heard; and what couldn't be kept is told."""

from __future__ import annotations

import errno
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from core.logging import logger
from telephony.media.codecs import TICKS_HZ, Decoder, Form
from telephony.media.losses import Losses
from telephony.media.resampling import Resampling
from telephony.media.timeline import QUIET
from telephony.ongoing import Event, Happened, OngoingCall, Samples, Sound

_log = logger("telephony.media")

_MOST_UNTOLD = 1_000  #: events that a full disk doesn't take
_LOUD = 200  #: of 32,767


@dataclass(slots=True, kw_only=True)
class Piece:
    """Sound without a gap. Times are in ticks."""

    at: int
    lost: int  #: that never came, just before
    form: Form
    skip: int  #: of its beginning
    begins: bool  #: a stream
    payloads: list[bytes] = field(default_factory=list)
    end: int = 0

    def __post_init__(self) -> None:
        self.end = self.at - self.skip

    def goes_on(self, at: int, form: Form) -> bool:
        return at == self.end and form is self.form

    def add(self, payload: bytes) -> None:
        self.payloads.append(payload)
        self.end += self.form.ticks(payload)


@dataclass(slots=True)
class Batch:
    """What is to be written at once. Times are in ticks."""

    pieces: list[Piece] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)  #: when one was pressed
    end: int = 0  #: of all sound so far
    settled: int = 0  #: before it nothing more comes; 0 while sound comes
    is_last: bool = False


class SoundFile:
    """Where a leg's sound goes. The first that is heard gives the file its rate. Written by one thread."""

    def __init__(self, call: OngoingCall, leg: int) -> None:
        self._call, self._leg = call, leg
        self._sound: Sound | None = None
        self._decoders: dict[Form, Decoder] = {}
        self._resampling: Resampling | None = None
        self._resampled_to = 0  #: ticks
        self._losses = Losses(leg)
        self._untold: deque[Event] = deque(maxlen=_MOST_UNTOLD)
        self._fails = False
        self.is_quiet = False  #: at its end
        self.changed = False  #: since somebody last had it on the disk

    @property
    def sound(self) -> Sound | None:
        return self._sound

    def write(self, batch: Batch) -> None:
        """Decode and write, as far as the disk takes it."""
        try:
            self._write(batch)
        finally:
            if batch.is_last:
                self._close_decoders()

    def _write(self, batch: Batch) -> None:
        self._untold += [Event(kind=Happened.KEY, at_s=at / TICKS_HZ, leg=self._leg) for at in batch.keys]
        for piece in batch.pieces:
            if piece.lost:
                self._untold += self._losses.add(piece.at - piece.lost, piece.lost)
            if not self._put(piece.at, self._decoded(piece), piece.form.rate_hz):
                self._untold += self._losses.add(piece.at, piece.end - piece.at)
        if batch.settled:
            self._rest(batch.settled)
        self._untold += self._losses.settle(None if batch.is_last else batch.end)
        self._tell_what_happened()

    def _decoded(self, piece: Piece) -> Samples:
        """Silence for what is broken, which is told as lost."""
        if piece.begins:
            self._close_decoders()
        decoder = self._decoders.get(piece.form) or self._decoders.setdefault(piece.form, piece.form.decoder())
        at, parts = piece.at - piece.skip, []
        for payload, heard in zip(piece.payloads, decoder.decode(piece.payloads), strict=True):
            ticks = piece.form.ticks(payload)
            if heard is None:
                self._untold += self._losses.add(at, ticks)
            parts.append(heard if heard is not None else np.zeros(ticks * piece.form.samples_a_tick, np.int16))
            at += ticks
        samples = np.concatenate(parts)[piece.skip * piece.form.samples_a_tick :]
        last = samples[-QUIET * piece.form.samples_a_tick :]
        self.is_quiet = piece.end - piece.at >= QUIET and int(last.min()) > -_LOUD and int(last.max()) < _LOUD
        return samples

    def _close_decoders(self) -> None:
        for decoder in self._decoders.values():
            decoder.close()
        self._decoders = {}

    def _put(self, at: int, samples: Samples, rate_hz: int) -> bool:
        """False: the disk doesn't take it."""
        try:
            sound = self._sound = self._opened(rate_hz)
            if rate_hz == sound.rate_hz:
                self._end_resampling(sound)
                sound.place(at * rate_hz // TICKS_HZ, samples)
            else:
                self._resample(sound, at, samples, rate_hz)
        except OSError as e:
            self._tell_of(e)
            return False
        self.changed, self._fails = True, False
        return True

    def _opened(self, rate_hz: int) -> Sound:
        if self._sound is not None:
            return self._sound
        begun = self._call.sound(self._leg)
        return begun if begun is not None else self._call.new_sound(self._leg, rate_hz)

    def _rest(self, end: int) -> None:
        """Nothing more came for now, so before that time there is nothing but what is written."""
        sound = self._sound
        if sound is None:
            return
        try:
            self._end_resampling(sound)
            sound.reach(end * sound.rate_hz // TICKS_HZ)
        except OSError as e:
            self._tell_of(e)

    def _resample(self, sound: Sound, at: int, samples: Samples, rate_hz: int) -> None:
        if self._resampling is None or at != self._resampled_to:
            self._end_resampling(sound)
            self._resampling = Resampling(rate_hz, sound.rate_hz, at * sound.rate_hz // TICKS_HZ)
        self._resampled_to = at + len(samples) * TICKS_HZ // rate_hz
        sound.place(*self._resampling.add(samples))

    def _end_resampling(self, sound: Sound) -> None:
        if self._resampling is not None:
            ended, self._resampling = self._resampling, None
            sound.place(*ended.end())

    def _tell_what_happened(self) -> None:
        while self._untold:
            try:
                self._call.note(self._untold[0])
            except OSError:  # it waits until there is room
                return
            self._untold.popleft()
            self.changed = True

    def _tell_of(self, error: OSError) -> None:
        """Once, until it works again: the call goes on, and each second of it would say the same."""
        if not self._fails:
            why = errno.errorcode.get(error.errno or 0)
            _log.error("sound_not_written", extra={"call": self._call.folder.name, "leg": self._leg, "why": why})
        self._fails = True
