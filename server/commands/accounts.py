"""`madoguchi accounts add|list|change|password|stop|resume`: the first account, and the way back in when nobody can."""

from __future__ import annotations

import getpass
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.errors import InvalidInput
from core.settings import load_settings
from server.accounts.account import ALL, Account, Right, plain_id
from server.accounts.accounts import Accounts
from server.service import Parts

accounts = typer.Typer(help="職員のアカウント", no_args_is_help=True)

_RIGHTS = f"権限。コンマで区切ります: {' '.join(Right)}、すべてなら all、なしなら none"
AnId = Annotated[str, typer.Argument(metavar="職員番号", help="ログインに使う番号")]


@accounts.command()
def add(
    account_id: AnId,
    name: Annotated[str, typer.Option(help="氏名")],
    department: Annotated[str, typer.Option(help="担当課")] = "",
    rights: Annotated[str, typer.Option(help=_RIGHTS)] = "none",
) -> None:
    """アカウントを作り、仮のパスワードを表示します。"""
    account = Account(id=account_id, name=name, department=department, rights=_rights(rights))
    _show(_accounts().add(account, by=_by()))


@accounts.command("list")
def show() -> None:
    """アカウントの一覧を表示します。"""
    table = Table("職員番号", "担当課", "氏名", "権限", "状態")
    for a in _accounts().all():
        state = "停止中" if a.stopped_at else "仮のパスワード" if a.has_initial_password else ""
        table.add_row(a.id, a.department, a.name, "、".join(r.label for r in Right if r in a.rights), state)
    Console().print(table)


@accounts.command()
def change(
    account_id: AnId,
    name: Annotated[str | None, typer.Option(help="氏名")] = None,
    department: Annotated[str | None, typer.Option(help="担当課")] = None,
    rights: Annotated[str | None, typer.Option(help=_RIGHTS)] = None,
) -> None:
    """氏名、担当課、権限を変えます。書かなかったものは、そのままです。"""
    kept = _accounts()
    before = kept.get(plain_id(account_id))
    after = replace(
        before,
        name=before.name if name is None else name,
        department=before.department if department is None else department,
        rights=before.rights if rights is None else _rights(rights),
    )
    kept.change(after, by=_by())


@accounts.command()
def password(account_id: AnId) -> None:
    """仮のパスワードを発行します。その人のログインは、すべて終わります。"""
    _show(_accounts().give_password(plain_id(account_id), by=_by()))


@accounts.command()
def stop(account_id: AnId) -> None:
    """アカウントを停止します。記録に残った名前は消えません。"""
    _accounts().stop(plain_id(account_id), by=_by())


@accounts.command()
def resume(account_id: AnId) -> None:
    """停止したアカウントを、もう一度使えるようにします。"""
    _accounts().resume(plain_id(account_id), by=_by())


def _accounts() -> Accounts:
    return Parts(load_settings()).accounts


def _by() -> str:
    """As records name who uses a command line."""
    return f"{getpass.getuser()}(コマンド)"


def _show(made: str) -> None:
    typer.echo(f"仮のパスワード: {made}")
    typer.echo("本人に伝えてください。最初に入ったときに、自分のパスワードを決めます。もう一度は表示できません。", err=True)


def _rights(written: str) -> frozenset[Right]:
    names = {name.strip() for name in written.split(",") if name.strip()}
    if names == {"all"}:
        return ALL
    if unknown := names - {*Right, "none"}:
        raise InvalidInput(f"「{'、'.join(sorted(unknown))}」という権限はありません。{_RIGHTS}")
    return frozenset(right for right in Right if right in names)
