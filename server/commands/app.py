"""Every verb of the product in one command line, in the form that scripts may rely on."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer

from server.commands.usage import in_japanese

_COMMANDS = {name: name for name in ("serve", "worker", "phone", "transcribe", "ask", "backup")} | {"restore": "backup"}
_GROUPS = {"models": "models", "kb": "adapting", "bench": "bench", "calls": "calls", "accounts": "accounts"}
VERBS = (*_COMMANDS, *_GROUPS)


def app_of(verbs: Iterable[str] = VERBS) -> typer.Typer:
    """The command line with these verbs. Each is imported for it, and what some of them import takes seconds."""
    app = typer.Typer(
        name="madoguchi",
        help="窓口(まどぐち): 市役所が自分で動かせる、音声と対話のサービス",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)  # else a single verb would be the command itself
    for verb in verbs:
        if verb in _COMMANDS:
            app.command()(_of(_COMMANDS[verb], verb))
        else:
            app.add_typer(_of(_GROUPS[verb], verb), name=verb)
    in_japanese(app)
    return app


def _of(module: str, name: str) -> Any:
    return getattr(import_module(f"server.commands.{module}"), name)
