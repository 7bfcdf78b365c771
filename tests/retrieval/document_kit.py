"""Documents for tests, made here in every form that a city hall has: the same ordinance as PDF, Word, HTML, Markdown and text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from openpyxl import Workbook

TITLE = "見本市ごみ条例"
ORDINANCE = [
    (2, "第1章 総則"),
    (0, "（目的）"),
    (0, "第1条 この条例は、ごみの減量と適正な処理について定める。"),
    (0, "（定義）"),
    (0, "第2条 この条例で使う言葉の意味は、次のとおりとする。"),
    (0, "(1) 家庭ごみ 家庭から出るごみをいう。"),
    (2, "第2章 手数料"),
    (0, "（手数料）"),
    (0, "第3条の2 粗大ごみの手数料は、1個500円とする。"),
    (0, "附 則"),
    (0, "第1条 この条例は、令和8年4月1日から施行する。"),
]


def text_file(path: Path, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join([TITLE, *(text for _, text in ORDINANCE)]).encode(encoding))
    return path


def word_file(path: Path) -> Path:
    document = Document()
    document.add_heading(TITLE, 1)
    for level, text in ORDINANCE:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("品目", "手数料", "机", "500円"), strict=True):
        cell.text = text
    document.save(str(path))
    return path


def html_file(path: Path, *, extra: str = "") -> Path:
    body = "".join(f"<h{level}>{text}</h{level}>" if level else f"<p>{text}</p>" for level, text in ORDINANCE)
    menu = "<nav><p>メニューの言葉</p></nav><script>alert('わるい')</script>"
    path.write_text(f"<html><head><title>{TITLE}</title></head><body>{menu}{body}{extra}</body></html>", "utf-8")
    return path


def markdown_file(path: Path) -> Path:
    lines = [f"# {TITLE}", *(f"{'#' * level} {text}" if level else text for level, text in ORDINANCE)]
    path.write_text("\n\n".join(lines), "utf-8")
    return path


def excel_file(path: Path) -> Path:
    book = Workbook()
    book.active.title = "手数料一覧"
    for row in (("品目", "手数料"), ("机", 500), ("いす", 300)):
        book.active.append(row)
    book.save(path)
    return path


Placed = tuple[float, float, float, str]
"""Where a text stands on a page, from the left and from below, its size, and the text."""

Ruled = tuple[float, float, float, float]
"""The corner, width and height of a box that is drawn."""


def drawn_pdf(path: Path, pages: Sequence[Sequence[Placed | Ruled]]) -> Path:
    """A PDF of pages with texts and boxes anywhere."""
    return _write_pdf(path, ["".join(map(_drawn, page)) for page in pages])


def scan_between(path: Path, *lines: str) -> Path:
    """A PDF of pages with a line each, and pages with nothing but a picture for the lines that are empty."""
    picture = "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q\n"
    return _write_pdf(path, [_drawn((50, 780, 10, line)) if line else picture for line in lines])


def _drawn(part: Placed | Ruled) -> str:
    x, y, size, text = part
    if isinstance(text, str):
        return f"BT /F1 {size} Tf {x} {y} Td <{text.encode('cp932').hex()}> Tj ET\n"
    return f"{x} {y} {size} {text} re S\n"


def ruled(x: float, y: float, widths: list[float], rows: list[list[str]]) -> list[Placed | Ruled]:
    """A table whose upper left corner is given, each cell in a box."""
    parts: list[Placed | Ruled] = []
    for n, row in enumerate(rows, 1):
        for k, text in enumerate(row):
            left = x + sum(widths[:k])
            parts += [(left, y - 20 * n, widths[k], 20.0), (left + 3, y - 20 * n + 6, 10.0, text)]
    return parts


def pdf_file(path: Path, *, pages: list[list[str]] | None = None, in_unicode: bool = False, locked: bool = False) -> Path:
    """A PDF as older Japanese programs write them: the font is not embedded, the text is in Shift_JIS by a named map; or with
    glyphs that a map of its own says the characters of."""
    lines = [TITLE, *(text for _, text in ORDINANCE)]
    pages = pages or [lines[:6], lines[6:]]
    encoding = "utf-16-be" if in_unicode else "cp932"
    shown = [
        "".join(f"BT /F1 12 Tf 50 {780 - 30 * i} Td <{line.encode(encoding).hex()}> Tj ET\n" for i, line in enumerate(page))
        for page in pages
    ]
    return _write_pdf(path, shown, in_unicode=in_unicode, locked=locked)


def _write_pdf(path: Path, pages: list[str], *, in_unicode: bool = False, locked: bool = False) -> Path:
    """A PDF of pages that are drawn by these operators."""
    numbers = range(6, 6 + 2 * len(pages), 2)
    font = "/Identity-H /ToUnicode 5 0 R" if in_unicode else "/90ms-RKSJ-H"
    as_named = "1 beginbfrange\n<0000> <ffff> <0000>\nendbfrange\n"
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {len(pages)} >>",
        3: f"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding {font} /DescendantFonts [4 0 R] >>",
        4: "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>",
        5: f"<< /Length {len(as_named)} >>\nstream\n{as_named}endstream",
    }
    for number, shown in zip(numbers, pages, strict=True):
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 800 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects[number + 1] = f"<< /Length {len(shown)} >>\nstream\n{shown}endstream"
    out = b"%PDF-1.4\n"
    places = []
    for number in sorted(objects):
        places.append(len(out))
        out += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    key = "<" + "00" * 32 + ">"  # of no password
    lock = f"/ID [{key} {key}] /Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >> " if locked else ""
    trailer = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R {lock}>>\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out + f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii"))
    return path
