"""Phones that show a password (RFC 8760, RFC 7616): the challenge, and whether an answer to one is right."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

from telephony.sip.message import Request
from telephony.sip.refusal import Refusal
from telephony.sip.text import read_parameters, split_outside

REALM = "madoguchi"
VALID_S = 60.0
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}


class Digest:
    """Keeps nothing of those who only ask: a nonce is its own proof of when, and to whom, it was given."""

    def __init__(
        self, passwords: Mapping[str, str], names: tuple[str, ...], secret: bytes, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._passwords, self._secret, self._monotonic = passwords, secret, monotonic
        self._hashes = {name: _HASHES[name] for name in names}

    def require(self, request: Request, host: str) -> None:
        """Raises Refusal with the challenge."""
        stale = False
        for value in request.headers.every("authorization"):
            scheme, _, rest = value.strip().partition(" ")
            if scheme.lower() != "digest":
                continue
            answer = read_parameters(split_outside(rest, ","))
            if self._right(answer, request.method):
                if self._fresh(answer.get("nonce", ""), host):
                    return
                stale = True
        nonce = self._nonce(int(self._monotonic()), host)
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

    def _nonce(self, at: int, host: str) -> str:
        return f"{at:x}-{hmac.new(self._secret, f'{at:x}|{host}'.encode(), hashlib.sha256).hexdigest()[:32]}"

    def _fresh(self, nonce: str, host: str) -> bool:
        given, _, _ = nonce.partition("-")
        if not given or len(given) > 12 or any(c not in "0123456789abcdef" for c in given):
            return False
        at = int(given, 16)
        return hmac.compare_digest(nonce.encode(), self._nonce(at, host).encode()) and 0 <= self._monotonic() - at < VALID_S
