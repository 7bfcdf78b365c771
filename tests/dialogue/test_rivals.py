"""Promises about two answers to one question that can't both be right: residents get neither, staff both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import now
from core.database import open_database
from core.settings import Settings
from dialogue.answer import Answer, Band
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from models.embedder import load_embedder
from retrieval.entry import Entry
from retrieval.knowledge import Knowledge
from retrieval.revisions import Revisions
from tests.conftest import copy_knowledge, make_home

KB = "soo"
ASKED = "庁舎の屋上で凧を揚げるには、いつまでに届けますか。"
FIRST = Entry(id="tako-1", question=ASKED, answer="3日前までに届けてください。", department="総務課")
SECOND = replace(FIRST, id="tako-2", question="屋上の凧揚げの届出", paraphrases=(ASKED,), answer="7日前までに届けてください。")


@pytest.fixture(scope="module")
def disputed(sample_home: Path, tmp_path_factory: pytest.TempPathFactory, model_settings: Settings) -> Iterator[Knowledge]:
    home = make_home(tmp_path_factory.mktemp("rivals") / "home")
    copy_knowledge(sample_home, home)
    engine = open_database(Settings(home=home))
    knowledge = Knowledge(engine, home / "indexes", load_embedder(model_settings))
    knowledge.repository.save(KB, [FIRST, SECOND], now())
    knowledge.build(KB, lambda *_: None)
    yield knowledge
    engine.dispose()


def ask(knowledge: Knowledge, text: str, audience: Audience = Audience.RESIDENT, entry_id: str | None = None) -> Answer:
    utterance = Utterance(text=text, audience=audience, kb=KB, entry_id=entry_id)
    return Answerer(knowledge, Settings()).answer(utterance)


@pytest.mark.parametrize(("text", "entry_id"), [(ASKED, None), (ASKED, "tako-1"), ("屋上の凧揚げの届出", "tako-2")])
def test_a_resident_is_told_none_of_two_that_contradict_each_other(disputed: Knowledge, text: str, entry_id: str | None) -> None:
    answer = ask(disputed, text, entry_id=entry_id)
    assert answer.band is Band.HANDOFF
    assert "内容の異なるご案内" in answer.text
    assert "日前" not in answer.text
    assert answer.contact is not None
    assert answer.contact.department == "総務課"


def test_staff_are_shown_both_and_may_read_each(disputed: Knowledge) -> None:
    answer = ask(disputed, ASKED, Audience.STAFF)
    assert answer.band is Band.CLARIFY
    assert {s.entry_id for s in answer.suggestions} == {"tako-1", "tako-2"}
    assert ask(disputed, ASKED, Audience.STAFF, "tako-2").text == SECOND.answer


def test_the_pair_is_listed_and_no_other_of_the_sample_city(disputed: Knowledge) -> None:
    assert [{a.id, b.id} for a, b in disputed.disputes(KB, audience=Audience.STAFF)] == [{"tako-1", "tako-2"}]


def test_what_was_withdrawn_disputes_nothing(disputed: Knowledge) -> None:
    Revisions(disputed.repository._engine).retire(KB, "tako-2", by="佐藤", at=now())  # no index is made yet
    assert ask(disputed, ASKED).text == FIRST.answer
    assert disputed.disputes(KB, audience=Audience.STAFF) == []
