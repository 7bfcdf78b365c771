"""Promises of search on questions as residents ask them. The floors are a gate: they may rise, never fall."""

from __future__ import annotations

from collections import Counter

import pytest

from core.audience import Audience
from core.settings import CHECKOUT
from retrieval.benchmark import Figures, Question, measure, read_questions
from retrieval.knowledge import Knowledge
from retrieval.scores import auroc, ndcg

QUESTIONS = CHECKOUT / "eval" / "data" / "soo_questions.csv"


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(QUESTIONS)


@pytest.fixture(scope="module")
def figures(knowledge: Knowledge, questions: list[Question]) -> Figures:
    return measure(knowledge, "soo", questions)


def test_the_questions_are_many_and_name_entries_that_there_are(knowledge: Knowledge, questions: list[Question]) -> None:
    entries = {e.id for e in knowledge.version("soo", Audience.RESIDENT).index.entries}
    assert len({q.text for q in questions}) == len(questions) >= 300
    assert sum(not q.entries for q in questions) >= 80
    assert set().union(*(q.entries for q in questions)) <= entries
    manners = Counter(q.manner for q in questions)
    assert set(manners) == {"old", "young", "foreign", "dialect", "hurry", "voice"}
    assert min(manners.values()) >= 25


def test_no_question_is_one_that_the_knowledge_base_has(knowledge: Knowledge, questions: list[Question]) -> None:
    known = {t for e in knowledge.version("soo", Audience.RESIDENT).index.entries for t in (e.question, *e.paraphrases)}
    assert len([q for q in questions if q.text in known]) <= 3


@pytest.mark.parametrize(
    ("figure", "floor"),
    [
        ("hit_at_1", 0.84),
        ("hit_at_3", 0.92),
        ("ndcg_at_10", 0.90),
        ("recall_at_10", 0.96),
        ("auroc", 0.83),
        ("right_answers", 0.53),
    ],
)
def test_search_does_not_get_worse(figures: Figures, figure: str, floor: float) -> None:
    assert getattr(figures, figure) >= floor


def test_few_questions_get_a_wrong_answer(figures: Figures) -> None:
    assert figures.wrong_answers <= 0.05


def test_no_manner_of_asking_is_left_behind(figures: Figures) -> None:
    assert min(figures.ndcg_by_manner.values()) >= 0.72


def test_the_scores_are_those_of_the_textbook() -> None:
    assert ndcg(["a", "b"], frozenset("a")) == 1.0
    assert ndcg(["b", "a"], frozenset("a")) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg(["b"], frozenset("a")) == 0.0
    assert ndcg(["a", "x", "b"], frozenset("ab")) == pytest.approx(1.5 / 1.6309, abs=1e-4)
    assert auroc([0.9, 0.8], [0.1, 0.8]) == 0.875
    assert auroc([], [0.1]) == 0.5
