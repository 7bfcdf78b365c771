"""An entry as people write and read it: the form's fields with their hints; cells of the table in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.audience import Audience
from retrieval.entry import Entry
from retrieval.faq import COLUMNS, LONGEST_CHARS, to_row
from retrieval.revisions import IMPORT
from retrieval.sending import Came

LONGEST_NAME_CHARS = 40
LONGEST_NOTE_CHARS = 500
_BY = "お名前"
_FROM = "例：2026-04-01、時刻も決めるときは 2026-04-01 09:00。空のときは、承認したときから公開します。"
_AUDIENCES = {
    "resident": "住民向け（だれでも見られます）",
    "staff": "庁内限定（職員だけが見られます）",
    "department": "担当課限定（担当課の職員だけが見られます）",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form. `rows` over 1 are a larger box; `choices` by value are chosen from instead."""

    name: str
    label: str
    hint: str = ""
    rows: int = 1
    required: bool = False
    choices: Mapping[str, str] | None = None


FIELDS = (
    Field(name="id", label="番号", hint="項目を見分ける名前です。例：moving-31。後から変えられません。", required=True),
    Field(name="question", label="質問", rows=3, required=True),
    Field(name="answer", label="回答", hint="この文章が、そのまま住民や職員に示されます。", rows=8, required=True),
    Field(name="paraphrases", label="言い換え", hint="住民の言い方を、1行に1つずつ書きます。多いほどよく見つかります。", rows=4),
    Field(name="category", label="分類"),
    Field(name="department", label="担当課", hint="窓口一覧にある名前で書くと、回答の下に電話と受付時間が出ます。例：総務課"),
    Field(name="audience", label="公開範囲", required=True, choices=_AUDIENCES),
    Field(name="source_title", label="出典", hint="例：住民基本台帳法 第22条"),
    Field(name="source_url", label="出典のアドレス（URL）", hint="https:// で始まるアドレス"),
    Field(name="valid_from", label="公開開始日", hint=_FROM),
    Field(name="valid_until", label="公開終了日", hint="例：2027-03-31（この日まで公開）。空のときは、終わりを決めません。"),
    Field(name="answer_easy", label="やさしい日本語", hint="外国人住民や子どもにも分かる、短い文の回答です。", rows=3),
    Field(name="speech", label="読み上げ文", hint="スマートスピーカーが読む、短い回答です。空のときは回答を読みます。", rows=3),
)  # fmt: skip


def cells_of(form: Mapping[str, str]) -> dict[str, str]:
    """The cells of a form that was sent: as in the table, alternatives parted by a bar."""
    cells = {c: form.get(c, "").strip().replace("\r\n", "\n") for c in COLUMNS}
    lines = [line.strip() for line in cells["paraphrases"].splitlines()]
    return cells | {"paraphrases": "|".join(line for line in lines if line)}


def written(cells: Mapping[str, str]) -> list[tuple[Field, str]]:
    """Each field with what stands in it."""
    return [(f, _in_lines(f.name, cells.get(f.name, ""))) for f in FIELDS]


def wrong(cells: Mapping[str, str], by: str) -> str:
    """A sentence that says what to put right before it is a draft, by the names on the form; empty when nothing is wrong."""
    labels = [f.label for f in FIELDS if f.required and not cells.get(f.name)] + ([] if by else [_BY])
    if labels:
        return f"{'、'.join(labels)}を入力してください。"
    lengths = [(f.label, len(cells.get(f.name, "")), LONGEST_CHARS) for f in FIELDS] + [(_BY, len(by), LONGEST_NAME_CHARS)]
    too_long = [f"{label}は{most:,}字までです（今は{n:,}字）。" for label, n, most in lengths if n > most]
    return f"長すぎて保存できません。{''.join(too_long)}短くしてください。" if too_long else ""


def shown(entry: Entry) -> list[tuple[str, str]]:
    """What an entry says, under the names of the form's fields; nothing that is empty."""
    cells = dict(zip(COLUMNS, to_row(entry), strict=True))
    values = [(f, (f.choices or {}).get(cells[f.name], _in_lines(f.name, cells[f.name]))) for f in FIELDS]
    return [(f.label, value) for f, value in values if value]


def audience_of(entry: Entry) -> str:
    """Who may read an entry, in the words of the form."""
    return "担当課限定" if entry.confined else "庁内限定" if entry.audience is Audience.STAFF else "住民向け"


def day(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日"


def moment(at: datetime) -> str:
    return f"{day(at)} {at.hour}時{at.minute:02}分"


def writer(by: str, came: Came | None = None) -> str:
    """Who wrote a version, or how it came with a file, as people call it."""
    if by != IMPORT:
        return by
    if came is None:
        return "ファイルから登録"
    return f"ファイル「{came.file}」{'に差し替え' if came.replaced else 'から登録'}（{came.by}）"


def _in_lines(name: str, value: str) -> str:
    return value.replace("|", "\n") if name == "paraphrases" else value
