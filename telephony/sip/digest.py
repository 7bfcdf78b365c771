"""Phones that show a password (RFC 8760, RFC 7616): the challenge, and whether an answer to one is right and the first."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping

from telephony.sip.message import Request
from telephony.sip.refusal import Refusal
from telephony.sip.text import read_parameters, split_outside

REALM = "madoguchi"
VALID_S = 60.0
MOST_USED = 10_000  #: challenges that were answered and are remembered
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
_NONCE = re.compile(r"(?P<at>[0-9a-f]{1,14})-(?P<salt>[0-9a-f]{16})-[0-9a-f]{32}")
_COUNT = re.compile(r"[0-9a-fA-F]{8}")
_ONLY = 1 << 32  #: higher than any count


class Digest:
    """Keeps nothing of those who only ask: a nonce is its own proof of when, and to whom, it was given. Of those who showed a
    password it remembers how often, so that who listened to them can't show it after them."""

    def __init__(
        self, passwords: Mapping[str, str], names: tuple[str, ...], secret: bytes, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._passwords, self._secret, self._monotonic = passwords, secret, monotonic
        self._hashes = {name: _HASHES[name] for name in names}
        self._used: dict[str, int] = {}  #: by the nonce, the one used last at the end: the highest count of an answer to it
        self._valid_from = -1  #: what was given until then may have been used and forgotten

    def require(self, request: Request, host: str) -> None:
        """Raises Refusal with the challenge."""
        stale = False
        for value in request.headers.every("authorization"):
            scheme, _, rest = value.strip().partition(" ")
            if scheme.lower() != "digest":
                continue
            answer = read_parameters(split_outside(rest, ","))
            if self._right(answer, request.method):
                if self._fresh(answer.get("nonce", ""), host) and self._first(answer):
                    return
                stale = True
        nonce = self._nonce(self._now, secrets.token_hex(8), host)
        ending = ", stale=true" if stale else ""
        raise Refusal(
            401,
            *(
                ("www-authenticate", f'Digest realm="{REALM}", nonce="{nonce}", algorithm={name}, qop="auth"{ending}')
                for name in self._hashes
            ),
        )

    def _right(self, answer: dict[str, str], method: str) -> bool:
        hashed = self._hashes.get(answer.get("algorithm", "MD5").upper())
        password = self._passwords.get(answer.get("username", ""))
        if hashed is None or password is None or answer.get("realm") != REALM:
            return False

        def h(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        secret = h(f"{answer['username']}:{REALM}:{password}")
        asked = h(f"{method}:{answer.get('uri', '')}")
        counted = f"{answer.get('nc', '')}:{answer.get('cnonce', '')}:auth:" if answer.get("qop") == "auth" else ""
        expected = h(f"{secret}:{answer.get('nonce', '')}:{counted}{asked}")
        return hmac.compare_digest(expected.encode(), answer.get("response", "").lower().encode())

    def _nonce(self, at: int, salt: str, host: str) -> str:
        """No two are the same: phones that ask in one moment don't use up each other's."""
        given = f"{at:x}-{salt}"
        return f"{given}-{hmac.new(self._secret, f'{given}|{host}'.encode(), hashlib.sha256).hexdigest()[:32]}"

    @property
    def _now(self) -> int:
        return int(self._monotonic() * 1000)  # ms

    def _fresh(self, nonce: str, host: str) -> bool:
        given = _NONCE.fullmatch(nonce)
        if given is None or not hmac.compare_digest(nonce, self._nonce(int(given["at"], 16), given["salt"], host)):
            return False
        return self._valid_from < _at(nonce) and 0 <= self._now - _at(nonce) < VALID_S * 1000

    def _first(self, answer: dict[str, str]) -> bool:
        """Whether this very answer was never given before: each to the same nonce counts higher (RFC 7616 3.4), and one that
        doesn't count, as of before RFC 2617, is the only one."""
        nonce, count = answer["nonce"], _ONLY
        if answer.get("qop") == "auth":
            count = int(answer["nc"], 16) if _COUNT.fullmatch(answer.get("nc", "")) else 0
        before = self._used.pop(nonce, 0)
        self._used[nonce] = max(before, count)
        if len(self._used) > MOST_USED:
            oldest = next(iter(self._used))
            self._valid_from = max(self._valid_from, _at(oldest))
            del self._used[oldest]
        return before < count


def _at(nonce: str) -> int:
    return int(nonce.partition("-")[0], 16)
