"""All that minutes say in, a Word file laid out as municipalities lay theirs out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from asr.transcript import Segment
from core.clock import place
from core.paper import blank, saved
from core.printable import printable
from minutes.point import Kind, Point
from minutes.record import Extent, Record
from minutes.wording import is_named

HEAD_CM = (3.0, 13.0)  #: the columns of the table at the beginning
_SPACE_PT = 10  #: below a table
_CHAR_CM = 0.37  #: as wide as a character is high, in the size of the text
_TOGETHER = 20  #: lines of a row, less than half a page: so long it begins a page rather than be torn
_PARAGRAPH_CHARS = 200  #: of one speaker, after which a sentence that ends makes room


def docx(record: Record) -> bytes:
    """The name, the head, what was decided and is to be done, questions, and what was said, by speaker."""
    from docx.shared import Pt

    document = blank(record.meeting.title)
    table(document, head_of(record), HEAD_CM)
    _decisions(document, record.of(Kind.DECISION))
    _tasks(document, record.of(Kind.TASK))
    _questions(document, record.of(Kind.QUESTION))
    if record.extent is Extent.FULL:
        document.add_heading("発言の記録", level=1)
        _utterances(document, record.transcript.segments)
    document.add_paragraph(source_of(record)).paragraph_format.space_before = Pt(_SPACE_PT)
    return saved(document)


def head_of(record: Record) -> list[tuple[str, str]]:
    """The rows of the head that have something to say."""
    agenda = record.of(Kind.AGENDA)
    rows = [
        ("会議名", record.meeting.title),
        ("日時", record.held),
        ("場所", record.head.place),
        ("出席者", record.present),
        ("欠席者", record.head.absent),
        ("議題", "\n".join(_numbered(n, p.wording.text) for n, p in enumerate(agenda, start=1))),
        ("作成者", record.head.author),
    ]
    return [(name, value) for name, value in rows if value]


def _numbered(number: int, matter: str) -> str:
    """A point of the agenda with its number, unless it is called by one."""
    return matter if is_named(matter) else f"{number}　{matter}"


def source_of(record: Record) -> str:
    """What the minutes were made from."""
    name, length = printable(record.meeting.recording.file_name), _duration(record.transcript.duration_s)
    return f"※ 録音「{name}」（{length}）から自動で文字に起こしたものです。内容は録音で確認してください。"


def paragraphs(segments: tuple[Segment, ...]) -> Iterator[tuple[Segment, list[str]]]:
    """What was said by one speaker after the other, from where each begins; each segment where nobody is told apart."""
    for speaker, said in groupby(segments, key=lambda s: s.speaker):
        turn = list(said)
        if speaker is None:
            yield from ((s, [printable(s.text)]) for s in turn)
            continue
        texts = [""]
        for segment in turn:
            if len(texts[-1]) >= _PARAGRAPH_CHARS and texts[-1].endswith("。"):
                texts.append("")
            texts[-1] += printable(segment.text)
        yield turn[0], texts


def _decisions(document: Any, points: tuple[Point, ...]) -> None:
    if points:
        document.add_heading("決定事項", level=1)
        rows = [(f"{n}　{p.wording.text}", f"[{place(p.start_s)}]") for n, p in enumerate(points, start=1)]
        table(document, [("内容", "時刻"), *rows], (13.6, 2.4), is_headed=True)


def _tasks(document: Any, points: tuple[Point, ...]) -> None:
    if points:
        document.add_heading("宿題", level=1)
        rows = [(p.wording.text, p.wording.who, p.wording.due, f"[{place(p.start_s)}]") for p in points]
        table(document, [("内容", "担当", "期限", "時刻"), *rows], (7.6, 3.2, 2.8, 2.4), is_headed=True)


def _questions(document: Any, points: tuple[Point, ...]) -> None:
    if points:
        document.add_heading("質疑", level=1)
        rows = [(p.wording.text, p.wording.reply, f"[{place(p.start_s)}]") for p in points]
        table(document, [("質問", "答え", "時刻"), *rows], (6.8, 6.8, 2.4), is_headed=True)


def _utterances(document: Any, segments: tuple[Segment, ...]) -> None:
    if not segments:
        document.add_paragraph("発言は見つかりませんでした。")
        return
    with_speakers = any(s.speaker for s in segments)
    heads = ("時刻", "話者", "発言") if with_speakers else ("時刻", "発言")
    rows = []
    for first, texts in paragraphs(segments):
        said = (f"[{place(first.start_s)}]", "\n".join(texts))
        rows.append((said[0], first.speaker or "", said[1]) if with_speakers else said)
    table(document, [heads, *rows], (2.4, 3.0, 10.6) if with_speakers else (2.4, 13.6), is_headed=True)


def table(document: Any, rows: Sequence[tuple[str, ...]], widths_cm: tuple[float, ...], is_headed: bool = False) -> None:
    """A line end in a value begins a paragraph."""
    made = document.add_table(rows=0, cols=len(widths_cm))
    made.style = "Table Grid"
    _set_widths(made, widths_cm)
    for row in rows:
        added = made.add_row()
        for cell, value in zip(added.cells, row, strict=True):
            first, *more = value.split("\n")
            cell.text = first
            for text in more:
                cell.add_paragraph(text)
        if _lines(row, widths_cm) <= _TOGETHER:
            _say(added, "w:cantSplit")
    if is_headed:
        for cell in made.rows[0].cells:
            cell.paragraphs[0].runs[0].bold = True
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        _say(made.rows[0], "w:tblHeader")  # on each page


def _lines(row: tuple[str, ...], widths_cm: tuple[float, ...]) -> int:
    """How many a row takes, about."""
    cells = zip(row, widths_cm, strict=True)
    return max(sum(ceil(len(text) * _CHAR_CM / width_cm) or 1 for text in value.split("\n")) for value, width_cm in cells)


def _say(row: Any, property_name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(property_name))


def _set_widths(table: Any, widths_cm: tuple[float, ...]) -> None:
    """Of the columns, which each row takes when it is added."""
    from docx.shared import Cm

    table.autofit = False
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}時間{minute}分{second}秒" if hours else f"{minute}分{second}秒"
