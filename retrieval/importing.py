"""Files in, entries, tables and documents in the database out; a report of each file, row by row."""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from core.audience import Audience
from core.confined import GaveUp, run_confined
from core.errors import InvalidInput, NotFound, TooLarge, UnreadableTable
from core.table import HEADER_WITHIN_LINES, Book, Table, read_book, read_table
from retrieval.addressees import names_staff
from retrieval.city.kinds import kind_of, sort_rows
from retrieval.documents.block import Block
from retrieval.documents.blocks import SUFFIXES, module_for
from retrieval.documents.passages import Passage, split
from retrieval.documents.title import title_of, unmarked
from retrieval.entry import Entry, are_unlike
from retrieval.faq import Refusal, is_faq, parse_faq, tells_readers, told_together
from retrieval.given import Forbidden, Options
from retrieval.originals import FAQ, Original
from retrieval.repository import ImportReport, Repository
from retrieval.revisions import State
from retrieval.sources import Source

TABLE_SUFFIXES = frozenset({".csv", ".xlsx", ".xlsm", ".json"})
BULLETIN = ("発行号タイトル", "記事タイトル", "記事本文")  #: columns of municipal bulletins as open data
SAMPLE_SHARE = 0.8  #: of a sample's entries; with fewer of them a knowledge base is no longer that sample
DOCUMENT_LIMIT_BYTES = 50_000_000
_SHOWN_REFUSALS = 10  #: of a file of which nothing was taken
_FAULTS = {
    "no_text": "ファイル {} には文字の情報がありません(紙を写した画像のようです)。文字のあるファイルを登録してください。",
}
_BROKEN = "ファイル {} を読み取れません。壊れているか、パスワードが付いています。開けることを確かめて、保存し直してください。"
_AS_PDF = "もとのソフトで開き、PDF として保存し直してください。"
_SAVED_ANEW = {  # what a city hall still has, and what becomes of it by a few clicks
    ".zip": "取り出したフォルダを登録するか、職員用の画面から送ってください。",
    **dict.fromkeys((".doc", ".docm", ".rtf", ".odt"), "Word で開き、「Word 文書（.docx）」として保存し直してください。"),
    **dict.fromkeys((".xls", ".xlsb", ".ods"), "Excel で開き、「Excel ブック（.xlsx）」として保存し直してください。"),
    **dict.fromkeys((".jtd", ".jtt", ".ppt", ".pptx"), _AS_PDF),
}
_UNTELLABLE = re.compile("[\\x00-\\x1f\\x7f\\ud800-\\udfff]")  #: in the name of a file, which ids and lists repeat
_SENTENCE = re.compile(r"(?:[。．]|(?:です|でした|ます|ました|ません|ください|下さい)[!！]?)$")  #: no title
_TAKEN = (
    "id「{}」は、別の質問が使っています。ほかと重ならない番号に替えてください（その質問を書き替えるなら、画面では"
    "「画面で直した項目も、公開を終えた項目も、ファイルの内容に替える」、コマンドでは --overwrite を使います）"
)
_GAP = (
    "公開開始日が先のため、登録すると、今の回答がその日まで出なくなります。別の番号の行にして、今の番号の行には公開終了日を書くか、"
    "公開開始日を消してください"
)
_READ = "retrieval.documents.blocks:read_blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one imported file."""

    file: str
    kind: str  #: faq, document, bulletin, or a name of city.kinds.KINDS
    report: ImportReport
    entries: tuple[Entry, ...] = ()  #: what it held
    unread: tuple[str, ...] = ()  #: sheets of a workbook of which nothing was taken
    unread_pages: tuple[int, ...] = ()  #: of a PDF: pictures
    hidden: tuple[str, ...] = ()  #: sheets that it does not show, of which nothing was even read
    replaced: str | None = None  #: the title of a document that this one took the place of and has nothing in common with
    namesakes: tuple[str, ...] = ()  #: of a document: the names of others that have its title

    @property
    def written(self) -> list[Entry]:
        """What of it was new, for a look at overlaps."""
        ids = set(self.report.written)
        return [e for e in self.entries if e.id in ids]


def missing(repository: Repository, kb: str, samples: Sequence[Path]) -> list[Path]:
    """Which files of a sample a knowledge base lacks: all where it is empty; where it still has the sample's entries, tables of
    kinds that it has none of. A city that put its own in their place gets nothing of the sample."""
    held = {s.entry.id for s in repository.load(kb)}
    if not held:
        return list(samples)
    tables = [(path, read_table(path)) for path in samples]
    entries = {e.id for _, table in tables if is_faq(table) for e in parse_faq(table)[0]}
    if len(entries & held) < SAMPLE_SHARE * len(entries):
        return []
    kinds = set(repository.table_kinds(kb))
    return [path for path, table in tables if (kind := kind_of(table)) is not None and kind.name not in kinds]


