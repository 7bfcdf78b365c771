"""One call that is being recorded: its folder, its sound, who speaks on which leg, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.clock import Clock
from core.logging import logger
from telephony.ongoing import LEGS, Before, Ended, Event, Happened, LiveCall, OngoingCall
from telephony.sip.parties import Parties
from telephony.streams import CallMedia, Media, Offered, Received

MOST_NOTED = 10_000  #: remarks of what the peer did
MOST_BEFORE = 200  #: who took part before; no call has so many, and what a client goes on telling costs nothing
MUSIC_PAUSES_S = 10.0  #: between two pieces of it at most
Stream = tuple[str, int]  #: a dialog's Call-ID and the place of the section in its description
_log = logger("sip")


class Recording:
    """Of one event loop; what goes to the disk for good does so in a thread."""

    def __init__(self, ongoing: OngoingCall, call: LiveCall, media: CallMedia, clock: Clock) -> None:
        self.ongoing, self.call, self._media, self._clock = ongoing, call, media, clock
        self._began_s = self._expected_s = asyncio.get_running_loop().time()  #: the latter: since when sound is waited for
        self.forked: str | None = None  #: how a forked phone names the call, of which it sends the other side as well
        self._legs: dict[Stream, int] = {}
        self._sending: set[int] = set()
        self._held: set[int] = set()
        self._heard: set[int] = set()  #: legs that were ever received
        self._noted = 0
        self._is_told = True  #: the folder says who speaks

    @classmethod
    async def begin(cls, calls: Path, call: LiveCall, media: Media, clock: Clock) -> Recording:
        """Raises OSError where the disk doesn't take it."""
        ongoing = await asyncio.to_thread(OngoingCall.begin, calls, call)
        try:
            return cls(ongoing, call, media.begin(ongoing), clock)
        except BaseException:
            await asyncio.to_thread(ongoing.discard)
            raise

    @property
    def elapsed_s(self) -> float:
        return asyncio.get_running_loop().time() - self._began_s

    @property
    def _now_s(self) -> float:
        """As it is written down."""
        return round(self.elapsed_s, 3)

    @property
    def silent_s(self) -> float:
        """Since when nothing came; 0.0 while nothing need come."""
        waited_s = asyncio.get_running_loop().time() - self._expected_s
        return 0.0 if self.holds else min(self._media.silent_s, waited_s)

    @property
    def plays_nothing(self) -> bool:
        """Whether not even music comes."""
        return self._media.silent_s > MUSIC_PAUSES_S

    @property
    def holds(self) -> bool:
        """Whether nothing need be heard now."""
        return not self._sending

    @property
    def heard(self) -> bool:
        """Whether any sound came."""
        return not self.holds and self._media.silent_s < self.elapsed_s - 1

    def leg_of(self, stream: Stream) -> int | None:
        """The leg that a stream has, or may have."""
        free = (leg for leg in LEGS if leg not in self._legs.values())
        return self._legs.get(stream, next(free, None))

    def received(self, stream: Stream) -> int | None:
        """The leg on which it is received."""
        return self._legs.get(stream)

    async def receive(self, stream: Stream, offered: Offered, *, held: bool = False) -> Received | None:
        """None where both legs are taken or no form of its sound is understood. What a held leg sends (music) is kept."""
        leg = self.leg_of(stream)
        received = None if leg is None else await self._media.receive(leg, offered)
        if leg is None or received is None:
            return None
        self._legs[stream] = leg
        if offered.sends and not held:
            self._expected_s = asyncio.get_running_loop().time() if self.holds else self._expected_s
            self._sending.add(leg)
        else:
            self._sending.discard(leg)
        return received

    def drop(self, stream: Stream) -> None:
        leg = self._legs.pop(stream, None)
        if leg is not None:
            self._media.drop(leg)
            self._sending.discard(leg)
            self._held.discard(leg)

    def streams(self, call_id: str) -> list[Stream]:
        """Those of a dialog that are received."""
        return [stream for stream in self._legs if stream[0] == call_id]

    def note_holds(self, before: set[int]) -> None:
        """What a new description changed: `before` are the legs that sent."""
        legs = set(self._legs.values())
        held, resumed = (before & legs) - self._sending, self._held & self._sending
        self._held = (self._held | held) - resumed
        for kind, changed in ((Happened.HELD, held), (Happened.RESUMED, resumed)):
            for leg in [None] if changed and changed == legs else sorted(changed):
                self.note(kind, leg)

    @property
    def sending(self) -> set[int]:
        return set(self._sending)

    def note(self, kind: Happened, leg: int | None = None, at_s: float | None = None) -> None:
        """A disk that is full loses the remark, not the call; and remarks alone never fill it. Where no moment
        is given it is now."""
        self._noted += 1
        if self._noted > MOST_NOTED:
            return
        try:
            self.ongoing.note(Event(kind=kind, at_s=self._now_s if at_s is None else at_s, leg=leg))
        except OSError as error:
            _log.error("call's event not kept", exc_info=error)

    async def describe(self, parties: Parties, since_s: float) -> None:
        """Who speaks is known better, or others speak since that moment."""
        self._heard |= set(self._legs.values())
        call = described(self.call, parties, lone=len(self._heard) < len(LEGS))
        if call == self.call:
            return
        since_s = max(round(since_s, 3), *(earlier.until_s for earlier in self.call.before), 0.0)
        left = _left(self.call, call, since_s)
        self.call = replace(call, before=(*call.before, *left)[:MOST_BEFORE])
        await self._write_down()
        if left:
            self.note(Happened.CHANGED, left[0].leg if len(left) == 1 else None, since_s)

    async def _write_down(self) -> None:
        """Who speaks. What a full disk doesn't take is tried again when there is more to tell, and at the end."""
        try:
            await asyncio.to_thread(self.ongoing.describe, self.call)
        except OSError as error:
            _log.error("call's parties not kept", exc_info=error)
            self._is_told = False
        else:
            self._is_told = True

    async def end(self, why: str, on_ended: Callable[[OngoingCall], None]) -> None:
        """All of it on the disk, and told."""
        lasted_s = round(self.elapsed_s, 1)
        try:
            await self._media.close()
        finally:  # whatever becomes of one step, the next is done
            if not self._is_told:
                await self._write_down()
            try:
                await asyncio.to_thread(self.ongoing.end, Ended(at=self._clock(), why=why))
            except OSError as error:
                _log.error("call's end not kept", exc_info=error)
            _log.info("call ended", extra={"call": self.call.id, "why": why, "s": lasted_s})
            on_ended(self.ongoing)

    async def discard(self) -> None:
        """As if it had never been."""
        try:
            await self._media.close()
        finally:
            await asyncio.to_thread(self.ongoing.discard)


def described(call: LiveCall, parties: Parties, *, lone: bool) -> LiveCall:
    return replace(
        call,
        our_leg=parties.our_leg,
        our_name=parties.ours.name,
        our_number=parties.ours.number,
        other_name=parties.other.name,
        other_number=parties.other.number,
        lone_leg=lone,
    )


def _left(call: LiveCall, now: LiveCall, at_s: float) -> list[Before]:
    """Who took part in a call and does no more. Who only is heard on the other leg, as is known now, always was."""
    people = [call.who(leg, at_s) for leg in LEGS]
    stay = {_known(*now.who(leg, at_s)) for leg in LEGS}
    return [
        Before(leg=leg, until_s=at_s, name=name, number=number)
        for leg, (name, number) in zip(LEGS, people, strict=True)
        if _known(name, number) and _known(name, number) not in stay
    ]


def _known(name: str, number: str) -> str:
    """By what somebody is told from others."""
    return number or name
