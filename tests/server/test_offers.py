"""Promises of what is offered beside a call: only what answers, for the last question, one search however many read along."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import MadoguchiError, ModelError, NotReady
from core.settings import Settings
from dialogue.answer import Answer
from dialogue.pipeline import Answerer
from dialogue.utterance import Utterance
from server.offers import Offers
from telephony.said import Said

BULKY = "あの粗大ごみを出したいんですけど、どうすればいいですか。"
CARD = "マイナンバーカードをなくしたんですが、どうしたらいいですか。"


class Counting:
    """The real answerer, and what it was asked."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.asked: list[Utterance] = []

    def answer(self, utterance: Utterance) -> Answer:
        self.asked.append(utterance)
        return self._answerer.answer(utterance)


@pytest.fixture
def counting(answerer: Answerer) -> Counting:
    return Counting(answerer)


@pytest.fixture
def offers(counting: Counting, sample_home: Path) -> Offers:
    return Offers(counting, Settings(home=sample_home))  # type: ignore[arg-type]


def said(*texts: str, every_s: float = 5.0) -> list[Said]:
    return [Said(leg=1, start_s=n * every_s, end_s=n * every_s + 2, text=text) for n, text in enumerate(texts)]


def offered(offers: Offers, *texts: str) -> str | None:
    found = offers.offer(said(*texts), None)
    return found.answer.citations[0].question if found else None


def test_the_last_question_is_answered_in_the_caller_s_own_words(offers: Offers) -> None:
    found = offers.offer(said("もしもし。", BULKY, CARD), None)
    assert found is not None and found.asked == CARD
    assert "マイナンバーカード" in found.answer.citations[0].question


def test_what_asks_nothing_is_not_searched(offers: Offers, counting: Counting) -> None:
    assert offered(offers, "はい、そうです。", "わかりました。", "ありがとうございました。") is None
    assert counting.asked == []


def test_what_nothing_answers_leaves_what_was_offered_before(offers: Offers) -> None:
    bulky = offered(offers, BULKY)
    assert bulky is not None and "粗大ごみ" in bulky
    assert offered(offers, BULKY, "料金はいくらですか。") == bulky, "several prices may be meant: none is offered"


def test_what_was_told_just_before_belongs_to_the_question(offers: Offers, counting: Counting) -> None:
    offered(offers, "マイナンバーカードをなくしてしまいまして。", "どうすればいいですか。")
    assert counting.asked[0].text == "マイナンバーカードをなくしてしまいまして。どうすればいいですか。"
    offers.offer(said("マイナンバーカードをなくしてしまいまして。", "どうしたらいいですか。", every_s=60), None)
    assert counting.asked[-1].text == "どうしたらいいですか。", "a minute later it may be another matter"


def test_all_who_read_along_share_one_search(offers: Offers, counting: Counting) -> None:
    assert offered(offers, BULKY) == offered(offers, BULKY)
    assert len(counting.asked) == 1
    offers.offer(said(BULKY), "環境課")
    assert len(counting.asked) == 2, "a department may have more"


def test_what_is_edited_or_withdrawn_is_not_offered_for_long(
    offers: Offers, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.offers._KEPT_S", 0.0)
    offered(offers, BULKY)
    offered(offers, BULKY)
    assert len(counting.asked) == 2


def test_words_without_end_are_not_searched(offers: Offers, counting: Counting) -> None:
    assert offered(offers, "どうすればいいですか。" * 100) is None
    assert counting.asked == []


@pytest.mark.parametrize("error", [ModelError("モデルを読めません。"), NotReady("準備中です。")])
def test_a_search_that_fails_offers_nothing_and_ends_no_reading(
    offers: Offers, counting: Counting, monkeypatch: pytest.MonkeyPatch, error: MadoguchiError
) -> None:
    def fail(_utterance: Utterance) -> Answer:
        raise error

    monkeypatch.setattr(counting, "answer", fail)
    assert offered(offers, BULKY) is None


def test_one_question_does_not_wait_for_the_search_of_another(
    offers: Offers, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()
    answer = counting.answer

    def slow(utterance: Utterance) -> Answer:
        if utterance.text == BULKY:
            begun.set()
            assert end.wait(60)
        return answer(utterance)

    monkeypatch.setattr(counting, "answer", slow)
    with ThreadPoolExecutor(3) as pool:
        try:
            bulky = [pool.submit(offered, offers, BULKY) for _ in range(2)]
            assert begun.wait(30)
            assert pool.submit(offered, offers, CARD).result(timeout=30)
        finally:
            end.set()
        assert bulky[0].result() == bulky[1].result() is not None
    assert [u.text for u in counting.asked].count(BULKY) == 1, "who reads the same waits for the one search"
