"""Certificate URL in, Amazon's signing chain out: the URL is checked before anything is fetched."""

from __future__ import annotations

import posixpath
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import httpx
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from core.errors import AlexaUnverified
from voice_skill.clauses import Clause

CHAIN_HOST = "s3.amazonaws.com"
FETCH_TIMEOUT_S = 5.0
CHAIN_LIMIT_BYTES = 64 * 1024

Chain = tuple[x509.Certificate, ...]
Fetch = Callable[[str], bytes]

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)
_RAW_URL = re.compile(r"[!-$&-\[\]-~]+")  # printable ASCII without "%" and "\", which proxies read in different ways
_CHAIN_PATH = re.compile(r"/echo\.api/[A-Za-z0-9][A-Za-z0-9._/-]*")


def chain_url(raw: str) -> str:
    """The normalised form of the certificate URL that Alexa sent.

    Rules: https://developer.amazon.com/docs/alexa/custom-skills/host-a-custom-skill-as-a-web-service.html

    Raises:
        AlexaUnverified: the URL doesn't point at Amazon's certificates.
    """
    try:
        parts = urlsplit(raw) if _RAW_URL.fullmatch(raw) else None
        port = parts.port if parts else None
    except ValueError:
        parts = port = None
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        raise AlexaUnverified(Clause.CHAIN_URL)
    if parts.scheme.lower() != "https" or (parts.hostname or "").lower() != CHAIN_HOST or port not in (None, 443):
        raise AlexaUnverified(Clause.CHAIN_URL)
    path = posixpath.normpath(re.sub("/{2,}", "/", parts.path))
    if not _CHAIN_PATH.fullmatch(path):
        raise AlexaUnverified(Clause.CHAIN_URL)
    return f"https://{CHAIN_HOST}{path}"


def fetch_chain(url: str) -> bytes:
    """The PEM bytes at `url`, within five seconds in all, at most 64 KiB, no redirects.

    Raises:
        AlexaUnverified: it could not be had.
    """
    deadline_s = time.monotonic() + FETCH_TIMEOUT_S
    body = bytearray()
    try:
        with httpx.stream("GET", url, timeout=FETCH_TIMEOUT_S, follow_redirects=False) as response:
            if response.status_code != httpx.codes.OK:
                raise AlexaUnverified(Clause.FETCH)
            for block in response.iter_bytes():
                body += block
                if len(body) > CHAIN_LIMIT_BYTES or time.monotonic() > deadline_s:
                    raise AlexaUnverified(Clause.FETCH)
    except httpx.HTTPError:
        raise AlexaUnverified(Clause.FETCH) from None
    return bytes(body)


def read_chain(pem: bytes) -> Chain:
    """Leaf first. Raises AlexaUnverified when `pem` holds no certificates that can be read."""
    if len(pem) > CHAIN_LIMIT_BYTES:
        raise AlexaUnverified(Clause.FETCH)
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except (ValueError, x509.InvalidVersion):
        raise AlexaUnverified(Clause.CHAIN) from None


def trusted_roots() -> tuple[x509.Certificate, ...]:
    """Mozilla's roots (package certifi), without the few whose form RFC 5280 disallows."""
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        for pem in _PEM.findall(Path(certifi.where()).read_bytes()):
            try:
                roots.append(x509.load_pem_x509_certificate(pem))
            except CryptographyDeprecationWarning:
                continue
    return tuple(roots)
