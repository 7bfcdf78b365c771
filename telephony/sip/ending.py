"""Calls that end from here: BYE to the peer, and the recording to its end. Each within its dialog's turn."""

from __future__ import annotations

from telephony.sip.client import Client
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.recorder import Recorder


class Ending:
    def __init__(self, dialogs: Dialogs, recorder: Recorder, client: Client) -> None:
        self._dialogs, self._recorder, self._client = dialogs, recorder, client

    def hang_up(self, dialog: Dialog, why: str) -> None:
        """The recording is kept. Nobody waits for it to be written."""
        self._say_bye(dialog)
        self._dialogs.run(self._recorder.end(dialog, why), uncut=True)

    async def discard(self, dialog: Dialog) -> None:
        """Nothing is kept."""
        self._say_bye(dialog)
        await self._recorder.discard(dialog)

    def _say_bye(self, dialog: Dialog) -> None:
        if not dialog.ended:
            self._dialogs.end(dialog)
            self._dialogs.run(self._bye(dialog))

    async def _bye(self, dialog: Dialog) -> None:
        await self._client.request(dialog, "BYE")
