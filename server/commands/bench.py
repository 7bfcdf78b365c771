"""`madoguchi bench retrieval`"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.settings import CHECKOUT, load_settings
from retrieval.benchmark import measure, read_questions
from server.service import Parts

bench = typer.Typer(help="正しさと速さの測定", no_args_is_help=True)

QUESTIONS = CHECKOUT / "eval" / "data" / "soo_questions.csv"


@bench.callback()
def main() -> None:
    """正しさと速さの測定"""


@bench.command()
def retrieval(
    kb: Annotated[str, typer.Option("--kb", help="知識ベースの名前")] = "soo",
    questions: Annotated[Path, typer.Option(help="質問のCSV: id, text, manner, entries(正しい項目のid、なければ空)")] = QUESTIONS,
) -> None:
    """質問の一覧で検索を測り、結果をJSONで書きます。"""
    figures = measure(Parts(load_settings()).knowledge, kb, read_questions(questions))
    typer.echo(json.dumps(asdict(figures), ensure_ascii=False, indent=1))
