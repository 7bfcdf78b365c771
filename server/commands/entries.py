"""`madoguchi kb list|show|history|approve|retire`: the life of entries."""

from __future__ import annotations

from typing import Annotated

import typer

from core.clock import now
from core.settings import load_settings
from retrieval.faq import COLUMNS, to_row
from retrieval.repository import Repository
from retrieval.revisions import IMPORT, Revisions, state_name
from retrieval.sending import Sendings
from server.commands.kb import By, Name, build_with_progress, kb
from server.commands.user import named
from server.entry_form import writer
from server.parts import Parts

__all__ = ["kb"]

EntryId = Annotated[str, typer.Argument(metavar="項目", help="項目の番号(id)")]


@kb.command("list")
def list_entries(kb: Name, search: Annotated[str, typer.Option(help="この言葉を含む項目だけ")] = "") -> None:
    """項目の一覧を、状態とともに出します。"""
    at, parts = now(), Parts(load_settings())
    parts.repository.require(kb)
    for standing in Revisions(parts.database).standings(kb, search):
        entry = standing.last.entry
        typer.echo(f"{entry.id}\t{standing.name(at)}\t{entry.audience.value}\t{entry.department or '—'}\t{entry.question}")


@kb.command()
def show(entry_id: EntryId, kb: Name) -> None:
    """項目の最後の版を出します。"""
    database = Parts(load_settings()).database
    last = Revisions(database).history(kb, entry_id)[-1]
    by = writer(last.by, Sendings(database).came(kb, [last.at]).get(last.at))
    typer.echo(f"第{last.number}版 {state_name(last.state)} {last.at:%Y-%m-%d %H:%M} {by}")
    if last.note:
        typer.echo(f"理由・連絡: {last.note}")
    for column, cell in zip(COLUMNS, to_row(last.entry), strict=True):
        if cell:
            typer.echo(f"{column}: {cell}")


@kb.command()
def history(entry_id: EntryId, kb: Name) -> None:
    """項目のすべての版を、いつ、誰が、とともに出します。"""
    database = Parts(load_settings()).database
    found = Revisions(database).history(kb, entry_id)
    came = Sendings(database).came(kb, {r.at for r in found if r.by == IMPORT})
    for r in found:
        by = writer(r.by, came.get(r.at))
        note = " ".join(r.note.split())
        columns = (f"第{r.number}版", f"{r.at:%Y-%m-%d %H:%M}", by, state_name(r.state), r.entry.question, note)
        typer.echo("\t".join(columns).rstrip())


@kb.command()
def approve(entry_id: EntryId, kb: Name, by: By = "") -> None:
    """最後の版を承認し、答えに使います(公開の期間の中だけ)。"""
    parts = Parts(load_settings())
    name = named(by)
    Revisions(parts.database).approve(kb, entry_id, by=name, at=now())
    try:
        Sendings(parts.database).settle(kb, [entry_id], by=name, at=now())
    finally:  # what was approved answers, whatever became of its document
        build_with_progress(parts.knowledge, kb)
    typer.echo(f"項目「{entry_id}」を承認しました。")


@kb.command()
def retire(
    name: Annotated[str, typer.Argument(metavar="項目", help="項目の番号(id)か、文書の名前")], kb: Name, by: By = ""
) -> None:
    """項目を、または文書のすべての箇所を、答えに使わないようにします。版の記録は残ります。"""
    parts = Parts(load_settings())
    passages, revisions = Repository(parts.database).of_document(kb, name), Revisions(parts.database)
    for entry_id in passages or [name]:
        revisions.retire(kb, entry_id, by=named(by), at=now())
    build_with_progress(parts.knowledge, kb)
    typer.echo(f"文書「{name}」の{len(passages)}箇所の公開を終えました。" if passages else f"項目「{name}」の公開を終えました。")
