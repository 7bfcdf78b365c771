"""FAQ rows in, entries out: column names in English or Japanese, and a reason for each row that is refused."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import reduce
from itertools import groupby

from core.audience import Audience
from core.cell import unguarded
from core.errors import UnreadableTable
from core.table import UNSTORABLE, Row, Table
from retrieval.addressees import is_for_staff, kept_by_heading, names_staff, staff_label
from retrieval.analysis import has_words
from retrieval.characters import as_typed, is_wide
from retrieval.city.calendar import parse_date
from retrieval.entry import DOCUMENT_PREFIX, Entry

COLUMNS = (
    "id", "question", "answer", "paraphrases", "category", "department", "audience", "source_title", "source_url",
    "valid_from", "valid_until", "answer_easy", "speech",
)  # fmt: skip

_JAPANESE = {
    "番号": "id", "質問": "question", "回答": "answer", "言い換え": "paraphrases", "分類": "category", "担当課": "department",
    "公開範囲": "audience", "出典": "source_title", "出典URL": "source_url", "公開開始日": "valid_from",
    "公開終了日": "valid_until", "やさしい日本語": "answer_easy", "読み上げ文": "speech",
}  # fmt: skip
_ALSO = {
    "no": "id", "no.": "id", "項番": "id", "質問文": "question", "質問内容": "question", "回答文": "answer", "回答内容": "answer",
    "カテゴリ": "category", "出典url": "source_url",
}  # fmt: skip

#: What the audience of an entry for its own department is called.
_CONFINED = frozenset({"department", "担当課", "担当課限定"})
_AUDIENCES = {
    **dict.fromkeys(("", "resident", "住民", "住民向け"), Audience.RESIDENT),
    **dict.fromkeys(("staff", "職員", "職員向け", "庁内限定", *_CONFINED), Audience.STAFF),
}
_DAYS = {"valid_from": "公開開始日", "valid_until": "公開終了日"}
# An Excel table that is saved as CSV has what was merged over several rows in the first of them alone, and clerks write who rows
# are for above them, before the question or as its category.
_UNTOLD = (
    "公開範囲が空です。{}「{}」とあるため、住民に見せてよいか分かりません。"
    "公開範囲の列に（なければ加えて）、住民にも見せるなら「住民」、職員だけなら「職員」と書いて、登録し直してください"
)
_HEADING = "「{}」は見出しのため、登録していません。下の行をだれに見せるかは、公開範囲の列に書いてください"
LONGEST_DEPARTMENT_CHARS = 40
LONGEST_CHARS = 20_000
_SHOWN_COLUMNS, _SHOWN_CHARS = 10, 20
_CONTROL = re.compile("[\\x00-\\x1f\\x7f\\x85\\u2028\\u2029]")
_PARTING = re.compile(r"[|｜\r\n]")  #: as the form has them line by line
_READERS = re.compile(r"\s*公\s*開\s*範\s*囲[\s(【\[:]")
_MIDNIGHT = re.compile("[ T]0?0:00(?::00)?$")
_HOUR = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")

_Moment = tuple[date | None, time | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was not taken, and why."""

    row: int
    reason: str
    id: str = ""  #: what stands in the row as its number
    sheet: str = ""  #: of a workbook, where it is not the first

    @property
    def place(self) -> str:
        return (f"シート「{self.sheet}」の" if self.sheet else "") + f"{self.row}行目"


def told_together(refusals: Sequence[Refusal]) -> list[tuple[str, int]]:
    """The sentence and the number of rows of each reason; refusals one after the other that have the same are told at once."""
    told = []
    for _, run in groupby(refusals, key=lambda r: (r.sheet, r.reason)):
        first, *others = run
        among = "うち" if others and others[-1].row - first.row > len(others) else ""  # as a filter leaves them
        rows = f"から{others[-1].row}行目までの{among}{len(others) + 1}行" if others else ""
        told.append((f"{first.place}{rows}: {first.reason}", len(others) + 1))
    return told


def is_faq(table: Table) -> bool:
    return {"question", "answer"} <= {_name(c) for c in table.columns}


def tells_readers(table: Table) -> bool:
    """Whether each row says who may read it, in a column like 「公開範囲（住民・職員）」 too: no document may be made of it."""
    tells = any(_name(c) == "audience" or _READERS.match(unicodedata.normalize("NFKC", c)) for c in table.columns)
    return tells and sum(map(bool, table.columns)) > 2


