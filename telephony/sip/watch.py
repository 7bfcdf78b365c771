"""Calls whose end nobody told: a BYE that was lost, a peer that died, a receiver that lies beside the phone."""

from __future__ import annotations

import asyncio
import contextlib
import math

from core.logging import logger
from telephony.sip.client import NOT_ANSWERED, Client
from telephony.sip.dialog import Dialog
from telephony.sip.dialogs import Dialogs
from telephony.sip.ending import Ending
from telephony.sip.recorder import Recorder
from telephony.sip.recording import Recording
from telephony.sip.session_timer import SessionTimer
from telephony.sip.settings import SipSettings

EVERY_S = 1.0
SURELY_SILENT_S = 10.0  #: of a session that was not refreshed
REFRESHED_AGAIN_S = 10.0  #: after a try that came to nothing
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
        elif dialog.timer and dialog.timer.refreshed_by_us and _now_s() > dialog.refreshed_at_s:
            dialog.refreshed_at_s = math.inf  # it is being tried
            self._dialogs.run(self._refresh(dialog, dialog.timer))
        elif not recording.holds or dialog.timer or not dialog.asked_at_s:
            dialog.asked_at_s, dialog.unanswered_since_s = _now_s() + self._asks_every_s, math.inf
        elif _now_s() > dialog.asked_at_s:
            dialog.asked_at_s = math.inf  # it is being asked
            self._dialogs.run(self._ask(dialog))

    @property
    def _asks_every_s(self) -> float:
        return self._settings.silence_s / 4

    def _over(self, dialog: Dialog, recording: Recording) -> str:
        if recording.elapsed_s > self._settings.longest_s:
            return "longest"
        if recording.silent_s > self._settings.silence_s:
            return "silence"
        if recording.plays_nothing and dialog.answers and _now_s() - dialog.unanswered_since_s > self._settings.silence_s:
            return "silence"
        stale = dialog.timer is not None and _now_s() > dialog.fresh_until_s
        return "silence" if stale and (recording.holds or recording.silent_s > SURELY_SILENT_S) else ""

    async def _refresh(self, dialog: Dialog, timer: SessionTimer) -> None:
        """The peer that doesn't know the call any more has ended it; another may say yes later."""
        fields = (("session-expires", f"{timer.interval_s};refresher=uac"), ("supported", "timer"))
        status = await self._client.request(dialog, "UPDATE", fields)
        if status == 481:
            async with dialog.turn:
                self._ending.hang_up(dialog, "bye")
        elif status < 300:
            dialog.refresh(dialog.timer)
        else:
            dialog.refreshed_at_s = _now_s() + REFRESHED_AGAIN_S

    async def _ask(self, dialog: Dialog) -> None:
        """Whether the peer still knows of a call on hold, of which no sound tells that it goes on: who takes part in it answers
        to anything within it, who doesn't says so (RFC 3261 12.2.2). Who never answers can't be reached, perhaps, and is waited
        for all the same."""
        asked_s, updates = _now_s(), "update" in dialog.invite.headers.tokens("allow")
        status = await self._client.request(dialog, "UPDATE" if updates else "OPTIONS")  # the latter some answer for any call
        if status == 481:
            async with dialog.turn:
                self._ending.hang_up(dialog, "bye")
        elif status == NOT_ANSWERED:
            dialog.unanswered_since_s = min(dialog.unanswered_since_s, asked_s)
        else:
            dialog.answers, dialog.unanswered_since_s = True, math.inf
        dialog.asked_at_s = _now_s() + self._asks_every_s


def _now_s() -> float:
    return asyncio.get_running_loop().time()
