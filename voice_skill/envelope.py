"""The Alexa Skills Kit's JSON: the request as it comes in, the response as it goes out.

Format: https://developer.amazon.com/docs/alexa/custom-skills/request-and-response-json-reference.html
Unknown fields are ignored, since Amazon adds some now and then.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from core.errors import InvalidInput

REQUEST_LIMIT_BYTES = 64 * 1024
RESPONSE_LIMIT_BYTES = 24 * 1024


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Application(_Model):
    application_id: str = Field(max_length=300)


class ResolvedValue(_Model):
    name: str = ""
    id: str = ""


class ResolvedEntry(_Model):
    value: ResolvedValue = ResolvedValue()


class Authority(_Model):
    """One source of slot values; `values` is empty when the word is none of its own."""

    values: list[ResolvedEntry] = []


class Resolutions(_Model):
    resolutions_per_authority: list[Authority] = []


class Slot(_Model):
    """A part of what was said. `value` is missing when it was not filled."""

    value: str | None = None
    resolutions: Resolutions | None = None

    @property
    def resolved_id(self) -> str | None:
        """The id of the listed value that the word is a synonym of."""
        authorities = self.resolutions.resolutions_per_authority if self.resolutions else []
        return next((entry.value.id for a in authorities for entry in a.values if entry.value.id), None)


class Intent(_Model):
    name: str
    slots: dict[str, Slot] | None = None

    def slot(self, name: str) -> Slot:
        return (self.slots or {}).get(name, Slot())


class Request(_Model):
    """`type` is LaunchRequest, IntentRequest, SessionEndedRequest or one of the many that a skill needn't know."""

    type: str = Field(max_length=100)
    timestamp: AwareDatetime
    request_id: str = ""
    intent: Intent | None = None


class Session(_Model):
    new: bool = False
    session_id: str = Field(default="", max_length=500)
    application: Application | None = None
    attributes: dict[str, Any] | None = None


class System(_Model):
    application: Application | None = None


class Context(_Model):
    system: System | None = Field(default=None, alias="System")


class Envelope(_Model):
    """What Alexa posts."""

    version: str
    request: Request
    session: Session | None = None
    context: Context | None = None

    @property
    def application_ids(self) -> set[str]:
        """Every skill id that the request names; one, when all is well."""
        system = self.context.system if self.context else None
        found = (system.application if system else None, self.session.application if self.session else None)
        return {application.application_id for application in found if application}


class OutputSpeech(_Model):
    type: Literal["SSML"] = "SSML"
    ssml: str


class Reprompt(_Model):
    output_speech: OutputSpeech


class Card(_Model):
    """What the Alexa app shows."""

    type: Literal["Simple"] = "Simple"
    title: str
    content: str


class ResponseBody(_Model):
    output_speech: OutputSpeech | None = None
    card: Card | None = None
    reprompt: Reprompt | None = None
    should_end_session: bool | None = None


class Response(_Model):
    """What we answer."""

    version: Literal["1.0"] = "1.0"
    session_attributes: dict[str, Any] | None = None
    response: ResponseBody = ResponseBody()

    def to_json(self) -> bytes:
        """At most 24 KiB: a response that would be longer goes without its card."""
        whole = self.model_dump_json(by_alias=True, exclude_none=True).encode()
        if len(whole) <= RESPONSE_LIMIT_BYTES or self.response.card is None:
            return whole
        return self.model_copy(update={"response": self.response.model_copy(update={"card": None})}).to_json()


def read_envelope(body: bytes) -> Envelope:
    """Raises InvalidInput for anything that is not a request of the Alexa Skills Kit."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError:
        raise InvalidInput("Alexa の要求の形式が正しくありません。") from None