def parse_faq(
    table: Table, taken: Collection[str] = (), forbidden: Callable[[Sequence[Entry]], Mapping[str, str]] = lambda _: {}
) -> tuple[list[Entry], list[Refusal]]:
    """The entries of a table and the rows that can't be taken. The last row wins nothing: an id that is repeated, or `taken` by
    another sheet, is refused. `forbidden` says by their ids why who imports may not write some entries.

    Raises:
        UnreadableTable: a column has a name that is not known, or two mean the same. A misspelt `audience`, or a second one,
            would show staff matters to residents.
    """
    if unknown := [c for c in table.columns if c and _name(c) not in COLUMNS]:
        more = f" ほか{len(unknown) - _SHOWN_COLUMNS}列" if len(unknown) > _SHOWN_COLUMNS else ""
        named = "、".join(unknown[:_SHOWN_COLUMNS]) + more
        raise UnreadableTable(f"知らない列名があります: {named}。使える列名は {'、'.join(_JAPANESE)} です。")
    if twice := _meaning_the_same(table.columns):
        raise UnreadableTable(f"同じ意味の列が2つ以上あります: {'、'.join(twice)}。1つだけ残して保存し直してください。")
    if "id" not in map(_name, table.columns):
        raise UnreadableTable("番号の列がありません。「番号」の列を加え、行ごとに、ほかと重ならない番号を書いてください。")
    entries: dict[str, Entry] = {}
    numbers: dict[str, int] = {}  # of their rows
    refusals: list[Refusal] = []
    ids: dict[int, str] = {}  # as they stand in the rows
    above = kept_by_heading(table.title, "")  # who rows are for, where what stands above them keeps them from residents
    for row in table.rows:
        cells = {_name(c): unguarded(v) for c, v in row.cells.items()}
        parsed, told = parse_row(cells, row), as_typed(cells.get("audience", ""))
        ids[row.number] = as_typed(cells.get("id", ""))
        heading = "" if told else as_typed(row.alone)
        above = _told_below(told, _of_unanswered(cells) or kept_by_heading(heading, above), row)
        if isinstance(parsed, Refusal):
            is_told = heading and heading == above
            refusals.append(replace(parsed, reason=_HEADING.format(heading[:_SHOWN_CHARS])) if is_told else parsed)
        elif reason := _untold(above, parsed) if not told else unfit_for_new(parsed.id):
            refusals.append(Refusal(row=row.number, reason=reason))
        elif parsed.id in entries or parsed.id in taken:
            refusals.append(Refusal(row=row.number, reason=f"id「{parsed.id}」が同じファイルの中で重なっています"))
        else:
            entries[parsed.id], numbers[parsed.id] = parsed, row.number
    reasons = forbidden(list(entries.values()))
    refusals += [Refusal(row=numbers[i], reason=reason) for i, reason in reasons.items()]
    refusals = [replace(r, id=ids[r.row]) for r in refusals]
    return [e for i, e in entries.items() if i not in reasons], sorted(refusals, key=lambda r: r.row)


def _untold(above: str, entry: Entry) -> str | None:
    """Why it can't be said whom an entry is for of which its row says nothing; or that it may not have its number."""
    category = entry.category or ""
    where = (("上に", above), ("質問に", staff_label(entry.question)), ("分類に", category if is_for_staff(category) else ""))
    told = next(((place, said[:_SHOWN_CHARS]) for place, said in where if said), None)
    return _UNTOLD.format(*told) if told else unfit_for_new(entry.id)


def _of_unanswered(cells: Mapping[str, str]) -> str:
    """What a row without an answer says of those below it, where it names staff in its number or beside it: 「2」, 「職員用」."""
    if cells.get("audience") or cells.get("answer"):
        return ""
    return next((said for said in (as_typed(cells.get(c, "")) for c in ("id", "question")) if names_staff(said)), "")


def _told_below(told: str, above: str, row: Row) -> str:
    """Who the rows below a row are for where they say nothing: those whom it keeps from residents, in words that are not known,
    too; where its cells can't be believed, those of the row above it."""
    audience = _AUDIENCES.get(told.lower())
    if not told or (audience is None and row.wrong):
        return above
    return "" if audience is Audience.RESIDENT else told


def _meaning_the_same(columns: Sequence[str]) -> list[str]:
    """The columns of which another one means the same."""
    named = [c for c in columns if c]
    times = Counter(map(_name, named))
    return [c for c in named if times[_name(c)] > 1]


def _name(column: str) -> str:
    """What a column is called here: 「ＩＤ」, 「質　問」 and 「No.」 are known, too."""
    plain = _squeezed(column)
    return _JAPANESE.get(plain) or _ALSO.get(plain) or plain


def _squeezed(column: str) -> str:
    """As people mean it: without spaces and line breaks, in half width, in small letters."""
    return "".join(unicodedata.normalize("NFKC", column).split()).lower()


def unfit_for_new(entry_id: str) -> str | None:
    """Why no new entry may have this id, be it of a file or written by hand; None for most. Passages have theirs of documents."""
    if entry_id.startswith(DOCUMENT_PREFIX):
        return f"id は「{DOCUMENT_PREFIX}」で始められません。文書の項目の番号です"
    if entry_id.endswith("/edit") or entry_id in (".", ".."):
        return "id は「/edit」で終えられず、「.」と「..」も使えません。画面のアドレスに使う言葉です"
    return None


