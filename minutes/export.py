"""A meeting and its transcript in, minutes as a Word file out."""

from __future__ import annotations

import io
from typing import Any

from asr.transcript import Transcript
from core.printable import printable
from minutes.meeting import Meeting

_FONT = "ＭＳ 明朝"
_HEADING_FONT = "ＭＳ ゴシック"


def docx(meeting: Meeting, transcript: Transcript) -> bytes:
    """Title, facts of the meeting, and a table of time, speaker and what was said."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.core_properties.title, document.core_properties.language = meeting.title, "ja-JP"
    document.core_properties.author = ""
    _use_font(document.styles["Normal"], _FONT)
    document.styles["Normal"].font.size = Pt(10.5)
    for name in ("Title", "Heading 1"):
        _use_font(document.styles[name], _HEADING_FONT)
    document.add_heading(meeting.title, level=0)
    _facts(document, meeting, transcript)
    document.add_heading("発言の記録", level=1)
    if transcript.segments:
        _utterances(document, transcript)
    else:
        document.add_paragraph("発言は見つかりませんでした。")
    document.add_paragraph("※ 自動で文字に起こしたものです。内容は録音で確認してください。")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _facts(document: Any, meeting: Meeting, transcript: Transcript) -> None:
    day = meeting.held_on
    speakers = list(dict.fromkeys(s.speaker for s in transcript.segments if s.speaker))
    facts = [
        ("開催日", f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"),
        ("録音の長さ", _duration(transcript.duration_s)),
        ("録音ファイル", printable(meeting.recording.file_name)),
    ]
    if speakers:
        facts.append(("話者", f"{len(speakers)}人（{'、'.join(speakers)}）"))
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, value in facts:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
    _set_widths(table, (3.0, 13.0))


def _utterances(document: Any, transcript: Transcript) -> None:
    with_speakers = any(s.speaker for s in transcript.segments)
    heads = ("時刻", "話者", "発言") if with_speakers else ("時刻", "発言")
    table = document.add_table(rows=1, cols=len(heads))
    table.style = "Table Grid"
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.paragraphs[0].add_run(head).bold = True
    _repeat_on_each_page(table.rows[0])
    for s in transcript.segments:
        values = [f"[{_clock(s.start_s)}]", printable(s.text)]
        if with_speakers:
            values.insert(1, s.speaker or "")
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    _set_widths(table, (2.4, 2.6, 11.0) if with_speakers else (2.4, 13.6))


def _use_font(style: Any, name: str) -> None:
    """Word keeps a font for Latin letters and another for East Asian text."""
    from docx.oxml.ns import qn

    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)


def _repeat_on_each_page(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _set_widths(table: Any, widths_cm: tuple[float, ...]) -> None:
    from docx.shared import Cm

    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths_cm, strict=True):
            cell.width = Cm(width)


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}時間{minute}分{second}秒" if hours else f"{minute}分{second}秒"
