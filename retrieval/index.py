"""An index version: an immutable view of what one audience may see, searched by words and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from models.embedder import Vectors
from retrieval.analysis import lemmas, same_question
from retrieval.dense import DenseField
from retrieval.entry import Entry
from retrieval.hit import Evidence, Hit
from retrieval.lexical import LexicalField, Rarity

# Weights of the z-scores, chosen on the sample city's held-out paraphrases: e5-small carries most of a question's meaning,
# lemmas keep names and numbers honest. No test queries were used.
DENSE_WEIGHT, LEXICAL_WEIGHT = 0.8, 0.2
QUESTION_SHARE = 0.3  #: of the dense weight; the rest goes to question and answer together
LEXICAL_QUESTION_SHARE = 0.3

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
        self._lexical_question = LexicalField([" ".join((e.question, *e.paraphrases, e.category or "")) for e in self.entries])
        self._lexical_answer = LexicalField([e.answer for e in self.entries])
        self._exact = [{same_question(t) for t in (e.question, *e.paraphrases)} for e in self.entries]
        self._question_sets = [[set(lemmas(t)) for t in (e.question, *e.paraphrases)] for e in self.entries]
        self._question_lemmas = [set().union(*sets) for sets in self._question_sets]
        self._all_lemmas = [q | set(self._lexical_answer.tokens(i)) for i, q in enumerate(self._question_lemmas)]
        self._rarity = Rarity(self._all_lemmas)

    def search(self, text: str, vector: Vectors, *, top: int, day: date, without: str | None = None) -> tuple[Hit, ...]:
        """The best entries that are valid on `day`, best first. `text` is normalised, `vector` its embedding as a query.
        `without` leaves one entry out, for calibration."""
        if not self.entries:
            return ()
        query = lemmas(text)
        key = same_question(text)
        same = {i for i, texts in enumerate(self._exact) if key in texts}
        lexical = LEXICAL_QUESTION_SHARE * _z(self._lexical_question.scores(query))
        lexical += (1 - LEXICAL_QUESTION_SHARE) * _z(self._lexical_answer.scores(query))
        candidates = set(self._question.nearest(vector, CANDIDATES)) | set(self._answer.nearest(vector, CANDIDATES))
        candidates |= {int(i) for i in np.argpartition(-lexical, min(CANDIDATES, len(lexical)) - 1)[:CANDIDATES]}
        candidates |= same
        spreads = self._question.spread(vector), self._answer.spread(vector)
        hits = [
            self._hit(i, query, vector, spreads, float(lexical[i]), exact=i in same)
            for i in candidates
            if self.entries[i].id != without and self.entries[i].is_valid_on(day)
        ]
        return tuple(sorted(hits, key=lambda h: (not h.evidence.exact, -h.score, h.entry.id))[:top])

    def _hit(
        self,
        i: int,
        query: tuple[str, ...],
        vector: Vectors,
        spreads: tuple[tuple[float, float], tuple[float, float]],
        lexical_z: float,
        *,
        exact: bool,
    ) -> Hit:
        question, answer = self._question.cosine(vector, i), self._answer.cosine(vector, i)
        (question_mean, question_sd), (answer_mean, answer_sd) = spreads
        question_z, answer_z = (question - question_mean) / question_sd, (answer - answer_mean) / answer_sd
        dense = QUESTION_SHARE * question_z + (1 - QUESTION_SHARE) * answer_z
        asked = set(query)
        evidence = Evidence(
            exact=exact,
            question_cosine=question,
            answer_cosine=answer,
            question_z=question_z,
            answer_z=answer_z,
            lexical_z=lexical_z,
            coverage=self._rarity.coverage(query, self._all_lemmas[i]),
            question_coverage=self._rarity.coverage(query, self._question_lemmas[i]),
            covered_by=max(self._rarity.coverage(tuple(s), asked) for s in self._question_sets[i]),
        )
        score = DENSE_WEIGHT * dense + LEXICAL_WEIGHT * lexical_z
        return Hit(entry=self.entries[i], score=score, evidence=evidence, updated_on=self._updated_on[i])


def _z(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
