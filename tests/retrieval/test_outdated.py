"""Promises of an entry's short forms: what residents hear that only an older answer said is pointed out to the clerk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from retrieval.entry import Entry
from retrieval.outdated import Outdated, outdated_forms
from retrieval.revisions import Revision, State

FIRST = Entry(
    id="moving-01",
    question="引っ越してきたときの届出は。",
    answer="引っ越した日から14日以内に、市民課へ届け出てください。手数料は無料です。",
    answer_easy="引っ越したら、14日のうちに市民課へ来てください。お金はいりません。",
    speech="14日以内に市民課へ届け出てください。",
)
LONGER = "引っ越した日から30日以内に、市民課へ届け出てください。手数料は無料です。"


def after(*entries: Entry) -> list[Outdated]:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    return outdated_forms(
        [Revision(number=i, state=State.APPROVED, entry=e, at=at, by="山田") for i, e in enumerate(entries, start=1)]
    )


def test_a_number_that_the_answer_no_longer_says_is_pointed_out_in_each_short_form() -> None:
    easy, speech = after(FIRST, replace(FIRST, answer=LONGER))
    assert (easy.form, easy.numbers, speech.form, speech.numbers) == ("やさしい日本語", ("14日",), "読み上げ文", ("14日",))
    assert "第1版のまま" in speech.text and "「14日」は、今の回答にありません" in speech.text


def test_it_is_pointed_out_until_the_form_is_written_anew() -> None:
    second = replace(FIRST, answer=LONGER)
    third = replace(second, department="市民課")
    assert len(after(FIRST, second, third)) == 2
    fourth = replace(third, speech="30日以内に市民課へ届け出てください。")
    assert [o.form for o in after(FIRST, second, third, fourth)] == ["やさしい日本語"]


def test_a_form_that_was_taken_out_says_nothing_wrong() -> None:
    assert after(FIRST, replace(FIRST, answer=LONGER, answer_easy=None, speech=None)) == []


@pytest.mark.parametrize(
    "answer",
    [
        FIRST.answer,
        FIRST.answer + "\nくわしくは市民課へ。",
        FIRST.answer.replace("14日", "十四日").replace("届け出てください", "届出をしてください"),
    ],
)
def test_an_answer_that_says_the_same_in_other_words_leaves_its_forms_alone(answer: str) -> None:
    assert after(FIRST, replace(FIRST, answer=answer)) == []


def test_an_answer_that_denies_what_it_said_is_pointed_out_without_a_number() -> None:
    entry = replace(FIRST, answer="代理人も申請できます。", answer_easy=None, speech="代理の方も申請できます。")
    (speech,) = after(entry, replace(entry, answer="代理人は申請できません。"))
    assert speech.numbers == ()
    assert "今の回答にありません" not in speech.text


def test_what_costs_something_now_is_no_longer_free() -> None:
    entry = replace(FIRST, answer="手数料は無料です。", answer_easy=None, speech="手数料は無料です。")
    (speech,) = after(entry, replace(entry, answer="手数料は300円です。"))
    assert speech.numbers == ("無料",)
