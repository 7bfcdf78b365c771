"""All dialogs, those that go on and those that ended a moment ago, and the work that is being done for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine

from core.logging import logger
from telephony.sip.address import Address
from telephony.sip.asked import Asked, cseq_of
from telephony.sip.dialog import Dialog, Key
from telephony.sip.message import Fields, Request
from telephony.sip.refusal import Refusal

MOST_LINGERING = 1_000
_log = logger("sip")


class Dialogs:
    """Of one event loop. A dialog that ended is remembered for a while, so that what comes late is no new call."""

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._dialogs: dict[Key, Dialog] = {}
        self._invites: dict[tuple[str, str, int], Dialog] = {}
        self._lingering = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._uncut: set[asyncio.Task[None]] = set()  #: of these, those that come to their end whatever is stopped
        self.refused: Counter[int] = Counter()  #: requests, by the status

    @property
    def ongoing(self) -> list[Dialog]:
        return [dialog for dialog in self._dialogs.values() if not dialog.ended]

    def add(self, dialog: Dialog) -> None:
        self._invites[_name(dialog.invite)] = self._dialogs[dialog.key] = dialog

    def begun_by(self, request: Request) -> Dialog | None:
        """The dialog of an INVITE, or of its CANCEL, that doesn't know our tag yet."""
        return self._invites.get(_name(request))

    def of(self, request: Request) -> Dialog | None:
        """The dialog that a request with our tag belongs to."""
        to, from_ = Address.read(request.headers["to"]), Address.read(request.headers["from"])
        return self._dialogs.get((request.headers["call-id"], to.tag, from_.tag))

    def remembers(self, dialog: Dialog) -> bool:
        """Whether what still comes of it is known as such."""
        return dialog.key in self._dialogs

    def end(self, dialog: Dialog) -> None:
        dialog.ended = True
        for waiting in dialog.unacknowledged.values():
            waiting.set()  # for nothing any more
        if self._lingering < MOST_LINGERING:
            self._lingering += 1
            asyncio.get_running_loop().call_later(self._linger_s, self._forget, dialog)
        else:
            self._remove(dialog)

    def _forget(self, dialog: Dialog) -> None:
        self._lingering -= 1
        self._remove(dialog)

    def _remove(self, dialog: Dialog) -> None:
        del self._dialogs[dialog.key], self._invites[_name(dialog.invite)]

    def run(self, work: Coroutine[None, None, None], *, uncut: bool = False) -> None:
        """Do something without being waited for. `uncut`: it may take its time when all is stopped, as sound is written by it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        if uncut:
            self._uncut.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._uncut.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("unexpected error", exc_info=error)

    async def serve(self, dialog: Dialog, asked: Asked, work: Coroutine[None, None, None]) -> bool:
        """Do what a request asks; where that can't be, it is answered so. Whether it could be done."""
        try:
            await work
        except Refusal as refusal:
            self.answer(dialog, asked, refusal.status, refusal.fields)
            return False
        except Exception as error:  # noqa: BLE001  # the outermost loop of a call: the others go on
            _log.error("unexpected error", exc_info=error)
            self.answer(dialog, asked, 500)
            return False
        return True

    def answer(self, dialog: Dialog, asked: Asked, status: int, fields: Fields = (), body: bytes = b"") -> bytes:
        """Respond, and again should the request come again. Returned is what was sent."""
        if status >= 300:
            self.refused[status] += 1
        data = asked.reply(status, dialog.tag, fields, body)
        dialog.remember(asked.transaction, data)
        return data

    async def stop(self, within_s: float) -> None:
        """What is being done may come to its end, if that is soon. The end of a recording always does: nothing of it is lost to a
        disk or a decoder that is slow."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + within_s
        while self._tasks and (left_s := end_s - loop.time()) > 0:  # what is being done may have more done
            await asyncio.wait(self._tasks, timeout=left_s)
        cut: set[asyncio.Task[None]] = set()
        while self._tasks:  # what comes to its end may still have something done
            late = self._tasks - self._uncut - cut
            for task in late:
                task.cancel()
            cut |= late
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)


def _name(request: Request) -> tuple[str, str, int]:
    """What a first INVITE is known by."""
    return request.headers["call-id"], Address.read(request.headers["from"]).tag, cseq_of(request)[0]
