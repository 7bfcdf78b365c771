"""The accounts, and what was done with each: by whom, when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.clock import now
from core.database import metadata, take_turns
from core.errors import InvalidInput, NotFound, Refused, Superseded, Unauthorised
from core.moment import Moment
from server.accounts import password as passwords
from server.accounts.account import Account, Right, account_id, fit_department, fit_name, is_id, plain_id
from server.accounts.roster import Listed

_accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("department", sa.String, nullable=False),
    sa.Column("rights", sa.String, nullable=False),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("has_initial_password", sa.Boolean, nullable=False),
    sa.Column("stopped_at", Moment),
    sa.Column("generation", sa.Integer, nullable=False),
)

_changes = sa.Table(
    "account_changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("account_id", sa.String, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

WRONG = "職員番号かパスワードが違います。もう一度入力してください。"
_NO_ACCOUNT = "この職員番号のアカウントは見つかりません。アカウントの一覧で番号を確かめてください。"
_TAKEN = "この職員番号のアカウントは、もうあります。"
_LAST = "アカウントを管理できる人がいなくなるため、できません。先に、ほかの人に「アカウントの管理」の権限を付けてください。"
_NOT_NOW = "今のパスワードが違います。"
_SUPERSEDED = "画面を開いたあとに、ほかの管理者がこのアカウントを変えました。今の内容を確かめて、もう一度変えてください。"
_STILL_THE_SAME = "今と違うパスワードにしてください。"
_NONE = "権限なし"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What somebody did with an account."""

    at: datetime
    by: str
    what: str


