"""A city's own Word file with places to be filled in and what minutes say in, the filled file out.

The file may come from strangers: it is opened by a process of its own only (`minutes.filling`), which can do nothing but that.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.clock import place
from core.confined import GaveUp, run_confined
from core.errors import InvalidInput
from core.passing import Passing
from core.printable import printable
from minutes.export import head_of, paragraphs, source_of
from minutes.point import Kind, Point
from minutes.record import Extent, Record

MOST_BYTES = 10_000_000
HEAD = ("会議名", "日時", "場所", "出席者", "欠席者", "議題", "作成者")
PLACES = (*HEAD, "決定事項", "宿題", "質疑", "発言", "録音")
NEEDED = ("会議名", "日時", "発言")  #: without which minutes would not say of what meeting they are, or what was said
_FILL = "minutes.filling:fill"
_LONGEST_PLACE = 40

_FAULTS = {
    "large": "議事録のひな形が大きすぎます。図や写真を減らしてください。",
    "unreadable": "議事録のひな形を Word のファイル(docx)として読めません。"
    "Word で開き、種類を「Word 文書 (*.docx)」にして保存し直してください。",
    "acting": "議事録のひな形に、外から読み込むもの、マクロ、埋め込み、アドイン、電子署名など、使えないものがあります。"
    "取り除いてください。",
    "fetching": "議事録のひな形に、使えないフィールドがあります。取り除いてください。"
    "ページ番号、日付、目次、相互参照などのフィールドは使えます。",
    "unknown": f"議事録のひな形にある「{{}}」は使えません。使えるのは {'、'.join(PLACES)} です。",
}
_GAVE_UP = "議事録のひな形を、決めた時間とメモリの中で書き込めませんでした。図や表を減らして、Word で保存し直してください。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template with what the minutes say at its places."""

    content: bytes
    places: tuple[str, ...]  #: those that it has, in the order of `PLACES`


def filled(template: bytes, record: Record, passing: Passing) -> Filled:
    """The template with what the minutes say, which lies in a passing folder meanwhile. Raises InvalidInput, with what is to be
    mended."""
    if len(template) > MOST_BYTES:
        raise InvalidInput(f"議事録のひな形が大きすぎます。{MOST_BYTES // 1_000_000}MBまでにしてください。")
    order = {"template": b64encode(template).decode(), "title": record.meeting.title, "values": dict(_values(record))}
    with passing.folder() as folder:
        path = folder / "order.json"
        path.write_text(json.dumps(order))
        try:
            said: Any = run_confined(_FILL, path)
            if "fault" in said:
                place = printable(str(said["place"]))[:_LONGEST_PLACE]
                raise InvalidInput(_FAULTS[said["fault"]].format(f"{{{{{place}}}}}"))
            found = set(said["places"])
            return Filled(content=b64decode(said["docx"], validate=True), places=tuple(p for p in PLACES if p in found))
        except (GaveUp, KeyError, TypeError, ValueError):
            raise InvalidInput(_GAVE_UP) from None


def _values(record: Record) -> Iterator[tuple[str, list[str]]]:
    head = dict(head_of(record))
    yield from ((name, head.get(name, "").split("\n")) for name in HEAD)
    yield "決定事項", [f"{n}　{_placed(p, p.wording.text)}" for n, p in enumerate(record.of(Kind.DECISION), start=1)]
    yield "宿題", [f"{n}　{_placed(p, _task(p))}" for n, p in enumerate(record.of(Kind.TASK), start=1)]
    yield "質疑", [line for p in record.of(Kind.QUESTION) for line in _asked(p)]
    said = paragraphs(record.transcript.segments) if record.extent is Extent.FULL else ()
    yield "発言", [f"{s.speaker}　{text}" if s.speaker and not n else text for s, texts in said for n, text in enumerate(texts)]
    yield "録音", [source_of(record)]


def _task(point: Point) -> str:
    who, due = point.wording.who, point.wording.due
    facts = "、".join(filter(None, (f"担当: {who}" if who else "", f"期限: {due}" if due else "")))
    return f"{point.wording.text}（{facts}）" if facts else point.wording.text


def _asked(point: Point) -> list[str]:
    answer = [f"答　{point.wording.reply}"] if point.wording.reply else []
    return [f"問　{_placed(point, point.wording.text)}", *answer]


def _placed(point: Point, text: str) -> str:
    return f"{printable(text)} [{place(point.start_s)}]"
