"""The answer to an INVITE is sent until its ACK comes (RFC 3261 13.3.1.4, 17.2.1), which may bring the answer to our offer."""

from __future__ import annotations

import asyncio

from telephony.sip.asked import Asked
from telephony.sip.client import Client
from telephony.sip.content import ACCEPTED, Content
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.ending import Ending
from telephony.sip.message import Fields
from telephony.sip.recorder import Recorder
from telephony.sip.refusal import Refusal
from telephony.sip.sdp import Description
from telephony.sip.settings import SipSettings
from telephony.sip.validity import ALLOWED, SUPPORTED


class Agreement:
    """What is said of our side of a session, and whether it arrived."""

    def __init__(self, settings: SipSettings, dialogs: Dialogs, recorder: Recorder, ending: Ending, client: Client) -> None:
        self._settings, self._dialogs, self._recorder = settings, dialogs, recorder
        self._ending, self._client = ending, client

    def accept(self, dialog: Dialog, asked: Asked, *, described: bool = True) -> None:
        """200, with our description where one is due."""
        body = self._description(dialog) if described else b""
        kind: Fields = (("content-type", "application/sdp"),) if described else ()
        self._dialogs.answer(dialog, asked, 200, (*self._fields(dialog, asked), *kind), body)
        if asked.request.method == "INVITE":
            self._insist(dialog, asked)

    def refuse(self, dialog: Dialog, asked: Asked) -> None:
        """A call is over that was refused after it was told to wait. Who was asks no more: what may be lost is sent again."""
        if asked.way.name == "UDP":
            self._insist(dialog, asked)

    def _insist(self, dialog: Dialog, asked: Asked) -> None:
        acknowledged = dialog.unacknowledged[asked.number] = asyncio.Event()
        self._dialogs.run(self._send_until(acknowledged, dialog, asked, dialog.responses[asked.transaction]))

    def _fields(self, dialog: Dialog, asked: Asked) -> Fields:
        routes = tuple(("record-route", value) for value in asked.request.headers.every("record-route"))
        timer = dialog.timer.fields(asked.request) if dialog.timer else ()
        return (*routes, ("contact", dialog.contact(self._settings.told_host)), ALLOWED, SUPPORTED, ACCEPTED, *timer)

    def _description(self, dialog: Dialog) -> bytes:
        host = self._settings.told_host or dialog.way.local[0]
        return Description(host, dialog.session, dialog.version, dialog.sections).write()

    async def _send_until(self, acknowledged: asyncio.Event, dialog: Dialog, asked: Asked, data: bytes) -> None:
        pause_s = self._settings.t1_s
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._settings.given_up_s
        while loop.time() < until_s and not acknowledged.is_set():
            try:
                async with asyncio.timeout(pause_s):
                    await acknowledged.wait()
            except TimeoutError:
                await self._client.reach_back(dialog, asked.via.port)
                dialog.way.send(data, dialog.reply_port)
                pause_s = min(2 * pause_s, self._settings.t2_s)
        dialog.unacknowledged.pop(asked.number, None)
        if not acknowledged.is_set() and not dialog.ended:
            await self._miss(dialog, asked.number)

    async def _miss(self, dialog: Dialog, number: int) -> None:
        """A call that both know of, or of which sound comes, goes on, whatever became of the ACK; of another nothing is kept. No
        answer to what was offered then is waited for any more."""
        async with dialog.turn:
            if dialog.offered == number:
                dialog.offered = None
            recording = self._recorder.of(dialog)
            if recording is not None and not dialog.confirmed and not recording.heard:
                await self._ending.discard(dialog)

    def acknowledge(self, dialog: Dialog, asked: Asked) -> None:
        """An ACK to nothing that waits for one is left alone."""
        acknowledged = dialog.unacknowledged.get(asked.number)
        if acknowledged is None or acknowledged.is_set():
            return
        acknowledged.set()
        if dialog.ended:
            return  # it was refused
        begins, dialog.confirmed = not dialog.confirmed, True
        if dialog.offered == asked.number:
            dialog.offered = None
            self._dialogs.run(self._agree(dialog, asked, begins=begins))

    async def _agree(self, dialog: Dialog, asked: Asked, *, begins: bool) -> None:
        """A call that never came to be ends with an offer that isn't taken; one that goes on does not."""
        async with dialog.turn:
            if dialog.ended:
                return
            try:
                await self._recorder.agree(dialog, Content.read(asked.request))
            except Refusal:
                if begins:
                    self._ending.hang_up(dialog, "refused")
