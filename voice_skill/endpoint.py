"""Raw request in, response bytes out: verify -> read -> converse. The HTTP route does nothing but carry them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from core.settings import Settings
from voice_skill.envelope import read_envelope
from voice_skill.skill import Answerer, Skill
from voice_skill.turns import City
from voice_skill.verify import Gate, OpenGate, Verifier


class Endpoint:
    """A skill behind its gate. Safe to call from several threads."""

    def __init__(self, skill: Skill, gate: Gate) -> None:
        self._skill = skill
        self._gate = gate

    def handle(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """The response as JSON, at most 24 KiB.

        Raises:
            AlexaUnverified: the request can't be shown to come from Alexa.
            InvalidInput: it is signed, and not a request of the Alexa Skills Kit.
        """
        started_s = time.monotonic()
        self._gate.check_signature(headers, body)
        envelope = read_envelope(body)
        self._gate.check_envelope(envelope)
        return self._skill.respond(envelope, spent_s=time.monotonic() - started_s).to_json()

    def close(self) -> None:
        self._skill.close()


def open_endpoint(settings: Settings, answerer: Answerer, city: Callable[[], City]) -> Endpoint:
    """The endpoint as the settings want it: verified, unless a developer switched that off."""
    gate: Gate = Verifier(skill_id=settings.alexa_skill_id) if settings.alexa_verify else OpenGate()
    skill = Skill(
        answerer,
        city,
        kb=settings.kb,
        timeout_s=settings.alexa_timeout_s,
        max_question_chars=settings.max_question_chars,
    )
    return Endpoint(skill, gate)
