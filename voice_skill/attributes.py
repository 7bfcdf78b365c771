"""The session attributes that Alexa carries from turn to turn: all that the skill remembers of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

SAID_LIMIT_CHARS = 700
DETAIL_LIMIT_CHARS = 700

Question = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Attributes(BaseModel):
    """What the next turn may refer to."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    offered: list[Question] = Field(default=[], max_length=4)  #: the choices that were read out, in order
    said: str = Field(default="", max_length=SAID_LIMIT_CHARS)  #: for 「もう一度」
    detail: str = Field(default="", max_length=DETAIL_LIMIT_CHARS)  #: for 「くわしく」: what has not been said yet
    department: str = Field(default="", max_length=100)  #: for 「電話番号」
    phone: str = Field(default="", max_length=40)
    misses: int = Field(default=0, ge=0, le=100)  #: how often in a row nothing was understood


def read_attributes(sent: Mapping[str, Any] | None) -> Attributes:
    """Those of the last turn; empty ones when there are none or an older version of the skill wrote them."""
    try:
        return Attributes.model_validate(dict(sent or {}))
    except ValidationError:
        return Attributes()
