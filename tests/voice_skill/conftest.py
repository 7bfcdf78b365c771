"""What the tests of the smart speaker share."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from alexa_kit import REQUEST, Amazon, MakeRequest

from core.settings import CHECKOUT
from core.table import read_table
from voice_skill.readings import readings_of
from voice_skill.turns import City


@pytest.fixture(scope="session")
def amazon() -> Amazon:
    return Amazon()


@pytest.fixture
def alexa_request() -> MakeRequest:
    """alexa_request(intent=None, query=None, choice=None, new=False, attributes={}, type=None) -> the JSON that Alexa posts."""

    def make(
        intent: str | None = None,
        *,
        query: str | None = None,
        choice: str | None = None,
        new: bool = False,
        attributes: dict[str, Any] | None = None,
        kind: str | None = None,
    ) -> dict[str, Any]:
        request = copy.deepcopy(REQUEST)
        request["request"]["type"] = kind or ("IntentRequest" if intent else "LaunchRequest")
        request["session"] |= {"new": new, "attributes": attributes or {}}
        if intent:
            slots = {name: {"name": name, "value": value} for name, value in (("query", query), ("choice", choice)) if value}
            request["request"]["intent"] = {"name": intent, "confirmationStatus": "NONE", "slots": slots}
        return request

    return make


@pytest.fixture(scope="session")
def soo() -> City:
    readings = readings_of(r.cells for r in read_table(CHECKOUT / "samples" / "soo" / "readings.csv").rows)
    return City(name="曽於市", phone="0986-00-0100", readings=readings)
