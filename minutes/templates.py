"""The Word files that minutes may be written in, as rows: those that clerks sent, and which of all is in use."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from asr.keeping.log import Person
from core.database import metadata, take_turns
from core.errors import InvalidInput, NotFound, SettingsError
from core.logging import logger
from core.moment import Moment
from core.passing import Passing
from minutes.sample import sample
from minutes.template import MOST_BYTES, NEEDED, filled

MOST = 20  #: that clerks sent and that are kept
_MISSING = "このひな形は見つかりません。ほかの画面で消されたかもしれません。画面を読み込み直してください。"
_log = logger("minutes.templates")

_templates = sa.Table(
    "minutes_templates",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("places", sa.Text, nullable=False),  # JSON
    sa.Column("content", sa.LargeBinary, nullable=False),
)

_in_use = sa.Table(
    "minutes_template_in_use",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String),  # of an `Own`; nothing for one that was sent
    sa.Column("template_id", sa.ForeignKey("minutes_templates.id", ondelete="CASCADE")),
)


class Own(StrEnum):
    """A template that nobody sent."""

    STANDARD = "standard"  #: that of the product
    SETTING = "setting"  #: the file that an administrator named


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A template that a clerk sent."""

    id: str
    name: str  #: of the file, for people
    by: str
    added_at: datetime
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """All of them. What nobody has chosen differently is the administrator's, or else the standard one."""

    engine: Engine
    passing: Passing
    setting: Path | None = field(default=None)

    @property
    def default(self) -> Own:
        return Own.SETTING if self.setting else Own.STANDARD

    def sent(self) -> tuple[Sent, ...]:
        """Those that clerks sent, the latest first."""
        t = _templates.c
        query = sa.select(t.id, t.name, t.by, t.added_at, t.places).order_by(t.added_at.desc(), t.id)
        with self.engine.connect() as c:
            return tuple(
                Sent(id=r.id, name=r.name, by=r.by, added_at=r.added_at, places=tuple(json.loads(r.places)))
                for r in c.execute(query)
            )

    def in_use(self) -> str:
        """The id of the one that minutes are written in."""
        with self.engine.connect() as c:
            return self._in_use(c)

    def content(self, template_id: str) -> bytes | None:
        """The file, or None for the standard one, which has none. Raises NotFound; SettingsError where it can't be read."""
        if template_id == Own.STANDARD:
            return None
        if template_id == Own.SETTING and self.setting:
            return _read(self.setting)
        with self.engine.connect() as c:
            content = c.scalar(sa.select(_templates.c.content).where(_templates.c.id == template_id))
        if content is None:
            raise NotFound(_MISSING)
        return bytes(content)

    def check(self) -> None:
        """Raises SettingsError where minutes can't be written in the file that an administrator named."""
        if self.setting:
            try:
                self._checked(_read(self.setting))
            except InvalidInput as e:
                raise SettingsError(f"設定「minutes_template」のひな形を使えません。{e.message}") from None

    def add(self, content: bytes, *, name: str, by: Person, at: datetime) -> Sent:
        """Keep a file, which is not in use yet. Raises InvalidInput where it can't be, or lacks a place."""
        places = self._checked(content)
        new = Sent(id=secrets.token_hex(8), name=name, by=by.name, added_at=at, places=places)
        row = {"id": new.id, "name": name, "by": by.name, "added_at": at, "places": json.dumps(places, ensure_ascii=False)}
        with self.engine.begin() as c:
            take_turns(c, "minutes_templates")
            c.execute(sa.insert(_templates).values(row | {"content": content}))
            if (c.scalar(sa.select(sa.func.count()).select_from(_templates)) or 0) > MOST:
                raise InvalidInput(f"残せるひな形は{MOST}個までです。要らないひな形を消してから、もう一度送ってください。")
        _log.info("template_added", extra={"template": new.id, "by": by.sign_in})
        return new

    def _checked(self, content: bytes) -> tuple[str, ...]:
        """The places that it has. Raises InvalidInput where it can't be filled in, or lacks one."""
        places = filled(content, sample(), self.passing).places
        if lacking := [place for place in NEEDED if place not in places]:
            raise InvalidInput(
                f"ひな形に {' '.join(f'{{{{{place}}}}}' for place in lacking)} がありません。"
                "Word で、書き込みたいところにこの文字を入れて、もう一度送ってください。"
            )
        return places

    def use(self, template_id: str, by: Person) -> None:
        """Write minutes in this one from now on. Raises NotFound, or as `content` does."""
        self.content(template_id)
        own = template_id in [own.value for own in Own]
        row = {"name": template_id, "template_id": None} if own else {"name": None, "template_id": template_id}
        try:
            with self.engine.begin() as c:
                take_turns(c, "minutes_templates")
                c.execute(sa.delete(_in_use))
                c.execute(sa.insert(_in_use).values(row))
        except sa.exc.IntegrityError:
            raise NotFound(_MISSING) from None
        _log.info("template_chosen", extra={"template": template_id, "by": by.sign_in})

    def delete(self, template_id: str, by: Person) -> None:
        """Forget one that was sent. Raises NotFound; InvalidInput for the one in use."""
        with self.engine.begin() as c:
            take_turns(c, "minutes_templates")
            if self._in_use(c) == template_id:
                raise InvalidInput("使っているひな形は消せません。ほかのひな形を使うことにしてから、消してください。")
            if c.execute(sa.delete(_templates).where(_templates.c.id == template_id)).rowcount == 0:
                raise NotFound(_MISSING)
        _log.info("template_deleted", extra={"template": template_id, "by": by.sign_in})

    def _in_use(self, c: Connection) -> str:
        row = c.execute(sa.select(_in_use).order_by(_in_use.c.id.desc()).limit(1)).one_or_none()
        if row is None or (row.name == Own.SETTING and not self.setting):
            return self.default
        return str(row.template_id or row.name)


def _read(setting: Path) -> bytes:
    try:
        with setting.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise SettingsError("議事録のひな形を読めません。設定「minutes_template」の場所を確かめてください。") from None
