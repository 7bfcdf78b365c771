"""Only requests that Alexa signed just now for this skill are answered. One test a clause."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from alexa_kit import ALEXA, CHAIN_URL, DAY, NOW, SKILL_ID, Amazon, MakeRequest, encode
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from core.errors import AlexaUnverified
from voice_skill import certificates
from voice_skill.certificates import CHAIN_LIMIT_BYTES, chain_url, fetch_chain, trusted_roots
from voice_skill.clauses import Clause
from voice_skill.envelope import read_envelope
from voice_skill.verify import KEPT_CHAINS, KEPT_FOR, OpenGate, Verifier

MakeVerifier = Callable[..., Verifier]


@pytest.fixture
def verifier(amazon: Amazon) -> MakeVerifier:
    """verifier(chain=None, at=NOW, skill_id=SKILL_ID, ...) -> a verifier that trusts the test root and is served `chain`."""

    def make(*, chain: bytes | None = None, at: datetime = NOW, skill_id: str = SKILL_ID, **others: Any) -> Verifier:
        served = amazon.chain() if chain is None else chain
        parts = {"fetch": lambda _: served, "roots": [amazon.root], "clock": lambda: at} | others
        return Verifier(skill_id=skill_id, **parts)

    return make


def check(verifier: Verifier, headers: dict[str, str], body: bytes) -> None:
    verifier.check_signature(headers, body)
    verifier.check_envelope(read_envelope(body))


def refusal(verifier: Verifier, headers: dict[str, str], body: bytes) -> str:
    with pytest.raises(AlexaUnverified) as refused:
        check(verifier, headers, body)
    assert (refused.value.status, refused.value.code) == (400, "alexa_unverified")
    return refused.value.message


@pytest.fixture
def body(alexa_request: MakeRequest) -> bytes:
    return encode(alexa_request())


def test_a_signed_request_is_let_in(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    check(verifier(), amazon.headers(body), body)


def test_header_names_are_read_in_any_case(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    check(verifier(), {name.upper(): value for name, value in amazon.headers(body).items()}, body)


# -- headers


@pytest.mark.parametrize("missing", ["SignatureCertChainUrl", "Signature-256"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_both_headers_are_needed(verifier: MakeVerifier, amazon: Amazon, body: bytes, missing: str, how: str) -> None:
    headers = amazon.headers(body)
    del headers[missing]
    assert refusal(verifier(), headers | ({missing: ""} if how == "empty" else {}), body) == Clause.HEADERS


def test_the_old_sha1_signature_is_not_enough(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    headers = {"SignatureCertChainUrl": CHAIN_URL, "Signature": amazon.sign(body, hashes.SHA1())}
    assert refusal(verifier(), headers, body) == Clause.HEADERS


@pytest.mark.parametrize("signature", ["これは署名ではない", "not base64!", "abc"])
def test_a_signature_that_is_not_base64_is_refused(verifier: MakeVerifier, body: bytes, signature: str) -> None:
    headers = {"SignatureCertChainUrl": CHAIN_URL, "Signature-256": signature}
    assert refusal(verifier(), headers, body) == Clause.HEADERS


# -- certificate URL


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com/echo.api/echo-api-cert-15.pem",
        "https://s3.amazonaws.com:443/echo.api/echo-api-cert-15.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-15.pem",
        "https://s3.amazonaws.com//echo.api/./echo-api-cert-15.pem",
        "HTTPS://S3.AMAZONAWS.COM/echo.api/echo-api-cert-15.pem",
    ],
)
def test_forms_of_amazons_url_are_fetched_in_its_normal_form(url: str) -> None:
    assert chain_url(url) == CHAIN_URL


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "ftp://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "file:///echo.api/echo-api-cert.pem",
        "//s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://very.bad/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com.very.bad/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com@very.bad/echo.api/echo-api-cert.pem",
        "https://user@s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com\\@very.bad/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com./echo.api/echo-api-cert.pem",
        "https://echo.s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:80/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:port/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:99999/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo-api-cert.pem",
        "https://s3.amazonaws.com/ECHO.API/echo-api-cert.pem",
        "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/../echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/../../bucket/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/bucket/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api\\..\\bucket/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.apix/echo-api-cert.pem",
        "https://s3.amazonaws.com/invalid.path/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/",
        "https://s3.amazonaws.com/echo.api/cert.pem?x=1",
        "https://s3.amazonaws.com/echo.api/cert.pem#x",
        "https://s3.amazonaws.com/echo.api/cert .pem",
        "https://s3.amazonaws.com/echo.api/\r\nHost: bad",
        "https://s3.amazonaws.com",
        "https://[::1/echo.api/cert.pem",
        "badUrl",
    ],
)
def test_any_other_url_is_refused_before_anything_is_fetched(
    verifier: MakeVerifier, amazon: Amazon, body: bytes, url: str
) -> None:
    fetched: list[str] = []

    def fetch(asked: str) -> bytes:
        fetched.append(asked)
        return amazon.chain()

    assert refusal(verifier(fetch=fetch), amazon.headers(body, url), body) == Clause.CHAIN_URL
    assert fetched == []


# -- chain


def test_an_expired_leaf_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    chain = amazon.chain(begins=NOW - 30 * DAY, ends=NOW - timedelta(seconds=1))
    assert refusal(verifier(chain=chain), amazon.headers(body), body) == Clause.CHAIN


def test_a_leaf_of_tomorrow_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    assert refusal(verifier(chain=amazon.chain(begins=NOW + DAY)), amazon.headers(body), body) == Clause.CHAIN


def test_an_expired_authority_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    late = NOW + 1000 * DAY
    chain = amazon.chain(begins=late - 30 * DAY, ends=late + 30 * DAY)
    assert refusal(verifier(chain=chain, at=late), amazon.headers(body), body) == Clause.CHAIN


@pytest.mark.parametrize(
    "names", [("very.bad",), ("amazon.com",), ("echo-api.amazon.com.very.bad",), ("xecho-api.amazon.com",), ("*.amazon.com",), ()]
)
def test_a_leaf_without_alexas_name_is_refused(
    verifier: MakeVerifier, amazon: Amazon, body: bytes, names: tuple[str, ...]
) -> None:
    assert refusal(verifier(chain=amazon.chain(names=names)), amazon.headers(body), body) == Clause.CHAIN


def test_alexas_name_may_be_one_of_several(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    check(verifier(chain=amazon.chain(names=("other.amazon.com", ALEXA))), amazon.headers(body), body)


def test_a_chain_to_an_unknown_root_is_refused(verifier: MakeVerifier, body: bytes) -> None:
    stranger = Amazon()
    assert refusal(verifier(chain=stranger.chain()), stranger.headers(body), body) == Clause.CHAIN


def test_a_leaf_without_its_issuer_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    assert refusal(verifier(chain=amazon.chain(intermediate=False)), amazon.headers(body), body) == Clause.CHAIN


def test_public_roots_do_not_vouch_for_the_test_root(amazon: Amazon, body: bytes) -> None:
    """The roots of service are loaded and the chain of a stranger fails against them."""
    served = amazon.chain()
    verifier = Verifier(skill_id=SKILL_ID, fetch=lambda _: served, clock=lambda: NOW)
    assert refusal(verifier, amazon.headers(body), body) == Clause.CHAIN
    names = {root.subject.rfc4514_string() for root in trusted_roots()}
    assert any("Amazon Root CA 1" in name for name in names)


@pytest.mark.parametrize("served", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_not_a_certificate_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes, served: bytes) -> None:
    assert refusal(verifier(chain=served), amazon.headers(body), body) == Clause.CHAIN


def test_a_key_that_is_not_rsa_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    chain = amazon.chain(key=ec.generate_private_key(ec.SECP256R1()))
    assert refusal(verifier(chain=chain), amazon.headers(body), body) == Clause.CHAIN


# -- signature


def test_one_changed_bit_anywhere_in_the_body_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    gate, headers = verifier(), amazon.headers(body)
    for place in range(0, len(body), 37):
        tampered = bytearray(body)
        tampered[place] ^= 1
        with pytest.raises(AlexaUnverified) as refused:
            gate.check_signature(headers, bytes(tampered))
        assert refused.value.message == Clause.SIGNATURE


def test_the_raw_bytes_are_what_is_signed(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    """The same JSON in another spelling is another body."""
    assert refusal(verifier(), amazon.headers(body), body + b" ") == Clause.SIGNATURE


def test_another_keys_signature_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    chain = amazon.chain(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert refusal(verifier(chain=chain), amazon.headers(body), body) == Clause.SIGNATURE


def test_a_sha1_signature_in_the_new_header_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    headers = amazon.headers(body) | {"Signature-256": amazon.sign(body, hashes.SHA1())}
    assert refusal(verifier(), headers, body) == Clause.SIGNATURE


def test_a_signature_of_another_length_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    headers = amazon.headers(body) | {"Signature-256": base64.b64encode(b"x" * 7).decode()}
    assert refusal(verifier(), headers, body) == Clause.SIGNATURE


# -- time


@pytest.mark.parametrize("off_s", [-150, -149, 0, 149, 150])
def test_a_request_within_150_seconds_is_let_in(verifier: MakeVerifier, amazon: Amazon, body: bytes, off_s: int) -> None:
    check(verifier(at=NOW + timedelta(seconds=off_s)), amazon.headers(body), body)


@pytest.mark.parametrize("off_s", [151, -151, 3600, 86_400])
def test_an_old_or_future_request_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes, off_s: int) -> None:
    assert refusal(verifier(at=NOW + timedelta(seconds=off_s)), amazon.headers(body), body) == Clause.TIMESTAMP


def test_skill_events_may_come_an_hour_late(verifier: MakeVerifier, amazon: Amazon, alexa_request: MakeRequest) -> None:
    body = encode(alexa_request(kind="AlexaSkillEvent.SkillEnabled"))
    check(verifier(at=NOW + timedelta(seconds=3600)), amazon.headers(body), body)
    assert refusal(verifier(at=NOW + timedelta(seconds=3601)), amazon.headers(body), body) == Clause.TIMESTAMP


# -- skill


def test_another_skills_request_is_refused(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    assert refusal(verifier(skill_id="amzn1.ask.skill.other"), amazon.headers(body), body) == Clause.SKILL


@pytest.mark.parametrize("part", ["session", "context"])
def test_both_places_must_name_this_skill(verifier: MakeVerifier, amazon: Amazon, alexa_request: MakeRequest, part: str) -> None:
    request = alexa_request()
    holder = request["session"] if part == "session" else request["context"]["System"]
    holder["application"]["applicationId"] = "amzn1.ask.skill.other"
    body = encode(request)
    assert refusal(verifier(), amazon.headers(body), body) == Clause.SKILL


def test_a_request_that_names_no_skill_is_refused(verifier: MakeVerifier, amazon: Amazon, alexa_request: MakeRequest) -> None:
    request = alexa_request()
    del request["session"], request["context"]
    body = encode(request)
    assert refusal(verifier(), amazon.headers(body), body) == Clause.SKILL


def test_without_a_skill_of_ours_nothing_is_fetched_for_anybody_and_the_log_says_so(
    verifier: MakeVerifier, amazon: Amazon, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return amazon.chain()

    with caplog.at_level(logging.WARNING, "madoguchi.alexa"):
        assert refusal(verifier(skill_id="", fetch=fetch), amazon.headers(body), body) == Clause.SKILL
    assert fetched == []
    assert "alexa_skill_id" in caplog.text


# -- fetching and keeping


def test_a_chain_is_fetched_once_and_again_after_its_time(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    fetched: list[str] = []
    at = [NOW]

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return amazon.chain()

    gate = verifier(fetch=fetch, clock=lambda: at[0])
    second = timedelta(seconds=1)
    for passed, fetches in ((0 * second, 1), (10 * second, 1), (KEPT_FOR, 1), (KEPT_FOR + second, 2), (1.5 * KEPT_FOR, 2)):
        at[0] = NOW + passed
        gate.check_signature(amazon.headers(body), body)
        assert len(fetched) == fetches


def test_a_kept_chain_that_ran_out_is_not_used(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    at = [NOW]
    gate = verifier(chain=amazon.chain(ends=NOW + timedelta(minutes=1)), clock=lambda: at[0])
    gate.check_signature(amazon.headers(body), body)
    at[0] = NOW + timedelta(minutes=2)
    assert refusal(gate, amazon.headers(body), body) == Clause.CHAIN


def test_only_verified_chains_are_kept_and_only_a_few(verifier: MakeVerifier, amazon: Amazon, body: bytes) -> None:
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return amazon.chain()

    gate = verifier(fetch=fetch)
    urls = [f"https://s3.amazonaws.com/echo.api/cert-{n}.pem" for n in range(KEPT_CHAINS + 1)]
    for url in (*urls, urls[-1], urls[0]):
        gate.check_signature(amazon.headers(body, url), body)
    assert fetched == [*urls, urls[0]]
    stranger = Amazon()
    gate = verifier(fetch=lambda url: fetched.append(url) or stranger.chain())
    fetched.clear()
    for _ in range(2):
        refusal(gate, stranger.headers(body), body)
    assert len(fetched) == 2


def serving(monkeypatch: pytest.MonkeyPatch, handler: Callable[[httpx.Request], httpx.Response]) -> None:
    """Let the default fetch reach `handler` in place of the network."""
    client = httpx.Client(transport=httpx.MockTransport(handler))
    monkeypatch.setattr(certificates.httpx, "stream", client.stream)


def test_the_fetched_bytes_are_what_was_served(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, lambda request: httpx.Response(200, content=str(request.url).encode()))
    assert fetch_chain(CHAIN_URL) == CHAIN_URL.encode()


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(404, content=b"no such key"),
        httpx.Response(302, headers={"Location": "https://very.bad/"}),
        httpx.Response(200, content=b"x" * (CHAIN_LIMIT_BYTES + 1)),
    ],
    ids=["missing", "redirect", "too-large"],
)
def test_what_is_not_a_short_plain_reply_is_refused(monkeypatch: pytest.MonkeyPatch, response: httpx.Response) -> None:
    serving(monkeypatch, lambda _: response)
    with pytest.raises(AlexaUnverified) as refused:
        fetch_chain(CHAIN_URL)
    assert refused.value.message == Clause.FETCH


def test_a_network_that_fails_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("", request=request)

    serving(monkeypatch, fail)
    with pytest.raises(AlexaUnverified) as refused:
        fetch_chain(CHAIN_URL)
    assert refused.value.message == Clause.FETCH


# -- the development setting


def test_the_open_gate_warns_at_start_and_at_first_use(caplog: pytest.LogCaptureFixture, body: bytes) -> None:
    with caplog.at_level(logging.WARNING, "madoguchi.alexa"):
        gate = OpenGate()
        assert len(caplog.records) == 1
        for _ in range(3):
            gate.check_signature({}, body)
            gate.check_envelope(read_envelope(body))
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert all("NOT VERIFIED" in record.message for record in caplog.records)
