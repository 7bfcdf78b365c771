"""`madoguchi kb asked`: the counts of residents' questions, where the machine that answers them has no pages of staff."""

from __future__ import annotations

from datetime import timedelta

import typer

from core.clock import now
from core.settings import load_settings
from server.commands.entries import kb
from server.commands.kb import Name
from server.parts import Parts
from server.tallies import DAYS, Tallies, What, passed_by

__all__ = ["kb"]


@kb.command()
def asked(kb: Name) -> None:
    """住民の質問の集計(この30日間の回数)を出します。住民向けと職員向けでデータベースが別のときは、住民向けの機械で使います。"""
    parts = Parts(load_settings())
    parts.repository.require(kb)
    counted = Tallies(parts.database, kb, now).since(now().date() - timedelta(days=DAYS - 1))
    for name, what in (("回答を示した", What.ANSWERED), ("候補を示した", What.OFFERED), ("窓口を案内した", What.HANDED)):
        typer.echo(f"{name}\t{counted[what].total()}回")
    for counter, n in counted[What.HANDED].most_common():
        typer.echo(f"窓口「{counter or '（窓口なし）'}」\t{n}回")
    often = passed_by(counted)
    entries = parts.repository.served(kb, often)
    for i in (i for i in often if i in entries):
        shown, taken = counted[What.ENTRY_OFFERED][i], counted[What.ENTRY_TAKEN][i]
        typer.echo(f"選ばれなかった項目 {i}\t候補に出た{shown}回、選ばれた{taken}回\t{entries[i].question}")