def parse_row(cells: dict[str, str], row: Row) -> Entry | Refusal:
    """The entry of a row's cells by column, or why it can't be taken."""
    if reason := row.wrong or _unfit(cells):
        return Refusal(row=row.number, reason=reason)
    cells = {c: as_typed(cell) for c, cell in cells.items()}
    audience = _AUDIENCES.get(cells.get("audience", "").lower())
    confined = cells.get("audience", "").lower() in _CONFINED
    if reason := _unreadable(audience, confined, cells.get("department", "")):
        return Refusal(row=row.number, reason=reason)
    assert audience is not None
    moments: dict[str, _Moment] = {}
    for key, read in (("valid_from", _moment), ("valid_until", _end)):
        try:
            moments[key] = read(cells.get(key, ""))
        except ValueError:
            reason = f"{_DAYS[key]}は 2026-04-01 の形で書いてください。時刻も書くときは 2026-04-01 17:00 です"
            return Refusal(row=row.number, reason=reason)
    (valid_from, from_time), (valid_until, until_time) = moments.values()
    if reason := _never_valid((valid_from, from_time), (valid_until, until_time)):
        return Refusal(row=row.number, reason=reason)
    optional, named = ("source_url", "answer_easy", "speech"), ("category", "department", "source_title")
    return Entry(
        id=cells["id"],
        question=_on_one_line(cells["question"]),
        answer=cells["answer"],
        paraphrases=tuple(p.strip() for p in _PARTING.split(cells.get("paraphrases", "")) if p.strip()),
        audience=audience,
        confined=confined,
        valid_from=valid_from,
        valid_until=valid_until,
        from_time=from_time,
        until_time=until_time,
        **{k: cells.get(k) or None for k in optional},
        **{k: _on_one_line(cells.get(k, "")) or None for k in named},
    )


def _on_one_line(text: str) -> str:
    """What a clerk broke to fit its cell: questions and names stand in lists and citations."""
    first, *others = [*filter(None, map(str.strip, text.splitlines()))] or [""]
    return reduce(lambda above, line: above + ("" if is_wide(above[-1] + line[0]) else " ") + line, others, first)


def _unfit(cells: Mapping[str, str]) -> str | None:
    """What is wrong with a row's text."""
    for key, label in (("id", "id"), ("question", "質問"), ("answer", "回答")):
        if not cells.get(key):
            return f"{label}が空です" + ("。ほかと重ならない番号を書いてください" if key == "id" else "")
    if any(len(v) > LONGEST_CHARS for v in cells.values()):
        return f"文章が長すぎます({LONGEST_CHARS:,}字まで)"
    if any(UNSTORABLE.search(v) for v in cells.values()):
        return "使えない文字があります。文字化けがないかを確かめてください"
    if _CONTROL.search(cells["id"]):
        return "id に改行やタブは使えません"
    if not has_words(cells["question"]):
        return "質問に言葉がありません"
    return None


def _never_valid(begin: _Moment, end: _Moment) -> str | None:
    """Why there is no moment at which an entry would be shown."""
    (first, from_hour), (last, until_hour) = begin, end
    if first is None or last is None or first < last:
        return None
    if last < first:
        return "終了日が開始日より前です"
    return "終了の時刻が開始の時刻より前です" if until_hour and until_hour <= (from_hour or time.min) else None


def _unreadable(audience: Audience | None, confined: bool, department: str) -> str | None:
    """Why it can't be said who may read a row."""
    if audience is None:
        return "公開範囲は resident(住民)、staff(職員)、department(担当課の職員)のどれかです"
    if confined and not 0 < len(department) <= LONGEST_DEPARTMENT_CHARS:
        return f"担当課の職員だけに見せる項目には、担当課を{LONGEST_DEPARTMENT_CHARS}字までで書いてください"
    return None


def _end(text: str) -> _Moment:
    """An end: 「2026-11-28」 and 「2026-11-28 24:00」 are the end of that day, 「2026-11-28 0:00」 that of the day before."""
    day, hour = _moment(re.sub(r"(?<=[ T])24:00(?::00)?$", "", text))
    at_midnight = day is not None and hour is None and _MIDNIGHT.search(text)
    return (day - timedelta(days=1), None) if day and at_midnight else (day, hour)


def _moment(text: str) -> _Moment:
    """「2026-04-01」 or 「2026/4/1 17:00」; midnight needs no hour. Raises ValueError for anything else."""
    day, _, hour = text.replace("T", " ").partition(" ")
    if not day:
        return None, None
    parsed = parse_date(day)
    if parsed is None:
        raise ValueError(day)
    if not hour.strip():
        return parsed, None
    found = _HOUR.fullmatch(hour.strip())
    if found is None:
        raise ValueError(hour)
    at = time(int(found[1]), int(found[2]))
    return parsed, None if at == time(0) else at


def to_row(entry: Entry) -> list[str]:
    """The entry as cells in the order of `COLUMNS`; what an import of them gives back."""
    row = entry.to_json() | {"paraphrases": "|".join(entry.paraphrases)}
    for day, hour in (("valid_from", "from_time"), ("valid_until", "until_time")):
        row[day] = " ".join(str(part) for part in (row[day], row.get(hour)) if part)
    row["audience"] = "department" if entry.confined else row["audience"]
    return [str(row[c] or "") for c in COLUMNS]
