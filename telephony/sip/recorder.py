"""From what a peer says to what is recorded of it: a call begun, changed, ended, or not recorded at all."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from core.clock import Clock
from core.logging import logger
from telephony.ongoing import LEGS, LiveCall, OngoingCall
from telephony.sip.content import Content
from telephony.sip.dialog import Dialog, Key
from telephony.sip.negotiation import Terms, acceptable, negotiate, offered_by, our_offer
from telephony.sip.numbers import Numbers
from telephony.sip.parties import Parties, parties_of_gateway, parties_of_phone, parties_of_recording
from telephony.sip.recording import Recording, described
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import Section
from telephony.sip.settings import SipSettings
from telephony.streams import Media

RETRY_AFTER = ("retry-after", "30")
_log = logger("sip")


class NotToBeRecorded(Exception):
    """One of the numbers of which nothing is kept takes part now."""


class Recorder:
    """The recordings that go on, by the dialogs that they come from."""

    def __init__(
        self, settings: SipSettings, media: Media, calls: Path, on_ended: Callable[[OngoingCall], None], clock: Clock
    ) -> None:
        self._settings, self._media, self._calls, self._on_ended, self._clock = settings, media, calls, on_ended, clock
        self._ours, self._unrecorded = Numbers.read(settings.our_numbers), Numbers.read(settings.unrecorded_numbers)
        self._recordings: dict[Key, Recording] = {}
        self._beginning = 0

    def __len__(self) -> int:
        return len(self._recordings) + self._beginning

    def of(self, dialog: Dialog) -> Recording | None:
        return self._recordings.get(dialog.key)

    async def begin(self, dialog: Dialog, content: Content) -> None:
        """Ports are open on return, and the dialog knows what was agreed on. Raises Refusal."""
        dialog.metadata = content.metadata or dialog.metadata
        terms = self._terms(dialog)
        sections = content.sections or our_offer(siprec=dialog.siprec)
        wanted = [section for section in sections if acceptable(section, terms)]
        if not wanted:
            raise Refusal(488)
        parties = self._parties(dialog, {leg: section.label for leg, section in zip(LEGS, wanted, strict=False)})
        if self._is_not_to_be_recorded(dialog, parties):
            raise Refusal(603)
        self._beginning += 1
        try:
            await self._require_room()
            recording = await self._recorded(dialog, sections, parties)
        except OSError as error:
            _log.error("call not recorded", exc_info=error)
            raise Refusal(503, RETRY_AFTER) from None
        finally:
            self._beginning -= 1
        dialog.offered = not content.sections
        self._recordings[dialog.key] = recording

    async def _require_room(self) -> None:
        if len(self) > self._settings.most_calls:
            raise Refusal(503, RETRY_AFTER)
        free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._calls)).free
        if free_bytes < self._settings.least_free_bytes:
            _log.error("no room for calls", extra={"free_bytes": free_bytes})
            raise Refusal(503, RETRY_AFTER)

    async def _recorded(self, dialog: Dialog, sections: tuple[Section, ...], parties: Parties) -> Recording:
        protocol = "SIPREC" if dialog.siprec else "SIP"
        call = described(LiveCall(id=uuid.uuid4().hex, began_at=self._clock(), protocol=protocol), parties)
        recording = await Recording.begin(self._calls, call, self._media, self._clock)
        try:
            dialog.sections = await negotiate(recording, sections, self._terms(dialog))
            if not recording.streams(dialog.call_id):
                raise Refusal(488)
            await self._tell(dialog, recording)  # which streams are received is only known now
        except BaseException:
            await recording.discard()
            raise
        return recording

    async def change(self, dialog: Dialog, content: Content) -> None:
        """A new offer, new words on who takes part, or both. Raises Refusal and NotToBeRecorded."""
        recording = self._recordings[dialog.key]
        if content.metadata:
            dialog.metadata = dialog.metadata.with_news(content.metadata)
        if content.sections:
            terms, before = self._terms(dialog), recording.sending
            if any(section.port for section in content.sections) and not any(acceptable(s, terms) for s in content.sections):
                raise Refusal(488)
            dialog.sections = await negotiate(recording, content.sections, terms)
            recording.note_holds(before)
        await self._tell(dialog, recording)

    async def agree(self, dialog: Dialog, content: Content) -> None:
        """The answer to our offer. Raises Refusal where it takes nothing of it."""
        recording, terms = self._recordings[dialog.key], self._terms(dialog)
        before = recording.sending
        for at, section in enumerate(content.sections[: len(dialog.sections)]):
            stream = (dialog.call_id, at)
            if not acceptable(section, terms) or await recording.receive(stream, offered_by(section, terms)) is None:
                recording.drop(stream)
        recording.note_holds(before)
        if not content.sections or not recording.streams(dialog.call_id):
            raise Refusal(488)

    async def _tell(self, dialog: Dialog, recording: Recording) -> None:
        labels = {
            leg: answered.offered.label
            for at, answered in enumerate(dialog.sections)
            if (leg := recording.received((dialog.call_id, at))) is not None
        }
        parties = self._parties(dialog, labels)
        if self._is_not_to_be_recorded(dialog, parties):
            raise NotToBeRecorded
        await recording.describe(parties)

    async def end(self, dialog: Dialog, why: str) -> None:
        if recording := self._recordings.pop(dialog.key, None):
            await recording.end(why, self._on_ended)

    async def discard(self, dialog: Dialog) -> None:
        if recording := self._recordings.pop(dialog.key, None):
            await recording.discard()

    async def break_off(self, dialog: Dialog) -> None:
        """Others speak now, of whom nothing is kept. What was said before stays, if it was known then who said it."""
        recording = self._recordings[dialog.key]
        named = recording.call.our_number or recording.call.other_number
        await (self.end(dialog, "refused") if named else self.discard(dialog))

    def _terms(self, dialog: Dialog) -> Terms:
        return Terms(
            call_id=dialog.call_id,
            siprec=dialog.siprec,
            secure=dialog.way.name == "TLS",
            metadata=dialog.metadata,
            settings=self._settings,
        )

    def _parties(self, dialog: Dialog, labels: dict[int, str]) -> Parties:
        if dialog.siprec:
            return parties_of_recording(labels, dialog.metadata, self._ours)
        asked = dialog.invite, len(labels), self._ours
        return parties_of_gateway(*asked) or parties_of_phone(*asked)

    def _is_not_to_be_recorded(self, dialog: Dialog, parties: Parties) -> bool:
        told = any(p.number in self._unrecorded for p in dialog.metadata.participants.values())
        return told or parties.touches(self._unrecorded)
