"""Promises of calibration: a knowledge base without paraphrases calibrates on its own questions with words left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from core.audience import Audience
from models.embedder import Embedder
from retrieval.analysis import normalise, strip_politeness, thinned
from retrieval.calibration import calibrations_of
from retrieval.confidence import Calibration, Calibrations
from retrieval.entry import Entry
from retrieval.index import Index, Rows
from retrieval.knowledge import Knowledge
from retrieval.terms import Terms

DAY = date(2026, 11, 22)


def test_some_word_always_stays() -> None:
    text = "住民票の写しはどこで取れますか"
    assert thinned(text, lambda: False) == text
    assert "住民" in thinned(text, lambda: True)
    answers = iter([True, False] * 10)
    assert 0 < len(thinned(text, lambda: next(answers))) < len(text)


@cache
def read(entries: tuple[Entry, ...], embedder: Embedder) -> tuple[Rows, Terms]:
    """Once: to embed sixty passages takes longer than all that is made of them."""
    return Rows.embedded(entries, embedder.passages), Terms.of(entries)


def calibrated(entries: list[Entry], embedder: Embedder) -> Calibrations:
    return calibrations_of(entries, *read(tuple(entries), embedder), embedder.queries, DAY)


@pytest.fixture
def bare(knowledge: Knowledge) -> list[Entry]:
    """Entries of the sample city as a file without paraphrases has them, with short answers."""
    entries = knowledge.version("soo", Audience.RESIDENT).index.entries
    return [replace(e, paraphrases=(), answer=e.answer[:40], valid_from=None, valid_until=None) for e in entries[:42]]


def test_a_knowledge_base_without_paraphrases_has_a_calibration_of_its_own(bare: list[Entry], embedder: Embedder) -> None:
    first = calibrated(bare, embedder)
    assert first == calibrated(bare, embedder)
    shipped = calibrated(bare[:5], embedder)
    assert first != shipped
    assert 0 < first.usual.clarify_from <= first.usual.answer_from <= 1


@pytest.fixture
def asked(knowledge: Knowledge) -> list[Entry]:
    """Entries of the sample city with some of their paraphrases, with short answers."""
    entries = knowledge.version("soo", Audience.RESIDENT).index.entries
    return [
        replace(e, paraphrases=e.paraphrases[:3], answer=e.answer[:40], valid_from=None, valid_until=None) for e in entries[:91]
    ]


@pytest.mark.parametrize("with_paraphrases", [True, False])
def test_entries_are_calibrated_alike_in_any_order(asked: list[Entry], embedder: Embedder, with_paraphrases: bool) -> None:
    entries = asked if with_paraphrases else [replace(e, paraphrases=()) for e in asked]
    here, turned = (calibrated(each, embedder) for each in (entries, [*entries[40:], *reversed(entries[:40])]))
    for one, other in ((here.usual, turned.usual), (here.hiragana, turned.hiragana)):
        assert other.weights == pytest.approx(one.weights, abs=0.01)
        assert bands(other) == pytest.approx(bands(one), abs=0.01)


@pytest.mark.parametrize("with_paraphrases", [True, False])
def test_one_more_entry_moves_the_bands_by_little(asked: list[Entry], embedder: Embedder, with_paraphrases: bool) -> None:
    entries = asked if with_paraphrases else [replace(e, paraphrases=()) for e in asked]
    before, after = calibrated(entries[1:], embedder), calibrated(entries, embedder)
    assert bands(after.usual) == pytest.approx(bands(before.usual), abs=0.03)


def bands(calibration: Calibration) -> tuple[float, float]:
    return calibration.answer_from, calibration.clarify_from


def test_passages_under_shared_headings_know_what_they_do_not_hold(knowledge: Knowledge, embedder: Embedder) -> None:
    served = knowledge.version("soo", Audience.RESIDENT).index.entries
    passages = [
        replace(e, question=e.category or "市役所", paraphrases=(), valid_from=None, valid_until=None)
        for e in served
        if len(e.answer.split("。")[0]) >= 12
    ][:60]
    assert share_surer_when_it_is_there(passages, calibrated(passages, embedder), embedder) >= 0.85


def test_a_documents_passages_know_what_they_do_not_hold(knowledge: Knowledge, embedder: Embedder) -> None:
    passages = of_a_document(knowledge, 60)
    calibrations = calibrated(passages, embedder)
    assert calibrations.passages is not None
    assert share_surer_when_it_is_there(passages, calibrations, embedder) >= 0.85


def test_passages_leave_the_calibration_of_approved_answers_to_these(
    knowledge: Knowledge, bare: list[Entry], embedder: Embedder
) -> None:
    of_its_own = calibrated([*bare, *of_a_document(knowledge, 60)], embedder)
    assert of_its_own.passages is not None
    assert of_its_own.usual != of_its_own.passages
    assert calibrated(of_a_document(knowledge, 5), embedder).passages is None, "too few to say anything: the usual one serves"


def test_few_passages_beside_many_answers_have_a_calibration_of_their_own(
    knowledge: Knowledge, bare: list[Entry], embedder: Embedder
) -> None:
    assert calibrated([*bare, *of_a_document(knowledge, 40)], embedder).passages is not None


def of_a_document(knowledge: Knowledge, many: int) -> list[Entry]:
    """Answers of the sample city as articles, each under a heading that says little."""
    served = [e for e in knowledge.version("soo", Audience.RESIDENT).index.entries if len(e.answer.split("。")[0]) >= 12]
    return [
        Entry(id=f"doc:規則.txt:第{i}条", question=f"市の規則 第{i}条（{e.category}）", answer=e.answer)
        for i, e in enumerate(served[-many:], 1)
    ]


def share_surer_when_it_is_there(passages: list[Entry], calibrations: Calibrations, embedder: Embedder) -> float:
    """Of the passages, asked for by their first sentence: with the passage there, and with it taken away."""
    index = Index(passages, [date.min] * len(passages), *read(tuple(passages), embedder))
    surer = 0
    for entry in passages:
        text = strip_politeness(normalise(entry.answer.split("。")[0]))
        vector = embedder.queries([text])[0]
        there = index.search(text, vector, top=3, day=DAY)
        gone = tuple(hit for hit in there if hit.entry.id != entry.id)
        surer += calibrations.of(text, there).confidence(there) > calibrations.of(text, gone).confidence(gone)
    return surer / len(passages)
