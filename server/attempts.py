"""Wrong passwords in, whether to hear one more out: who guesses is kept waiting, not those who work beside him."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from contextlib import suppress

from starlette.requests import HTTPConnection

from core.errors import MadoguchiError

STRANGER = "address:"  #: how the names begin of those who are known by their address only


class TooManyAttempts(MadoguchiError):
    code = "too_many_attempts"
    status = 429
    default = "パスワードの間違いが続いたため、しばらく受け付けません。1分ほど待ってからお試しください。"


class Attempts:
    """Slows down guessing. After ten wrong passwords in a minute a browser that was let in before waits alone, and all others at
    the address that they came from, and all who try the same account. A hundred wrong ones from any addresses keep all but
    known browsers waiting.

    (Device cookies, OWASP: a whole city hall may have one address, and an attacker many.)
    """

    LIMIT, LIMIT_OF_STRANGERS, WINDOW_S = 10, 100, 60.0

    def __init__(self) -> None:
        self._failures: list[tuple[float, str]] = []  #: when, and who
        self._lock = threading.Lock()

    def begin(self, now_s: float, *tried: str) -> None:
        """Count an attempt as wrong for each name that it goes by, so that of many at once no more are heard out. Raises
        TooManyAttempts, and counts nothing."""
        with self._lock:
            self._failures = [failure for failure in self._failures if now_s - failure[0] < self.WINDOW_S]
            wrong = Counter(name for _, name in self._failures)
            strangers = sum(n for name, n in wrong.items() if name.startswith(STRANGER))
            for who in tried:
                if wrong[who] >= self.LIMIT or (who.startswith(STRANGER) and strangers >= self.LIMIT_OF_STRANGERS):
                    raise TooManyAttempts
            self._failures += [(now_s, who) for who in tried]

    def was_right(self, now_s: float, *tried: str) -> None:
        """Take back what `begin` counted then."""
        with self._lock:
            for who in tried:
                with suppress(ValueError):
                    self._failures.remove((now_s, who))


def stranger(connection: HTTPConnection) -> str:
    """Who asks, by the address; that of a whole network, where one house has many (IPv6)."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return STRANGER + host
    if address.version == 6 and not address.ipv4_mapped:
        return f"{STRANGER}{ipaddress.ip_network((address, 64), strict=False)}"
    return STRANGER + host


def account_attempts(account_id: str) -> str:
    """Who tries to come in by an account, from wherever they do."""
    return f"account:{account_id}"


def own_attempts(account_id: str) -> str:
    """Who is in by an account, and has to type its password again."""
    return f"own:{account_id}"


attempts = Attempts()  #: of this process
