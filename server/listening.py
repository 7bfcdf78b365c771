"""An address and a port in, the sockets that are listened at out: had before anything is loaded, or told that they can't be."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from core.errors import SettingsError

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
            sockets = [opened.enter_context(_listening(family, address)) for family, address in places]
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


def _listening(family: int, address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> socket.socket:
    return socket.create_server(address, family=family, backlog=_BACKLOG)
