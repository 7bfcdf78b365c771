"""Requests of our own within a dialog (RFC 3261 17.1.2): sent again until somebody answers."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from ipaddress import ip_address

from core.logging import logger
from telephony.networks import within
from telephony.sip.dialog import Dialog
from telephony.sip.message import Fields, Response, Unreadable, write_request
from telephony.sip.settings import SipSettings
from telephony.sip.transport import Listeners
from telephony.sip.via import COOKIE, Via

NOT_ANSWERED = 408
_log = logger("sip")


class Client:
    """The requests that wait for their responses."""

    def __init__(self, settings: SipSettings, listeners: Listeners) -> None:
        self._settings, self._listeners = settings, listeners
        self._waiting: dict[str, asyncio.Future[int]] = {}

    def take(self, response: Response) -> None:
        """A provisional response says nothing yet; one to nothing that was asked is left alone."""
        try:
            branch = Via.read(response.headers["via"]).branch
        except Unreadable:
            return
        waiting = self._waiting.get(branch)
        if response.status >= 200 and waiting is not None and not waiting.done():
            waiting.set_result(response.status)

    async def request(self, dialog: Dialog, method: str, fields: Fields = (), body: bytes = b"") -> int:
        """The status of the final response; 408 where none came, be it that nothing could be sent."""
        try:
            await self._reach(dialog)
        except (OSError, Unreadable):
            _log.warning("peer not reached", extra={"method": method})
            return NOT_ANSWERED
        if method == "UPDATE":  # says anew where we are (RFC 3311, table 1)
            fields = (("contact", dialog.contact(self._settings.told_host)), *fields)
        branch = secrets.token_hex(8)
        request = dialog.request(method, branch, fields, body)
        data = write_request(request)
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[COOKIE + branch] = waiting
        pause_s = self._settings.t1_s
        try:
            async with asyncio.timeout(self._settings.given_up_s):
                while True:
                    dialog.way.send(data, dialog.reply_port)
                    await asyncio.wait([waiting], timeout=pause_s if dialog.way.name == "UDP" else None)
                    if waiting.done():
                        return waiting.result()
                    pause_s = min(2 * pause_s, self._settings.t2_s)
        except TimeoutError:
            return NOT_ANSWERED
        finally:
            del self._waiting[COOKIE + branch]

    async def _reach(self, dialog: Dialog) -> None:
        """A peer whose connection is closed is connected to, encrypted where it was. Raises OSError and Unreadable."""
        if not dialog.way.is_open and dialog.way.name != "UDP":
            peer = dialog.next_hop
            host = peer.host if self._is_trusted(peer.host) else dialog.way.host
            dialog.way = await self._listeners.connect(host, peer.port, secure=dialog.way.name == "TLS")

    async def reach_back(self, dialog: Dialog, port: int | None) -> None:
        """Where the connection of a request is closed, its response goes to the port of its Via (RFC 3261 18.2.2), at no other
        address than it came from. Who isn't reached is tried again with the next."""
        if dialog.way.is_open or dialog.way.name == "UDP":
            return
        with suppress(OSError):
            dialog.way = await self._listeners.connect(dialog.way.host, port, secure=dialog.way.name == "TLS")

    def _is_trusted(self, host: str) -> bool:
        """Whether a peer may send us there. Else it is connected to where it came from: no peer chooses whom we connect to, and
        a name is never looked up, as lookups that hang would hold up the threads that write."""
        try:
            ip_address(host)
        except ValueError:
            return False
        return all(within(host, networks) for networks in (self._settings.trusted, self._settings.networks))
