"""An index version: an immutable view of what one audience may see, searched by words and by meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from models.embedder import Vectors
from models.language_model import LanguageModel
from retrieval.analysis import is_bare_name, is_hiragana, keys_of, normalise, same_question, strip_politeness
from retrieval.dense import DenseField
from retrieval.entry import Entry
from retrieval.hit import Evidence, Hit
from retrieval.lexical import Scores, Words
from retrieval.mood import mood_of
from retrieval.nearest import Fields, Numbers
from retrieval.respelling import Respelled, Respeller
from retrieval.spelling import Speller
from retrieval.terms import Terms

# Weights of the z-scores, chosen on the sample city's held-out paraphrases: e5-small carries most of a question's meaning,
# lemmas keep names and numbers honest. No test queries were used.
DENSE_WEIGHT = 0.8
QUESTION_SHARE = 0.3  #: of the dense weight; the rest goes to question and answer together
LEMMA_QUESTION_SHARE = 0.3  #: of the lexical weight; the rest goes to the answer
READING_QUESTION_SHARE = 0.7  #: the same of pieces of the reading
COVERED_WEIGHT = 1.5  #: of the share of the question's words that an entry has: who has all of them is seldom wrong
READING_SHARE = 0.2  #: of the lexical weight: what a slip of the keys or of the ear leaves of a word

_MARKS = re.compile("[^ぁ-んー0-9a-z]")

ANSWER_CHARS = 180  #: of an answer that are embedded with its question; 250 find no more (FAQ and encyclopedia) and cost a fifth
RANKED = 128  #: questions whose order of entries is kept: what is in doubt is looked for again, with more hits
CANDIDATES = 64  #: rows that each way of searching contributes
FEWEST_WORDS = 2  #: of a question that may be another's in the same words


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The vectors of an index and the entry that each row belongs to, in the order of the entries."""

    question_vectors: Vectors
    question_owners: npt.NDArray[np.int64]
    answer_vectors: Vectors
    answer_owners: npt.NDArray[np.int64]

    @classmethod
    def embedded(cls, entries: Sequence[Entry], embed: Callable[[list[str]], Vectors]) -> Rows:
        """`embed` gives the passage vectors of texts."""
        vectors = embed(cls.texts(entries))
        question_owners = _owners(e.questions for e in entries)
        return cls(
            question_vectors=vectors[: len(question_owners)],
            question_owners=question_owners,
            answer_vectors=vectors[len(question_owners) :],
            answer_owners=_owners(_answers(e) for e in entries),
        )

    @classmethod
    def texts(cls, entries: Sequence[Entry]) -> list[str]:
        """What is embedded: all questions, then all answers."""
        return [*(q for e in entries for q in e.questions), *(a for e in entries for a in _answers(e))]

    def fields(self) -> Fields:
        """The same in memory, to be searched."""
        n = int(self.question_owners[-1]) + 1 if len(self.question_owners) else 0
        question = DenseField(self.question_vectors, self.question_owners, n)
        return Fields(question=question, answer=DenseField(self.answer_vectors, self.answer_owners, n))


def _owners(texts: Iterable[Sequence[str]]) -> npt.NDArray[np.int64]:
    """The number of the entry that each of their texts belongs to."""
    counts = np.array([len(t) for t in texts], np.int64)
    return np.repeat(np.arange(len(counts)), counts)


def _answers(entry: Entry) -> Sequence[str]:
    """The question with the beginning of its answer: that says what it is about, and the encoder's cost grows with length. Of a
    document's passage, whose last line may hold what is asked for, all of it, in parts."""
    parts = _parts(entry.answer) if entry.is_passage else [entry.answer[:ANSWER_CHARS]]
    return [f"{entry.question}\n{part}" for part in parts]


