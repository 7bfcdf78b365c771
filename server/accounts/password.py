"""Passwords: kept as something that doesn't give them away (scrypt, RFC 7914), and made up where somebody has none yet."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading

from core.errors import InvalidInput

SHORTEST, LONGEST = 10, 200
_FEWEST_LETTERS = 5  #: that differ
_TELLING = 4  #: letters of an id; two digits are in many a good password
_COST, _BLOCK, _LANES = 2**14, 8, 1  #: 16 MB and some 50 ms
_SALT_BYTES = 16
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  #: no letter that is read as another
_GROUPS, _GROUP = 4, 4  #: 79 bits
_NOBODYS = f"scrypt${_COST}${_BLOCK}${_LANES}$AAAA$AAAA"  #: no password has this
_one_at_a_time = threading.Lock()  #: whoever guesses costs one core and 16 MB, not all of them


def hashed(password: str) -> str:
    """`scrypt$cost$block$lanes$salt$key`, so that a later version may choose other costs."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return "$".join(
        ["scrypt", str(_COST), str(_BLOCK), str(_LANES), _text(salt), _text(_key(password, salt, _COST, _BLOCK, _LANES))]
    )


def is_right(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed. One that was never set is compared to as long as any other."""
    _, cost, block, lanes, salt, key = (kept or _NOBODYS).split("$")
    given = _key(password[:LONGEST], base64.b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(given, base64.b64decode(key)) and bool(kept)


def fit(password: str, *, unlike: str) -> str:
    """A password that somebody chose. `unlike` is their id. Raises InvalidInput for what would be guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"パスワードは、{SHORTEST}文字以上、{LONGEST}文字までにしてください。")
    if len(set(password)) < _FEWEST_LETTERS or (len(unlike) >= _TELLING and unlike in password.lower()):
        raise InvalidInput("このパスワードは、すぐに推測されます。職員番号や、同じ文字の繰り返しは使わないでください。")
    return password


def made_up() -> str:
    """A first password, in groups that can be read out and typed."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    with _one_at_a_time:
        return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=cost, r=block, p=lanes)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