class Importer:
    """Takes files into one knowledge base. One transaction a file: nothing is half-imported."""

    def __init__(self, repository: Repository, kb: str, clock: Callable[[], datetime], options: Options) -> None:
        self._repository, self._kb, self._clock, self._options = repository, kb, clock, options

    def take(self, path: Path, name: str) -> FileReport:
        """Take a file in: FAQ, one of the city's tables or a bulletin, told by the columns; any other is a document.

        Raises:
            NotFound, TooLarge, UnreadableTable, InvalidInput: nothing of the file was taken.
        """
        if _UNTELLABLE.search(name):
            told = ascii(name)[1:-1]
            raise InvalidInput(f"ファイル名 {told} に、読み取れない文字か改行があります。名前を変えて登録してください。")
        self._keep_readers(name)
        suffix = path.suffix.lower()
        if suffix not in TABLE_SUFFIXES | SUFFIXES:
            others = f"{' '.join(sorted(TABLE_SUFFIXES | SUFFIXES))} を使ってください。"
            how = _SAVED_ANEW.get(Path(name).suffix.lower(), others)
            raise InvalidInput(f"ファイル {name} は登録できない種類です。{how}")
        if suffix not in TABLE_SUFFIXES:
            return self._take_document(path, name)
        book = None
        try:
            book = read_book(path, name)
            table = book.table(_is_ours)
        except UnreadableTable as unreadable:
            return self._take_sheets(book, path, name, unreadable)
        unknown = (
            f"ファイル {name} の列名が分かりません。"
            f"FAQなら{HEADER_WITHIN_LINES}行目までに 番号、質問、回答（id, question, answer）の列名が必要です。"
        )
        return self._take_table(book, table, path, name) or self._take_sheets(book, path, name, UnreadableTable(unknown))

    def _take_sheets(self, book: Book | None, path: Path, name: str, otherwise: UnreadableTable) -> FileReport:
        """A workbook that is no table of ours is a document; what is none either was meant as a table."""
        if book is None or path.suffix.lower() not in SUFFIXES:
            raise otherwise
        _refuse_questions(book, name)
        try:
            return self._take_document(path, name)
        except InvalidInput:
            raise otherwise from None

    def _take_table(self, book: Book, table: Table, path: Path, name: str) -> FileReport | None:
        if _is_ours(table):
            _refuse_hidden(name, "", table)
        if is_faq(table):
            return self._take_faq(book, table, path, name)
        if kind := kind_of(table):
            if self._options.state is State.DRAFT:
                raise InvalidInput(
                    f"ファイル {name} は市の表です。表に下書きはないため、登録しませんでした。承認済みとして登録してください。"
                )
            good, lacking = sort_rows(kind, table)
            if not good:
                raise _nothing_good(name, "表", lacking)
            original = self._original(kind.name, path, name, {})
            self._repository.save_table(self._kb, kind.name, good, self._clock(), original=original)
            return FileReport(file=name, kind=kind.name, report=ImportReport(added=len(good), refused=lacking))
        return self._take_bulletin(table, path, name) if set(BULLETIN) <= set(table.columns) else None

    def _take_faq(self, book: Book, table: Table, path: Path, name: str) -> FileReport:
        """The first sheet's rows, and those of each further one that is a FAQ, too."""
        forbidden = partial(self._forbidden, name)
        entries, refused = _parsed(name, "", table, (), forbidden)
        unread = []
        for sheet, further in book.further(is_faq):
            if further is None:
                unread.append(sheet)
                continue
            _refuse_hidden(name, sheet, further)
            more, bad = _parsed(name, sheet, further, {e.id for e in entries}, forbidden)
            entries, refused = entries + more, refused + [replace(r, sheet=sheet) for r in bad]
        if refused and not entries:
            raise _nothing_good(name, "FAQ", refused)
        held = self._original(FAQ, path, name, {e.id: e.content_hash for e in entries})
        original = replace(held, refused=frozenset(r.id for r in refused).difference(held.held))
        report = replace(self._saved(entries, original=original), refused=tuple(refused))
        return FileReport(
            file=name,
            kind="faq",
            report=report,
            entries=tuple(entries),
            unread=tuple(unread),
            hidden=book.hidden,
        )

    def _forbidden(self, name: str, new: Sequence[Entry]) -> Mapping[str, str]:
        """Why some entries of a FAQ may not be written, by their ids: they are not for who imports, the id is that of another
        question, as where two departments number theirs from 1, or nothing would answer until they begin."""
        others = {} if self._options.overwrite else self._repository.elsewhere(self._kb, name, [e.id for e in new])
        taken = {e.id: _TAKEN.format(e.id) for e in new if e.id in others and are_unlike(e, others[e.id])}
        return self._gaps(new) | taken | dict(self._options.forbidden(new))

    def _gaps(self, new: Sequence[Entry]) -> dict[str, str]:
        """Those that begin later than now, where something answers under their ids that they would take the place of at once. A
        draft may: it is told of before it is approved."""
        at = self._clock()
        later = [e for e in new if not e.is_valid_at(at)] if self._options.state is State.APPROVED else []
        served = self._repository.served(self._kb, [e.id for e in later])
        return {e.id: _GAP for e in later if e.leaves_gap_after(served.get(e.id), at)}

    def _original(self, kind: str, path: Path, name: str, held: dict[str, str]) -> Original:
        return Original(kind=kind, name=name, content=path.read_bytes(), held=held, sent=self._options.sent)

    def _take_bulletin(self, table: Table, path: Path, name: str) -> FileReport:
        """Each article with its headings; a row without a title or text, or that can't be believed, is refused."""
        source = self._source(path, name, table.rows[0].cells.get(BULLETIN[0], "") if table.rows else "")
        entries: list[Entry] = []
        refused: list[Refusal] = []
        seen: Counter[str] = Counter()
        for row in table.rows:
            title, body = row.cells.get(BULLETIN[1], ""), _without_markup(row.cells.get(BULLETIN[2], ""))
            passages = split(Block(text=line.strip()) for line in body.splitlines() if line.strip())
            if reason := row.wrong or _lacking(title, body, passages):
                refused.append(Refusal(row=row.number, reason=reason))
                continue
            seen[title] += 1
            key = f"{hashlib.sha256(title.encode()).hexdigest()[:8]}~{seen[title]}"
            for passage in passages:
                part = replace(passage, locator=f"{key}:{passage.locator}")
                category = row.cells.get("カテゴリ") or None
                entry = self._entry(source, part, title)
                entries.append(replace(entry, source_title=row.cells.get(BULLETIN[0]) or None, category=category))
        if not entries:
            raise _nothing_good(name, "広報", refused)
        saved = self._saved(entries, source=source)
        return FileReport(file=name, kind="bulletin", report=replace(saved, refused=tuple(refused)), entries=tuple(entries))

    def _take_document(self, path: Path, name: str) -> FileReport:
        if not path.is_file():
            raise NotFound(f"ファイル {name} が見つかりません。")
        if path.stat().st_size > DOCUMENT_LIMIT_BYTES:
            raise TooLarge(f"ファイル {name} が大きすぎます。50 MB までに分けてください。")
        own, blocks, unread = _read(path, name)
        passages = split(blocks)
        if not passages:
            raise InvalidInput(f"ファイル {name} には文章がありません。")
        is_workbook = path.suffix.lower() in TABLE_SUFFIXES  # which begins with the name of a sheet
        source = self._source(path, name, "" if is_workbook else title_of(own, blocks))
        told = [p for p in passages if unmarked(p.text) != source.title or _SENTENCE.search(p.text)] or passages[:1]
        entries = [self._entry(source, passage, source.title) for passage in told]
        before = self._repository.title_of(self._kb, name)
        saved = self._saved(entries, source=source)
        namesakes = tuple(self._repository.namesakes(self._kb, source))
        is_another = before != source.title and not saved.unchanged
        replaced = before if is_another else None
        return FileReport(
            file=name,
            kind="document",
            report=saved,
            entries=tuple(entries),
            unread_pages=unread,
            namesakes=namesakes,
            replaced=replaced,
        )

    def _saved(self, entries: list[Entry], *, source: Source | None = None, original: Original | None = None) -> ImportReport:
        options = self._options
        return self._repository.save(
            self._kb,
            entries,
            self._clock(),
            state=options.state,
            source=source,
            original=original,
            overwrite=options.overwrite,
        )

    def _source(self, path: Path, name: str, title: str) -> Source:
        return Source(
            name=name,
            title=title or Path(name).stem,
            audience=Audience.STAFF if self._options.confined else self._options.audience,
            content=path.read_bytes(),
            confined_to=self._options.confined_to,
            sent=self._options.sent,
        )

    def _keep_readers(self, name: str) -> None:
        """Refuse for others what is kept for one department: nobody should get to read it by a forgotten option."""
        before = self._repository.confined_to(self._kb, name)
        if before not in (None, self._options.confined_to):
            raise InvalidInput(
                f"ファイル {name} は、{before}の職員だけに見せる文書として登録されています。"
                f"--audience department --department {before} を付けるか、見せる人を変えるときは別の名前で登録してください。"
            )

    def _entry(self, source: Source, passage: Passage, title: str) -> Entry:
        to = f"〜{passage.last_page}" if passage.last_page != passage.page else ""
        page = f"{passage.page}{to}ページ" if passage.page else ""
        heading = passage.heading if passage.heading != title else ""
        place = " ".join(p for p in (passage.article or heading, page) if p)
        return Entry(
            id=source.prefix + passage.locator,
            question=f"{title} {passage.heading}".strip() if passage.heading != title else title,
            answer=passage.text,
            category="資料",
            department=self._options.department,
            audience=source.audience,
            confined=source.confined_to is not None,
            source_title=f"{source.title} {place}".strip(),
        )


