"""FAQ rows in, entries out: column names in English or Japanese, and a reason for each row that is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from core.audience import Audience
from core.errors import UnreadableTable
from core.table import Row, Table
from retrieval.city.calendar import parse_date
from retrieval.entry import Entry

COLUMNS = (
    "id", "question", "answer", "paraphrases", "category", "department", "audience", "source_title", "source_url",
    "valid_from", "valid_until", "answer_easy", "speech",
)  # fmt: skip

_JAPANESE = {
    "番号": "id", "ID": "id", "質問": "question", "回答": "answer", "言い換え": "paraphrases", "分類": "category",
    "担当課": "department", "公開範囲": "audience", "出典": "source_title", "出典URL": "source_url", "公開開始日": "valid_from",
    "公開終了日": "valid_until", "やさしい日本語": "answer_easy", "読み上げ文": "speech",
}  # fmt: skip

_AUDIENCES = {
    "": Audience.RESIDENT,
    "resident": Audience.RESIDENT,
    "住民": Audience.RESIDENT,
    "staff": Audience.STAFF,
    "職員": Audience.STAFF,
    "department": Audience.STAFF,
    "担当課": Audience.STAFF,
}
_CONFINED = frozenset({"department", "担当課"})  #: what the audience of an entry for its own department is called
LONGEST_DEPARTMENT_CHARS = 40
_MAX_CHARS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was not taken, and why."""

    row: int
    reason: str


def is_faq(table: Table) -> bool:
    return {"question", "answer"} <= {_name(c) for c in table.columns}


def parse_faq(table: Table) -> tuple[list[Entry], list[Refusal]]:
    """The entries of a table and the rows that can't be taken. The last row wins nothing: a repeated id is refused.

    Raises:
        UnreadableTable: a column has a name that is not known. A misspelt `audience` would show staff matters to residents.
    """
    if unknown := [c for c in table.columns if c and _name(c) not in COLUMNS]:
        raise UnreadableTable(f"知らない列名があります: {'、'.join(unknown)}。使える列名は {', '.join(COLUMNS)} です。")
    entries: dict[str, Entry] = {}
    refusals: list[Refusal] = []
    for row in table.rows:
        parsed = parse_row({_name(c): v for c, v in row.cells.items()}, row)
        if isinstance(parsed, Refusal):
            refusals.append(parsed)
        elif parsed.id in entries:
            refusals.append(Refusal(row=row.number, reason=f"id「{parsed.id}」が同じファイルの中で重なっています"))
        else:
            entries[parsed.id] = parsed
    return list(entries.values()), refusals


def _name(column: str) -> str:
    return _JAPANESE.get(column, column.lower())


def parse_row(cells: dict[str, str], row: Row) -> Entry | Refusal:
    """The entry of a row's cells by column, or why it can't be taken."""
    if row.surplus:
        return Refusal(row=row.number, reason="見出しより多くの列があります。コンマのある文章は引用符で囲んでください")
    for key, label in (("id", "id"), ("question", "質問"), ("answer", "回答")):
        if not cells.get(key):
            return Refusal(row=row.number, reason=f"{label}が空です")
    if any(len(v) > _MAX_CHARS for v in cells.values()):
        return Refusal(row=row.number, reason=f"文章が長すぎます({_MAX_CHARS:,}字まで)")
    audience = _AUDIENCES.get(cells.get("audience", "").lower())
    confined = cells.get("audience", "").lower() in _CONFINED
    if reason := _unreadable(audience, confined, cells.get("department", "")):
        return Refusal(row=row.number, reason=reason)
    assert audience is not None
    try:
        (valid_from, from_time), (valid_until, until_time) = (_moment(cells.get(k, "")) for k in ("valid_from", "valid_until"))
    except ValueError:
        return Refusal(row=row.number, reason="日付は 2026-04-01 の形で書いてください。時刻も書くときは 2026-04-01 17:00 です")
    optional = ("category", "department", "source_title", "source_url", "answer_easy", "speech")
    return Entry(
        id=cells["id"],
        question=cells["question"],
        answer=cells["answer"],
        paraphrases=tuple(p.strip() for p in cells.get("paraphrases", "").split("|") if p.strip()),
        audience=audience,
        confined=confined,
        valid_from=valid_from,
        valid_until=valid_until,
        from_time=from_time,
        until_time=until_time,
        **{k: cells.get(k) or None for k in optional},
    )


def _unreadable(audience: Audience | None, confined: bool, department: str) -> str | None:
    """Why it can't be said who may read a row."""
    if audience is None:
        return "公開範囲は resident(住民)、staff(職員)、department(担当課の職員)のどれかです"
    if confined and not 0 < len(department) <= LONGEST_DEPARTMENT_CHARS:
        return f"担当課の職員だけに見せる項目には、担当課を{LONGEST_DEPARTMENT_CHARS}字までで書いてください"
    return None


def _moment(text: str) -> tuple[date | None, time | None]:
    """「2026-04-01」 or 「2026/4/1 17:00」; midnight needs no hour. Raises ValueError for anything else."""
    day, _, hour = text.replace("T", " ").partition(" ")
    if not day:
        return None, None
    parsed = parse_date(day)
    if parsed is None:
        raise ValueError(day)
    at = time.fromisoformat(hour.strip()[:5].zfill(5)) if hour.strip() else None
    return parsed, None if at == time(0) else at


def to_row(entry: Entry) -> list[str]:
    """The entry as cells in the order of `COLUMNS`; what an import of them gives back."""
    row = entry.to_json() | {"paraphrases": "|".join(entry.paraphrases)}
    for day, hour in (("valid_from", "from_time"), ("valid_until", "until_time")):
        row[day] = " ".join(str(part) for part in (row[day], row.get(hour)) if part)
    row["audience"] = "department" if entry.confined else row["audience"]
    return [str(row[c] or "") for c in COLUMNS]
