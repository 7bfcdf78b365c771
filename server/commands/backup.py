"""`madoguchi backup FOLDER` and `madoguchi restore FOLDER`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import MadoguchiError
from core.settings import load_settings
from server.backup import Copied, back_up
from server.backup import restore as restore_from
from server.commands.kb import bars

Folder = Annotated[Path, typer.Argument(metavar="フォルダ", help="バックアップのフォルダ")]


def backup(folder: Folder) -> None:
    """データのフォルダの、そろったバックアップを、動いたまま取ります。フォルダは新しい名前にします。"""
    with bars() as show:
        copied = back_up(load_settings(), folder, lambda done, total: show("録音", done, total))
    typer.echo(f"バックアップを {folder} に取りました。{_counted(copied)}")
    _complain(copied)


def restore(folder: Folder) -> None:
    """バックアップを、空のデータのフォルダに戻します。"""
    settings = load_settings()
    with bars() as show:
        copied = restore_from(settings, folder, lambda done, total: show("録音", done, total))
    typer.echo(
        f"{folder} を {settings.home} に戻しました。{_counted(copied)}"
        f"続けて「madoguchi models pull」と「madoguchi kb build --kb {settings.kb}」を実行してから、起動してください。"
    )
    _complain(copied)


def _counted(copied: Copied) -> str:
    return f"録音は {copied.recordings} 件、{copied.size_bytes / 1e6:,.0f} MB です。"


def _complain(copied: Copied) -> None:
    """Raises MadoguchiError where something is damaged; the rest is done all the same."""
    told = []
    if copied.damaged:
        told.append(f"録音 {len(copied.damaged)} 件のファイルがないか、壊れています。ID: {' '.join(copied.damaged)}")
    if copied.changed:
        told.append(
            f"バックアップのファイル {len(copied.changed)} 件が、取ったときのものと違います(ありのまま戻しました): "
            f"{' '.join(copied.changed)}"
        )
    if told:
        raise MadoguchiError("\n".join((*told, "ほかは、すべてそろっています。")))
