"""What becomes of residents' questions, counted by the day: answered, offered a choice, sent to a counter, and which entries were
offered and taken. Of what anybody asked, and of who it was, nothing is kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from time import monotonic
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from core.audience import Audience
from core.clock import Clock
from core.database import metadata
from core.logging import logger
from core.settling import SETTLE_S, Settling
from dialogue.answer import Act, Answer, Band
from dialogue.utterance import Utterance

DAYS = 30  #: that editors are shown
FEWEST = 3  #: times that an entry was offered and not taken; fewer are chance
KEPT_DAYS = 400  #: a year and a month, so that one year can be seen beside the last
_EVERY_S = 60.0
_COUNTED = (Act.QUESTION, Act.GARBAGE, Act.TABLE)
_log = logger("tallies")

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("kb", sa.String, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("what", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),  # a counter's, or the id of an entry; empty where it is of all
    sa.Column("count", sa.Integer, nullable=False),
)


class What(StrEnum):
    """What is counted."""

    ANSWERED = "answered"
    OFFERED = "offered"  #: a choice between entries
    HANDED = "handed"  #: to the counter that is named
    ENTRY_OFFERED = "entry-offered"
    ENTRY_TAKEN = "entry-taken"


class _Key(NamedTuple):
    day: date
    what: What
    name: str


_OF_ALL = {Band.ANSWER: What.ANSWERED, Band.CLARIFY: What.OFFERED}


class Tallies:
    """Counts in memory, and every minute in the database: nobody waits for it to be told an answer. Thread-safe."""

    def __init__(self, engine: Engine, kb: str, clock: Clock, settle_s: float = SETTLE_S) -> None:
        self._engine, self._kb, self._clock = engine, kb, clock
        self._settling = Settling(settle_s)
        self._lock = threading.Lock()
        self._counts: Counter[_Key] = Counter()
        self._stop = threading.Event()

    def note(self, utterance: Utterance, answer: Answer, *, is_taken: bool) -> None:
        """Count what a resident was told; a choice that is taken is no other question."""
        if utterance.audience is not Audience.RESIDENT or answer.act not in _COUNTED:
            return
        day = self._clock().date()
        with self._lock:
            self._counts.update(_Key(day, what, name) for what, name in _told(utterance, answer, is_taken=is_taken))

    def start(self) -> None:
        self._stop.clear()
        threading.Thread(target=self._keep_on, name="tallies", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        self.keep()

    def keep(self) -> None:
        """Add what was counted since to the database, and forget what is over its time once the clock has settled; later where it
        can't be written now."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            may_forget = self._settling.has_settled(self._clock(), monotonic())
        if not counts:
            return
        try:
            with self._engine.begin() as c:
                if may_forget:
                    c.execute(sa.delete(tallies).where(tallies.c.day < self._clock().date() - timedelta(days=KEPT_DAYS)))
                c.execute(_added(c.dialect.name), [{"kb": self._kb, "count": n, **key._asdict()} for key, n in counts.items()])
        except sa.exc.SQLAlchemyError:
            _log.warning("tallies_not_kept")
            with self._lock:
                self._counts.update(counts)

    def since(self, day: date) -> dict[What, Counter[str]]:
        """What was counted from a day on, by name."""
        t = tallies.c
        query = sa.select(t.what, t.name, sa.func.sum(t.count).label("n")).where(t.kb == self._kb, t.day >= day)
        found: dict[What, Counter[str]] = {what: Counter() for what in What}
        with self._engine.connect() as c:
            for row in c.execute(query.group_by(t.what, t.name)):
                found[What(row.what)][row.name] = row.n
        return found

    def _keep_on(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self.keep()


def passed_by(counted: Mapping[What, Counter[str]]) -> list[str]:
    """The ids of entries that were offered and not taken, the most often passed by first."""
    offered, taken = counted[What.ENTRY_OFFERED], counted[What.ENTRY_TAKEN]
    passed = {i: n - taken[i] for i, n in offered.items() if n - taken[i] >= FEWEST}
    return sorted(passed, key=lambda i: (-passed[i], i))


def _told(utterance: Utterance, answer: Answer, *, is_taken: bool) -> list[tuple[What, str]]:
    if is_taken and utterance.entry_id:
        return [(What.ENTRY_TAKEN, utterance.entry_id)]
    if answer.band is Band.HANDOFF:
        return [(What.HANDED, answer.contact.department if answer.contact else "")]
    offered = answer.suggestions if answer.band is Band.CLARIFY else ()
    return [(_OF_ALL[answer.band], ""), *((What.ENTRY_OFFERED, s.entry_id) for s in offered)]


def _added(dialect: str) -> sa.Insert:
    """Adds to what is counted already; other processes count, too."""
    insert: Callable[[sa.Table], postgresql.Insert | sqlite.Insert]
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(tallies)
    more = {"count": tallies.c.count + statement.excluded.count}
    return statement.on_conflict_do_update(index_elements=list(tallies.primary_key), set_=more)
