"""Promises of candidates: each is what was said, with its place; a proposal has its assent, a question its answer."""

from __future__ import annotations

import time

import pytest

from asr.transcript import Segment, Word
from minutes.candidates import candidates, sentences
from minutes.point import Kind


def meeting(*said: tuple[str, str]) -> list[Segment]:
    """Who says what, five seconds each."""
    return [Segment(start_s=i * 5.0, end_s=i * 5.0 + 5, text=text, speaker=who) for i, (who, text) in enumerate(said)]


def test_what_was_proposed_and_agreed_to_is_quoted_with_the_assent() -> None:
    (found,) = candidates(
        meeting(
            ("議長", "では、運用開始は4月とすることでよろしいでしょうか。"),
            ("委員", "異議なし。"),
            ("議長", "異議なしと認めます。"),
            ("議長", "続いて、その他です。"),
        )
    )
    assert (found.kind, found.quote.text) == (Kind.DECISION, "では、運用開始は4月とすることでよろしいでしょうか。")
    assert found.reply is not None
    assert (found.reply.text, found.reply.start_s) == ("異議なし。", 5)


def test_a_proposal_without_assent_is_no_decision_and_one_that_is_declared_is_told_once() -> None:
    assert candidates(meeting(("議長", "4月からでよろしいでしょうか。"), ("委員", "まだ早いのではないでしょうか。"))) == []
    (found,) = candidates(
        meeting(
            ("議長", "原案のとおり決することにご異議ございませんか。"),
            ("委員", "異議なし。"),
            ("議長", "ご異議なしと認めます。よって、議案第45号は原案のとおり可決されました。"),
        )
    )
    assert found.quote.text == "よって、議案第45号は原案のとおり可決されました。"


def test_a_question_has_what_somebody_else_says_next() -> None:
    said = [("委員", "目標値はどのような根拠で定めたのでしょうか。"), ("議長", "財政課長。"), ("課長", "財政課です。")]
    (found,) = candidates(meeting(*said, ("課長", "過去5年の平均から定めております。")))
    assert found.kind is Kind.QUESTION
    assert found.reply is not None
    assert (found.reply.text, found.reply.speaker) == ("過去5年の平均から定めております。", "課長")


def test_a_sentence_begins_where_its_first_word_does() -> None:
    words = [("はい。", 0.0), ("議案第2号は", 3.0), ("可決されました。", 4.0)]
    heard = "".join(text for text, _ in words)
    segment = Segment(
        start_s=0, end_s=6, text=heard, heard=heard, words=tuple(Word(start_s=s, end_s=s + 1, text=t) for t, s in words)
    )
    (found,) = candidates([segment])
    assert (found.quote.start_s, found.quote.text) == (3.0, "議案第2号は可決されました。")


def test_a_sentence_that_a_pause_cut_in_two_is_one_unless_another_goes_on() -> None:
    cut = meeting(("議長", "12月15日までに"), ("議長", "総務課で案をまとめてください。"))
    assert [(c.kind, c.who, c.due, c.quote.start_s) for c in candidates(cut)] == [(Kind.TASK, "総務課", "12月15日", 0)]
    assert [s.text for s in sentences(meeting(("議長", "12月15日までに"), ("課長", "総務課です。")))] == [
        "12月15日までに",
        "総務課です。",
    ]


def test_a_mark_that_a_pause_got_amid_a_sentence_ends_none() -> None:
    said = meeting(
        ("議長", "では、運用開始は来年4月とし。"),
        ("議長", "確認は2月末までに行うことでよろしいでしょうか。"),
        ("委員", "異議なし。"),
    )
    (found,) = candidates(said)
    assert (found.quote.text, found.quote.start_s) == (
        "では、運用開始は来年4月とし。確認は2月末までに行うことでよろしいでしょうか。",
        0,
    )


@pytest.mark.timed
def test_what_is_said_without_an_end_is_looked_at_in_linear_time() -> None:
    for text in ("あ" * 2_000, "議題" * 1_000, "総務課で" * 500, "次回までに" * 400, "何時" * 1_000 + "ますか"):
        many = meeting(*[("議長", text)] * 40)
        began = time.perf_counter()
        candidates(many)
        assert time.perf_counter() - began < 2
