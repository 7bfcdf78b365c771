"""Encrypted sound (SRTP, RFC 3711 and 7714) with keys that the signalling carried (SDES, RFC 4568)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pylibsrtp import Error, Policy, Session

from telephony.streams import Keys


@dataclass(frozen=True, slots=True)
class _Suite:
    profile: int
    key_bytes: int  #: with the salt


_SUITES = {
    "AES_CM_128_HMAC_SHA1_80": _Suite(Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "AES_CM_128_HMAC_SHA1_32": _Suite(Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
    "AEAD_AES_128_GCM": _Suite(Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": _Suite(Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}


def usable(keys: Keys) -> bool:
    """Whether the suite is known and the key is as long as it wants."""
    return keys.suite in _SUITES and len(keys.master) == _SUITES[keys.suite].key_bytes


def own_keys(suite: str) -> Keys:
    """New keys of ours, for what we send."""
    return Keys(suite, secrets.token_bytes(_SUITES[suite].key_bytes))


class Unsealing:
    """What a peer encrypts. It counts how often the sequence wrapped, so it is kept as long as the keys are the same."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._session = Session(_policy(keys, Policy.SSRC_ANY_INBOUND))

    def unseal(self, data: bytes) -> bytes | None:
        """None for what the peer didn't send, or sent before."""
        try:
            return self._session.unprotect(data)
        except (Error, ValueError):  # the latter where it is longer than a packet can be
            return None


class Sealing:
    """What we encrypt."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._session = Session(_policy(keys, Policy.SSRC_ANY_OUTBOUND))

    def seal(self, data: bytes) -> bytes:
        return self._session.protect(data)


def _policy(keys: Keys, direction: int) -> Policy:
    return Policy(key=keys.master, ssrc_type=direction, srtp_profile=_SUITES[keys.suite].profile)
