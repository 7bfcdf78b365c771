"""Promises of rules that are not in force: nobody is told what they say where one that is in force may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.audience import Audience
from core.database import open_database
from core.settings import Settings
from dialogue.answer import Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from models.embedder import load_embedder
from retrieval.given import Options
from retrieval.knowledge import Knowledge

OLD = """旧見本町旅費支給規則
（日当）
第1条　日当の額は、1日につき1,500円とする。
附　則
この規則は、平成5年4月1日から施行する。
"""
NOW = """見本市旅費規則
（日当）
第1条　日当の額は、1日につき2,000円とする。
（復命）
第2条　旅行者は、5日以内に復命書を提出しなければならない。
附　則
1　この規則は、平成17年7月1日から施行する。
2　旧見本町旅費支給規則（平成5年規則第3号）は、廃止する。
"""
IN_FORCE, REPEALED = "見本市旅費規則 第1条（日当）", "旧見本町旅費支給規則 第1条（日当）（廃止）"


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[Answerer]:
    home: Path = tmp_path_factory.mktemp("effect")
    engine = open_database(Settings(home=home))
    knowledge = Knowledge(engine, home / "indexes", load_embedder(model_settings))
    for name, text in (("old.txt", OLD), ("now.txt", NOW)):
        (home / name).write_text(text, "utf-8")
        knowledge.import_file(home / name, "test", options=Options(audience=Audience.RESIDENT))
    knowledge.build("test", lambda *_: None)
    yield Answerer(knowledge, Settings(home=home))
    engine.dispose()


def ask(answerer: Answerer, text: str, session: str | None = None) -> Answer:
    return answerer.answer(Utterance(text=text, audience=Audience.STAFF, kb="test", session=session))


@pytest.mark.parametrize("text", ["日当の額は1日につきいくら", "第1条"])
def test_of_two_that_may_be_meant_the_one_in_force_is_offered_first_and_the_other_named_as_what_it_is(
    answerer: Answerer, text: str
) -> None:
    answer = ask(answerer, text)
    assert answer.band is Band.CLARIFY and "1,500円" not in answer.text
    assert [s.question for s in answer.suggestions][:2] == [IN_FORCE, REPEALED]


def test_a_repealed_rule_that_is_chosen_all_the_same_is_quoted_with_its_repeal_before_it(answerer: Answerer) -> None:
    ask(answerer, "第1条", session="a")
    answer = ask(answerer, "2番", session="a")
    assert answer.text == "この文書は、「見本市旅費規則」により廃止されています。\n\n第1条 日当の額は、1日につき1,500円とする。"


def test_who_names_the_repealed_rule_is_told_what_it_said(answerer: Answerer) -> None:
    answer = ask(answerer, "旧見本町旅費支給規則の日当の額")
    assert answer.text.startswith("この文書は、「見本市旅費規則」により廃止されています。")
