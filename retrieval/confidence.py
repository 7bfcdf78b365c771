"""How probable it is that the first hit answers the question: a logistic model of its evidence.

Each knowledge base calibrates its own, on its own text alone: a held-out paraphrase is a question that has an answer; with
its entry taken away it is one that has none; and no city answers what lies outside its business. (Platt scaling, Platt 1999.)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from retrieval.analysis import is_hiragana
from retrieval.hit import Hit

Floats = npt.NDArray[np.float64]

WRONG_ANSWERS_AT_MOST = 0.05  #: share of all questions that may get a wrong answer
UNANSWERABLE_SHARE = 0.3  #: of the questions that residents ask; the trials have more, so they are weighted
STRANGE_SHARE = 0.2  #: of the unanswerable ones are about nothing that a city hall does
RIGHT_OFFERS_AT_LEAST = 0.93  #: share of the questions whose answer is among the first hits that must get at least an offer
RIDGE = 0.1  #: how dear weights are: trials are like residents' questions, but not the same, and parts of the evidence much alike
FEWEST_QUESTIONS = 40  #: below that the shipped calibration serves


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Weights of the evidence (with its means and scales) and the confidences at which the bands begin."""

    weights: tuple[float, ...]
    bias: float
    means: tuple[float, ...]
    scales: tuple[float, ...]
    answer_from: float
    clarify_from: float

    def confidence(self, hits: tuple[Hit, ...]) -> float:
        """0..1; 0 when nothing was found, 1 for a question that the knowledge base has word by word, or in the same words."""
        if not hits:
            return 0.0
        if hits[0].evidence.exact or _is_asked_in_the_same_words(hits):
            return 1.0
        known = features(hits)[: len(self.means)]  # what ships was made without a cross-encoder
        x = (known - np.array(self.means)) / np.array(self.scales)
        return float(_sigmoid(x @ np.array(self.weights) + self.bias))

    @classmethod
    def from_json(cls, row: dict[str, object]) -> Calibration:
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})  # type: ignore[arg-type]


def _is_asked_in_the_same_words(hits: tuple[Hit, ...]) -> bool:
    """Whether the first entry, and no other, has the question but for particles and endings: 「税金を払えない」 where
    「税金が払えない」 is known. The evidence of so few words is weak otherwise."""
    return [hit.evidence.same_words for hit in hits].count(True) == 1 and hits[0].evidence.same_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """One calibration for text as people usually write it, one for text all in hiragana, where the evidence weighs otherwise, and
    one for what finds a document's passage first: its heading says less than a question would, and its words more."""

    usual: Calibration
    hiragana: Calibration
    passages: Calibration | None = None  #: none where there are too few of them: then the usual one serves

    def of(self, text: str, hits: tuple[Hit, ...]) -> Calibration:
        """For a question that found these."""
        if is_hiragana(text):
            return self.hiragana
        return self.passages if self.passages and hits and hits[0].entry.is_passage else self.usual

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, dict[str, object]]) -> Calibrations:
        return cls(**{k: Calibration.from_json(v) for k, v in row.items() if v})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Calibrations, and what they were made of, for the next build to tell whether they still fit."""

    calibrations: Calibrations
    on: frozenset[str]  #: content hashes of entries; an older release kept none, and what it made is made anew


def features(hits: tuple[Hit, ...]) -> Floats:
    """The first hit's evidence, and how far it stands out from the second."""
    first = hits[0].evidence
    margin = hits[0].score - hits[1].score if len(hits) > 1 else hits[0].score
    return np.array(
        [
            first.question_cosine,
            first.question_z,
            first.answer_z,
            first.lexical_z,
            first.coverage,
            first.question_coverage,
            first.covered_by,
            margin,
            *_reranked(hits),
        ]
    )


