"""`madoguchi serve`"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from socket import socket
from typing import Annotated

import typer
import uvicorn

from core.logging import logger, set_up_logging
from core.settings import Zone, load_settings
from server.listening import listen


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
        _Server(config, app.state.service.failures).run(sockets=sockets)


class _Server(uvicorn.Server):
    """Tells whoever started it where it is to be found, once it is there, and what of it could not be made ready."""

    def __init__(self, config: uvicorn.Config, failures: Mapping[str, str]) -> None:
        super().__init__(config)
        self._failures = failures

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port, *_ = listening.getsockname()
            address = f"[{host}]" if ":" in host else host
            typer.echo(f"準備ができました。http://{address}:{port} を開いてください。終えるときは Ctrl-C を押します。", err=True)
        for message in dict.fromkeys(self._failures.values()):
            typer.echo(f"使えないものがあります: {message}", err=True)
