"""A signing chain like Amazon's under a root made here, signed requests, and answerers whose state can be forced."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.clock import JST
from dialogue.answer import Act, Answer, Band, Citation, Contact, Suggestion
from dialogue.utterance import Utterance

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=JST)
SKILL_ID = "amzn1.ask.skill.0b7f6a52-6f8e-4a9e-8d5e-3f3f3c1f9a10"
CHAIN_URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-15.pem"
ALEXA = "echo-api.amazon.com"
DAY = timedelta(days=1)

IssuingKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, key: IssuingKey, *, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(subject: str, issuer: str, key: IssuingKey, issuer_key: IssuingKey) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(subject, issuer, key, begins=NOW - 900 * DAY, ends=NOW + 900 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


class Amazon:
    """Stands where Amazon stands: has a root, an intermediate authority and Alexa's signing key."""

    def __init__(self) -> None:
        self.root_key, self._issuing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.root = _authority("Test Root", "Test Root", self.root_key, self.root_key)
        self._issuing = _authority("Test Issuing", "Test Root", self._issuing_key, self.root_key)

    def chain(
        self,
        *,
        names: Sequence[str] = (ALEXA,),
        begins: datetime = NOW - 30 * DAY,
        ends: datetime = NOW + 300 * DAY,
        key: IssuingKey | None = None,
        intermediate: bool = True,
    ) -> bytes:
        """PEM: leaf first, then the intermediate."""
        leaf = (
            _builder(ALEXA, "Test Issuing", key or self.signing_key, begins=begins, ends=ends)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._issuing_key.public_key()), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        if names:
            leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        certificates = [leaf.sign(self._issuing_key, hashes.SHA256()), *([self._issuing] if intermediate else [])]
        return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)

    def sign(self, body: bytes, algorithm: hashes.HashAlgorithm | None = None) -> str:
        signature = self.signing_key.sign(body, padding.PKCS1v15(), algorithm or hashes.SHA256())
        return base64.b64encode(signature).decode()

    def headers(self, body: bytes, url: str = CHAIN_URL) -> dict[str, str]:
        return {"SignatureCertChainUrl": url, "Signature-256": self.sign(body)}


REQUEST: dict[str, Any] = {
    "version": "1.0",
    "session": {
        "new": False,
        "sessionId": "amzn1.echo-api.session.1",
        "application": {"applicationId": SKILL_ID},
        "attributes": {},
        "user": {"userId": "amzn1.ask.account.A"},
    },
    "context": {
        "System": {
            "application": {"applicationId": SKILL_ID},
            "user": {"userId": "amzn1.ask.account.A"},
            "device": {"deviceId": "amzn1.ask.device.A", "supportedInterfaces": {}},
            "apiEndpoint": "https://api.fe.amazonalexa.com",
            "apiAccessToken": "t",
        }
    },
    "request": {
        "type": "LaunchRequest",
        "requestId": "amzn1.echo-api.request.1",
        "timestamp": "2026-11-22T07:00:00Z",
        "locale": "ja-JP",
    },
}

MakeRequest = Callable[..., dict[str, Any]]


def encode(request: dict[str, Any]) -> bytes:
    return json.dumps(request, ensure_ascii=False).encode()


@dataclass
class Scripted:
    """An answerer that gives prepared answers and remembers what it was asked."""

    answers: dict[str, Answer | Exception | Callable[[], Answer]] = field(default_factory=dict)
    asked: list[Utterance] = field(default_factory=list)
    last: str = "*"

    def answer(self, utterance: Utterance) -> Answer:
        self.asked.append(utterance)
        self.last = self.last if utterance.again else utterance.text
        prepared = self.answers.get(self.last) or self.answers["*"]
        if isinstance(prepared, Exception):
            raise prepared
        return prepared if isinstance(prepared, Answer) else prepared()


CONTACT = Contact(
    department="市民課",
    phone="0986-00-0101",
    location="本庁1階 1番窓口",
    hours="平日 8時30分〜17時15分",
    open_now=False,
    next_open=datetime(2026, 11, 24, 8, 30, tzinfo=JST),
    next_open_text="11月24日（火）8時30分",
)
CITATION = Citation(
    entry_id="moving-001",
    question="転入届はいつまでに出せばよいですか。",
    source_title="転入届のご案内",
    source_url="https://www.city.soo.example/tennyu?a=1&b=2",
    department="市民課",
    updated_on="2026-10-01",
)
MOVED_IN = Answer(
    band=Band.ANSWER,
    act=Act.QUESTION,
    text="曽於市に引っ越してきた日から14日以内に、市民課（本庁1階）か各支所へ転入届を出してください。"
    "前の市区町村の転出証明書と、本人確認書類をお持ちください。\n"
    "・マイナンバーカードをお持ちの方は、暗証番号が要りますので、カードも忘れずにお持ちください。\n・受付は8:30〜17:15です。"
    "詳しくは https://www.city.soo.example/ をご覧ください。",
    confidence=0.93,
    citations=(CITATION,),
    contact=CONTACT,
)
UNSURE = Answer(
    band=Band.CLARIFY,
    act=Act.QUESTION,
    text="もしかして、次のどれかをお知りになりたいですか。",
    confidence=0.4,
    suggestions=(
        Suggestion(entry_id="a", question="転入届はいつまでに出せばよいですか。"),
        Suggestion(entry_id="b", question="転出届はどこに出せばよいですか。"),
        Suggestion(entry_id="c", question="転居届に必要なものは何ですか。"),
        Suggestion(entry_id="d", question="世帯主を変えるにはどうすればよいですか。"),
    ),
)
HANDED_OVER = Answer(
    band=Band.HANDOFF,
    act=Act.QUESTION,
    text="申し訳ありません。ご質問に合う回答が見つかりませんでした。市民課でご案内します。",
    confidence=0.1,
    contact=CONTACT,
)