def _reranked(hits: tuple[Hit, ...]) -> tuple[float, ...]:
    """What a cross-encoder says of the first hit, and how far that stands out from the second; nothing where there is none."""
    scores = [s for h in hits[:2] if (s := h.evidence.reranked) is not None]
    return (scores[0], scores[0] - scores[-1]) if scores else ()


class Kind(Enum):
    """What a trial asks for."""

    ANSWERABLE = auto()
    TAKEN_AWAY = auto()  #: the entry that answers it is not there
    STRANGE = auto()  #: outside any city hall's business


#: Of the questions that residents ask. Chance has no say in it by how many trials there are of each.
_SHARES = {
    Kind.ANSWERABLE: 1 - UNANSWERABLE_SHARE,
    Kind.TAKEN_AWAY: UNANSWERABLE_SHARE * (1 - STRANGE_SHARE),
    Kind.STRANGE: UNANSWERABLE_SHARE * STRANGE_SHARE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One calibration question: what was found, and the entry that answers it, if one does."""

    kind: Kind
    hits: tuple[Hit, ...]
    about: str | None = None

    @property
    def is_right(self) -> bool:
        return self.about is not None and self.hits[0].entry.id == self.about

    @property
    def is_offered(self) -> bool:
        return self.about is not None and any(h.entry.id == self.about for h in self.hits)

    @property
    def is_of_a_passage(self) -> bool:
        return bool(self.hits) and self.hits[0].entry.is_passage


def calibrate(trials: list[Trial]) -> Calibration:
    """Fit the model on the trials and put the bands where they keep their promises."""
    tried = [t for t in trials if t.hits]
    x = np.stack([features(t.hits) for t in tried])
    y = np.array([t.is_right for t in tried], float)
    means, scales = x.mean(axis=0), x.std(axis=0) + 1e-6
    times = Counter(t.kind for t in tried)
    share = np.array([_SHARES[t.kind] / times[t.kind] for t in tried])
    share /= share.sum()
    weights, bias = _fit((x - means) / scales, y, share)
    p = _sigmoid((x - means) / scales @ weights + bias)
    return Calibration(
        weights=tuple(weights),
        bias=bias,
        means=tuple(means),
        scales=tuple(scales),
        answer_from=_answer_from(p, (1 - y) * share),
        clarify_from=_clarify_from(p, np.array([t.is_offered for t in tried])),
    )


def calibrate_if_enough(trials: list[Trial]) -> Calibration | None:
    """None where too few have an answer, or too few have none, to tell them apart."""
    answerable = sum(t.kind is Kind.ANSWERABLE for t in trials)
    return calibrate(trials) if min(answerable, len(trials) - answerable) >= FEWEST_QUESTIONS else None


def _fit(x: Floats, y: Floats, share: Floats) -> tuple[Floats, float]:
    """Logistic regression by Newton's method; `share` weighs the rows, 1 together."""
    design = np.hstack([x, np.ones((len(x), 1))])
    penalty = np.diag([RIDGE] * x.shape[1] + [0.0])
    w = np.zeros(design.shape[1])
    for _ in range(50):
        p = _sigmoid(design @ w)
        gradient = design.T @ (share * (p - y)) + penalty @ w
        hessian = (design * (share * (p * (1 - p) + 1e-9))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    return w[:-1], float(w[-1])


def _answer_from(p: Floats, wrong: Floats) -> float:
    """The lowest confidence from which wrong answers stay within their share. `wrong` is each trial's weight if it is wrong."""
    order = np.argsort(-p)
    allowed = np.flatnonzero(np.cumsum(wrong[order]) <= WRONG_ANSWERS_AT_MOST)
    return float(p[order][allowed[-1]]) if len(allowed) else 1.0


def _clarify_from(p: Floats, offered: npt.NDArray[np.bool_]) -> float:
    """The confidence that nearly all questions reach whose answer is among the first hits."""
    return float(np.quantile(p[offered], 1 - RIGHT_OFFERS_AT_LEAST)) if offered.any() else 1.0


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -60, 60))))
