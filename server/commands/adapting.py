"""`madoguchi kb adapt`: by hand with bars, or as the nightly job's process with lines of JSON."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Annotated

import typer

from core.errors import MadoguchiError
from core.settings import load_settings
from models.finetuning import FinetuningOptions
from server.commands.asked import kb
from server.commands.kb import Name, bars
from server.parts import Parts

__all__ = ["kb"]

_NICE = 15
_SAY_EVERY_S = 2.0


@kb.command()
def adapt(
    kb: Name,
    minutes: Annotated[float, typer.Option(min=0.1, help="学習にかける最長の時間(分)")] = 30.0,
    epochs: Annotated[float, typer.Option(min=0.01, help="すべての組を何回学ぶか")] = 1.0,
    undo: Annotated[bool, typer.Option("--undo", help="学習せず、学習したモデルから元のモデルに戻します")] = False,
    nightly: Annotated[
        bool,
        typer.Option(
            "--nightly",
            help="夜間の学習が使います: 変わっていなければ行わず、進み具合を JSON で書き、標準入力が閉じると終わります",
        ),
    ] = False,
) -> None:
    """検索のモデルを知識ベースに合わせて学習し、取り分けた質問で良くなったときだけ使います。"""
    settings = load_settings()
    options = FinetuningOptions(epochs=epochs, longest_s=minutes * 60, threads=settings.cpu_threads)
    if nightly:
        _yield_to_others()
        _say(_by_night(Parts(settings), kb, options))
        return
    parts = Parts(settings)
    knowledge = parts.knowledge
    if undo:
        parts.repository.require(kb)
        with bars() as show:
            knowledge.unadapt(kb, show)
        typer.echo("元のモデルに戻しました。毎晩の学習も止めるには、MADOGUCHI_ADAPT_HOUR を -1 にしてください。")
        return
    with bars() as show:
        done = knowledge.adapt(kb, options, show)
    typer.echo(f"取り分けた{done.held_back}問の nDCG@10: 学習前 {done.ndcg_before:.3f}、学習後 {done.ndcg_after:.3f}")
    typer.echo("学習したモデルに切り替えました。" if done.serves else "良くならなかったので、元のモデルのまま使います。")


def _by_night(parts: Parts, kb: str, options: FinetuningOptions) -> dict[str, object]:
    """What the training came to, or why there was none."""
    said_at = 0.0

    def say(label: str, done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _SAY_EVERY_S:
            said_at = time.monotonic()
            _say({"label": label, "done": done, "total": total})

    began = time.monotonic()
    try:
        if parts.knowledge.is_learned(kb, options):
            return {"refused": "nothing changed since the last training"}
        done = parts.knowledge.adapt(kb, options, say)
    except MadoguchiError as e:
        return {"refused": e.code, "message": e.message}
    figures = {"ndcg_before": round(done.ndcg_before, 4), "ndcg_after": round(done.ndcg_after, 4)}
    steps = {"steps": done.steps, "planned_steps": done.planned_steps}
    return {"serves": done.serves, **figures, **steps, "elapsed_s": round(time.monotonic() - began)}


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _yield_to_others() -> None:
    """Run only where nobody else wants to, and not without the process that started this."""
    os.nice(_NICE)

    def end_with_the_starter() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        os._exit(1)

    threading.Thread(target=end_with_the_starter, daemon=True).start()
