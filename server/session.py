"""A login as a cookie that we signed: until when, and by which password."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.durable import sync_directory

COOKIE = "madoguchi_staff"
LIFETIME_S = 12 * 3600

_CLAIMS = re.compile(r"([0-9]{1,12}):([0-9a-f]{32}):([0-9a-f]*):([0-9a-f]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a cookie says of who is logged in."""

    expires_s: int  #: since 1970
    name: str  #: random, so that one can be ended without another that began in the same second
    department: str = ""  #: whose shared password it was; empty for that of all staff
    account: str = ""  #: whose own password it was; empty for a shared one

    @classmethod
    def begin(cls, *, department: str = "", account: str = "") -> Session:
        expires_s = int(time.time()) + LIFETIME_S
        return cls(expires_s=expires_s, name=secrets.token_hex(16), department=department, account=account)

    @classmethod
    def read(cls, token: str) -> tuple[Session, str] | None:
        """The session of a cookie that has not expired, and its signature, which nobody has looked at yet."""
        claims, _, signature = token.partition(".")
        found = _CLAIMS.fullmatch(claims)
        if found is None or int(found[1]) < time.time():
            return None
        try:
            department, account = (bytes.fromhex(part).decode() for part in found.groups()[2:])
        except ValueError:
            return None
        return cls(expires_s=int(found[1]), name=found[2], department=department, account=account), signature

    @property
    def claims(self) -> str:
        """In the letters of a cookie."""
        return f"{self.expires_s}:{self.name}:{self.department.encode().hex()}:{self.account.encode().hex()}"

    def token(self, key: bytes) -> str:
        return f"{self.claims}.{signed(self.claims, key)}"


def signed(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_signed(text: str, signature: str, key: bytes) -> bool:
    return hmac.compare_digest(signature.encode(), signed(text, key).encode())


def secret(home: Path) -> bytes:
    """A random key of this installation, made once, readable by its owner only."""
    path = home / "secret"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home, prefix=".secret-") as made:
            made.write(secrets.token_bytes(32))
            made.flush()
            os.fsync(made.fileno())
            with suppress(FileExistsError):  # another process was first
                os.link(made.name, path)  # whole or not at all: half a key would be one that can be guessed
        sync_directory(home)
        return path.read_bytes()
