"""`madoguchi kb import|build|export|search|rollback`; the life of single entries is in `entries.py`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from core.audience import Audience
from core.errors import InvalidInput, MadoguchiError, NotFound
from core.logging import logger
from core.settings import load_settings
from retrieval.entry import Entry
from retrieval.exporting import export_all, export_faq
from retrieval.given import Given, Options, files_in, parts_of_pages
from retrieval.importing import FileReport
from retrieval.knowledge import Knowledge
from retrieval.originals import Sent
from retrieval.revisions import State
from retrieval.sources import as_in_ids
from server.commands.user import named
from server.import_report import DRAWN_WITH, MOST_COMPARED, Told, fault_in, is_unexpected, others
from server.parts import Parts

kb = typer.Typer(help="知識ベースの登録、書き出し、検索", no_args_is_help=True)


def _name(text: str) -> str:
    """A knowledge base's name, which is a folder's too. Raises InvalidInput for what would lie among another one's files."""
    if not text.strip() or "/" in text or text.startswith(".") or not text.isprintable():
        raise InvalidInput("知識ベースの名前には、「/」と、先頭の「.」を使えません。soo のような短い名前にしてください。")
    return text


Name = Annotated[str, typer.Option("--kb", help="知識ベースの名前", callback=_name)]
By = Annotated[str, typer.Option(help="記録に残す名前。空なら OS の利用者名")]

_SHOWN_OVERLAPS = 30
_SHOWN_LEFT = 30
_log = logger("imports")


class Readers(StrEnum):
    """Who may read documents."""

    RESIDENT = "resident"
    STAFF = "staff"
    DEPARTMENT = "department"

    @property
    def audience(self) -> Audience:
        return Audience.RESIDENT if self is Readers.RESIDENT else Audience.STAFF


@kb.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="ファイル",
            help="FAQ や市の表(CSV、Excel、JSON)、文書(PDF、Word、Excel、HTML、Markdown、テキスト)、またはフォルダ",
        ),
    ],
    kb: Name,
    state: Annotated[State, typer.Option(help="どの状態で登録するか。approved(承認済み)か draft(下書き)")] = State.APPROVED,
    audience: Annotated[
        Readers, typer.Option(help="文書を誰に見せるか。department は --department の課の職員だけ(FAQ は行ごとの公開範囲)")
    ] = Readers.STAFF,
    department: Annotated[str, typer.Option(help="文書の担当課")] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="画面で直した項目も、公開を終えた項目も、ファイルの内容に替える")
    ] = False,
    by: By = "",
) -> None:
    """ファイルを登録し、索引を作り直します。結果を1行ずつ報告します。"""
    if state not in (State.APPROVED, State.DRAFT):
        raise InvalidInput("--state には approved か draft を指定してください。")
    settings = load_settings()
    knowledge = Parts(settings).knowledge
    options = Options(
        state=state,
        audience=audience.audience,
        department=department or None,
        confined=audience is Readers.DEPARTMENT,
        overwrite=overwrite,
        sent=Sent(key=_new_key(), by=named(by)),
    )
    found = _found(files, options)
    with knowledge.taking_in(kb):
        imported, failed = _taken(knowledge, kb, found)
        if state is State.DRAFT and kb == settings.kb:
            _tell_where_to_approve(found)
        if failed < len(found):  # else there may be nothing to make an index of
            build_with_progress(knowledge, kb)
    _report_overlaps(knowledge, kb, imported)
    if failed:
        raise typer.Exit(1)


def _taken(knowledge: Knowledge, kb: str, found: Sequence[Given]) -> tuple[list[Entry], int]:
    """What was new of FAQs, and how many files could not be taken in. Each is told of."""
    failed = 0
    imported: list[Entry] = []
    taken: dict[str, Path] = {}
    for file in found:
        try:
            _refuse_second(file, taken)
            done = knowledge.import_file(file.path, kb, name=file.name, options=file.options)
            _report(done)
            imported += done.written if done.kind == "faq" else ()
        except MadoguchiError as e:
            failed += 1
            typer.secho(e.message, fg=typer.colors.RED, err=True)
        except Exception as e:  # noqa: BLE001 - each file for itself: those before it are stored, and are to be served
            failed += 1
            if is_unexpected(e):
                _log.exception("not_imported")
            typer.secho(fault_in(file.name, e), fg=typer.colors.RED, err=True)
    return imported, failed


def _new_key() -> str:
    return uuid.uuid4().hex


def _found(files: Sequence[Path], options: Options) -> list[Given]:
    """The files that are named, and those of folders. Raises NotFound before anything is taken in."""
    if missing := [str(given) for given in files if not given.exists()]:
        raise NotFound(f"{'、'.join(missing)} が見つかりません。名前と場所を確かめてください。")
    found = _sent_apart([file for given in files for file in _of_documents(list(files_in(given, options)))])
    if not found:
        raise NotFound("登録できるファイルが見つかりません。指定したフォルダの中を確かめてください。")
    return found


