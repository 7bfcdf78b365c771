"""A list of a city's words in (CSV: term,reading,kind), a vocabulary for the recogniser out."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnreadableTable

_COLUMNS = ("term", "reading", "kind")
_ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word as the city writes it."""

    term: str
    reading: str  #: in hiragana
    kind: str  #: what sort of word it is, such as 地名 or 組織


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that a recording is likely to have, in the order of the list."""

    terms: tuple[Term, ...]

    def of_kind(self, *kinds: str) -> tuple[Term, ...]:
        return tuple(t for t in self.terms if t.kind in kinds)


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary file in UTF-8 (with or without BOM) or Shift_JIS as Excel writes it.

    Raises:
        UnreadableTable: missing, in other characters, without the three columns, or a row without a term or reading.
    """
    rows = csv.DictReader(io.StringIO(_text(path), newline=""))
    try:
        names = [name.strip() for name in rows.fieldnames or []]
        rows.fieldnames = names
        if missing := [c for c in _COLUMNS if c not in names]:
            raise UnreadableTable(f"語彙の表に {'、'.join(missing)} の列がありません。1行目を term,reading,kind にしてください。")
        return Vocabulary(terms=tuple(_term(row, rows.line_num) for row in rows if any(row.values())))
    except csv.Error:
        raise UnreadableTable("語彙の表をCSVとして読み取れません。CSV形式で保存し直してください。") from None


def _term(row: dict[str, str | None], line: int) -> Term:
    term, reading, kind = ((row[c] or "").strip() for c in _COLUMNS)
    if not term or not reading:
        raise UnreadableTable(f"語彙の表の {line} 行目に term か reading がありません。書き足すか、その行を消してください。")
    return Term(term=term, reading=reading, kind=kind)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError:
        raise UnreadableTable("語彙の表を開けません。ファイルの名前と場所を確認してください。") from None
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable("語彙の表の文字を読み取れません。UTF-8 か Shift_JIS のCSVで保存し直してください。")
