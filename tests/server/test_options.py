"""Options of a command in groups: the user sees single options, the command gets dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from server.commands.options import grouped


@dataclass(frozen=True, kw_only=True)
class Paint:
    """A group."""

    colour: Annotated[str, typer.Option(help="色")] = "green"
    coats: int = 1


@grouped
def paint(wall: str, *, paint: Paint, quick: bool = False) -> None:
    """Paint."""
    typer.echo(f"{wall} {paint} {quick}")


def test_options_of_a_group_have_their_defaults_and_help() -> None:
    app = typer.Typer()
    app.command()(paint)
    assert CliRunner().invoke(app, ["north"]).output == "north Paint(colour='green', coats=1) False\n"
    given = CliRunner().invoke(app, ["north", "--colour", "red", "--coats", "2", "--quick"])
    assert given.output == "north Paint(colour='red', coats=2) True\n"
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--coats" in shown and "色" in shown
    assert CliRunner().invoke(app, ["north", "--coats", "many"]).exit_code == 2
