"""The command line: every verb of the product, in the form that scripts may rely on."""

from __future__ import annotations

import logging
import os
import sys

import typer

from core.errors import MadoguchiError
from core.faults import fault_of
from core.logging import logger
from server.commands.accounts import accounts
from server.commands.adapting import kb
from server.commands.ask import ask
from server.commands.bench import bench
from server.commands.calls import calls
from server.commands.models import models
from server.commands.phone import phone
from server.commands.serve import serve
from server.commands.transcribe import transcribe
from server.commands.worker import worker

app = typer.Typer(
    name="madoguchi",
    help="窓口(まどぐち): 市役所が自分で動かせる、音声と対話のサービス",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(worker)
app.command()(phone)
app.command()(transcribe)
app.command()(ask)
app.add_typer(models, name="models")
app.add_typer(kb, name="kb")
app.add_typer(bench, name="bench")
app.add_typer(calls, name="calls")
app.add_typer(accounts, name="accounts")


def main() -> None:
    """Run the command line. An error of ours ends with its Japanese sentence and exit code 1, without a traceback."""
    # Weights come from the model store only: nothing below may reach for a model hub while the product runs.
    os.environ.setdefault("HF_HUB_OFFLINE", "0" if "pull" in sys.argv else "1")
    os.umask(0o077)  # recordings and what residents said are for the service's own user only
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except MadoguchiError as e:
        typer.secho(e.message, fg=typer.colors.RED, err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as e:  # noqa: BLE001 - the outermost frame: people get a sentence, whatever it was
        fault = fault_of(e)
        if fault is None:
            logger("cli").exception("unexpected error")  # for who is to mend it
        typer.secho((fault or MadoguchiError()).message, fg=typer.colors.RED, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