class Accounts:
    """Every change names who made it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Account]:
        """By department and id, stopped ones last."""
        order = (_accounts.c.stopped_at.is_not(None), _accounts.c.department, _accounts.c.id)
        with self._engine.connect() as c:
            return [_account(row) for row in c.execute(sa.select(_accounts).order_by(*order))]

    def exist(self) -> bool:
        with self._engine.connect() as c:
            return c.execute(sa.select(_accounts.c.id).where(_accounts.c.stopped_at.is_(None)).limit(1)).first() is not None

    def find(self, account_id: str) -> Account | None:
        with self._engine.connect() as c:
            return _found(c, account_id)

    def get(self, account_id: str) -> Account:
        """Raises NotFound."""
        if (account := self.find(account_id)) is None:
            raise NotFound(_NO_ACCOUNT)
        return account

    def changes(self, account_id: str) -> list[AccountChange]:
        """The latest first."""
        wanted = sa.select(_changes).where(_changes.c.account_id == account_id).order_by(_changes.c.number.desc())
        with self._engine.connect() as c:
            return [AccountChange(at=row.at, by=row.by, what=row.what) for row in c.execute(wanted)]

    def enter(self, written_id: str, password: str) -> Account:
        """Who logs in. Raises Unauthorised, without saying which of the two was wrong."""
        account = self.find(plain_id(written_id))
        is_open = account is not None and account.stopped_at is None
        if not passwords.is_right(password, account.password_hash if account and is_open else "") or account is None:
            raise Unauthorised(WRONG)
        return account

    def add(self, account: Account, *, by: str) -> str:
        """Take up an account of that id, name, department and rights; its first password comes back. Raises InvalidInput."""
        fit, password = _fit(account), passwords.made_up()
        made = replace(fit, password_hash=passwords.hashed(password))
        with self._alone() as c:
            if _found(c, made.id) is not None:
                raise InvalidInput(_TAKEN)
            c.execute(_accounts.insert().values(**_row(made)))
            _note(c, made.id, by, f"作成（{_told(made)}）")
        return password

    def change(self, account: Account, *, by: str, seen: str | None = None) -> None:
        """Another name, department or other rights; `seen` is the seal of what they were changed from. Raises InvalidInput;
        Superseded where somebody else changed it since; NotFound; Refused where nobody could manage accounts any more."""
        fit = _fit(account)
        with self._alone() as c:
            before = _existing(c, fit.id)
            if seen is not None and seen != before.seal:
                raise Superseded(_SUPERSEDED)
            after = replace(before, name=fit.name, department=fit.department, rights=fit.rights)
            if after != before:
                _put(c, after)
                _note(c, after.id, by, f"変更（{_told(before)} → {_told(after)}）")

    def take_up(self, roster: Sequence[Listed], given: Mapping[str, str], *, by: str) -> tuple[int, int]:
        """Make and change the accounts of a list, all or none; `given` are the first passwords of those that are new. How many
        were made and changed comes back. Raises Refused where nobody could manage accounts any more."""
        kept = {account_id: passwords.hashed(password) for account_id, password in given.items()}
        made = changed = 0
        with self._alone() as c:
            could = _is_managed(c)
            for one in roster:
                before = _found(c, one.id)
                after = one.of(before)
                if before is None:
                    after = replace(after, password_hash=kept[one.id])
                    c.execute(_accounts.insert().values(**_row(after)))
                    _note(c, one.id, by, f"作成（{_told(after)}）")
                    made += 1
                elif after != before:
                    c.execute(_accounts.update().where(_accounts.c.id == one.id).values(**_row(after)))
                    _note(c, one.id, by, f"変更（{_told(before)} → {_told(after)}）")
                    changed += 1
            if could and not _is_managed(c):
                raise Refused(_LAST)
        return made, changed

    def give_password(self, account_id: str, *, by: str) -> str:
        """A first password again, for who forgot theirs; all their logins end. Raises NotFound."""
        password = passwords.made_up()
        kept = passwords.hashed(password)
        with self._alone() as c:
            account = _existing(c, account_id)
            _put(c, replace(account, password_hash=kept, has_initial_password=True))
            _note(c, account_id, by, "仮のパスワードを発行")
        return password

    def choose_password(self, account_id: str, now_typed: str, chosen: str) -> Account:
        """Their own password; all their other logins end. Raises InvalidInput."""
        account = self.get(account_id)
        if not passwords.is_right(now_typed, account.password_hash):
            raise InvalidInput(_NOT_NOW)
        if now_typed == chosen:
            raise InvalidInput(_STILL_THE_SAME)
        kept = passwords.hashed(passwords.fit(chosen, unlike=account.id))
        with self._alone() as c:
            latest = _existing(c, account_id)
            if latest.stopped_at is not None or latest.password_hash != account.password_hash:
                raise InvalidInput(_NOT_NOW)  # somebody was quicker: who gave them another, or stopped them
            changed = replace(latest, password_hash=kept, has_initial_password=False)
            _put(c, changed)
            _note(c, account_id, changed.signature, "本人がパスワードを変更")
        return changed

    def stop(self, account_id: str, *, by: str) -> None:
        """Let nobody in by it any more; what they did stays with their name. Raises NotFound, Refused."""
        with self._alone() as c:
            account = _existing(c, account_id)
            if account.stopped_at is None:
                _put(c, replace(account, stopped_at=now(), generation=account.generation + 1))
                _note(c, account_id, by, "停止")

    def resume(self, account_id: str, *, by: str) -> None:
        """Raises NotFound."""
        with self._alone() as c:
            account = _existing(c, account_id)
            if account.stopped_at is not None:
                _put(c, replace(account, stopped_at=None))
                _note(c, account_id, by, "再開")

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._engine.begin() as c:
            take_turns(c, "accounts")
            yield c


def _put(c: Connection, account: Account) -> None:
    """Raises Refused where it takes the right to manage accounts from the last who has it."""
    could = _is_managed(c)
    c.execute(_accounts.update().where(_accounts.c.id == account.id).values(**_row(account)))
    if could and not _is_managed(c):
        raise Refused(_LAST)


def _is_managed(c: Connection) -> bool:
    working = c.execute(sa.select(_accounts).where(_accounts.c.stopped_at.is_(None)))
    return any(Right.ACCOUNTS in _account(row).rights for row in working)


def _existing(c: Connection, account_id: str) -> Account:
    if (account := _found(c, account_id)) is None:
        raise NotFound(_NO_ACCOUNT)
    return account


def _found(c: Connection, account_id: str) -> Account | None:
    if not is_id(account_id):  # nor does PostgreSQL take every text
        return None
    row = c.execute(sa.select(_accounts).where(_accounts.c.id == account_id)).first()
    return _account(row) if row else None


def _note(c: Connection, account_id: str, by: str, what: str) -> None:
    c.execute(_changes.insert().values(account_id=account_id, at=now(), by=by, what=what))


def _fit(account: Account) -> Account:
    return replace(
        account,
        id=account_id(account.id),
        name=fit_name(account.name),
        department=fit_department(account.department),
    )


def _told(account: Account) -> str:
    rights = "・".join(right.label for right in Right if right in account.rights) or _NONE
    return f"{account.title}、{rights}"


def _row(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "department": account.department,
        "rights": ",".join(right for right in Right if right in account.rights),
        "password_hash": account.password_hash,
        "has_initial_password": account.has_initial_password,
        "stopped_at": account.stopped_at,
        "generation": account.generation,
    }


def _account(row: sa.Row[Any]) -> Account:
    values = row._asdict() | {"rights": frozenset(Right(name) for name in row.rights.split(",") if name)}
    return Account(**values)
