"""Headers and raw body in, nothing out but a refusal: shows that a request was signed by Alexa just now, for this skill.

Rules: https://developer.amazon.com/docs/alexa/custom-skills/host-a-custom-skill-as-a-web-service.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from core.clock import Clock, now
from core.errors import AlexaUnverified
from core.logging import logger
from core.recent import Recent
from voice_skill.certificates import Chain, Fetch, chain_url, fetch_chain, read_chain, trusted_roots
from voice_skill.clauses import Clause
from voice_skill.envelope import Envelope

CHAIN_URL_HEADER = "SignatureCertChainUrl"
SIGNATURE_HEADER = "Signature-256"
ALEXA_NAME = "echo-api.amazon.com"
KEPT_CHAINS = 16  #: that verified: a stranger's URLs can't fill the memory
KEPT_FOR = timedelta(hours=12)
TOLERANCE = timedelta(seconds=150)
TOLERANCE_SKILL_EVENTS = timedelta(seconds=3600)  # AlexaSkillEvent.*: sent again for up to an hour

log = logger("alexa")


class Gate(Protocol):
    """Decides whether a request may be answered."""

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises AlexaUnverified."""

    def check_envelope(self, envelope: Envelope) -> None:
        """Raises AlexaUnverified. Only after the signature: until then nothing in the body is believed."""


class Verifier:
    """The gate of a skill in service. Safe to call from several threads."""

    def __init__(
        self,
        *,
        skill_id: str,
        fetch: Fetch = fetch_chain,
        roots: Sequence[x509.Certificate] | None = None,
        clock: Clock = now,
    ) -> None:
        self._skill_id = skill_id
        self._fetch = fetch
        self._store = Store(list(trusted_roots() if roots is None else roots))
        self._clock = clock
        self._kept: Recent[Chain] = Recent(most=KEPT_CHAINS, lifetime=KEPT_FOR, clock=clock)
        if not skill_id:
            log.warning("alexa_skill_id is not set: no request of Alexa is answered")

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        lowered = {name.lower(): value for name, value in headers.items()}
        raw_url, encoded = lowered.get(CHAIN_URL_HEADER.lower()), lowered.get(SIGNATURE_HEADER.lower())
        if not raw_url or not encoded:
            raise AlexaUnverified(Clause.HEADERS)
        try:
            signature = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise AlexaUnverified(Clause.HEADERS) from None
        if not self._skill_id:  # nothing is fetched for a skill that isn't there
            raise AlexaUnverified(Clause.SKILL)
        _check_body(self._leaf(chain_url(raw_url)), signature, body)

    def check_envelope(self, envelope: Envelope) -> None:
        events = envelope.request.type.startswith("AlexaSkillEvent.")
        tolerance = TOLERANCE_SKILL_EVENTS if events else TOLERANCE
        if abs(self._clock() - envelope.request.timestamp) > tolerance:
            raise AlexaUnverified(Clause.TIMESTAMP)
        if envelope.application_ids != {self._skill_id}:
            raise AlexaUnverified(Clause.SKILL)

    def _leaf(self, url: str) -> x509.Certificate:
        """The certificate at `url`. Its chain is checked at every use, so that one that ran out is not used from memory."""
        kept = self._kept.get(url)
        chain = kept or read_chain(self._fetch(url))
        self._check_chain(chain, self._clock())
        if kept is None:
            self._kept.keep(url, chain)
        return chain[0]

    def _check_chain(self, chain: Chain, at: datetime) -> None:
        leaf, *between = chain
        try:
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            verifier = PolicyBuilder().store(self._store).time(at).build_server_verifier(x509.DNSName(ALEXA_NAME))
            verifier.verify(leaf, between)
        except (VerificationError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
            raise AlexaUnverified(Clause.CHAIN) from None
        if ALEXA_NAME not in names.get_values_for_type(x509.DNSName):  # a wildcard would satisfy the verifier, not the rule
            raise AlexaUnverified(Clause.CHAIN)


class OpenGate:
    """The gate of a developer's machine: lets everything through, and says so loudly."""

    def __init__(self) -> None:
        self._used = False
        self._warn("at start")

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        del headers, body
        if not self._used:
            self._used = True
            self._warn("at first use")

    def check_envelope(self, envelope: Envelope) -> None:
        """Nothing is asked of it."""

    @staticmethod
    def _warn(when: str) -> None:
        log.warning(
            "ALEXA REQUESTS ARE NOT VERIFIED: anybody can pose as Alexa. For development only; set alexa_verify = true",
            extra={"when": when},
        )


def _check_body(leaf: x509.Certificate, signature: bytes, body: bytes) -> None:
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise AlexaUnverified(Clause.CHAIN)
    try:
        key.verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise AlexaUnverified(Clause.SIGNATURE) from None
