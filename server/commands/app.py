"""Every verb of the product in one command line, in the form that scripts may rely on."""

from __future__ import annotations

import typer

from server.commands.accounts import accounts
from server.commands.adapting import kb
from server.commands.ask import ask
from server.commands.backup import backup, restore
from server.commands.bench import bench
from server.commands.calls import calls
from server.commands.models import models
from server.commands.phone import phone
from server.commands.serve import serve
from server.commands.transcribe import transcribe
from server.commands.usage import in_japanese
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
app.command()(backup)
app.command()(restore)
app.add_typer(models, name="models")
app.add_typer(kb, name="kb")
app.add_typer(bench, name="bench")
app.add_typer(calls, name="calls")
app.add_typer(accounts, name="accounts")
in_japanese(app)
