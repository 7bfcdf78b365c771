"""A question heard in two ways is answered only where both point to the same; otherwise its answer is offered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.audience import Audience
from core.settings import Settings
from dialogue.answer import Act, Answer, Band, Citation, Suggestion
from dialogue.pipeline import Answerer
from dialogue.twice import agreed
from dialogue.utterance import Utterance
from retrieval.knowledge import Knowledge

WHICH = "どれのことでしょうか。"
Ask = Callable[..., Answer]


def answered(entry: str) -> Answer:
    citation = Citation(
        entry_id=entry, question=f"{entry}?", source_title=None, source_url=None, department=None, updated_on=None
    )
    return Answer(band=Band.ANSWER, act=Act.QUESTION, text=f"{entry} です。", confidence=0.9, citations=(citation,))


def offered(*entries: str) -> Answer:
    choices = tuple(Suggestion(entry_id=e, question=f"{e}?") for e in entries)
    return Answer(band=Band.CLARIFY, act=Act.QUESTION, text=WHICH, confidence=0.4, suggestions=choices)


def handed_over(act: Act = Act.QUESTION) -> Answer:
    return Answer(band=Band.HANDOFF, act=act, text="窓口へどうぞ。", confidence=0.0)


def test_an_answer_that_the_first_hearing_offered_too_is_given() -> None:
    assert agreed(offered("b", "a"), answered("a"), WHICH) == answered("a")


def test_an_answer_that_the_first_hearing_does_not_know_is_only_offered() -> None:
    answer = agreed(offered("b", "c", "d", "e"), answered("a"), WHICH)
    assert (answer.band, answer.text) == (Band.CLARIFY, WHICH)
    assert [s.entry_id for s in answer.suggestions] == ["a", "b", "c", "d"]
    assert not answer.citations


def test_who_would_be_sent_to_a_counter_is_first_offered_the_answer() -> None:
    answer = agreed(handed_over(), answered("a"), WHICH)
    assert (answer.band, [s.entry_id for s in answer.suggestions]) == (Band.CLARIFY, ["a"])


@pytest.mark.parametrize("again", [answered("a"), offered("a"), handed_over()])
@pytest.mark.parametrize("first", [answered("b"), handed_over(Act.CHATTER)])
def test_what_was_understood_at_first_stands(first: Answer, again: Answer) -> None:
    assert agreed(first, again, WHICH) == first


def test_of_two_offers_the_second_is_made_and_none_to_who_had_none_at_first() -> None:
    assert agreed(offered("a"), offered("b"), WHICH) == offered("b")
    assert agreed(handed_over(), offered("b"), WHICH) == handed_over()


def said(act: Act) -> Answer:
    return Answer(band=Band.ANSWER, act=act, text="はい。", confidence=1.0)


def test_small_talk_that_only_the_second_hearing_knows_was_not_said() -> None:
    assert agreed(handed_over(), said(Act.THANKS), WHICH) == handed_over()
    assert agreed(offered("a"), said(Act.THANKS), WHICH) == offered("a")


def test_an_emergency_is_heard_by_whichever_hearing() -> None:
    assert agreed(answered("a"), said(Act.EMERGENCY), WHICH) == said(Act.EMERGENCY)
    assert agreed(said(Act.EMERGENCY), answered("a"), WHICH) == said(Act.EMERGENCY)


@pytest.fixture(scope="module")
def ask(knowledge: Knowledge, sample_home: Path) -> Ask:
    answerer = Answerer(knowledge, Settings(home=sample_home))

    def answer(text: str, first_heard: str) -> Answer:
        return answerer.answer(
            Utterance(text=text, first_heard=first_heard, audience=Audience.RESIDENT, kb="soo", spoken=True, session="s")
        )

    return answer


def test_a_question_put_into_somebodys_mouth_gets_no_answer(ask: Ask) -> None:
    question = "児童手当はいくらもらえますか"
    alone = ask(question, question)
    assert alone.band is Band.ANSWER
    answer = ask(question, "張り急の女性権が欲しい")
    assert answer.band is Band.CLARIFY
    assert alone.citations[0].entry_id in {s.entry_id for s in answer.suggestions}


def test_a_choice_by_its_number_stays_one_whatever_is_heard_the_second_time(ask: Ask) -> None:
    offer = ask("税金", "税金")
    assert offer.band is Band.CLARIFY
    assert ask("児童手当はいくらもらえますか", "1番").citations[0].entry_id == offer.suggestions[0].entry_id
