"""What became of an imported file in, Japanese sentences for who sent it out, on the command line and on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import MadoguchiError
from core.faults import fault_of
from retrieval.faq import told_together
from retrieval.importing import FileReport

MOST_COMPARED = 300  #: entries of an import, with all others
DRAWN_WITH = "画像やスタイルなど、ページを表示するための{}個は、文書ではないため登録していません。"
_REPLACED = (
    "注意: 同じ名前のファイルで登録されている文書「{}」は、この文書に替わると（下書きのうちは替わりません）、使われなくなります。"
    "同じところがないため、別の文書なら、どちらかの名前を変えて、両方を登録し直してください。"
)
_UNREAD_PAGES = (
    "注意: {}ページには文字の情報がない（紙を写した画像など）ため、読み取っていません。文字のあるファイルを登録してください。"
)
_BACK = "公開を終えていた項目「{}」{}を、ファイルの内容で登録し直しました。"
_SHOWN_CHANGES = 30
_KINDS = {
    "faq": "FAQ",
    "document": "文書",
    "bulletin": "広報",
    "garbage": "ごみ分別表",
    "area_days": "ごみ収集日",
    "collection_pauses": "ごみ収集の休止期間",
    "collection_remarks": "ごみ収集の注意事項",
    "garbage_kinds": "ごみの区分",
    "facilities": "施設一覧",
    "duty_doctors": "休日当番医",
    "departments": "窓口一覧",
    "readings": "読み方辞書",
    "vocabulary": "語彙",
    "synonyms": "同義語",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The sentences about one file."""

    file: str
    kind: str
    counts: str
    changed: str  #: which entries changed; empty where none did
    namesakes: tuple[str, ...]  #: other documents that have its title
    left: tuple[tuple[str, str], ...]  #: entries that go on answering though the file seems to mean otherwise, and why
    ended: tuple[str, ...]  #: entries that it has as before, which do not answer: people took them out of service
    kept: tuple[str, ...]  #: entries that people changed since, which the file did not replace
    notes: tuple[str, ...]  #: what of it was not taken, and why

    @classmethod
    def of(cls, done: FileReport) -> Told:
        report = done.report
        rest = f" ほか{len(report.changed) - _SHOWN_CHANGES}件" if len(report.changed) > _SHOWN_CHANGES else ""
        hidden = (f"シート「{sheet}」は、非表示のため登録していません。" for sheet in done.hidden)
        unread = (f"シート「{sheet}」は、FAQ の列名がないため登録していません。" for sheet in done.unread)
        pages = (_UNREAD_PAGES.format(_runs(done.unread_pages)),) if done.unread_pages else ()
        withheld = (f"箇所「{i}」は、公開を終えた箇所と同じ文章のため、登録していません。" for i in report.withheld)
        back = (_BACK.format(report.back[0], others(len(report.back) - 1)),) if report.back else ()
        replaced = (_REPLACED.format(done.replaced),) if done.replaced else ()
        refused = (said for said, _ in told_together(report.refused))
        return cls(
            file=done.file,
            kind=_KINDS[done.kind],
            counts=_counts(done),
            changed="、".join(report.changed[:_SHOWN_CHANGES]) + rest,
            namesakes=done.namesakes,
            left=(
                *((i, "このファイルに前はありましたが、今はありません。") for i in report.left),
                *((i, "新しく登録した項目と、番号の頭の「0」だけが違います。") for i in report.twins),
            ),
            ended=tuple(report.ended),
            kept=tuple(report.kept),
            notes=(*replaced, *back, *hidden, *unread, *pages, *withheld, *refused),
        )


def others(count: int) -> str:
    """How many are not named, behind the first one that is; empty where there are none."""
    return f"ほか{count}件" if count else ""


def _counts(done: FileReport) -> str:
    report = done.report
    if done.kind not in ("faq", "document", "bulletin"):
        return f"{report.added} 件に入れ替え"
    by_row = f"、受け付けなかった行 {len(report.refused)}" if done.kind != "document" else ""
    removed = f"、なくなった {report.removed}" if done.kind != "faq" else ""
    return f"追加 {report.added}、変更 {len(report.changed)}、変更なし {report.unchanged}{removed}{by_row}"


def _runs(pages: Sequence[int]) -> str:
    """「2、5〜9」."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return "、".join(f"{run[0]}〜{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def fault_in(name: str, error: Exception) -> str:
    """What is told of a file when something else went wrong than what its own errors say."""
    if isinstance(error, PermissionError):
        return f"ファイル {name}: 読み書きする権限がありません。ファイルとフォルダの権限を確かめてください。"
    return f"ファイル {name}: {(fault_of(error) or MadoguchiError()).message}"


def is_unexpected(error: Exception) -> bool:
    """Whether the fault may be the program's own, so that whoever is to mend it needs to know where."""
    return not isinstance(error, PermissionError) and fault_of(error) is None
