"""Bytes of a peer in, events of the Wyoming protocol out: no length that a peer names is believed before it is within a limit.

A header of one line of JSON, then as many bytes of JSON and of payload as it says (https://github.com/OHF-Voice/wyoming).
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from wyoming.event import Event

from core.errors import InvalidInput, TooLarge

LINE_LIMIT_BYTES = 64 * 1024
DATA_LIMIT_BYTES = 256 * 1024  #: Home Assistant may name everything that there is in a house
PAYLOAD_LIMIT_BYTES = 1_000_000

Data = dict[str, Any]
Length = Annotated[int, Field(ge=0)]
Form = TypeVar("Form")

_DATA: TypeAdapter[Data] = TypeAdapter(Data)


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str = Field(max_length=100)
    data: Data | None = None
    data_length: Length | None = None
    payload_length: Length | None = None


async def read_event(reader: asyncio.StreamReader) -> Event | None:
    """The next event of a reader whose limit is `LINE_LIMIT_BYTES`; None when the peer has gone, be it in the middle of one.

    Raises:
        InvalidInput: that is no event.
        TooLarge: it is, or says that it is, longer than any needs to be.
    """
    try:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            return None
        header = _parsed(_Header, line)
        if (header.data_length or 0) > DATA_LIMIT_BYTES or (header.payload_length or 0) > PAYLOAD_LIMIT_BYTES:
            raise TooLarge
        more = await reader.readexactly(header.data_length or 0)
        payload = await reader.readexactly(header.payload_length or 0)
    except asyncio.IncompleteReadError:
        return None
    except ValueError:  # what the reader raises for a line over its limit
        raise TooLarge from None
    return Event(type=header.type, data=(header.data or {}) | (_data(more) if more else {}), payload=payload or None)


def read_data(form: type[Form], event: Event) -> Form:
    """The data of an event in the form that the protocol gives it. Raises InvalidInput for another one."""
    try:
        data: Form = _reader(form).validate_python(event.data)  # type: ignore[arg-type]  # mypy doubts that a class is hashable
    except ValidationError:
        raise _no_event() from None
    return data


@cache  # making one takes longer than reading with it, and sound comes in fifty events a second
def _reader(form: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def _parsed(form: type[_Header], line: bytes) -> _Header:
    try:
        return form.model_validate_json(line)
    except ValidationError:
        raise _no_event() from None


def _data(raw: bytes) -> Data:
    try:
        return _DATA.validate_json(raw)
    except ValidationError:
        raise _no_event() from None


def _no_event() -> InvalidInput:
    return InvalidInput("Wyoming の形式として読み取れません。接続した機器の設定を確認してください。")
