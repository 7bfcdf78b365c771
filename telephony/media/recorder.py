"""The sound of calls: receives it for all of them, and writes it into their folders without making anybody wait."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from core.durable import sync_file
from core.logging import logger
from telephony.media.codecs import TICKS_HZ, understood
from telephony.media.nothing import EVERY_S
from telephony.media.options import MediaOptions
from telephony.media.ports import Ports
from telephony.media.receiver import Receiver
from telephony.media.soundfile import Batch, SoundFile
from telephony.media.stream import Arrival
from telephony.media.track import Track
from telephony.ongoing import OngoingCall
from telephony.streams import Offered, Received

_log = logger("telephony.media")

_WRITERS = 32  #: most of them wait for a decoder, a disk or their turn
_WRITE_EVERY_S = 0.25
_SYNC_EVERY_S = 1.0
_SIP = "SIP"  #: where we are called like a phone; a SIPREC client only sends


class MediaRecorder:
    """What `Media` promises. Threads write, each for one call at a time, and another has what is written on the disk."""

    def __init__(self, options: MediaOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self.options, self.clock = options, clock
        self.ports = Ports(options, clock)
        self.writer = ThreadPoolExecutor(_WRITERS, "sound-writer")
        self.syncer = ThreadPoolExecutor(1, "sound-syncer")

    def begin(self, call: OngoingCall) -> CallRecorder:
        """Take up a call whose time begins now. Call it in the event loop."""
        return CallRecorder(call, self)

    def close(self) -> None:
        """After the last call was closed."""
        self.writer.shutdown()
        self.syncer.shutdown()


class _Leg:
    def __init__(self, call: OngoingCall, leg: int) -> None:
        self.receiver: Receiver | None = None
        self.track = Track()
        self.file = SoundFile(call, leg)
        self.left: list[Arrival] = []  #: of a receiver that was closed
        self.epoch = 0  #: of the next

    def collect(self, now: int) -> Batch:
        arrivals = self.left + (self.receiver.collect() if self.receiver else [])
        self.left = []
        return self.track.place(arrivals, now, is_quiet=self.file.is_quiet)

    def finish(self, now: int) -> Batch:
        return self.track.finish(now)


class CallRecorder:
    """What `CallMedia` promises."""

    def __init__(self, call: OngoingCall, media: MediaRecorder) -> None:
        self._call, self._media = call, media
        self._began_s = media.clock()
        self._longest = round(media.options.longest_call_s * TICKS_HZ)
        self._answers = call.call.protocol == _SIP
        self._legs: dict[int, _Leg] = {}
        self._writing: asyncio.Future[None] | None = None
        self._tasks = [asyncio.create_task(t) for t in (self._keep_writing(), self._keep_syncing(), self._keep_saying_nothing())]

    async def receive(self, leg: int, offered: Offered) -> Received | None:
        """See `CallMedia`. Raises Busy where no port is free."""
        if not understood(offered.codecs):
            return None
        known = self._legs.get(leg) or self._legs.setdefault(leg, _Leg(self._call, leg))
        fresh = known.receiver is None
        receiver = known.receiver = known.receiver or self._opened(known.epoch)
        received = receiver.agree(offered)
        if received is None and fresh:
            self.drop(leg)
        return received

    def drop(self, leg: int) -> None:
        known = self._legs.get(leg)
        if known is None or known.receiver is None:
            return
        receiver, known.receiver = known.receiver, None
        known.left += receiver.collect()
        known.epoch = receiver.epoch + 1
        for event, packets in (("sound_of_strangers", receiver.strangers), ("sound_of_others", receiver.others)):
            if packets:
                _log.warning(event, extra={"call": self._call.folder.name, "packets": packets})
        self._media.ports.give_back(receiver.pair)

    def _opened(self, epoch: int) -> Receiver:
        return Receiver(
            self._media.ports.take(),
            self._ticks,
            call=self._call.folder.name,
            until=self._longest,
            epoch=epoch,
            networks=self._media.options.networks,
        )

    @property
    def silent_s(self) -> float:
        heard = [leg.receiver.heard_at for leg in self._legs.values() if leg.receiver and not leg.receiver.is_held]
        return max(0.0, self._ticks() - max(heard)) / TICKS_HZ if heard else math.inf

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for leg in list(self._legs):
            self.drop(leg)
        if self._writing is not None:
            await self._writing
        await self._write()
        await self._write(last=True)
        await self._sync()

    def _ticks(self) -> int:
        return int((self._media.clock() - self._began_s) * TICKS_HZ)

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_EVERY_S)
            try:
                self._read()
                if self._writing is None or self._writing.done():  # a disk that stands still holds up nobody
                    self._writing = self._write()
            except Exception:  # noqa: BLE001 - outermost loop of the receiving: what is to come can still be kept
                _log.exception("sound_lost")

    def _read(self) -> None:
        for leg in self._legs.values():
            if leg.receiver:
                leg.receiver.read()

    async def _keep_syncing(self) -> None:
        while True:
            await asyncio.sleep(_SYNC_EVERY_S)
            await self._sync()

    async def _keep_saying_nothing(self) -> None:
        while self._answers:
            for leg in self._legs.values():
                if leg.receiver:
                    leg.receiver.say_nothing()
            await asyncio.sleep(EVERY_S)

    def _write(self, *, last: bool = False) -> asyncio.Future[None]:
        now = min(self._ticks(), self._longest)
        work = [(leg.file, leg.finish(now) if last else leg.collect(now)) for leg in self._legs.values()]
        return asyncio.get_running_loop().run_in_executor(self._media.writer, _write, work)

    async def _sync(self) -> None:
        files = [leg.file for leg in self._legs.values()]
        await asyncio.get_running_loop().run_in_executor(self._media.syncer, _sync, self._call, files)


def _write(work: list[tuple[SoundFile, Batch]]) -> None:
    for file, batch in work:
        try:
            file.write(batch)
        except Exception:  # noqa: BLE001 - outermost loop of the writing: the other leg and what is to come can still be kept
            _log.exception("sound_lost")


def _sync(call: OngoingCall, files: list[SoundFile]) -> None:
    """Have what was written on the disk, so that a power loss takes a second of it at most."""
    changed = [file for file in files if file.changed]
    paths = [file.sound.path for file in changed if file.sound is not None]
    for file in changed:
        file.changed = False
    for path in [*paths, call.folder / "events.jsonl"] if changed else ():
        with suppress(OSError):  # told by who writes, or nothing happened yet
            sync_file(path)
