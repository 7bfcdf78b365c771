"""Promises of calibration: a knowledge base without paraphrases calibrates on its own questions with words left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.audience import Audience
from models.embedder import Embedder
from retrieval.analysis import normalise, strip_politeness, thinned
from retrieval.calibration import calibrations_of
from retrieval.confidence import Calibrations
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


def calibrated(entries: list[Entry], embedder: Embedder) -> Calibrations:
    rows = Rows.embedded(entries, embedder.passages)
    return calibrations_of(entries, rows, Terms.of(entries), lambda t: embedder.queries([t])[0], DAY)


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


def test_passages_under_shared_headings_know_what_they_do_not_hold(knowledge: Knowledge, embedder: Embedder) -> None:
    served = knowledge.version("soo", Audience.RESIDENT).index.entries
    passages = [
        replace(e, question=e.category or "市役所", paraphrases=(), valid_from=None, valid_until=None)
        for e in served
        if len(e.answer.split("。")[0]) >= 12
    ][:60]
    assert share_surer_when_it_is_there(passages, embedder) >= 0.85


def test_a_documents_passages_know_what_they_do_not_hold(knowledge: Knowledge, embedder: Embedder) -> None:
    passages = of_a_document(knowledge, 60)
    assert calibrated(passages, embedder).passages is not None
    assert share_surer_when_it_is_there(passages, embedder) >= 0.85


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


def share_surer_when_it_is_there(passages: list[Entry], embedder: Embedder) -> float:
    """Of the passages, asked for by their first sentence: with the passage there, and with it taken away."""
    rows, terms = Rows.embedded(passages, embedder.passages), Terms.of(passages)
    calibrations = calibrated(passages, embedder)
    index = Index(passages, [date.min] * len(passages), rows, terms)
    surer = 0
    for entry in passages:
        text = strip_politeness(normalise(entry.answer.split("。")[0]))
        vector = embedder.queries([text])[0]
        there, gone = (index.search(text, vector, top=3, day=DAY, without=w) for w in (None, entry.id))
        surer += calibrations.of(text, there).confidence(there) > calibrations.of(text, gone).confidence(gone)
    return surer / len(passages)
