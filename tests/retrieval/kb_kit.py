"""Small knowledge bases for tests: rows become files in every form that a clerk may bring."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from openpyxl import Workbook

from core.clock import JST, Clock
from retrieval.knowledge import Knowledge

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=JST)

Opened = Callable[..., Knowledge]


def ticking() -> Clock:
    """A clock that is a second further whenever it is looked at, be it by several threads at once."""
    seconds = count()  # a generator of times would fail those who find it running
    return lambda: NOON + timedelta(seconds=next(seconds))


COLUMNS = ("id", "question", "answer", "paraphrases", "category", "department", "audience", "valid_from", "valid_until")
JAPANESE = ("番号", "質問", "回答", "言い換え", "分類", "担当課", "公開範囲", "公開開始日", "公開終了日")

ROWS = [
    (
        "a-1",
        "図書館は何時に開きますか。",
        "図書館は9時に開きます。\n月曜日は休みです。",
        "図書館の時間|本を借りたい",
        "施設",
        "社会教育課",
        "",
        "",
        "",
    ),
    (
        "a-2",
        "犬の登録はどうしますか。",
        "環境課で登録してください。",
        "犬を飼い始めた",
        "暮らし",
        "環境課",
        "resident",
        "2026-04-01",
        "",
    ),
    (
        "a-3",
        "公印の押印はどうしますか。",
        "文書主任に決裁文書を示してください。",
        "ハンコを押したい",
        "庁内",
        "総務課",
        "staff",
        "",
        "2030-03-31",
    ),
]


def csv_text(rows: list[tuple[str, ...]] = ROWS, columns: tuple[str, ...] = COLUMNS) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([columns, *rows])
    return out.getvalue()


def write_csv(
    path: Path, rows: list[tuple[str, ...]] = ROWS, *, columns: tuple[str, ...] = COLUMNS, encoding: str = "utf-8"
) -> Path:
    path.write_bytes(csv_text(rows, columns).encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[tuple[object, ...]], *, columns: tuple[str, ...] = COLUMNS) -> Path:
    book = Workbook()
    for row in (columns, *rows):
        book.active.append([cell if cell != "" else None for cell in row])
    book.save(path)
    return path