def _of_documents(found: list[Given]) -> list[Given]:
    """Without what the pages of a website are drawn with, which is told of together."""
    drawn_with = parts_of_pages(file.name for file in found)
    if drawn_with:
        typer.echo(DRAWN_WITH.format(len(drawn_with)))
    return [file for file in found if file.name not in drawn_with]


def _sent_apart(found: Sequence[Given]) -> list[Given]:
    """The files, sent together but for those of a name that came before: an export has a FAQ and a document of one name."""
    apart, names = list[Given](), set[str]()
    for file in found:
        sent = file.options.sent
        again = sent is not None and file.name in names
        apart.append(replace(file, options=replace(file.options, sent=replace(sent, key=_new_key()))) if again and sent else file)
        names.add(file.name)
    return apart


def _tell_where_to_approve(found: Sequence[Given]) -> None:
    for key in dict.fromkeys(file.options.sent.key for file in found if file.options.sent):
        typer.echo(f"下書きは、職員用の画面の /staff/knowledge/sent/{key} で、まとめて確かめて承認できます。")


def _report_overlaps(knowledge: Knowledge, kb: str, imported: Sequence[Entry]) -> None:
    """Which of the imported entries ask what others ask; of many the first, since each takes a while in a large one."""
    compared, others = imported[:MOST_COMPARED], imported[MOST_COMPARED:]
    overlaps = knowledge.overlaps(kb, compared, _may_see) if compared else []
    for overlap in overlaps[:_SHOWN_OVERLAPS]:
        typer.secho(f"注意: {overlap.text}", fg=typer.colors.YELLOW, err=True)
    if more := overlaps[_SHOWN_OVERLAPS:]:
        typer.secho(
            f"ほかに {len(more)} 組の重なりがあります。職員用の画面の各項目で確かめられます。", fg=typer.colors.YELLOW, err=True
        )
    if others:
        typer.echo(f"重なりを確かめたのは、はじめの {MOST_COMPARED} 件です。ほかの項目は、職員用の画面の各項目で確かめられます。")


def _may_see(_: Entry) -> bool:
    """Who has the shell may read the database."""
    return True


def _refuse_second(file: Given, taken: dict[str, Path]) -> None:
    """Refuse another file of a name that was taken before: it would replace the first one unseen. In an export a FAQ and a
    document may have the same."""
    if not file.is_exported and taken.setdefault(as_in_ids(file.name), file.path.absolute()) != file.path.absolute():
        raise InvalidInput(
            f"同じ名前のファイル {file.name} が別のフォルダにもあるため、{file.path} は登録しませんでした。"
            "名前を変えて登録してください。"
        )


@kb.command()
def ready(
    folder: Annotated[Path, typer.Argument(metavar="フォルダ", help="見本のフォルダ(faq/*.csv、*.csv、garbage/*.csv)")],
    kb: Name,
) -> None:
    """知識ベースがまだ空なら見本を登録し、見本のままなら足りない表を加え、索引を最新にします。すでにある内容には触れません。"""
    knowledge = Parts(load_settings()).knowledge
    files = sorted(f for pattern in ("faq/*.csv", "*.csv", "garbage/*.csv") for f in folder.glob(pattern))
    if not files:
        raise NotFound(f"フォルダ {folder} に登録できるCSVがありません。")
    for path in knowledge.missing(kb, files):
        _report(knowledge.import_file(path, kb))
    if knowledge.is_behind(kb):
        build_with_progress(knowledge, kb)
    if knowledge.is_rolled_back(kb):
        typer.echo(f"前の索引に戻してあります。最新の内容に替えるには、madoguchi kb build --kb {kb} を実行してください。")
    typer.echo(f"知識ベース「{kb}」の準備ができました。")


def _report(done: FileReport) -> None:
    told = Told.of(done)
    typer.echo(f"{told.file}({told.kind}): {told.counts}")
    if told.changed:
        typer.echo(f"  変更した項目: {told.changed}")
    for namesake in told.namesakes:
        typer.secho(
            f"  注意: 同じ題名の文書「{namesake}」も答えに使われています。古い版なら"
            f"「madoguchi kb retire {namesake} --kb …」で公開を終えてください。",
            fg=typer.colors.YELLOW,
            err=True,
        )
    for entry_id, why in told.left[:_SHOWN_LEFT]:
        typer.secho(
            f"  注意: 項目「{entry_id}」も答えに使われています。{why}"
            f"要らないときは「madoguchi kb retire {entry_id} --kb …」で公開を終えてください。",
            fg=typer.colors.YELLOW,
            err=True,
        )
    if more := told.left[_SHOWN_LEFT:]:
        typer.secho(f"  ほかに {len(more)} 件、同じような項目があります。", fg=typer.colors.YELLOW, err=True)
    if told.ended:
        typer.secho(
            f"  注意: 項目「{told.ended[0]}」{others(len(told.ended) - 1)}は、公開を終えているため、答えに使われません。"
            "使うときは「madoguchi kb approve 項目 --kb …」で承認するか、--overwrite を付けて登録し直してください。",
            fg=typer.colors.YELLOW,
            err=True,
        )
    for entry_id in told.kept:
        typer.secho(
            f"  項目「{entry_id}」は、登録のあとに画面で直されています。直した内容を残し、ファイルの内容は登録しませんでした。"
            "ファイルの内容にするときは --overwrite を付けてください。",
            fg=typer.colors.YELLOW,
            err=True,
        )
    for note in told.notes:
        typer.secho(f"  {note}", fg=typer.colors.YELLOW, err=True)


