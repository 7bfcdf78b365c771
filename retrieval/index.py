"""An index version: an immutable view of what one audience may see, searched by words and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from models.embedder import Vectors
from retrieval.analysis import is_hiragana, kana_grams, lemmas, reading, same_question
from retrieval.dense import DenseField
from retrieval.entry import Entry
from retrieval.hit import Evidence, Hit
from retrieval.lexical import Words

# Weights of the z-scores, chosen on the sample city's held-out paraphrases: e5-small carries most of a question's meaning,
# lemmas keep names and numbers honest. No test queries were used.
DENSE_WEIGHT = 0.8
QUESTION_SHARE = 0.3  #: of the dense weight; the rest goes to question and answer together
LEMMA_QUESTION_SHARE = 0.3  #: of the lexical weight; the rest goes to the answer
KANA_DENSE_WEIGHT, KANA_QUESTION_SHARE = 0.3, 0.7  #: for questions all in hiragana

Spread = tuple[float, float]

CANDIDATES = 64  #: rows that each way of searching contributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The vectors of an index and the entry that each row belongs to."""

    question_vectors: Vectors
    question_owners: npt.NDArray[np.int64]
    answer_vectors: Vectors

    @classmethod
    def texts(cls, entries: Sequence[Entry]) -> tuple[list[str], list[int], list[str]]:
        """What is embedded: questions and paraphrases with their owners, and answers by entry."""
        questions = [(t, i) for i, e in enumerate(entries) for t in (e.question, *e.paraphrases)]
        return [t for t, _ in questions], [i for _, i in questions], [answer_text(e) for e in entries]


def answer_text(entry: Entry) -> str:
    """The question with the beginning of its answer: that says what it is about, and the encoder's cost grows with length."""
    return f"{entry.question}\n{entry.answer[:250]}"


class Index:
    """Search over some entries. Built once, never changed."""

    def __init__(self, entries: Sequence[Entry], updated_on: Sequence[date], rows: Rows) -> None:
        self.entries = tuple(entries)
        self._updated_on = tuple(updated_on)
        n = len(self.entries)
        self._question = DenseField(rows.question_vectors, rows.question_owners, n)
        self._answer = DenseField(rows.answer_vectors, np.arange(n), n)
        self._lemmas = Words(self.entries, lemmas, LEMMA_QUESTION_SHARE)
        self._readings = Words(self.entries, kana_grams, KANA_QUESTION_SHARE)
        keys = [{same_question(t) for t in (e.question, *e.paraphrases)} for e in self.entries]
        self._exact = [k | {reading(t) for t in k} for k in keys]

    def search(self, text: str, vector: Vectors, *, top: int, day: date, without: str | None = None) -> tuple[Hit, ...]:
        """The best entries that are valid on `day`, best first. `text` is normalised, `vector` its embedding as a query.
        `without` leaves one entry out, for calibration."""
        if not self.entries:
            return ()
        # Without kanji or katakana there is nothing for the dictionary to hold on to: the reading itself is searched, and
        # the encoder, which has seen little such text, counts less.
        by_reading = is_hiragana(text)
        words, dense_weight = (self._readings, KANA_DENSE_WEIGHT) if by_reading else (self._lemmas, DENSE_WEIGHT)
        query = words.analyse(text)
        key = same_question(text)
        same = {i for i, texts in enumerate(self._exact) if key in texts}
        lexical = words.z(query)
        candidates = set(self._question.nearest(vector, CANDIDATES)) | set(self._answer.nearest(vector, CANDIDATES)) | same
        candidates |= {int(i) for i in np.argpartition(-lexical, min(CANDIDATES, len(lexical)) - 1)[:CANDIDATES]}
        spreads = self._question.spread(vector), self._answer.spread(vector)
        ranked = []
        for i in candidates:
            if self.entries[i].id != without and self.entries[i].is_valid_on(day):
                dense = self._dense(i, vector, spreads)
                dense_z = QUESTION_SHARE * dense[2] + (1 - QUESTION_SHARE) * dense[3]
                score = dense_weight * dense_z + (1 - dense_weight) * float(lexical[i])
                ranked.append((i not in same, -score, self.entries[i].id, i, dense))
        # Coverage takes most of the time and serves the confidence only: it is worked out for what is returned.
        return tuple(
            self._hit(i, -minus_score, dense, float(lexical[i]), words.coverage(query, i), exact=i in same)
            for _, minus_score, _, i, dense in sorted(ranked)[:top]
        )

    def _dense(self, i: int, vector: Vectors, spreads: tuple[Spread, Spread]) -> tuple[float, float, float, float]:
        """Cosines of question and answer, and both in standard deviations."""
        question, answer = self._question.cosine(vector, i), self._answer.cosine(vector, i)
        (question_mean, question_sd), (answer_mean, answer_sd) = spreads
        return question, answer, (question - question_mean) / question_sd, (answer - answer_mean) / answer_sd

    def _hit(
        self,
        i: int,
        score: float,
        dense: tuple[float, float, float, float],
        lexical_z: float,
        coverage: tuple[float, float, float],
        *,
        exact: bool,
    ) -> Hit:
        question_cosine, answer_cosine, question_z, answer_z = dense
        evidence = Evidence(
            exact=exact,
            question_cosine=question_cosine,
            answer_cosine=answer_cosine,
            question_z=question_z,
            answer_z=answer_z,
            lexical_z=lexical_z,
            coverage=coverage[0],
            question_coverage=coverage[1],
            covered_by=coverage[2],
        )
        return Hit(entry=self.entries[i], score=score, evidence=evidence, updated_on=self._updated_on[i])
