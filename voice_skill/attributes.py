"""The session attributes that Alexa carries from turn to turn: what the last turn was about, never what was told.

They come back with the next request and may be old or made up by then. So they name questions and entries, which are looked up
again for a resident of now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

WORDS_LIMIT_CHARS = 700
QUESTION_LIMIT_CHARS = 500
ID_LIMIT_CHARS = 400

Question = Annotated[str, StringConstraints(min_length=1, max_length=QUESTION_LIMIT_CHARS)]
EntryId = Annotated[str, StringConstraints(max_length=ID_LIMIT_CHARS)]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Offered(_Kept):
    """A choice that was read out."""

    entry_id: EntryId
    question: Question


class Told(_Kept):
    """The last answer, by what asks for it again."""

    question: Question
    entry_id: EntryId = ""  #: of the entry that was quoted
    seal: str = Field(default="", max_length=16)  #: of its text: an answer that was changed meanwhile is not gone on with
    part: int = Field(default=0, ge=0, le=100)  #: how often 「くわしく」 has gone on with it
    phone: bool = False  #: whether its counter's number was what was said last


class Attributes(_Kept):
    """What the next turn may refer to."""

    offered: list[Offered] = Field(default=[], max_length=4)  #: in order
    told: Told | None = None
    words: str = Field(default="", max_length=WORDS_LIMIT_CHARS)  #: of the skill's own, where they were said last
    misses: int = Field(default=0, ge=0, le=100)  #: how often in a row nothing was understood


def read_attributes(sent: Mapping[str, Any] | None) -> Attributes:
    """Those of the last turn; empty ones when there are none or an older version of the skill wrote them."""
    try:
        return Attributes.model_validate(dict(sent or {}))
    except ValidationError:
        return Attributes()