@kb.command()
def build(kb: Name) -> None:
    """索引が古いとき(モデルを替えたときなど)に作り直します。"""
    parts = Parts(load_settings())
    parts.repository.require(kb)
    build_with_progress(parts.knowledge, kb)


def build_with_progress(knowledge: Knowledge, kb: str) -> None:
    with bars() as show:
        knowledge.build(kb, show)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each thing that is being done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = progress.add_task(label, total=total)
            progress.update(tasks[label], completed=done, total=total)

        yield show


@kb.command()
def export(
    target: Annotated[
        Path, typer.Argument(metavar="書き出し先", help="書き出すCSVファイル、またはフォルダ(FAQ、市の表、文書のすべて)")
    ],
    kb: Name,
) -> None:
    """登録したときと同じ内容で書き出します。フォルダには、FAQ、市の表、文書のすべてを書きます。"""
    repository = Parts(load_settings()).knowledge.repository
    if target.is_dir() or not target.suffix:
        written = export_all(repository, kb, target)
        typer.echo(f"{len(written)} 個のファイルを {target} に書き出しました。")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    count = export_faq(repository, kb, target)
    typer.echo(f"{count} 件を {target} に書き出しました。")


@kb.command()
def search(
    kb: Name,
    queries: Annotated[Path, typer.Option(help="1行に {'id','text'} を1つ書いた JSONL")],
    run: Annotated[Path, typer.Option(help="結果のTSV: 質問id、項目id、順位、確からしさ(0〜1)")],
    top: Annotated[int, typer.Option(min=1, max=1000, help="質問ごとの件数")] = 10,
    audience: Annotated[Audience, typer.Option(help="誰が読んでよい項目を探すか")] = Audience.RESIDENT,
    department: Annotated[str, typer.Option(help="職員のうち、どの課として探すか")] = "",
) -> None:
    """たくさんの質問をまとめて検索し、順位をTSVに書きます。"""
    asked = _asked(queries)
    _prepare(run)  # before the long search, not after it
    parts = Parts(load_settings())
    parts.repository.require(kb)
    knowledge = parts.knowledge
    lines = []
    for query_id, text in asked:
        # A list has time: any of its questions may have been spoken.
        found = knowledge.search(text, kb, audience=audience, department=department or None, top=top, spoken=True)
        lines += [f"{query_id}\t{h.entry.id}\t{rank}\t{found.likelihood(h):.6g}\n" for rank, h in enumerate(found.hits, 1)]
    run.write_text("".join(lines), "utf-8", "backslashreplace")  # an id with half a character in it can still be told


def _asked(path: Path) -> list[tuple[str, str]]:
    """Id and text of each question. Raises NotFound, or InvalidInput with the number of a line that can't be read."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise NotFound(f"ファイル {path} を読み取れません。") from None
    found = [(number, _query(line)) for number, line in enumerate(lines, 1) if line.strip()]
    wrong = next((number for number, query in found if query is None), None)
    if wrong is not None:
        raise InvalidInput(f"{path.name} の {wrong}行目を読み取れません。id と text のあるJSONにしてください。")
    return [query for _, query in found if query is not None]


def _query(line: str) -> tuple[str, str] | None:
    """Id and text of a question, None where there is none; an id that would break the lines of the result is none."""
    try:
        query = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match query:
        case {"id": str() | int() as query_id, "text": str(text)} if not set("\t\r\n") & set(str(query_id)):
            return str(query_id), text
    return None


def _prepare(run: Path) -> None:
    """Make a file that can be written. Raises InvalidInput where that can't be."""
    try:
        run.parent.mkdir(parents=True, exist_ok=True)
        run.touch()
    except OSError:
        raise InvalidInput(f"結果を {run} に書けません。書き込める場所のファイル名を指定してください。") from None


@kb.command()
def rollback(kb: Name) -> None:
    """ひとつ前の索引に戻します。次に登録や build をするまで、その索引で答えます。"""
    for audience, name in Parts(load_settings()).knowledge.roll_back(kb).items():
        typer.echo(f"{'住民向け索引' if audience is Audience.RESIDENT else '職員向け索引'}: {name} に戻しました。")
