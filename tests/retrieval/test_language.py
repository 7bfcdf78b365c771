"""A knowledge base as a language: nearest questions of those who may be read, and the likelier words that sound alike."""

from __future__ import annotations

from core.audience import Audience
from retrieval.knowledge import Knowledge


def test_what_can_be_answered_needs_no_second_hearing(knowledge: Knowledge) -> None:
    language = knowledge.language("soo", Audience.RESIDENT)
    question = knowledge.version("soo", Audience.RESIDENT).index.entries[0].question
    assert language.about(question) == ()


def test_a_doubtful_text_gives_the_nearest_questions_as_sentences(knowledge: Knowledge) -> None:
    language = knowledge.language("soo", Audience.RESIDENT)
    shown = {e.question for e in knowledge.shown("soo", Audience.RESIDENT)}
    sentences = language.about("助成金のこと")
    assert 0 < len(sentences) <= 4
    assert {s.rstrip("。") for s in sentences} <= {q.rstrip("。") for q in shown}
    assert all(s.endswith(("。", "?", "？")) for s in sentences)


def test_residents_are_told_nothing_that_only_staff_may_read(knowledge: Knowledge) -> None:
    of_staff = {e.question for e in knowledge.shown("soo", Audience.STAFF)}
    secret = of_staff - {e.question for e in knowledge.shown("soo", Audience.RESIDENT)}
    assert secret
    language = knowledge.language("soo", Audience.RESIDENT)
    assert not {s for q in secret for s in language.about(q)} & secret


def test_the_words_of_the_knowledge_base_are_likelier_than_others_of_their_sound(knowledge: Knowledge) -> None:
    language = knowledge.language("soo", Audience.RESIDENT)
    assert language.alike("住民表が欲しい").startswith("住民票が")
    assert language.cost("住民票が欲しい") < language.cost("住民表が欲しい")
