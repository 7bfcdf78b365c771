"""Promises of what residents are told, on questions as they ask them. The limits are a gate: they may be drawn closer, not wider.

Where one falls, `madoguchi bench answers --each` before and after the change shows which question it was.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from core.audience import Audience
from core.clock import JST
from core.settings import CHECKOUT, Settings
from dialogue.answer import Act, Band
from dialogue.pipeline import Answerer
from eval.answers import Asked, Outcome, Reply, ask_all, figures_of, outcome_of, read_asked
from retrieval.knowledge import Knowledge
from tests.conftest import run_madoguchi

QUESTIONS, TALKS = (CHECKOUT / "eval" / "data" / f"soo_{name}.csv" for name in ("questions", "talks"))
TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=JST)

# Some below what is measured: in 8 bits a sum is rounded otherwise on another processor, which changed three answers.
#: Of the answerable: at least so many are told, told or offered; at most so many of all are told something wrong.
LEAST_TOLD, LEAST_FOUND, MOST_WRONG = 290, 443, 4
LEAST_LEFT_ALONE = 41  #: of the unanswerable: neither told nor offered anything


@pytest.fixture(scope="module")
def replies(knowledge: Knowledge, sample_home: object) -> list[Reply]:
    answerer = Answerer(knowledge, Settings(), clock=lambda: TUESDAY)
    return ask_all(answerer, "soo", read_asked(QUESTIONS, TALKS))


def listed(replies: list[Reply]) -> str:
    return "\n".join(f"{reply.asked.id} {reply.asked.text}: {', '.join(reply.given)}" for reply in replies)


def test_residents_are_told_what_is_right_as_often_as_before(replies: list[Reply]) -> None:
    answerable = figures_of(replies)[-2]
    assert answerable.told >= LEAST_TOLD
    assert answerable.told + answerable.offered >= LEAST_FOUND


def test_residents_are_not_told_more_that_is_wrong(replies: list[Reply]) -> None:
    wrong = [reply for reply in replies if reply.outcome is Outcome.WRONG]
    assert len(wrong) <= MOST_WRONG, listed(wrong)


def test_what_nothing_answers_goes_to_the_counter(replies: list[Reply]) -> None:
    assert figures_of(replies)[-1].counter >= LEAST_LEFT_ALONE


def test_the_questions_name_entries_that_there_are(knowledge: Knowledge, replies: list[Reply]) -> None:
    entries = {e.id for e in knowledge.version("soo", Audience.RESIDENT).index.entries} | {act.value for act in Act}
    named = {right for reply in replies for whole in reply.asked.right for right in whole}
    assert {right for right in named if ":" not in right} <= entries
    assert max(Counter(reply.asked.id for reply in replies).values()) == 1


def test_the_command_counts_and_names_what_was_told_wrong(sample_home: Path, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(
        "id,text,manner,entries,talk,tables\n"
        "a,住民票の写しはどこで取れますか,old,registry-01,,\n"
        "b,図書館何時まで,young,,t,facility:\n"
        "c,大隅,young,,t,facility:大隅図書館\n"
        "d,犬の登録をしたい,hurry,registry-01,,\n",
        "utf-8",
    )
    said = run_madoguchi("bench", "answers", "--questions", str(tmp_path / "q.csv"), home=sample_home).stdout
    assert "誤って答えた" in said
    (wrong,) = [line for line in said.splitlines() if "犬の登録をしたい" in line]
    assert "life-03" in wrong
    (counts,) = [line.split("│")[2:-1] for line in said.splitlines() if "答えのある質問" in line]
    assert [int(count) for count in counts] == [4, 2, 1, 0, 0, 1]


def asked(*right: frozenset[str]) -> Asked:
    return Asked(id="q", talk="", text="?", manner="old", spoken=False, right=right)


@pytest.mark.parametrize(
    ("right", "band", "told", "offered", "outcome"),
    [
        ("a|b", Band.ANSWER, {"a"}, {"c"}, Outcome.TOLD),
        ("a|b", Band.ANSWER, {"a", "c"}, set(), Outcome.WRONG),  # beside what is right
        ("a+b", Band.ANSWER, {"a", "b"}, set(), Outcome.TOLD),
        ("a+b", Band.ANSWER, {"a"}, set(), Outcome.WRONG),  # half of what was asked is lost
        ("a", Band.CLARIFY, set(), {"a", "c"}, Outcome.OFFERED),
        ("a", Band.CLARIFY, set(), {"c"}, Outcome.ASTRAY),
        ("a", Band.HANDOFF, set(), set(), Outcome.COUNTER),
        ("row:", Band.ANSWER, {"row:any"}, set(), Outcome.TOLD),
        ("chatter", Band.HANDOFF, {"chatter"}, set(), Outcome.TOLD),
        ("", Band.ANSWER, {"a"}, set(), Outcome.WRONG),
        ("", Band.CLARIFY, set(), {"a"}, Outcome.ASTRAY),
        ("", Band.HANDOFF, {"chatter"}, set(), Outcome.COUNTER),
    ],
)
def test_an_outcome_is_judged_by_all_that_is_told(
    right: str, band: Band, told: set[str], offered: set[str], outcome: Outcome
) -> None:
    question = asked(*(frozenset(whole.split("+")) for whole in right.split("|") if whole))
    assert outcome_of(question, band, told, offered) is outcome
