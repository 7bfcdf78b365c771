"""Which of the city's tables a file is, told by its columns, and why a row of it can't be taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.table import Table
from retrieval.analysis import normalise
from retrieval.city.calendar import parse_date
from retrieval.city.collection import AREA_COLUMNS, CENTER_COLUMN, readable_cell
from retrieval.city.facilities import facility_of
from retrieval.faq import Refusal
from retrieval.names import fold
from retrieval.wording import Group, Wording, words_of

Check = Callable[[Mapping[str, str]], str | None]  #: the reason why a row can't be taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the city's tables. Each set of columns in `told_by` gives it away."""

    name: str
    told_by: tuple[tuple[str, ...], ...]
    filled: tuple[str, ...]  #: columns that no row may leave empty, as far as the table has them
    check: Check = lambda _: None
    once: Callable[[Mapping[str, str]], Group] = lambda _: ()  #: words of a row that no other row may have


def _pickups(row: Mapping[str, str]) -> str | None:
    wrong = [c for c, cell in row.items() if c not in (*AREA_COLUMNS, CENTER_COLUMN) and not readable_cell(cell)]
    return f"「{'、'.join(wrong)}」の収集日の書き方が分かりません(例: 月 木、水1 水3、20261201)" if wrong else None


def _pause(row: Mapping[str, str]) -> str | None:
    if wrong := _days("休止開始日", "休止終了日")(row):
        return wrong
    first, last = (parse_date(row[c]) for c in ("休止開始日", "休止終了日"))
    return "休止終了日が休止開始日より前です" if first and last and last < first else None


def _area_of(row: Mapping[str, str]) -> Group:
    """An area has one row: of two, one would be another's days."""
    return tuple(fold(row[c]) for c in AREA_COLUMNS if row.get(c))[:1]


def _facility(row: Mapping[str, str]) -> str | None:
    try:
        facility_of(row)
    except ValueError as e:
        return f"開館時間か休みの書き方が分かりません: {e} (例: 火-金 9:30-18:30|土日祝 9:30-17:00、休みは 月|第4木|12/28-1/4)"
    return None


def _days(*columns: str) -> Check:
    def check(row: Mapping[str, str]) -> str | None:
        wrong = [c for c in columns if parse_date(row.get(c, "")) is None]
        return f"{'、'.join(wrong)} は 2026-12-06 の形で書いてください" if wrong else None

    return check


def _synonyms(row: Mapping[str, str]) -> str | None:
    words, plain = words_of(row), Wording()
    if len(words) < 2:
        return "同義語がありません"
    vague = [word for word in words if not plain.lemmas(word)]
    return f"「{'、'.join(vague)}」は、どの質問にもあるような言葉です" if vague else None


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(name="garbage", told_by=(("type", "name", "furigana"),), filled=("type", "name")),
            Kind(
                name="area_days",
                told_by=(("地区", "センター"), ("地名", "センター")),
                filled=AREA_COLUMNS,
                check=_pickups,
                once=_area_of,
            ),
            Kind(
                name="collection_pauses",
                told_by=(("名称", "休止開始日", "休止終了日"),),
                filled=("休止開始日", "休止終了日"),
                check=_pause,
            ),
            Kind(name="collection_remarks", told_by=(("ID", "注意事項"),), filled=("ID", "注意事項")),
            Kind(name="garbage_kinds", told_by=(("label", "sublabel", "description"),), filled=("label",)),
            Kind(name="departments", told_by=(("name", "phone", "handles"),), filled=("name", "phone")),
            Kind(
                name="facilities",
                told_by=(("name", "hours", "closed"), ("名称", "開始時間", "終了時間")),
                filled=("name", "名称"),
                check=_facility,
            ),
            Kind(
                name="duty_doctors", told_by=(("date", "name", "field"),), filled=("date", "name", "phone"), check=_days("date")
            ),
            Kind(
                name="synonyms",
                told_by=(("表記", "同義語"),),
                filled=("表記", "同義語"),
                check=_synonyms,
                once=lambda row: tuple(normalise(word) for word in words_of(row)),
            ),
            Kind(name="readings", told_by=(("surface", "reading"),), filled=("surface", "reading")),
            Kind(name="vocabulary", told_by=(("term", "reading"),), filled=("term", "reading")),
        )
    }
)


def kind_of(table: Table) -> Kind | None:
    """The kind of a table, None when its columns are those of no kind."""
    columns = set(table.columns)
    return next((k for k in KINDS.values() if any(columns >= set(told) for told in k.told_by)), None)


def sort_rows(kind: Kind, table: Table) -> tuple[list[dict[str, str]], tuple[Refusal, ...]]:
    """The rows that can be taken, and those that can't with the reason."""
    good: list[dict[str, str]] = []
    refused: list[Refusal] = []
    filled = [c for c in kind.filled if c in table.columns]
    taken: dict[str, int] = {}  # which row has a word
    for row in table.rows:
        empty = [c for c in filled if not row.cells.get(c)]
        reason = row.wrong or (f"{'、'.join(empty)} が空です" if empty else kind.check(row.cells))
        words = kind.once(row.cells)
        if reason is None and (twice := [word for word in words if word in taken]):
            reason = f"「{twice[0]}」は {taken[twice[0]]}行目にもあります"
        if reason is None:
            taken |= dict.fromkeys(words, row.number)
            good.append(row.cells)
        else:
            refused.append(Refusal(row=row.number, reason=reason))
    return good, tuple(refused)
