"""Requests within a dialog (RFC 3261 12.2.2, 14.2, 15; RFC 3311): one after another, each answered once."""

from __future__ import annotations

from telephony.ongoing import Happened
from telephony.sip.agreement import Agreement
from telephony.sip.asked import Asked
from telephony.sip.client import Client
from telephony.sip.content import ACCEPTED, Content
from telephony.sip.dialog import MOST_WAITING, Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.ending import Ending
from telephony.sip.recorder import NotToBeRecorded, Recorder
from telephony.sip.refusal import Refusal
from telephony.sip.session_timer import SessionTimer
from telephony.sip.validity import ALLOWED, SUPPORTED, require_understood

_KEYS = ("application/dtmf", "application/vnd.nortelnetworks.digits")
_SNAPSHOT = (
    b"<?xml version='1.0' encoding='UTF-8'?>\r\n<requestsnapshot xmlns='urn:ietf:params:xml:ns:recording:1'>"
    b"<requestreason xml:lang='en'>incomplete metadata</requestreason></requestsnapshot>\r\n"
)
_SNAPSHOT_FIELDS = (("content-type", "application/rs-metadata+xml"), ("content-disposition", "recording-session"))


class Underway:
    """Of one event loop."""

    def __init__(self, dialogs: Dialogs, recorder: Recorder, agreement: Agreement, ending: Ending, client: Client) -> None:
        self._dialogs, self._recorder, self._agreement = dialogs, recorder, agreement
        self._ending, self._client = ending, client

    def take(self, asked: Asked) -> None:
        """Raises Refusal where there is no such dialog, or too much of it waits."""
        dialog = self._dialogs.of(asked.request)
        if dialog is None:
            raise Refusal(481)
        if asked.request.method == "ACK":
            self._agreement.acknowledge(dialog, asked)
        elif asked.request.method == "CANCEL":
            self._cancel(dialog, asked)
        elif asked.transaction in dialog.responses:
            if before := dialog.responses[asked.transaction]:
                asked.way.send(before, asked.reply_port)
        elif dialog.ended:
            raise Refusal(481)
        elif dialog.waiting >= MOST_WAITING:
            raise Refusal(500, ("retry-after", "1"))
        else:
            dialog.remember(asked.transaction, b"")  # it is being served
            dialog.waiting += 1
            self._dialogs.run(self._serve(dialog, asked))

    def _cancel(self, dialog: Dialog, asked: Asked) -> None:
        """Without effect: what is asked within a call is done at once, and its own answer says so (RFC 3261 9.2)."""
        if asked.transaction_of("INVITE") not in dialog.responses:
            raise Refusal(481)
        asked.reply(200, dialog.tag)

    async def _serve(self, dialog: Dialog, asked: Asked) -> None:
        async with dialog.turn:
            dialog.waiting -= 1
            await self._dialogs.serve(dialog, asked, self._serve_in_turn(dialog, asked))

    async def _serve_in_turn(self, dialog: Dialog, asked: Asked) -> None:
        if dialog.ended:
            raise Refusal(481)
        if asked.number <= dialog.their_cseq:
            raise Refusal(500)
        dialog.their_cseq, dialog.confirmed = asked.number, True
        dialog.follow(asked)
        match asked.request.method:
            case "BYE":
                self._dialogs.end(dialog)
                self._dialogs.answer(dialog, asked, 200)
                self._dialogs.run(self._recorder.end(dialog, "bye"), uncut=True)
            case "INVITE" | "UPDATE":
                await self._change(dialog, asked)
            case "INFO":
                self._note_key(dialog, asked)
                self._dialogs.answer(dialog, asked, 200)
            case "OPTIONS":
                self._dialogs.answer(dialog, asked, 200, (ALLOWED, SUPPORTED, ACCEPTED))
            case _:
                raise Refusal(405, ALLOWED)

    async def _change(self, dialog: Dialog, asked: Asked) -> None:
        """Streams and who takes part may be others now."""
        require_understood(asked.request)
        timer, content = SessionTimer.agreed(asked.request), Content.read(asked.request)
        invites = asked.request.method == "INVITE"
        if dialog.offered is not None and (content.sections or invites):
            raise Refusal(491)  # our own offer is not answered yet
        try:
            await self._recorder.change(dialog, asked.request, content)
        except NotToBeRecorded as found:
            self._dialogs.answer(dialog, asked, 200)  # rather than a refusal, which some clients only try again
            if found.known_before:
                self._ending.hang_up(dialog, "refused")
            else:
                await self._ending.discard(dialog)
            return
        dialog.refresh(timer)
        described = invites or bool(content.sections)
        dialog.version += described
        if described and not content.sections:
            self._recorder.offer(dialog, asked.number)
        self._agreement.accept(dialog, asked, described=described)
        self.ask_for_snapshot(dialog, content)

    def _note_key(self, dialog: Dialog, asked: Asked) -> None:
        """Some exchanges tell of keys this way. Which it was is not looked at."""
        recording = self._recorder.of(dialog)
        if recording and asked.request.headers["content-type"].lower().startswith(_KEYS):
            recording.note(Happened.KEY)

    def ask_for_snapshot(self, dialog: Dialog, content: Content) -> None:
        """Once, where what is told of the call can't be read, or is a part of what was never told whole (RFC 7866 9.2)."""
        incomplete = content.tells and (content.metadata is None or (content.metadata.partial and not dialog.told_whole))
        dialog.told_whole |= content.metadata is not None and not content.metadata.partial
        if incomplete and not dialog.asked_again and "update" in dialog.invite.headers.tokens("allow"):
            dialog.asked_again = True
            self._dialogs.run(self._ask(dialog))

    async def _ask(self, dialog: Dialog) -> None:
        await self._client.request(dialog, "UPDATE", _SNAPSHOT_FIELDS, _SNAPSHOT)