def _is_ours(header: Table) -> bool:
    """Whether a file with these columns is a table that is taken in row by row."""
    return is_faq(header) or kind_of(header) is not None or set(BULLETIN) <= set(header.columns)


def _refuse_hidden(name: str, sheet: str, table: Table) -> None:
    """Nobody is to publish what they do not see; and a column that says who may read the rows can't be left out. Raises
    UnreadableTable."""
    if table.hidden:
        place = f"のシート「{sheet}」" if sheet else " "
        raise UnreadableTable(
            f"ファイル {name}{place}の非表示の列（{'、'.join(c or '列名なし' for c in table.hidden)}）に文章があります。"
            "Excel で列を再表示するか、要らない列を削除して、保存し直してください。"
        )


def _parsed(
    name: str, sheet: str, table: Table, taken: Collection[str], forbidden: Forbidden
) -> tuple[list[Entry], list[Refusal]]:
    titled = replace(table, title=f"ファイル名 {name}") if names_staff(name) else table
    try:
        return parse_faq(titled, taken, forbidden)
    except UnreadableTable as e:
        place = f"のシート「{sheet}」" if sheet else " "
        raise UnreadableTable(f"ファイル {name}{place}の中に、{e.message}") from None


def _lacking(title: str, body: str, passages: Sequence[Passage]) -> str | None:
    """Why an article of a bulletin says nothing."""
    if not title or not body:
        return "記事タイトルか記事本文が空です"
    return None if passages else "記事本文に、見出しのほかの文章がありません"


