"""The file of one leg as it is written: one rate, whatever is heard; and what couldn't be kept is told."""

from __future__ import annotations

import errno

from core.logging import logger
from telephony.media.codecs import TICKS_HZ
from telephony.media.resampling import Resampling
from telephony.ongoing import OngoingCall, Samples, Sound

_log = logger("telephony.media")


class SoundFile:
    """Where a leg's sound goes. The first that is heard gives the file its rate."""

    def __init__(self, call: OngoingCall, leg: int) -> None:
        self._call, self._leg = call, leg
        self._sound: Sound | None = call.sound(leg)
        self._resampling: Resampling | None = None
        self._heard_to = 0  #: ticks, by what is being resampled
        self._fails = False
        self.changed = False  #: since somebody last had it on the disk

    @property
    def sound(self) -> Sound | None:
        return self._sound

    def put(self, at: int, samples: Samples, rate_hz: int) -> bool:
        """Write sound at its time in ticks. False: the disk doesn't take it."""
        try:
            sound = self._sound = self._sound or self._call.new_sound(self._leg, rate_hz)
            if rate_hz == sound.rate_hz:
                self._end_resampling(sound)
                sound.place(at * rate_hz // TICKS_HZ, samples)
            else:
                self._resample(sound, at, samples, rate_hz)
        except OSError as e:
            self._tell(e)
            return False
        self.changed, self._fails = True, False
        return True

    def rest(self, end: int) -> None:
        """Nothing more came for now, so before that time in ticks there is nothing but what is written."""
        sound = self._sound
        if sound is None:
            return
        try:
            self._end_resampling(sound)
            sound.reach(end * sound.rate_hz // TICKS_HZ)
        except OSError as e:
            self._tell(e)

    def _resample(self, sound: Sound, at: int, samples: Samples, rate_hz: int) -> None:
        if self._resampling is None or at != self._heard_to:
            self._end_resampling(sound)
            self._resampling = Resampling(rate_hz, sound.rate_hz, at * sound.rate_hz // TICKS_HZ)
        self._heard_to = at + len(samples) * TICKS_HZ // rate_hz
        sound.place(*self._resampling.add(samples))

    def _end_resampling(self, sound: Sound) -> None:
        if self._resampling is not None:
            ended, self._resampling = self._resampling, None
            sound.place(*ended.end())

    def _tell(self, error: OSError) -> None:
        """Once, until it works again: the call goes on, and each second of it would say the same."""
        if not self._fails:
            why = errno.errorcode.get(error.errno or 0)
            _log.error("sound_not_written", extra={"call": self._call.folder.name, "leg": self._leg, "why": why})
        self._fails = True
