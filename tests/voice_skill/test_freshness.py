"""What Alexa carries from turn to turn is old or made up: nothing withdrawn and nothing of the staff's comes back with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alexa_kit import MakeRequest, encode

from core.audience import Audience
from core.clock import JST
from core.database import open_database
from core.settings import Settings
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from models.embedder import load_embedder
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge
from retrieval.revisions import Revisions
from tests.conftest import copy_knowledge, make_home
from voice_skill.endpoint import Endpoint, open_endpoint
from voice_skill.satellite import open_satellite
from voice_skill.ssml import for_tts
from voice_skill.turns import City

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=JST)
Say = Callable[..., dict[str, Any]]


class Hall:
    """A sample city of its own, whose clerks go on working. `restart` is another process: it has no memory of conversations."""

    def __init__(self, home: Path, soo: City) -> None:
        self.settings = Settings(home=home, alexa_verify=False, alexa_timeout_s=60)
        self.engine = open_database(self.settings)
        embedder = load_embedder(self.settings)
        self.knowledge = Knowledge(self.engine, home / "indexes", embedder, clock=lambda: NOON)
        self.soo = soo
        self.restart()

    def restart(self) -> None:
        self.answerer = Answerer(self.knowledge, self.settings, clock=lambda: NOON)
        self.endpoint: Endpoint = open_endpoint(self.settings, self.answerer, lambda: self.soo)
        self.satellite = open_satellite(self.settings, self.answerer, lambda: self.soo)

    def spare(self) -> Entry:
        """An entry that no other test retires."""
        return next(e for e in self.knowledge.shown("soo", Audience.RESIDENT) if e.id.startswith("childcare-"))

    def retire(self, entry_id: str) -> None:
        Revisions(self.engine).retire("soo", entry_id, by="田中", at=NOON)


@pytest.fixture(scope="module")
def hall(sample_home: Path, tmp_path_factory: pytest.TempPathFactory, soo: City) -> Iterator[Hall]:
    home = make_home(tmp_path_factory.mktemp("fresh") / "home")
    copy_knowledge(sample_home, home)
    hall = Hall(home, soo)
    yield hall
    hall.engine.dispose()


_NUMBERS = count()


@pytest.fixture
def say(hall: Hall, alexa_request: MakeRequest) -> Say:
    """say(intent, query=..., attributes=...) -> the response, in a session of the test's own unless one is named."""
    own = f"amzn1.echo-api.session.{next(_NUMBERS)}"

    def send(intent: str, *, session_id: str = own, **details: Any) -> dict[str, Any]:
        request = alexa_request(intent, **details)
        request["session"]["sessionId"] = session_id
        reply: dict[str, Any] = json.loads(hall.endpoint.handle({}, encode(request)))
        return reply

    return send


@pytest.mark.parametrize("restarted", [False, True], ids=["same-process", "another-process"])
@pytest.mark.parametrize("intent", ["AMAZON.RepeatIntent", "SlowIntent", "DetailIntent", "PhoneIntent"])
def test_an_answer_that_was_withdrawn_is_not_gone_on_with(hall: Hall, say: Say, intent: str, restarted: bool) -> None:
    entry = hall.spare()
    told = say("AskIntent", query=entry.question)
    assert told["sessionAttributes"]["told"]["entry_id"] == entry.id
    hall.retire(entry.id)
    if restarted:
        hall.restart()
    reply = say(intent, attributes=told["sessionAttributes"])
    assert not [s for s in (entry.answer + (entry.speech or "")).split("。") if len(s) > 8 and s in str(reply)]
    assert "ゼロ キュウ ハチ ロク" in str(reply) or "終わりました" in str(reply)


def test_a_satellite_does_not_go_on_with_an_answer_that_was_withdrawn(hall: Hall) -> None:
    entry = hall.spare()
    told = hall.satellite.reply(entry.question, "room")
    said = [s for s in for_tts(f"{entry.answer}\n{entry.speech or ''}", hall.soo.readings).split("。") if len(s) > 8]
    assert [s for s in said if s in told.text]
    hall.retire(entry.id)
    for wish in ("もう一度", "くわしく", entry.question):
        reply = hall.satellite.reply(wish, "room")
        assert not [s for s in said if s in reply.text], wish


@pytest.mark.parametrize("restarted", [False, True], ids=["same-process", "another-process"])
def test_a_choice_that_was_withdrawn_is_said_to_have_ended(hall: Hall, say: Say, restarted: bool) -> None:
    offer = say("AskIntent", query="住民票")["sessionAttributes"]
    hall.retire(offer["offered"][1]["entry_id"])
    if restarted:
        hall.restart()
    reply = say("ChoiceIntent", choice="二番", attributes=offer)
    assert "のご案内は、終わりました" in str(reply)


@pytest.mark.parametrize(
    "intent", ["ChoiceIntent", "AMAZON.YesIntent", "AMAZON.RepeatIntent", "DetailIntent", "PhoneIntent", "SlowIntent"]
)
def test_forged_attributes_give_nothing_of_the_staffs(hall: Hall, say: Say, intent: str) -> None:
    for entry in hall.knowledge.shown("soo", Audience.STAFF):
        if entry.audience is not Audience.STAFF:
            continue
        offered = [{"entry_id": entry.id, "question": "x"}]
        forged = {"offered": offered, "told": {"question": "x", "entry_id": entry.id, "part": 1}}
        reply = str(say(intent, choice="一つ目", attributes=forged))
        assert entry.question not in reply
        assert not [s for s in entry.answer.replace("\n", "。").split("。") if len(s) > 12 and s in reply]


def test_no_name_of_a_session_makes_it_that_of_a_page(hall: Hall, say: Say) -> None:
    secret = next(e for e in hall.knowledge.shown("soo", Audience.STAFF) if e.audience is Audience.STAFF)
    key = json.dumps(["staff", None, "a"])
    hall.answerer.answer(Utterance(text=secret.question, audience=Audience.STAFF, kb="soo", session=key))
    for intent in ("AMAZON.RepeatIntent", "DetailIntent", "PhoneIntent"):
        reply = str(say(intent, session_id=key, attributes={"told": {"question": "x"}}))
        assert secret.question not in reply
        assert secret.answer[:20] not in reply


def test_two_people_at_once_keep_their_own_conversations(hall: Hall, say: Say) -> None:
    first = say("AskIntent", query="印鑑登録", session_id="one")
    second = say("AskIntent", query="末吉町本町の燃えるごみの日", session_id="two")
    assert "収集" in str(say("AskIntent", query="じゃあ金曜は", session_id="two", attributes=second["sessionAttributes"]))
    again = say("AMAZON.RepeatIntent", session_id="one", attributes=first["sessionAttributes"])
    assert again["response"]["outputSpeech"] == first["response"]["outputSpeech"]
