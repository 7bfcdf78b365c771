"""The life of an entry: draft, review, approved, retired; every version is kept with who made it and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from core.errors import InvalidInput, NotFound, Superseded
from retrieval.entry import Entry
from retrieval.finding import Finding
from retrieval.schema import entries, kb_writes, revisions

_FIRST = ("kb", "id", "number", "state", "content", "content_hash", "at", "by")  #: columns of a version without a note
MOST_ASKED_FOR = 500  #: ids by name; beyond that all are read
IMPORT = "import"  #: who made a version that came with a file

Content = Mapping[str, object]
"""What an entry says, in two columns: `content`, and `content_hash`, which is worked out but once."""


class State(StrEnum):
    """Where a version of an entry stands. Only approved ones are answers, within their days."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    RETIRED = "retired"


WAITING = (State.DRAFT, State.REVIEW)
_STATE_NAMES = MappingProxyType(
    {State.DRAFT: "下書き", State.REVIEW: "確認待ち", State.APPROVED: "承認済み", State.RETIRED: "公開終了"}
)
_NEXT: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.DRAFT, State.REVIEW, State.APPROVED, State.RETIRED}),
        State.REVIEW: frozenset({State.DRAFT, State.APPROVED, State.RETIRED}),
        State.APPROVED: frozenset({State.DRAFT, State.APPROVED, State.RETIRED}),
        State.RETIRED: frozenset({State.DRAFT, State.APPROVED}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an entry."""

    number: int
    state: State
    entry: Entry
    at: datetime
    by: str
    note: str = ""  #: what was said with the step that made it: why it was sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry stands: its last version, and the approved one that answers, if any."""

    last: Revision
    serving: Entry | None

    def name(self, at: datetime) -> str:
        """「承認済み」「公開前」「期限切れ」 …, for people."""
        served = self.served_name(at)
        if self.last.state is State.APPROVED and served:
            return served
        return state_name(self.last.state) + (f"（{served}の版あり）" if served and self.last.state is not State.RETIRED else "")

    def served_name(self, at: datetime) -> str:
        """Whether the approved version answers at this hour, not yet or no more; empty where there is none."""
        if self.serving is None:
            return ""
        if self.serving.has_ended(at):
            return "期限切れ"
        return "公開中" if self.serving.is_valid_at(at) else "公開前"

    def leaves_gap(self, at: datetime) -> bool:
        """Whether the last version can't be approved, since nothing would answer until it begins."""
        return self.last.state in WAITING and self.last.entry.leaves_gap_after(self.serving, at)


def state_name(state: State) -> str:
    return _STATE_NAMES[state]


class Revisions:
    """All versions of one database's entries. Each change is one transaction with what is served."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standings(self, kb: str, text: str = "") -> list[Standing]:
        """Every entry in the order of its id, or those that all words of `text` stand in."""
        with self._engine.begin() as c:
            take_over(c, kb)
            rows = c.execute(newest(kb)).all()
            served = c.execute(sa.select(entries.c.id, entries.c.content).where(entries.c.kb == kb)).all()
        serving = {r.id: Entry.from_json(r.content) for r in served}
        found = [Standing(last=revision_of(row), serving=serving.get(row.id)) for row in rows]
        wanted = Finding(text)
        return [s for s in found if wanted.finds(s.last.entry)]

    def waiting(self, kb: str) -> list[Revision]:
        """The last versions that are drafts or to be checked, in the order of their ids."""
        query = newest(kb).where(revisions.c.state.in_([state.value for state in WAITING]))
        with self._engine.connect() as c:
            return [revision_of(row) for row in c.execute(query)]

    def last(self, kb: str, ids: Collection[str]) -> dict[str, Revision]:
        """The last version of each of some entries; nothing for those that there are none of."""
        wanted, query = set(ids), among(newest(kb), revisions.c.id, ids)
        with self._engine.begin() as c:
            take_over(c, kb)
            return {row.id: revision_of(row) for row in c.execute(query) if row.id in wanted}

    def history(self, kb: str, entry_id: str) -> list[Revision]:
        """Every version of an entry, the first first. Raises NotFound when there is none."""
        query = sa.select(revisions).where(revisions.c.kb == kb, revisions.c.id == entry_id).order_by(revisions.c.number)
        with self._engine.begin() as c:
            take_over(c, kb)
            found = [revision_of(row) for row in c.execute(query)]
        if not found:
            raise NotFound(f"項目「{entry_id}」はありません。番号を確かめてください。")
        return found

    def draft(self, kb: str, entry: Entry, *, by: str, at: datetime, over: str | None = None) -> None:
        """Keep a new version without serving it. What answers now goes on answering.

        `over` is the content hash of the version that the text was made from, empty where it was made from none.

        Raises:
            Superseded: the last version is another one. Two who write at once bury nothing of each other's.
            InvalidInput: the name stands for files.
        """
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            before = last_of(c, kb, entry.id)
            if before is not None and before.entry != entry and over not in (None, before.entry.content_hash):
                raise Superseded
            if before is None or before.entry != entry or before.state is not State.DRAFT:
                append(c, kb, entry, state=State.DRAFT, by=by, at=at)

    # `seen` is the number of the version that was read before: nothing is done with a text that came after it. `note` is kept
    # with the version that a step makes: why it was sent back, what is to be looked at.

    def submit(self, kb: str, entry_id: str, *, by: str, at: datetime, seen: int | None = None, note: str = "") -> None:
        """Ask for a draft to be checked. Raises NotFound, Superseded, or InvalidInput when it is no draft."""
        self._move(kb, entry_id, State.REVIEW, by=by, at=at, seen=seen, note=note)

    def return_to_draft(self, kb: str, entry_id: str, *, by: str, at: datetime, seen: int | None = None, note: str = "") -> None:
        """Send a version that was to be checked back. Raises NotFound, Superseded, or InvalidInput when there is none."""
        self._move(kb, entry_id, State.DRAFT, by=by, at=at, seen=seen, note=note)

    def approve(self, kb: str, entry_id: str, *, by: str, at: datetime, seen: int | None = None, note: str = "") -> None:
        """Serve the last version from now on, within its days. Raises NotFound, Superseded, InvalidInput when that can't be, or
        nothing would answer until its days begin."""
        self._move(kb, entry_id, State.APPROVED, by=by, at=at, seen=seen, note=note)

    def retire(self, kb: str, entry_id: str, *, by: str, at: datetime, seen: int | None = None, note: str = "") -> None:
        """Take the entry out of service, or discard a draft that never answered; its versions stay. Raises NotFound, Superseded,
        or InvalidInput when it is retired already."""
        self._move(kb, entry_id, State.RETIRED, by=by, at=at, seen=seen, note=note)

    def restore(
        self, kb: str, entry_id: str, number: int, *, by: str, at: datetime, seen: int | None = None, note: str = ""
    ) -> None:
        """Make an old version the newest draft. Raises NotFound, Superseded, or InvalidInput when it is the last anyway."""
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            before = _read(c, kb, entry_id, seen)
            where = (revisions.c.kb == kb, revisions.c.id == entry_id, revisions.c.number == number)
            row = c.execute(sa.select(revisions).where(*where)).first()
            if row is None:
                raise NotFound("その版はありません。画面を開き直して、版を選んでください。")
            entry = revision_of(row).entry
            if entry == before.entry:
                raise InvalidInput("その版は、最後の版と同じ内容です。")
            append(c, kb, entry, state=State.DRAFT, by=by, at=at, note=note)

    def _move(self, kb: str, entry_id: str, to: State, *, by: str, at: datetime, seen: int | None, note: str) -> None:
        refuse_import(by)
        with self._engine.begin() as c:
            alone(c, kb)
            take_over(c, kb)
            before = _read(c, kb, entry_id, seen)
            served = c.execute(sa.select(entries.c.content).where(entries.c.kb == kb, entries.c.id == entry_id)).scalar()
            retires_served = to is State.RETIRED and served is not None
            if before.state is to or not (to in _NEXT[before.state] or retires_served):
                raise InvalidInput(
                    f"この項目は今「{state_name(before.state)}」なので、「{state_name(to)}」にはできません。画面を開き直して確かめてください。"
                )
            # What is retired is what was served, not a draft of it: by that the import of its old file knows it.
            entry = Entry.from_json(served) if to is State.RETIRED and served is not None else before.entry
            if to is State.APPROVED:
                refuse_gap(entry, Entry.from_json(served) if served is not None else None, at)
            said = append(c, kb, entry, state=to, by=by, at=at, note=note)
            if to is State.APPROVED:
                serve(c, kb, entry, said, at, None if served is not None else next_position(c, kb))
            elif to is State.RETIRED:
                c.execute(sa.delete(entries).where(entries.c.kb == kb, entries.c.id == entry_id))


def refuse_gap(entry: Entry, served: Entry | None, at: datetime) -> None:
    """Raises InvalidInput for a version that is not to answer yet, and would take away what answers until then."""
    if entry.leaves_gap_after(served, at):
        raise InvalidInput(
            f"項目「{entry.id}」は公開開始日が先のため、承認すると、今の回答がその日まで出なくなります。承認していません。"
            "別の番号の項目にするか、公開開始日を消してから承認してください。"
        )


def alone(c: Connection, kb: str) -> None:
    """Wait for others who write entries of this knowledge base, within a transaction: each version's number follows the last.
    SQLite has one writer anyway. That it is written is counted, for those who make something of it."""
    is_postgres = c.dialect.name == "postgresql"
    if is_postgres:
        c.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('madoguchi entries'), hashtext(:kb))"), {"kb": kb})
    first = (postgresql.insert if is_postgres else sqlite.insert)(kb_writes).values(kb=kb, number=1)
    c.execute(first.on_conflict_do_update(index_elements=[kb_writes.c.kb], set_={"number": kb_writes.c.number + 1}))


def times_written(c: Connection, kb: str) -> int:
    """How often a knowledge base was written, be it with nothing new."""
    return c.execute(sa.select(kb_writes.c.number).where(kb_writes.c.kb == kb)).scalar() or 0


def take_over(c: Connection, kb: str) -> None:
    """Give entries of a database that kept no versions their first one: what they are now."""
    known = sa.select(revisions.c.id).where(revisions.c.kb == kb, revisions.c.id == entries.c.id).exists()
    first = sa.select(
        entries.c.kb,
        entries.c.id,
        sa.literal(1),
        sa.literal(State.APPROVED.value),
        entries.c.content,
        entries.c.content_hash,
        entries.c.updated_at,
        sa.literal(IMPORT),
    ).where(entries.c.kb == kb, ~known)
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    c.execute(insert(revisions).from_select(_FIRST, first).on_conflict_do_nothing())


def append(c: Connection, kb: str, entry: Entry, *, state: State, by: str, at: datetime, note: str = "") -> Content:
    """Add a version, within a transaction; what it says, as it is kept."""
    before = sa.select(sa.func.max(revisions.c.number)).where(revisions.c.kb == kb, revisions.c.id == entry.id)
    number = (c.execute(before).scalar() or 0) + 1
    said: Content = {"content": entry.to_json(), "content_hash": entry.content_hash}
    values: dict[str, object] = {"number": number, "state": state.value, "at": at, "by": by, "note": note or None}
    c.execute(sa.insert(revisions).values(kb=kb, id=entry.id, **values, **said))
    return said


def serve(c: Connection, kb: str, entry: Entry, said: Content, at: datetime, position: int | None) -> None:
    """Replace an entry that is served, or add it at a position."""
    values = {**said, "audience": entry.audience.value, "updated_at": at}
    if position is None:
        c.execute(sa.update(entries).where(entries.c.kb == kb, entries.c.id == entry.id).values(**values))
    else:
        c.execute(sa.insert(entries).values(kb=kb, id=entry.id, position=position, **values))


def next_position(c: Connection, kb: str) -> int:
    """After all that is served."""
    last = c.execute(sa.select(sa.func.max(entries.c.position)).where(entries.c.kb == kb)).scalar()
    return 0 if last is None else last + 1


def among(query: sa.Select[Any], column: sa.Column[Any], ids: Collection[str]) -> sa.Select[Any]:
    """Only what is of some entries, by their ids. Of many all others come, too."""
    return query.where(column.in_(ids)) if len(ids) <= MOST_ASKED_FOR else query


def newest(kb: str) -> sa.Select[Any]:
    """The last version of every entry, in the order of its id."""
    last = sa.select(revisions.c.id, sa.func.max(revisions.c.number).label("number")).where(revisions.c.kb == kb)
    numbers = last.group_by(revisions.c.id).subquery()
    where = (revisions.c.kb == kb, revisions.c.id == numbers.c.id, revisions.c.number == numbers.c.number)
    return sa.select(revisions).where(*where).order_by(revisions.c.id)


def last_of(c: Connection, kb: str, entry_id: str) -> Revision | None:
    where = (revisions.c.kb == kb, revisions.c.id == entry_id)
    row = c.execute(sa.select(revisions).where(*where).order_by(revisions.c.number.desc()).limit(1)).first()
    return revision_of(row) if row else None


def _read(c: Connection, kb: str, entry_id: str, seen: int | None) -> Revision:
    """The last version of an entry. Raises NotFound, or Superseded when it is not the one that was seen."""
    last = last_of(c, kb, entry_id)
    if last is None:
        raise NotFound(f"項目「{entry_id}」はありません。番号を確かめてください。")
    if seen is not None and seen != last.number:
        raise Superseded
    return last


def refuse_import(by: str) -> None:
    """A person may not go by the name that stands for files: what a file's import retired comes back with the file."""
    if by == IMPORT:
        raise InvalidInput(f"「{IMPORT}」は、ファイルから登録したことを表す名前です。お名前を入力してください。")


def revision_of(row: sa.Row[tuple[object, ...]]) -> Revision:
    entry = Entry.from_json(row.content)
    return Revision(number=row.number, state=State(row.state), entry=entry, at=row.at, by=row.by, note=row.note or "")
