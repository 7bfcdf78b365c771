"""From what a peer says to what is recorded of it: a call begun, changed, ended, or not recorded at all."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.clock import Clock
from core.errors import Busy
from core.logging import logger
from telephony.ongoing import LEGS, LiveCall, OngoingCall
from telephony.sip.content import Content
from telephony.sip.dialog import Dialog, Key
from telephony.sip.forked_phone import ForkedPhone
from telephony.sip.message import Request
from telephony.sip.negotiation import Terms, acceptable, negotiate, offered_anew, offered_by, our_offer, seen_from_here, wanted
from telephony.sip.numbers import Numbers
from telephony.sip.parties import (
    Parties,
    connected_since,
    numbers_named,
    our_leg_of,
    parties_of_gateway,
    parties_of_phone,
    parties_of_recording,
)
from telephony.sip.recording import Recording, described
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import Answered, Section
from telephony.sip.settings import SipSettings
from telephony.streams import Media

RETRY_AFTER = ("retry-after", "30")
_log = logger("sip")


class NotToBeRecorded(Exception):
    """One of the numbers of which nothing is kept takes part now. `known_before`: until now it was known that none did."""

    def __init__(self, *, known_before: bool) -> None:
        super().__init__()
        self.known_before = known_before


class Recorder:
    """The recordings that go on, by the dialogs that they come from."""

    def __init__(
        self, settings: SipSettings, media: Media, calls: Path, on_ended: Callable[[OngoingCall], None], clock: Clock
    ) -> None:
        self._settings, self._media, self._calls, self._on_ended, self._clock = settings, media, calls, on_ended, clock
        self._ours, self._unrecorded = Numbers.read(settings.our_numbers), Numbers.read(settings.unrecorded_numbers)
        self._recordings: dict[Key, Recording] = {}
        self._beginning = 0
        self._failing = False  #: whether the last call could not be written
        self._forking = asyncio.Lock()  #: the two calls of a forked phone come at once, and the second must find the first

    def __len__(self) -> int:
        return len(set(self._recordings.values())) + self._beginning

    def of(self, dialog: Dialog) -> Recording | None:
        return self._recordings.get(dialog.key)

    async def begin(self, dialog: Dialog, content: Content) -> None:
        """Ports are open on return, and the dialog knows what was agreed on. Raises Refusal."""
        dialog.forked = None if dialog.siprec else ForkedPhone.read(dialog.invite)
        async with self._forking if dialog.forked else contextlib.nullcontext():
            await self._begin(dialog, content)

    async def _begin(self, dialog: Dialog, content: Content) -> None:
        dialog.metadata = content.metadata or dialog.metadata
        terms = self._terms(dialog)
        sections = content.sections or our_offer(siprec=dialog.siprec)
        to_receive = wanted(sections, terms)
        if not to_receive:
            raise Refusal(488)
        parties = self._parties(dialog, {leg: sections[at].label for leg, at in zip(LEGS, to_receive, strict=False)})
        if self._is_not_to_be_recorded(dialog, parties):
            raise Refusal(603)
        dialog.offered = None if content.sections else dialog.their_cseq
        self._beginning += 1
        try:
            await self._require_room()
            call = LiveCall(id=uuid.uuid4().hex, began_at=self._clock(), protocol="SIPREC" if dialog.siprec else "SIP")
            await self._record(dialog, sections, described(call, parties, lone=len(to_receive) < len(LEGS)))
        except Busy:
            raise Refusal(503, RETRY_AFTER) from None
        except OSError as error:
            if not self._failing:  # once, not with each call that is refused
                _log.error("call not recorded", exc_info=error)
            self._failing = True
            raise Refusal(503, RETRY_AFTER) from None
        finally:
            self._beginning -= 1
        self._failing = False

    async def _require_room(self) -> None:
        if len(self) > self._settings.most_calls:
            raise Refusal(503, RETRY_AFTER)
        free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._calls)).free
        if free_bytes < self._settings.least_free_bytes:
            raise OSError(errno.ENOSPC, "no room for a call")

    async def _record(self, dialog: Dialog, sections: tuple[Section, ...], call: LiveCall) -> None:
        recording = self._other_side(dialog) or await Recording.begin(self._calls, call, self._media, self._clock)
        recording.forked = dialog.forked.name if dialog.forked else None
        self._recordings[dialog.key] = recording
        try:
            await self._receive(dialog, recording, sections)
        except BaseException:
            await self.discard(dialog)
            raise

    async def _receive(self, dialog: Dialog, recording: Recording, sections: tuple[Section, ...]) -> None:
        dialog.agree_on(await negotiate(recording, sections, self._terms(dialog)))
        if not recording.streams(dialog.call_id):
            raise Refusal(488)
        await self._tell(dialog, recording, dialog.metadata.latest_s)  # which streams are received is only known now

    def _other_side(self, dialog: Dialog) -> Recording | None:
        """The recording that the other call of a forked phone began."""
        forked = dialog.forked
        return next((recording for recording in self._recordings.values() if forked and recording.forked == forked.name), None)

    async def change(self, dialog: Dialog, request: Request, content: Content) -> None:
        """A new offer, new words on who takes part, or both. Raises Refusal and NotToBeRecorded."""
        recording = self._recordings[dialog.key]
        known_before = not dialog.siprec or len(dialog.metadata.participants) >= len(LEGS)
        if content.metadata:
            dialog.metadata = dialog.metadata.with_news(content.metadata)
        dialog.connected = connected_since(request, dialog.invite, self._ours, dialog.connected)
        told = (p.number for p in dialog.metadata.participants.values())
        if any(number in self._unrecorded for number in (*told, *numbers_named(request))):
            raise NotToBeRecorded(known_before=known_before)
        if content.sections:
            before = recording.sending
            dialog.agree_on(await self._negotiate_anew(recording, content.sections, self._terms(dialog)))
            recording.note_holds(before)
        await self._tell(dialog, recording, content.metadata.latest_s if content.metadata else None)

    async def _negotiate_anew(self, recording: Recording, sections: tuple[Section, ...], terms: Terms) -> tuple[Answered, ...]:
        """Raises Refusal where nothing that is offered can be received: the call goes on as it was then (RFC 3261 14.1)."""
        offers = any(section.port for section in sections)
        if offers and not wanted(sections, terms):
            raise Refusal(488)
        answers = await negotiate(recording, sections, terms)
        if offers and not any(answered.received for answered in answers):
            raise Refusal(488)
        return answers

    def offer(self, dialog: Dialog, number: int) -> None:
        """Offer what is received anew, to be answered by the ACK of the INVITE of that number."""
        received = set(self._recordings[dialog.key].streams(dialog.call_id))
        dialog.offered = number
        dialog.agree_on(
            tuple(
                offered_anew(section, siprec=dialog.siprec) if (dialog.call_id, at) in received else section
                for at, section in enumerate(dialog.sections)
            )
        )

    async def agree(self, dialog: Dialog, content: Content) -> None:
        """The answer to our offer. Raises Refusal where it takes nothing of it."""
        recording, terms = self._recordings[dialog.key], self._terms(dialog)
        before, agreed = recording.sending, list(dialog.sections)
        for at, (ours, section) in enumerate(zip(dialog.sections, content.sections, strict=False)):
            stream, received = (dialog.call_id, at), None
            if recording.received(stream) is None:
                continue
            if acceptable(section, terms):
                received = await recording.receive(stream, offered_by(section, terms), held=terms.holds(at, section))
            if received is None:
                recording.drop(stream)
            agreed[at] = replace(ours, received=received, direction=seen_from_here(section.direction))
        dialog.agree_on(tuple(agreed))
        recording.note_holds(before)
        if not content.sections or not recording.streams(dialog.call_id):
            raise Refusal(488)

    async def _tell(self, dialog: Dialog, recording: Recording, told_s: float | None) -> None:
        """Who speaks, since the moment at which the peer says that it was so."""
        labels = {
            leg: answered.offered.label
            for at, answered in enumerate(dialog.sections)
            if (leg := recording.received((dialog.call_id, at))) is not None
        }
        dialog.our_leg = our_leg_of(labels, dialog.metadata, self._ours, dialog.our_leg)
        since_s = dialog.clock.moment(told_s, recording.elapsed_s)
        await recording.describe(self._parties(dialog, labels), since_s)

    async def end(self, dialog: Dialog, why: str) -> None:
        if recording := self._left_by(dialog):
            await recording.end(why, self._on_ended)

    async def discard(self, dialog: Dialog) -> None:
        if recording := self._left_by(dialog):
            await recording.discard()

    def _left_by(self, dialog: Dialog) -> Recording | None:
        """The recording, unless another dialog goes on with it."""
        recording = self._recordings.pop(dialog.key, None)
        if recording is None or recording not in self._recordings.values():
            return recording
        for stream in recording.streams(dialog.call_id):
            recording.drop(stream)
        return None

    def _terms(self, dialog: Dialog) -> Terms:
        return Terms(
            call_id=dialog.call_id,
            siprec=dialog.siprec,
            secure=dialog.way.name == "TLS",
            metadata=dialog.metadata,
            two_way=frozenset(dialog.two_way),
            settings=self._settings,
        )

    def _parties(self, dialog: Dialog, labels: dict[int, str]) -> Parties:
        """`labels` are those of the streams, by leg."""
        if dialog.siprec:
            return parties_of_recording(labels, dialog.metadata, self._ours, dialog.our_leg)
        if dialog.forked:
            return dialog.forked.parties(next(iter(labels), 0))
        return parties_of_gateway(dialog.invite, self._ours) or parties_of_phone(dialog.invite, self._ours, dialog.connected)

    def _is_not_to_be_recorded(self, dialog: Dialog, parties: Parties) -> bool:
        told = (p.number for p in dialog.metadata.participants.values())
        numbers = (*told, *numbers_named(dialog.invite), parties.ours.number, parties.other.number)
        return any(number in self._unrecorded for number in numbers)
