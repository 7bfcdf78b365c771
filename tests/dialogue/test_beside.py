"""Promises of what the city's documents say beside an approved answer: letter by letter, where they do, to who may read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from tests.conftest import copy_knowledge, make_home

KB = "soo"
DUNNING, LEAVE_DAYS, ACTING_FOR, BOOKS, SEAL = "staff-29", "staff-46", "staff-02", "facilities-01", "registry-09"
FINANCE = """見本市財務規則
（趣旨）
第1条　この規則は、財務について定める。
（督促）
第2条　納期限までに納付しない者があるときは、納期限後10日以内に督促状を発しなければならない。
（催告）
第3条　督促状を発した日から起算して10日を経過してもなお完納されないときは、催告書を送付する。
"""
LEAVE = """見本市職員の休暇に関する規程
（年次有給休暇）
第1条　職員の年次有給休暇は、一の年ごとに25日とする。
"""
ACTING = """見本市事務決裁規程
（代決）
第8条　課長が不在のときは、課長補佐がその事務を代決する。
"""
LIBRARY = """見本市図書館規則
（図書館の本を借りる手続）
第1条　図書館の本を借りる者は、図書館の利用登録をしなければならない。
"""
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(sample_home: Path, tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[Ask]:
    """The sample city with two rules of its own."""
    home = make_home(tmp_path_factory.mktemp("beside") / "home")
    copy_knowledge(sample_home, home)
    engine = open_database(Settings(home=home))
    knowledge = Knowledge(engine, home / "indexes", load_embedder(model_settings))
    only_of_personnel = Options(department="総務課", confined=True)
    for name, text, options in (
        ("finance.txt", FINANCE, Options(audience=Audience.STAFF)),
        ("leave.txt", LEAVE, only_of_personnel),
        ("acting.txt", ACTING, Options(audience=Audience.STAFF)),
        ("library.txt", LIBRARY, Options(audience=Audience.RESIDENT)),
    ):
        (home / name).write_text(text, "utf-8")
        knowledge.import_file(home / name, KB, options=options)
    knowledge.build(KB, lambda *_: None)
    answerer = Answerer(knowledge, Settings(home=home))

    def answer(text: str, audience: Audience = Audience.STAFF, department: str | None = None) -> Answer:
        return answerer.answer(Utterance(text=text, audience=audience, department=department, kb=KB))

    yield answer
    engine.dispose()


def quoted(answer: Answer) -> list[tuple[str | None, str]]:
    return [(q.citation.source_title, q.text) for q in answer.beside]


def test_an_approved_answer_has_what_the_city_s_own_rule_says_beside_it(ask: Ask) -> None:
    answer = ask("督促状の期限")
    assert (answer.band, answer.citations[0].entry_id) == (Band.ANSWER, DUNNING)
    ((title, text),) = quoted(answer)
    assert title == "見本市財務規則 第2条"
    assert text == "第2条 納期限までに納付しない者があるときは、納期限後10日以内に督促状を発しなければならない。"
    assert answer.beside[0].citation.entry_id not in {s.entry_id for s in answer.suggestions}


def test_who_says_it_in_other_words_finds_the_rule_by_the_answer_s_question(ask: Ask) -> None:
    assert [title for title, _ in quoted(ask("年休は何日", department="総務課"))] == ["見本市職員の休暇に関する規程 第1条"]


def test_a_rule_among_others_that_speak_of_it_is_found_by_what_the_answer_says(ask: Ask) -> None:
    for question in ("督促状はいつ出す", "督促状の発送期限"):
        assert [title for title, _ in quoted(ask(question))] == ["見本市財務規則 第2条"], question


def test_a_rule_that_says_it_less_surely_is_offered_to_staff(ask: Ask) -> None:
    answer = ask("代決をした後の後閲")
    assert ([c.entry_id for c in answer.citations], quoted(answer)) == ([ACTING_FOR], [])
    assert [s.question for s in answer.suggestions] == ["見本市事務決裁規程 第8条（代決）"]


def test_a_rule_is_quoted_to_nobody_who_may_not_read_it(ask: Ask) -> None:
    for department in (None, "税務課"):
        answer = ask("年休は何日", department=department)
        assert ([c.entry_id for c in answer.citations], quoted(answer)) == ([LEAVE_DAYS], []), department


def test_residents_get_the_approved_answer_alone(ask: Ask) -> None:
    question = "図書館の本を借りるには、どうすればよいですか。"
    for audience, titles in ((Audience.STAFF, ["見本市図書館規則 第1条"]), (Audience.RESIDENT, [])):
        answer = ask(question, audience)
        assert [c.entry_id for c in answer.citations] == [BOOKS], audience
        assert [title for title, _ in quoted(answer)] == titles, audience


def test_nothing_is_quoted_where_no_document_says_anything_of_it(ask: Ask) -> None:
    answer = ask("印鑑登録をしたい")
    assert (answer.band, quoted(answer)) == (Band.ANSWER, [])


def test_each_of_two_questions_keeps_the_rule_beside_its_answer(ask: Ask) -> None:
    answer = ask("督促状の期限は？ それと、印鑑登録の手続きを教えてください。")
    assert {c.entry_id for c in answer.citations} == {DUNNING, SEAL}
    assert [title for title, _ in quoted(answer)] == ["見本市財務規則 第2条"]