def _nothing_good(name: str, what: str, refused: Sequence[Refusal]) -> InvalidInput:
    """What the city has is not given up for a file that says nothing."""
    told = told_together(refused)
    why, others = "、".join(said for said, _ in told[:_SHOWN_REFUSALS]), sum(rows for _, rows in told[_SHOWN_REFUSALS:])
    more = f" ほか{others}行" if others else ""
    reason = why + more if refused else "見出しのほかに、行がありません。"
    return InvalidInput(f"ファイル {name} には、登録できる行がありません。前の{what}をそのまま使います。{reason}")


def _refuse_questions(book: Book, name: str) -> None:
    """Refuse as a document what was meant as a FAQ: what a row keeps for staff would be shown to all whom the document is for."""
    for sheet, number, header in book.headers():
        if is_faq(header) or tells_readers(header):
            raise InvalidInput(
                f"ファイル {name} のシート「{sheet}」の{number}行目は、FAQ の列名のようです。FAQ は、先頭のシートの"
                f"{HEADER_WITHIN_LINES}行目までに、使える列名を書いてください。文書は、公開範囲の列を除いてください。"
            )


def _read(path: Path, name: str) -> tuple[str, list[Block], tuple[int, ...]]:
    """A document's own title, its blocks and the pages that can't be read. A process of its own reads it: nothing of the file is
    run or believed here."""
    if not path.stat().st_size:
        raise InvalidInput(f"ファイル {name} には何も書かれていません。")
    try:
        said: Any = run_confined(_READ, path, needs=[module_for(path)])
        if "fault" in said:
            raise InvalidInput(_FAULTS.get(said["fault"], _BROKEN).format(name))
        blocks = [
            Block(text=str(b["text"]), level=int(b["level"]), page=None if b["page"] is None else int(b["page"]))
            for b in said["blocks"]
        ]
        return str(said["title"]), blocks, tuple(map(int, said["unread"]))
    except (GaveUp, KeyError, TypeError, ValueError):
        raise InvalidInput(
            f"ファイル {name} は壊れているか特殊な形のため、決めた時間とメモリの中で読み取れませんでした。保存し直してください。"
        ) from None


def _without_markup(text: str) -> str:
    return html.unescape(re.sub(r"<[^<>]{1,2000}>", "", text)).strip()
