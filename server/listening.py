"""An address and a port in, the sockets that are listened at out: had before anything is loaded, or told that they can't be."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack

from core.errors import SettingsError

Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_BACKLOG = 2048  #: who comes while the models are loaded waits for them


def listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host.

    Raises:
        SettingsError: it is no address of this machine, something else listens there, or only root may.
    """
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            places = dict.fromkeys((family, address) for family, _, _, _, address in found)
            sockets = [opened.enter_context(listening) for listening in _all_that_are_here(list(places))]
        except PermissionError:
            raise SettingsError(
                f"ポート {port} で待ち受ける権限がありません。1024 以上のポートを MADOGUCHI_PORT に指定してください。"
            ) from None
        except (OSError, UnicodeError):  # a name too long to be looked up
            raise SettingsError(
                f"{host} のポート {port} で待ち受けられません。"
                "同じポートで別のもの(すでに起動したこのサービスなど)が動いていないか、アドレスがこの機械のものかを確かめてください。"
                "ポートは MADOGUCHI_PORT で変えられます。"
            ) from None
        opened.pop_all()
    return sockets


def _all_that_are_here(places: list[tuple[int, Address]]) -> Iterator[socket.socket]:
    """A name such as localhost may have an address of IPv6, too, where the machine has none."""
    opened = False
    for n, (family, address) in enumerate(places, start=1):
        try:
            yield _listening(family, address)
            opened = True
        except OSError as e:
            if e.errno not in _NOT_HERE or (n == len(places) and not opened):
                raise


def _listening(family: int, address: Address) -> socket.socket:
    return socket.create_server(address, family=family, backlog=_BACKLOG)
