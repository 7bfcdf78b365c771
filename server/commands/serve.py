"""`madoguchi serve`"""

from __future__ import annotations

from contextlib import suppress
from socket import socket
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from core.logging import logger, set_up_logging
from core.settings import Zone, load_settings
from server.interrupt import importing
from server.listening import listen

if TYPE_CHECKING:
    from server.service import Service

_NOT_STARTED = 1


def serve(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="待ち受けるポート番号")] = None,
    zone: Annotated[Zone | None, typer.Option(help="公開する範囲")] = None,
) -> None:
    """サーバーを起動します。"""
    given = {"host": host, "port": port, "zone": zone}
    settings = load_settings(**{k: v for k, v in given.items() if v is not None})
    set_up_logging(settings.log_level)
    log = logger("serve")
    if settings.dev_open_staff:
        log.warning("DEVELOPMENT SETTING dev_open_staff: anybody can open the staff pages")
    sockets = listen(settings.host, settings.port)
    with importing():
        from server.app import create_app
        from server.identity import is_open

    app = create_app(settings)
    if settings.zone is not Zone.PUBLIC and not settings.dev_open_staff and not is_open(app.state.service):
        log.warning("staff pages are closed: no staff_password is set, and there are no accounts")
    typer.echo("起動しています… しばらくお待ちください。", err=True)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
        ws_max_size=1_000_000,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has ended for it, and raises it again
        Server(config, app.state.service).run(sockets=sockets)


class Server(uvicorn.Server):
    """Tells whoever started it where it is to be found, once it is there, and what of it could not be made ready."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Raises what kept the service from being started, which uvicorn only logs: the command line has a sentence for it."""
        try:
            await super().startup(sockets)
        except SystemExit:
            raise self._service.fault or SystemExit(_NOT_STARTED) from None
        for listening in sockets or ():
            host, port, *_ = listening.getsockname()
            address = f"[{host}]" if ":" in host else host
            typer.echo(f"準備ができました。http://{address}:{port} を開いてください。終えるときは Ctrl-C を押します。", err=True)
        for message in dict.fromkeys(self._service.failures.values()):
            typer.echo(f"使えないものがあります: {message}", err=True)
