"""The smart speaker over the whole sample city: the real knowledge base, the real embedder, the real index."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from alexa_kit import MakeRequest, encode

from core.settings import CHECKOUT, Settings
from dialogue.pipeline import Answerer
from voice_skill.endpoint import open_endpoint
from voice_skill.turns import City

SAMPLES = CHECKOUT / "samples" / "soo"

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def talk(answerer: Answerer, soo: City, tmp_path: Path, alexa_request: MakeRequest) -> Iterator[Ask]:
    """talk(intent, query=..., attributes=...) -> the response's JSON."""
    settings = Settings(home=tmp_path, alexa_verify=False, alexa_timeout_s=60)
    endpoint = open_endpoint(settings, answerer, lambda: soo)

    def say(intent: str, **details: Any) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(endpoint.handle({}, encode(alexa_request(intent, **details))))
        return reply

    yield say
    endpoint.close()


def heard(reply: dict[str, Any]) -> str:
    return "".join(ElementTree.fromstring(reply["response"]["outputSpeech"]["ssml"]).itertext())


def rows(pattern: str) -> list[dict[str, str]]:
    found = []
    for path in sorted((SAMPLES / "faq").glob(pattern)):
        with path.open(encoding="utf-8-sig", newline="") as f:
            found += list(csv.DictReader(f))
    return found


def test_a_question_gets_its_approved_short_form_and_the_whole_answer_on_the_card(talk: Ask) -> None:
    row = rows("01-moving.csv")[0]
    reply = talk("AskIntent", query=row["question"])
    assert row["speech"][:8] in heard(reply)
    assert row["answer"].split("\n")[0][:20] in reply["response"]["card"]["content"]
    assert "電話: 0986-00-" in reply["response"]["card"]["content"]


def test_how_to_put_out_a_thing_comes_from_the_sorting_table(talk: Ask) -> None:
    assert "粗大ごみです" in heard(talk("DisposalIntent", query="布団"))


def test_a_counter_is_found_by_its_name(talk: Ask) -> None:
    assert "本庁1階" in heard(talk("WhereIntent", query="市民課"))
    assert "ゼロ キュウ ハチ ロク、ゼロ ゼロ、ゼロ イチ ゼロ ニー" in heard(talk("ContactIntent", query="税務課"))


def test_what_is_not_known_is_handed_over_with_a_phone(talk: Ask) -> None:
    said = heard(talk("AskIntent", query="冥王星の大きさ"))
    assert "お問い合わせください" in said
    assert said.count("ゼロ キュウ ハチ ロク、ゼロ ゼロ") == 2


def test_an_emergency_is_told_whom_to_call(talk: Ask) -> None:
    reply = talk("AskIntent", query="火事です")
    assert "いちいちきゅうばん" in heard(reply)
    assert reply["response"]["shouldEndSession"] is True


def test_a_choice_leads_to_its_answer(talk: Ask) -> None:
    asked = talk("DisposalIntent", query="びん")
    assert "一つ目は、" in heard(asked)
    chosen = asked["sessionAttributes"]["offered"][1]["question"]
    reply = talk("ChoiceIntent", choice="二つ目", attributes=asked["sessionAttributes"])
    assert reply["response"]["card"]["title"] == chosen


def test_nothing_of_a_staff_entry_is_ever_said_or_shown(talk: Ask) -> None:
    """Every staff entry is asked for in its own words."""
    staff = [row for row in rows("*.csv") if row["audience"] == "staff"]
    public = "".join(row["question"] + row["answer"] for row in rows("*.csv") if row["audience"] != "staff")
    assert len(staff) >= 40
    for row in staff:
        answer = talk("AskIntent", query=row["question"])
        answer.get("sessionAttributes", {}).get("told", {}).pop("question", None)  # what was just asked
        reply = str(answer)
        sentences = [s for s in row["answer"].replace("\n", "。").split("。") if len(s) > 12 and s not in public]
        assert sentences
        assert not [secret for secret in (row["question"], *sentences) if secret in reply]


def test_what_is_said_can_be_taken_in_at_one_hearing(talk: Ask) -> None:
    """420 characters are about a minute: three long questions to choose from, or a counter with its phone twice."""
    for row in rows("0*.csv")[::15]:
        assert len(heard(talk("AskIntent", query=row["question"]))) <= 420
