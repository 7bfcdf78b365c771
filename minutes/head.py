"""The head of minutes: when and where people met, who was there, who writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from core.database import metadata
from core.errors import InvalidInput, Superseded
from core.printable import printable

LONGEST = 2_000  #: characters of a part
_CHANGED = "ほかの画面で先に書かれました。今の内容を確かめてから、もう一度保存してください。"
_UNNAMED = re.compile("話者[0-9]+$")

_heads = sa.Table(
    "minutes_heads",
    metadata,
    sa.Column("recording_id", sa.ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("present", sa.Text, nullable=False),
    sa.Column("absent", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above minutes, beside the name and the day of the meeting. What is empty is left out."""

    hours: str = ""  #: from when until when
    place: str = ""
    present: str = ""
    absent: str = ""
    author: str = ""  #: who writes the minutes

    def checked(self) -> Head:
        """The same as it can be kept, in one line each. Raises InvalidInput."""
        fresh = {f.name: printable(re.sub("[\r\n]+", "、", getattr(self, f.name).strip())) for f in fields(self)}
        if any(len(text) > LONGEST for text in fresh.values()):
            raise InvalidInput(f"それぞれ{LONGEST:,}文字までにしてください。")
        return Head(**fresh)


def named(speakers: Iterable[str | None]) -> str:
    """Those of the speakers whose names are known, as they are written in minutes."""
    return "、".join(dict.fromkeys(name for name in speakers if name and not _UNNAMED.match(name)))


class Heads:
    """The rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, recording_id: str) -> Head:
        """What was filled in; empty where nothing was."""
        with self._engine.connect() as c:
            row = c.execute(sa.select(_heads).where(_heads.c.recording_id == recording_id)).one_or_none()
        return Head() if row is None else Head(**{f.name: getattr(row, f.name) for f in fields(Head)})

    def put(self, recording_id: str, was: Head, head: Head) -> Head:
        """Keep this in the place of what the person saw. Raises Superseded where somebody filled in something else meanwhile."""
        fresh = head.checked()
        own = _heads.c.recording_id == recording_id
        seen = [_heads.c[name] == value for name, value in asdict(was).items()]
        try:
            with self._engine.begin() as c:
                if c.execute(sa.update(_heads).where(own, *seen).values(asdict(fresh))).rowcount:
                    return fresh
                if was != Head():
                    raise Superseded(_CHANGED)
                c.execute(sa.insert(_heads).values(asdict(fresh) | {"recording_id": recording_id}))
        except sa.exc.IntegrityError:
            raise Superseded(_CHANGED) from None
        return fresh
