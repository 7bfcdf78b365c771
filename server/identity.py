"""Who is logged in: a member of staff by their account, or somebody with a password that staff or a department share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from asr.keeping.log import Person
from core.printable import printable
from core.settings import Settings
from server.accounts.account import ALL, Account, Right
from server.ended import Ended
from server.service import Service
from server.session import COOKIE, Session, is_signed, secret

ANYBODY = "職員"  #: who has the password that all staff share
_SHARED = ALL - {Right.ACCOUNTS}  #: nobody gives rights under a name that is nobody's
_OF_A_DEPARTMENT = _SHARED - {Right.LOG}  #: which tells what others do
_SIGN_IN_LETTERS = 6  #: enough to tell sign-ins apart, and of no use to whoever wants to continue one


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`department` is None for who belongs to none."""

    name: str
    rights: frozenset[Right]
    department: str | None = None
    account: Account | None = None
    sign_in: str = ""  #: tells who shares a name from another; a spreadsheet would take 012345 or 12e345 for a number

    @property
    def signature(self) -> str:
        """What stands under what they did."""
        return self.account.signature if self.account else self.name

    @property
    def person(self) -> Person:
        """As records keep who did something."""
        return Person(name=self.account.title if self.account else self.name, sign_in=self.sign_in)

    @property
    def key(self) -> str:
        """Tells whose a browser's tab is."""
        return f"account:{self.account.id}" if self.account else self.department or ""

    @property
    def is_ready(self) -> bool:
        """Not while somebody else knows the password: nothing can be done then but to choose one."""
        return self.account is None or not self.account.has_initial_password

    def may(self, right: Right | None) -> bool:
        return right is None or right in self.rights

    def named(self, typed: str) -> str:
        """The name under which something is done: nobody with an account does it under another."""
        return self.signature if self.account else printable(typed)


def is_open(service: Service) -> bool:
    """Whether anybody can log in at all."""
    return has_password(service.settings) or service.accounts.exist()


def has_password(settings: Settings) -> bool:
    """Whether there is one that all staff share."""
    return settings.staff_password is not None and bool(settings.staff_password.get_secret_value())


def identity_of(connection: HTTPConnection, service: Service) -> Identity | None:
    """Who is logged in; None for nobody. Reads the database: not for the event loop."""
    session, account = _entered(connection, service)
    if session is None:
        return Identity(name=ANYBODY, rights=ALL) if service.settings.dev_open_staff else None
    if account is not None:
        department = account.department or None
        sign_in = f"番号{account.id}"
        return Identity(name=account.name, rights=account.rights, department=department, account=account, sign_in=sign_in)
    digest = hashlib.sha256(session.name.encode()).hexdigest()[:_SIGN_IN_LETTERS]
    return Identity(
        name=session.department or ANYBODY,
        rights=_OF_A_DEPARTMENT if session.department else _SHARED,
        department=session.department or None,
        sign_in=f"s{digest}",
    )


def session_of(connection: HTTPConnection, service: Service) -> Session | None:
    """A session that has not expired, whose password is still right, and that nobody ended."""
    return _entered(connection, service)[0]


def key_of(session: Session, account: Account | None, settings: Settings) -> bytes | None:
    """What a session is signed with: another password there, and it is over. None where there is no password any more."""
    if not session.account:
        return _key_of_shared(session.department, settings)
    if account is None or account.stopped_at is not None:
        return None
    return secret(settings.home) + f"{account.generation}\n{account.password_hash}".encode()


def _entered(connection: HTTPConnection, service: Service) -> tuple[Session | None, Account | None]:
    found = Session.read(connection.cookies.get(COOKIE, ""))
    if found is None:
        return None, None
    session, signature = found
    account = service.accounts.find(session.account) if session.account else None
    key = key_of(session, account, service.settings)
    if key is None or not is_signed(session.claims, signature, key):
        return None, None
    if Ended(service.settings.home).has(session.name, expires_s=session.expires_s):
        return None, None
    return session, account


def _key_of_shared(department: str, settings: Settings) -> bytes | None:
    passwords = [settings.staff_password]
    if department:
        passwords.append(settings.department_passwords.get(department))
    found = [p.get_secret_value() for p in passwords if p is not None]
    if len(found) < len(passwords) or not all(found):
        return None
    return secret(settings.home) + "\n".join(found).encode()
