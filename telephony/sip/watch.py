"""Calls whose end nobody told: a BYE that was lost, a peer that died, a receiver that lies beside the phone."""

from __future__ import annotations

import asyncio
import contextlib

from core.logging import logger
from telephony.sip.client import Client
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.ending import Ending
from telephony.sip.recorder import Recorder
from telephony.sip.recording import Recording
from telephony.sip.settings import SipSettings

EVERY_S = 1.0
SURELY_SILENT_S = 10.0  #: of a session that was not refreshed
_log = logger("sip")


class Watch:
    """Of one event loop."""

    def __init__(self, settings: SipSettings, dialogs: Dialogs, recorder: Recorder, ending: Ending, client: Client) -> None:
        self._settings, self._dialogs, self._recorder, self._ending, self._client = settings, dialogs, recorder, ending, client
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        every_s = min(EVERY_S, self._settings.silence_s / 4)
        while True:
            await asyncio.sleep(every_s)
            for dialog in self._dialogs.ongoing:
                try:
                    await self._look_at(dialog)
                except Exception as error:  # noqa: BLE001  # the outermost loop: the others are looked at all the same
                    _log.error("unexpected error", exc_info=error)

    async def _look_at(self, dialog: Dialog) -> None:
        recording = self._recorder.of(dialog)
        if recording is None or dialog.turn.locked():
            return
        if why := self._over(dialog, recording):
            async with dialog.turn:
                self._ending.hang_up(dialog, why)
        elif dialog.timer and dialog.timer.refreshed_by_us and self._half_gone(dialog):
            dialog.refresh(dialog.timer)
            self._dialogs.run(self._refresh(dialog))

    def _over(self, dialog: Dialog, recording: Recording) -> str:
        if recording.elapsed_s > self._settings.longest_s:
            return "longest"
        if recording.silent_s > self._settings.silence_s:
            return "silence"
        stale = dialog.timer is not None and asyncio.get_running_loop().time() > dialog.fresh_until_s
        return "silence" if stale and (recording.holds or recording.silent_s > SURELY_SILENT_S) else ""

    def _half_gone(self, dialog: Dialog) -> bool:
        assert dialog.timer is not None, "asked only then"
        return dialog.fresh_until_s - asyncio.get_running_loop().time() < dialog.timer.interval_s / 2

    async def _refresh(self, dialog: Dialog) -> None:
        """The peer that doesn't know the call any more has ended it."""
        assert dialog.timer is not None, "asked only then"
        fields = (("session-expires", f"{dialog.timer.interval_s};refresher=uac"), ("supported", "timer"))
        if await self._client.request(dialog, "UPDATE", fields) == 481:
            async with dialog.turn:
                self._ending.hang_up(dialog, "bye")