def _parts(text: str) -> list[str]:
    """Whole lines up to `ANSWER_CHARS` in each; a longer line is cut."""
    parts = [""]
    for line in text.split("\n"):
        for at in range(0, max(1, len(line)), ANSWER_CHARS):
            piece = line[at : at + ANSWER_CHARS]
            if parts[-1] and len(parts[-1]) + 1 + len(piece) > ANSWER_CHARS:
                parts.append(piece)
            else:
                parts[-1] = f"{parts[-1]}\n{piece}" if parts[-1] else piece
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranked:
    """What a question finds on a day. Arrays are in the order of `found`, and so are the places in `order`."""

    query: tuple[str, ...]  #: the question's lemmas
    found: Numbers  #: numbers of entries
    order: Numbers  #: the best first
    scores: npt.NDArray[np.float64]
    dense: npt.NDArray[np.float64]  #: cosines of question and answer, and both in standard deviations, (4, entries)
    lexical: Scores
    exact: npt.NDArray[np.bool_]


class Index:
    """Search over some entries. Built once, never changed."""

    def __init__(self, entries: Sequence[Entry], updated_on: Sequence[date], rows: Rows | Fields, terms: Terms) -> None:
        """`rows` are searched in memory, fields where they lie."""
        self.entries, self.terms = tuple(entries), terms
        self._updated_on = tuple(updated_on)
        fields = rows.fields() if isinstance(rows, Rows) else rows
        self._question, self._answer = fields.question, fields.answer
        self._lemmas, self._readings = (
            Words(c.lexicon, c.asked, c.answers, terms.owners, share)
            for c, share in ((terms.lemmas, LEMMA_QUESTION_SHARE), (terms.readings, READING_QUESTION_SHARE))
        )
        self._written = lru_cache(maxsize=512)(self._spell)
        self._respelled = lru_cache(maxsize=512)(self._respell)
        self._ranked = lru_cache(maxsize=RANKED)(self._rank)
        self._same: dict[str, set[int]] = {}
        for i, key, spoken in zip(terms.owners, terms.keys, terms.spoken, strict=True):
            self._same.setdefault(key, set()).add(int(i))
            self._same.setdefault(spoken, set()).add(int(i))
        self._from = np.array([(e.valid_from or date.min).toordinal() for e in self.entries])
        self._until = np.array([(e.valid_until or date.max).toordinal() for e in self.entries])

    def written(self, text: str) -> str:
        """The question as this knowledge base would spell it: what is all in hiragana gets its kanji."""
        return self._written(text) if is_hiragana(text) else text

    def _spell(self, text: str) -> str:
        return strip_politeness(self._speller.spell(_MARKS.sub("", text)))

    def respelled(self, text: str, *, spoken: bool, model: LanguageModel | None = None) -> tuple[Respelled, ...]:
        """See `Respeller.respell`."""
        return self._respelled(text, spoken, model)

    def _respell(self, text: str, spoken: bool, model: LanguageModel | None) -> tuple[Respelled, ...]:
        return self.respeller.respell(text, spoken=spoken, model=model)

    @cached_property
    def respeller(self) -> Respeller:
        """The index's words by their sound; made when the first doubtful question comes."""
        return self.terms.respeller()

    @cached_property
    def _speller(self) -> Speller:
        """Made when the first such question comes: most do not need it."""
        return self.terms.speller()

    def covered(self, text: str) -> float:
        """The largest share of a question's information, 0..1, that one entry has."""
        return float(self._lemmas.covered(self.terms.wording.lemmas(text)).max(initial=0.0))

    def has_question(self, text: str) -> bool:
        """Whether an entry has the very question, so that `search` may find it exactly; quick, since nothing is embedded."""
        return bool(self._asked_so(text))

    def _asked_so(self, text: str) -> set[int]:
        """The numbers of the entries that have a question or paraphrase, by the surest of its keys that any has."""
        return next((same for key in keys_of(text) if (same := self._same.get(key))), set())

    def asked_alike(self, texts: Iterable[str]) -> list[Entry]:
        """The entries that have one of some texts as a question or paraphrase, up to politeness and punctuation."""
        found = {i for text in texts for i in self._same.get(same_question(text), ())}
        return [self.entries[i] for i in sorted(found)]

    def asked_in_the_same_words(self) -> list[list[Entry]]:
        """The groups of entries that share a question or paraphrase."""
        return [[self.entries[i] for i in sorted(same)] for same in self._same.values() if len(same) > 1]

    def find(self, entry_id: str) -> tuple[Entry, date] | None:
        """An entry by its id, and when it last changed."""
        return next(((e, day) for e, day in zip(self.entries, self._updated_on, strict=True) if e.id == entry_id), None)

    def search(self, text: str, vector: Vectors, *, top: int, day: date) -> tuple[Hit, ...]:
        """The best entries that are valid on `day`, best first. `text` is normalised, `vector` the embedding of `written(text)`
        as a query."""
        if not self.entries:
            return ()
        ranked = self._ranked(text, vector.tobytes(), day)
        hits = (self._hit(text, ranked, int(k)) for k in ranked.order[:top])  # evidence is worked out for what is returned
        return tuple(sorted(hits, key=lambda hit: not (hit.evidence.exact or hit.evidence.same_words)))

    def _rank(self, text: str, vector_bytes: bytes, day: date) -> _Ranked:
        vector, wording = np.frombuffer(vector_bytes, np.float32), self.terms.wording
        query = wording.lemmas(self.written(text))
        readings = self._readings.z(wording.kana_grams(text))
        lexical = (1 - READING_SHARE) * self._lemmas.z(query) + READING_SHARE * readings
        same = self._asked_so(text)
        valid = (self._from <= day.toordinal()) & (day.toordinal() <= self._until)
        found = self._candidates(vector, np.where(valid, lexical, -np.inf), same)
        found = found[valid[found]]
        dense = self._dense(found, vector) if len(found) else np.empty((4, 0))
        by_meaning = QUESTION_SHARE * dense[2] + (1 - QUESTION_SHARE) * dense[3]
        covered = self._lemmas.covered(query)[found]
        scores = DENSE_WEIGHT * by_meaning + (1 - DENSE_WEIGHT) * lexical[found] + COVERED_WEIGHT * covered
        exact = np.isin(found, list(same))
        order = np.lexsort((found, -scores, ~exact))
        return _Ranked(query=query, found=found, order=order, scores=scores, dense=dense, lexical=lexical[found], exact=exact)

    def _candidates(self, vector: Vectors, lexical: Scores, same: set[int]) -> Numbers:
        """The entries that any way of searching puts first."""
        by_words = np.argpartition(-lexical, min(CANDIDATES, len(lexical)) - 1)[:CANDIDATES]
        near = [field.nearest(vector, CANDIDATES) for field in (self._question, self._answer)]
        return np.unique(np.concatenate([*near, by_words, np.array(sorted(same), np.int64)]))

    def _dense(self, found: Numbers, vector: Vectors) -> npt.NDArray[np.float64]:
        """Cosines of question and answer, and both in standard deviations, (4, entries)."""
        question, answer = self._question.cosines(vector, found), self._answer.cosines(vector, found)
        (question_mean, question_sd), (answer_mean, answer_sd) = self._question.spread(vector), self._answer.spread(vector)
        return np.stack([question, answer, (question - question_mean) / question_sd, (answer - answer_mean) / answer_sd])

    def _asks_the_same(self, text: str, query: tuple[str, ...], i: int) -> bool:
        """Whether a question of an entry has just the words of this one, and turns them alike. A bare name is no question."""
        if len(set(query)) < FEWEST_WORDS or self.entries[i].is_passage:
            return False
        alike = self._lemmas.asked_alike(query, i)
        if not alike or is_bare_name(text):
            return False
        asked, mood = self.entries[i].questions, mood_of(self.written(text))
        return any(mood.fits(mood_of(known), is_name=is_bare_name(known)) for known in (normalise(asked[k]) for k in alike))

    def _hit(self, text: str, ranked: _Ranked, k: int) -> Hit:
        i, dense = int(ranked.found[k]), ranked.dense[:, k]
        coverage = self._lemmas.coverage(ranked.query, i)
        evidence = Evidence(
            exact=bool(ranked.exact[k]),
            question_cosine=float(dense[0]),
            answer_cosine=float(dense[1]),
            question_z=float(dense[2]),
            answer_z=float(dense[3]),
            lexical_z=float(ranked.lexical[k]),
            coverage=coverage[0],
            question_coverage=coverage[1],
            covered_by=coverage[2],
            together=coverage[3],
            same_words=self._asks_the_same(text, ranked.query, i),
        )
        return Hit(entry=self.entries[i], score=float(ranked.scores[k]), evidence=evidence, updated_on=self._updated_on[i])
