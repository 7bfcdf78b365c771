"""`madoguchi calls import|list|show|retry|hold|lift`: recorded calls in, call records out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from asr.keeping.hold import Hold
from asr.keeping.keeping import Kept
from asr.keeping.log import Deed, Person
from asr.recording import Recording, State
from core.clock import place
from core.errors import AlreadyTaken, InvalidInput, MadoguchiError
from core.jobs import Role
from core.passing import Passing
from core.settings import load_settings
from server.commands.options import grouped
from server.commands.user import user
from server.parts import Parts
from server.recorded import Recorded, open_recorded
from telephony.call import OTHER_NAME, OUR_NAME, CallRecord, Parties, parse_started_at
from telephony.calls import Calls, asides
from telephony.joining import joined
from telephony.repository import Days

calls = typer.Typer(help="通話の録音の取り込み、一覧、表示", no_args_is_help=True)

STATES = {State.QUEUED: "待機中", State.WORKING: "処理中", State.DONE: "完了", State.FAILED: "失敗"}
_BLOCK_BYTES = 1 << 20
_POLL_S = 0.3


@dataclass(frozen=True, kw_only=True)
class SideOptions:
    """The two sides as files of their own."""

    ours: Annotated[Path | None, typer.Option(metavar="ファイル", help="市役所側だけの録音(ファイルの代わりに --other と)")] = (
        None
    )
    other: Annotated[Path | None, typer.Option(metavar="ファイル", help="相手側だけの録音")] = None


@dataclass(frozen=True, kw_only=True)
class PartyOptions:
    """Who spoke, and when."""

    our_channel: Annotated[int, typer.Option(min=0, max=1, help="市役所側のチャンネル: 0=左、1=右")] = 0
    our_name: Annotated[str, typer.Option(help="市役所側の名前(例: 市役所（市民課）)")] = OUR_NAME
    other_name: Annotated[str, typer.Option(help="相手側の名前")] = OTHER_NAME
    number: Annotated[str | None, typer.Option(help="相手の電話番号")] = None
    started_at: Annotated[str, typer.Option(metavar="日時", help="通話の開始(例: 2026-11-22T13:05)")] = ""

    @property
    def parties(self) -> Parties:
        return Parties(
            our_channel=self.our_channel,
            our_name=self.our_name,
            other_name=self.other_name,
            caller_number=self.number,
            started_at=parse_started_at(self.started_at),
        )


@calls.command("import")
@grouped
def import_calls(
    files: Annotated[list[Path] | None, typer.Argument(metavar="ファイル", help="左右に声が分かれたステレオの録音")] = None,
    *,
    sides: SideOptions,
    spoke: PartyOptions,
    again: Annotated[bool, typer.Option("--again", help="もう取り込んだ録音でも、もう一度取り込みます")] = False,
) -> None:
    """録音を通話記録として取り込み、文字起こしが終わるまで待ちます。途中で止めても、取り込んだ録音は失われません。

    両側を別々に録音した二つのファイルは、ファイルの代わりに --ours と --other で渡します。初めをそろえて、一つの録音にします。
    """
    pair = (sides.ours, sides.other) if sides.ours and sides.other else None
    if bool(files) == bool(pair) or (pair is None and (sides.ours or sides.other)):
        raise InvalidInput("ステレオの録音を一つ以上か、--ours と --other の両方を指定してください。")
    parts = Parts(load_settings())
    parts.passing.sweep()
    recorded = _recorded(parts)
    recorded.start()
    try:
        taking = Import(recorded=recorded, passing=parts.passing, parties=spoke.parties, again=again)
        whole = taking.run(files or [], pair)
    finally:
        recorded.stop()
    if not whole:
        raise typer.Exit(1)


@calls.command("list")
def list_calls(
    words: Annotated[str, typer.Argument(metavar="言葉", help="この言葉が名前、番号、ファイル名、発言にある通話だけ")] = "",
    *,
    held: Annotated[bool, typer.Option("--held", help="保全中のものだけ")] = False,
    since: Annotated[datetime | None, typer.Option(metavar="日", formats=["%Y-%m-%d"], help="この日から(例: 2026-11-16)")] = None,
    until: Annotated[datetime | None, typer.Option(metavar="日", formats=["%Y-%m-%d"], help="この日まで(例: 2026-11-22)")] = None,
) -> None:
    """通話記録の一覧を、新しい順に表示します。"""
    table = Table("ID", "開始", "市役所側", "相手側", "長さ", "状態", "保存", "ファイル")
    desk = _open().calls
    days = Days(since=since and since.date(), until=until and until.date())
    found = desk.records.find(words, held_on=desk.keeping.today if held else None, days=days).calls
    kept = desk.keeping.of(call.recording for call in found)
    for call in found:
        recording, parties = call.recording, call.parties
        length = f"{recording.duration_s:,.0f}秒" if recording.duration_s is not None else "—"
        our_name, other_name = parties.our_name, parties.name(parties.side(1 - parties.our_channel))
        state, kept_until = STATES[recording.state], _kept(kept[call.id])
        table.add_row(call.id, _when(parties.started_at), our_name, other_name, length, state, kept_until, recording.file_name)
    console = Console(markup=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)


@calls.command()
def show(call_id: Annotated[str, typer.Argument(metavar="ID", help="通話のID(一覧で確認できます)")]) -> None:
    """通話のようすを、保留や音声の欠落も入れて、時刻の順に表示します。"""
    desk = _open().calls
    call = desk.records.get(call_id)
    desk.log.look(call_id, Deed.READ, _user())
    recording = call.recording
    typer.echo(f"{recording.file_name}　開始: {_when(call.parties.started_at)}　状態: {STATES[recording.state]}")
    if recording.message:
        typer.echo(recording.message)
    told = [(aside.at_s, aside.line) for aside in asides(call)]
    told += [(line.segment.start_s, f"{line.segment.speaker}: {line.segment.text}") for line in desk.dialogue(call)]
    for at_s, text in sorted(told, key=itemgetter(0)):
        typer.echo(f"[{place(at_s)}] {text}")


@calls.command()
def hold(
    call_id: Annotated[str, typer.Argument(metavar="ID", help="通話のID(一覧で確認できます)")],
    *,
    reason: Annotated[str, typer.Option(help="保全する理由")],
    until: Annotated[datetime | None, typer.Option(metavar="日", formats=["%Y-%m-%d"], help="最後の日(例: 2031-11-22)")] = None,
    instead: Annotated[bool, typer.Option("--instead", help="今の保全に替えて、この理由と期限にする")] = False,
) -> None:
    """通話を保全します。保存の期間が過ぎても消えず、画面からも消せません。--until がなければ、解除するまで続きます。"""
    desk = _open().calls
    lasting = _hold_of(desk, call_id)
    if lasting and not instead:
        raise InvalidInput(f"もう保全しています({_held(lasting)})。この保全に替えるときは --instead を付けてください。")
    by, last = _user(), until.date() if until else None
    wanted = Hold(reason=reason, until=last, by=by.name, at=desk.clock())
    desk.keeping.hold(call_id, wanted, by, seen=lasting.at if lasting else None)
    _say("保全しました", typer.colors.GREEN)


@calls.command()
def lift(call_id: Annotated[str, typer.Argument(metavar="ID", help="通話のID(一覧で確認できます)")]) -> None:
    """通話の保全を解除します。保存の期間を過ぎていれば、すぐに消えます。"""
    desk = _open().calls
    lasting = _hold_of(desk, call_id)
    if lasting is None:
        _say("保全していません", typer.colors.YELLOW)
        return
    desk.keeping.lift(call_id, _user(), seen=lasting.at)
    _say(f"保全を解除しました({_held(lasting)})", typer.colors.GREEN)


@calls.command()
def retry(call_id: Annotated[str, typer.Argument(metavar="ID", help="通話のID(一覧で確認できます)")]) -> None:
    """失敗した文字起こしを、もう一度始めて、終わるまで待ちます。"""
    recorded = _open()
    recorded.start()
    try:
        call = recorded.calls.records.get(call_id)
        recorded.calls.transcription.retry(call_id)
        whole = finished(recorded, [call])
    finally:
        recorded.stop()
    if not whole:
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True)
class Import:
    """The files of one call of the command."""

    recorded: Recorded
    passing: Passing
    parties: Parties
    again: bool

    def run(self, files: list[Path], pair: tuple[Path, Path] | None) -> bool:
        """Take all in, then wait for all. False when any could not be done."""
        takes: list[tuple[str, Callable[[str], CallRecord]]] = [(file.name, partial(self._accept, file)) for file in files]
        takes += [(_joined_name(*pair), partial(self._join, *pair))] if pair else []
        accepted, whole = [], True
        for name, take in takes:
            try:
                accepted.append(take(name))
            except AlreadyTaken as e:
                _say(f"{name}: {e.message} ID: {e.record_id}。もう一度取り込むときは --again を付けます。", typer.colors.YELLOW)
            except MadoguchiError as e:
                _say(f"{name}: {e.message}", typer.colors.RED)
                whole = False
        return finished(self.recorded, accepted) and whole

    def _accept(self, file: Path, name: str) -> CallRecord:
        _require_file(file)
        return self._take_in(_blocks(file), name)

    def _join(self, ours: Path, other: Path, name: str) -> CallRecord:
        for file in (ours, other):
            _require_file(file)
        longest_s = self.recorded.calls.transcription.longest_recording_s
        with self.passing.folder() as work:
            return self._take_in(joined(("市役所側", ours), ("相手側", other), work, longest_s=longest_s), name)

    def _take_in(self, blocks: Iterator[bytes], name: str) -> CallRecord:
        by = _user().name
        return self.recorded.calls.accept(blocks, file_name=name, parties=self.parties, imported_by=by, again=self.again)


def finished(recorded: Recorded, accepted: list[CallRecord]) -> bool:
    """Wait for all of these calls, and tell of each. False when any could not be done."""
    whole = True
    for call in Waiting(recorded=recorded).each(accepted):
        recording = recorded.calls.records.get(call.id).recording
        done = recording.state is State.DONE
        text = f"通話記録 {call.id} に取り込みました" if done else recording.message
        _say(f"{recording.file_name}: {text}", typer.colors.GREEN if done else typer.colors.RED)
        whole = whole and done
    return whole


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """For calls to be transcribed, with a bar for each."""

    recorded: Recorded

    def each(self, accepted: list[CallRecord]) -> Iterator[CallRecord]:
        """Each call once it is finished."""
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            tasks = {call.id: bar.add_task(call.recording.file_name, total=1.0) for call in accepted}
            waiting = list(accepted)
            while waiting:
                for call in list(waiting):
                    recording = self._recording(call)
                    bar.update(tasks[call.id], completed=recording.progress)
                    if recording.state in (State.DONE, State.FAILED):
                        waiting.remove(call)
                        yield call
                time.sleep(_POLL_S if waiting else 0)

    def _recording(self, call: CallRecord) -> Recording:
        return self.recorded.calls.records.get(call.id).recording


def _user() -> Person:
    return Person(name=user())


def _open() -> Recorded:
    return _recorded(Parts(load_settings()))


def _recorded(parts: Parts) -> Recorded:
    return open_recorded(parts.settings, parts.database, parts.blobs, Role.COMMAND, parts.recogniser)


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise InvalidInput("ファイルが見つかりません。名前と場所を確認してください。")


def _joined_name(ours: Path, other: Path) -> str:
    return f"{ours.stem}＋{other.stem}.wav"


def _blocks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as f:
            while block := f.read(_BLOCK_BYTES):
                yield block
    except PermissionError:
        raise InvalidInput("ファイルを開く権限がありません。ファイルの権限を確認してください。") from None


def _say(line: str, colour: str) -> None:
    typer.secho(line, fg=colour, err=True)


def _hold_of(desk: Calls, call_id: str) -> Hold | None:
    return desk.keeping.of([desk.records.get(call_id).recording])[call_id].hold


def _held(hold: Hold) -> str:
    return f"理由: {hold.reason}、期限: {hold.until or '解除するまで'}、{hold.by}"


def _kept(kept: Kept) -> str:
    if kept.hold:
        return f"保全中({kept.hold.until or '解除するまで'})"
    return f"{kept.until}まで" if kept.until else "—"


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "—"
