"""`madoguchi accounts add|import|list|change|password|stop|resume`: the first account, a list of all staff, the way back in."""

from __future__ import annotations

import csv
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.table import Table

from core.errors import InvalidInput
from core.settings import load_settings
from server.accounts.account import Account, Right, plain_id
from server.accounts.accounts import Accounts
from server.accounts.password import made_up
from server.accounts.roster import read_roster, rights_of
from server.commands.user import user
from server.parts import Parts

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
    account = Account(id=account_id, name=name, department=department, rights=rights_of(rights))
    _show(_accounts().add(account, by=user()))


@accounts.command("import")
def import_roster(
    roster: Annotated[Path, typer.Argument(metavar="ファイル", help="職員番号、氏名、担当課、権限の表(CSV、Excel)")],
    passwords: Annotated[Path, typer.Option(metavar="ファイル", help="新しい人の仮のパスワードを書くファイル(CSV)")],
) -> None:
    """職員の一覧から、アカウントを作り、氏名、担当課、権限を新しくします。書かれていない人は、そのままです。"""
    kept, listed = _accounts(), read_roster(roster)
    given = {one.id: made_up() for one in listed if kept.find(one.id) is None}
    with _for_its_owner(passwords) as out:  # before anything is done: a password that is on no paper is lost
        rows = csv.writer(out, lineterminator="\r\n")
        rows.writerow(("職員番号", "氏名", "仮のパスワード"))
        rows.writerows((one.id, one.name, given[one.id]) for one in listed if one.id in given)
    with ExitStack() as undone:
        undone.callback(passwords.unlink)
        made, changed = kept.take_up(listed, given, by=user())
        undone.pop_all()
    typer.echo(f"作成 {made}人、変更 {changed}人、変更なし {len(listed) - made - changed}人")
    if made:
        typer.echo(f"仮のパスワードは {passwords} に書きました。本人に伝えたら、このファイルは消してください。", err=True)


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
        rights=before.rights if rights is None else rights_of(rights),
    )
    kept.change(after, by=user())


@accounts.command()
def password(account_id: AnId) -> None:
    """仮のパスワードを発行します。その人のログインは、すべて終わります。"""
    _show(_accounts().give_password(plain_id(account_id), by=user()))


@accounts.command()
def stop(account_id: AnId) -> None:
    """アカウントを停止します。記録に残った名前は消えません。"""
    _accounts().stop(plain_id(account_id), by=user())


@accounts.command()
def resume(account_id: AnId) -> None:
    """停止したアカウントを、もう一度使えるようにします。"""
    _accounts().resume(plain_id(account_id), by=user())


def _accounts() -> Accounts:
    return Parts(load_settings()).accounts


def _show(made: str) -> None:
    typer.echo(f"仮のパスワード: {made}")
    typer.echo("本人に伝えてください。最初に入ったときに、自分のパスワードを決めます。もう一度は表示できません。", err=True)


def _for_its_owner(path: Path) -> TextIO:
    """A new file that nobody else may read. Raises InvalidInput where there is one, which may be somebody's only copy."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig", newline="")
    except FileExistsError:
        raise InvalidInput(f"{path} は、もうあります。別の名前にしてください。") from None
    except OSError:
        raise InvalidInput(f"{path} に書き込めません。書き込めるフォルダを指定してください。") from None
