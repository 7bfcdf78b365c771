"""Phones, exchanges and recording clients in, recorded calls out. Of one event loop, and it waits for no recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock
from core.logging import logger
from telephony.networks import within
from telephony.ongoing import OngoingCall
from telephony.sip.agreement import Agreement
from telephony.sip.answering import Answering
from telephony.sip.client import Client
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.ending import Ending
from telephony.sip.message import Response, Unreadable, read_message
from telephony.sip.recorder import Recorder
from telephony.sip.settings import SipSettings
from telephony.sip.transport import Listeners, Way
from telephony.sip.underway import Underway
from telephony.sip.watch import Watch
from telephony.streams import Media

GRACE_S = 3.0  #: for what is being answered, and for BYEs to arrive, when it stops
_log = logger("sip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """For who watches over the service."""

    ongoing: int
    connections: int
    unreadable: int  #: messages
    strangers: int  #: messages from networks that are not answered
    refused: dict[int, int]  #: requests by status


class SipServer:
    def __init__(
        self, settings: SipSettings, media: Media, calls: Path, on_ended: Callable[[OngoingCall], None], clock: Clock
    ) -> None:
        """`on_ended` is told of each call whose folder is complete; it must not wait for anything."""
        self._settings, self._calls = settings, calls
        self._listeners = Listeners(settings, self._take)
        self._dialogs, self._client = Dialogs(settings.given_up_s), Client(settings, self._listeners)
        self._recorder = Recorder(settings, media, calls, on_ended, clock)
        self._ending = Ending(self._dialogs, self._recorder, self._client)
        agreement = Agreement(settings, self._dialogs, self._recorder, self._ending, self._client)
        underway = Underway(self._dialogs, self._recorder, agreement, self._ending, self._client)
        self._answering = Answering(settings, self._dialogs, self._recorder, agreement, underway)
        self._watch = Watch(settings, self._dialogs, self._recorder, self._ending, self._client)
        self._unreadable = self._strangers = 0

    @property
    def port(self) -> int:
        return self._listeners.port

    @property
    def tls_port(self) -> int:
        return self._listeners.tls_port

    @property
    def counts(self) -> Counts:
        return Counts(
            ongoing=len(self._recorder),
            connections=self._listeners.connections,
            unreadable=self._unreadable,
            strangers=self._strangers,
            refused=dict(self._dialogs.refused),
        )

    async def start(self) -> None:
        """Raises SettingsError where it can't listen."""
        await asyncio.to_thread(self._calls.mkdir, parents=True, exist_ok=True)
        await self._listeners.start()
        self._watch.start()
        _log.info("listening for calls", extra={"tls": self._settings.certificate is not None})

    async def stop(self) -> None:
        """No new calls; those that go on end, and all of them is on the disk."""
        self._answering.draining = True
        await self._watch.stop()
        for dialog in self._dialogs.ongoing:
            self._dialogs.run(self._end(dialog), uncut=True)
        await self._dialogs.stop(GRACE_S)
        await self._listeners.stop()

    async def _end(self, dialog: Dialog) -> None:
        async with dialog.turn:
            self._ending.hang_up(dialog, "stopped")

    def _take(self, data: bytes, way: Way) -> None:
        """Whatever is in it: one message can't stop the next."""
        if not within(way.host, self._settings.networks):
            self._strangers += 1
            return
        if not data.strip(b"\r\n\0"):
            return  # keeps a way through a firewall open
        try:
            message = read_message(data)
            if isinstance(message, Response):
                self._client.take(message)
            else:
                self._answering.take(message, way)
        except Unreadable:
            self._unreadable += 1
        except Exception as error:  # noqa: BLE001  # the outermost loop: the others go on
            _log.error("unexpected error", exc_info=error)
