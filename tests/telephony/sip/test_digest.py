"""Who has a password shows it; who has none is not recorded."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from peers import SDP, Call, run, serving, udp_peer

from telephony.sip.digest import VALID_S, Digest
from telephony.sip.message import Headers, Request
from telephony.sip.refusal import Refusal

HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
PASSWORDS = {"101": "秘密"}


def shown(
    challenge: str, password: str, name: str = "101", method: str = "INVITE", qop: bool = True, count: str = "00000001"
) -> str:
    """The answer to a challenge, made as RFC 7616 says."""
    nonce, algorithm = (re.search(rf'{part}="?([^",]+)', challenge) for part in ("nonce", "algorithm"))
    assert nonce is not None and algorithm is not None

    def h(text: str) -> str:
        return HASHES[algorithm[1]](text.encode()).hexdigest()

    uri = "sip:0986760000@127.0.0.1"
    middle = f"{nonce[1]}:{count}:abc:auth" if qop else nonce[1]
    response = h(f"{h(f'{name}:madoguchi:{password}')}:{middle}:{h(f'{method}:{uri}')}")
    counted = f', qop=auth, nc={count}, cnonce="abc"' if qop else ""
    return (
        f'Digest username="{name}", realm="madoguchi", nonce="{nonce[1]}", uri="{uri}", '
        f'algorithm={algorithm[1]}, response="{response}"{counted}'
    )


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
@pytest.mark.parametrize("qop", [True, False])
def test_who_shows_the_password_is_answered_and_nobody_else(tmp_path: Path, algorithm: str, qop: bool) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, passwords=PASSWORDS) as served:
            call = Call(await udp_peer(served))
            asked = await call.ask("INVITE", SDP)
            assert asked.status == 401
            (challenge,) = [c for c in asked.headers.every("www-authenticate") if f"algorithm={algorithm}" in c]
            for wrong in (
                shown(challenge, "falsch"),
                shown(challenge, "秘密", "102"),
                shown(challenge, "秘密", method="BYE"),
                "Basic x",
            ):
                assert (await call.ask("INVITE", SDP, extra=f"Authorization: {wrong}\r\n")).status == 401
            assert not served.media.begun
            shows = f"Authorization: {shown(challenge, '秘密', qop=qop)}\r\n"
            assert (await call.invite(extra=shows)).status == 200
            overhears = await Call(await udp_peer(served)).ask("INVITE", SDP, extra=shows)
            assert overhears.status == 401 and len(served.media.begun) == 1

    run(scenario)


def test_exchanges_that_are_trusted_are_not_asked(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path, passwords=PASSWORDS, trusted=(ipaddress.ip_network("127.0.0.1"),)) as served:
            assert (await Call(await udp_peer(served)).invite()).status == 200

    run(scenario)


@pytest.fixture
def now_s() -> list[float]:
    return [1000.0]


@pytest.fixture
def require(now_s: list[float]) -> Callable[..., str]:
    """require(answer, host) -> the challenge to who isn't let in, nothing for who is."""
    digest = Digest(PASSWORDS, ("MD5",), b"secret", lambda: now_s[0])

    def ask(answer: str = "", host: str = "192.0.2.1") -> str:
        headers = Headers((("authorization", answer),) if answer else ())
        try:
            digest.require(Request(method="INVITE", uri="sip:x@y", headers=headers), host)
        except Refusal as refusal:
            return refusal.fields[0][1]
        return ""

    return ask


def test_a_challenge_is_good_for_who_was_asked_and_for_a_while(now_s: list[float], require: Callable[..., str]) -> None:
    challenge = require()
    assert "stale=true" in require(shown(challenge, "秘密"), "192.0.2.2")
    now_s[0] += VALID_S - 0.01
    assert require(shown(challenge, "秘密")) == ""
    now_s[0] += 0.01
    assert "stale=true" in require(shown(challenge, "秘密", count="00000002")) and "stale" not in require()


def test_who_overhears_an_answer_is_not_let_in_with_it(require: Callable[..., str]) -> None:
    challenge, other = require(), require()
    overheard = [shown(challenge, "秘密", count=count) for count in ("00000001", "00000003", "0000000a")]
    for answer in overheard:
        assert require(answer) == "", "a phone goes on counting"
    for answer in (*overheard, shown(challenge, "秘密", count="00000009")):
        assert require(answer)
    for count in ("00000000", "", "x", "0000000٣", "1" * 9):
        assert "stale=true" in require(shown(other, "秘密", count=count)), "it counts nothing"
    assert require(shown(other, "秘密")) == "", "what was asked in the same moment is another challenge"


def test_an_answer_that_does_not_count_is_good_for_once(require: Callable[..., str]) -> None:
    challenge = require()
    assert require(shown(challenge, "秘密", qop=False)) == ""
    assert "stale=true" in require(shown(challenge, "秘密", qop=False))
    assert "stale=true" in require(shown(challenge, "秘密"))


def test_answers_that_are_forgotten_are_not_let_in_again(
    now_s: list[float], require: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.sip.digest.MOST_USED", 3)
    answers = []
    for _ in range(5):
        now_s[0] += 0.1
        answers.append(shown(require(), "秘密"))
        assert require(answers[-1]) == ""
    assert all("stale=true" in require(answer) for answer in answers)
    now_s[0] += 0.1
    assert require(shown(require(), "秘密")) == "", "who comes later is let in"


@pytest.mark.parametrize(
    "nonce", ["", "-", "zz-00", "fffffffffffffffffffff-00", "3e8-00", "3e8-日本", "f4240-" + 16 * "0" + "-" + 32 * "0"]
)
def test_a_challenge_of_somebody_elses_is_none(nonce: str) -> None:
    digest = Digest(PASSWORDS, ("MD5",), b"secret", lambda: 1000.0)
    answer = shown(f'nonce="{nonce or " "}", algorithm=MD5', "秘密")
    with pytest.raises(Refusal):
        digest.require(Request(method="INVITE", uri="sip:x@y", headers=Headers((("authorization", answer),))), "192.0.2.1")
