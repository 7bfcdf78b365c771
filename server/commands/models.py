"""`madoguchi models list|pull|verify`"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from core.errors import MadoguchiError
from core.settings import Settings, load_settings
from models import homophones
from models.language_model import load_language_model
from models.manifest import Kind, manifest
from models.store import ModelStore, State

models = typer.Typer(help="モデルの一覧、取得、確認", no_args_is_help=True)

_STATES = {State.READY: "使えます", State.MISSING: "未取得", State.DAMAGED: "壊れています"}


def _store() -> ModelStore:
    return ModelStore(load_settings().home / "models")


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB" if size_bytes else "—"


@models.command("list")
def list_models() -> None:
    """モデルの名前、状態、大きさ、ライセンスを表示します。"""
    store = _store()
    table = Table("名前", "状態", "大きさ", "ライセンス", "用途", "出所")
    for name, spec in manifest().items():
        state, size = _STATES[store.state(name)], _megabytes(store.size_bytes(name))
        table.add_row(name, state, size, spec.licence, spec.purpose, spec.source)
    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(table)


@models.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="名前", help="モデルの名前。省略すると標準のモデルすべて")] = None,
) -> None:
    """モデルを取得し、正しいファイルか確かめてから置きます。"""
    settings, store = load_settings(), _store()
    wanted = names or _usual(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name in wanted:
            task = progress.add_task(f"{name}: 確認", total=None)

            def show(step: str, done: int, total: int, task: object = task, name: str = name) -> None:
                progress.update(task, description=f"{name}: {step}", completed=done, total=total)  # type: ignore[arg-type]

            store.pull(name, show)
            size = store.size_bytes(name)
            if name in (settings.language_model, homophones.NAME):
                progress.update(task, description=f"{name}: 準備", completed=size, total=size)
                load_language_model(settings)
                homophones.load_homophones(settings)
            progress.update(task, description=f"{name}: 使えます", completed=size, total=size)


def _usual(settings: Settings) -> list[str]:
    """The models of every installation, without a kind that the city does not want."""
    unwanted = set() if settings.language_model else {Kind.LANGUAGE}
    return [name for name, spec in manifest().items() if spec.default and spec.kind not in unwanted]


@models.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="名前", help="モデルの名前。省略すると取得済みのモデルすべて")
    ] = None,
) -> None:
    """取得済みのモデルのファイルを、すべて読み直して確かめます。"""
    store = _store()
    for name in names or ():
        store.require_known(name)
    states = {name: store.state(name, full=True) for name in names or manifest()}
    if not names:
        states = {n: s for n, s in states.items() if s is not State.MISSING}
    for name, state in states.items():
        typer.echo(f"{name}: {_STATES[state]}")
    if not states:
        raise MadoguchiError("取得済みのモデルがありません。「madoguchi models pull」で取得してください。")
    if set(states.values()) != {State.READY}:
        raise typer.Exit(1)
