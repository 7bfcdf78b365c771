"""The user agent server (RFC 3261 8.2, 9.2, 13.3): requests that belong to no dialog yet, and those that begin one."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from telephony.networks import within
from telephony.sip.address import Address
from telephony.sip.agreement import Agreement
from telephony.sip.asked import Asked
from telephony.sip.content import ACCEPTED, Content
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.digest import Digest
from telephony.sip.message import Request
from telephony.sip.recorder import RETRY_AFTER, Recorder
from telephony.sip.refusal import Refusal
from telephony.sip.session_timer import SessionTimer
from telephony.sip.settings import SipSettings
from telephony.sip.transport import Way
from telephony.sip.underway import Underway
from telephony.sip.validity import ALLOWED, SUPPORTED, is_siprec, require_understood, require_valid


class Answering:
    """Of one event loop."""

    def __init__(
        self, settings: SipSettings, dialogs: Dialogs, recorder: Recorder, agreement: Agreement, underway: Underway
    ) -> None:
        self._settings, self._dialogs, self._recorder = settings, dialogs, recorder
        self._agreement, self._underway = agreement, underway
        self._secret = secrets.token_bytes(16)
        self._digest = Digest(settings.passwords, settings.digests, self._secret) if settings.passwords else None
        self.draining = False

    def take(self, request: Request, way: Way) -> None:
        """Answer a request, now or as soon as that can be. Raises Unreadable where it can't even be refused.

        Of what is refused here nothing is kept: the same request is refused the same again (RFC 3261 8.2.7).
        """
        asked = Asked.read(request, way)
        try:
            require_valid(request)
            if Address.read(request.headers["to"]).tag:
                self._underway.take(asked)
            else:
                self._take(asked)
        except Refusal as refusal:
            if request.method != "ACK":
                self._dialogs.refused[refusal.status] += 1
                asked.reply(refusal.status, self._tag(request), refusal.fields)

    def _take(self, asked: Asked) -> None:
        match asked.request.method:
            case "INVITE":
                self._invite(asked)
            case "CANCEL":
                self._cancel(asked)
            case "OPTIONS":
                self._require_open()
                asked.reply(200, self._tag(asked.request), (ALLOWED, SUPPORTED, ACCEPTED))
            case "ACK":
                return
            case "BYE" | "UPDATE" | "INFO" | "PRACK":
                raise Refusal(481)
            case _:
                raise Refusal(405, ALLOWED)

    def _require_open(self) -> None:
        if self.draining:
            raise Refusal(503, RETRY_AFTER)

    def _tag(self, request: Request) -> str:
        named = "|".join((request.headers["call-id"], request.headers["from"], request.headers["cseq"].partition(" ")[0]))
        return hmac.new(self._secret, named.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]

    def _invite(self, asked: Asked) -> None:
        request = asked.request
        if known := self._dialogs.begun_by(request):
            if asked.transaction not in known.responses:
                raise Refusal(482)  # the same by another way
            asked.way.send(known.responses[asked.transaction], asked.reply_port)
            return
        self._require_open()
        require_understood(request)
        timer, content = SessionTimer.agreed(request), Content.read(request)
        dialog = Dialog.of(asked, secrets.token_hex(8), siprec=is_siprec(request, tells=content.tells))
        if self._digest and not within(asked.way.host, self._settings.trusted):
            self._digest.require(request, asked.way.host)  # the last, as an answer is good for once
        dialog.refresh(timer)
        self._dialogs.add(dialog)
        self._dialogs.answer(dialog, asked, 100)
        self._dialogs.run(self._begin(dialog, asked, content))

    async def _begin(self, dialog: Dialog, asked: Asked, content: Content) -> None:
        async with dialog.turn:
            if not await self._dialogs.serve(dialog, asked, self._establish(dialog, asked, content)):
                self._dialogs.end(dialog)
                self._agreement.refuse(dialog, asked)
                await self._recorder.discard(dialog)  # what was begun of it
                return
        self._underway.ask_for_snapshot(dialog, content)

    async def _establish(self, dialog: Dialog, asked: Asked, content: Content) -> None:
        await self._recorder.begin(dialog, content)
        if dialog.cancelled:
            raise Refusal(487)
        self._agreement.accept(dialog, asked)

    def _cancel(self, asked: Asked) -> None:
        """Without effect on a call that is answered, and it is answered at once."""
        dialog = self._dialogs.begun_by(asked.request)
        if dialog is None or asked.transaction_of("INVITE") not in dialog.responses:
            raise Refusal(481)
        dialog.cancelled = True
        asked.reply(200, dialog.tag)
